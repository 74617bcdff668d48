/*
 * record: one record of a delivered file, as it was delivered, and why it became more than one
 * charge.
 *
 * Thread rule: no shared state; Parquet is read by the ledger's engine.
 */
#ifndef FTH_RECORD_H
#define FTH_RECORD_H

#include "import/importer.h"

struct fth_record_field {
    struct fth_str column; /* as the file spells it; of JSON lines its path, "project.id" */
    struct fth_str text;   /* p NULL: no value, where the format tells that from an empty text */
};

struct fth_record {
    int64_t line; /* on which it begins, from 1; 0: Parquet has no lines */
    const struct fth_record_field *fields;
    size_t nr;
    struct fth_str text; /* CSV and JSON lines: the whole record as it stands there */
};

/* The `number`-th record of the file, from 1, as the importer's feed counts them. It lives in
 * `arena`. FTH_E_NOTFOUND when the file ends before it; what reading the file says. */
enum fth_rc fth_record_read(struct fth_ledger *ledger, const struct fth_importer *importer,
                            const char *path, int64_t number, struct fth_cancel *cancel,
                            struct fth_arena *arena, struct fth_record *out, struct fth_err *err);

/* The id of the rule that added the row `part` of the record ("unused-reservation"); empty for the
 * record's own row. `record` may be NULL: then it is empty, too, where only its values would tell.
 */
struct fth_str fth_record_rule(const struct fth_importer *importer, const struct fth_record *record,
                               int32_t part);

#endif
