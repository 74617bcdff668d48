/*
 * export: rows as a Parquet file.
 *
 * Whoever has the rows writes them as CSV (base/csv.h) into a scratch file of the engine, with a
 * head line and the row's number, from 1, as the first column; the engine makes Parquet of it. An
 * empty field is a null, "" is an empty text.
 *
 * Thread rule: any thread, one session each.
 */
#ifndef FTH_EXPORT_H
#define FTH_EXPORT_H

#include "ledger/engine.h"

enum fth_export_type {
    FTH_EXPORT_TEXT,
    FTH_EXPORT_DECIMAL, /* DECIMAL(38, scale) */
    FTH_EXPORT_I64,
    FTH_EXPORT_DOUBLE,
    FTH_EXPORT_INSTANT /* RFC 3339 */
};

enum { FTH_EXPORT_DIGITS = 38 };

struct fth_export_col {
    const char *name; /* in the Parquet file */
    enum fth_export_type type;
    unsigned scale; /* digits behind the point, at most FTH_EXPORT_DIGITS */
};

/* Both paths are fth_engine_scratch()'s. FTH_E_IO, what the engine says. */
enum fth_rc fth_export_parquet(struct fth_session *session, const char *csv,
                               const struct fth_export_col *cols, size_t col_nr,
                               const char *parquet, struct fth_cancel *cancel, struct fth_err *err);

#endif
