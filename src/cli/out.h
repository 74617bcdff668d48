/*
 * out: tables for people and for programs.
 *
 * A table is given column by column and row by row as text that is already right (money with every
 * digit). On a terminal numbers stand right, columns fit the width (long texts are shortened,
 * numbers never), and a total stands below a rule. As CSV, Markdown or NDJSON the same rows are
 * written whole.
 *
 * Thread rule: one thread. A closed pipe ends the output quietly (FTH_OK, nothing more is written).
 */
#ifndef FTH_OUT_H
#define FTH_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

enum fth_out_form {
    FTH_OUT_TABLE,
    FTH_OUT_JSON,
    FTH_OUT_NDJSON,
    FTH_OUT_CSV,
    FTH_OUT_MARKDOWN,
    FTH_OUT_PARQUET,
    FTH_OUT_XLSX
};

struct fth_out {
    FILE *file; /* data */
    FILE *note; /* messages for people */
    enum fth_out_form form;
    bool colour;
    bool utf8;      /* the locale can show "–" and "…" */
    unsigned width; /* of the terminal; 0: unlimited */
    bool closed;    /* the reader is gone */
};

/* The form of a name ("table", "json", …); false when there is none. */
bool fth_out_form(const char *name, enum fth_out_form *out);

/* Bytes for a file, never for a terminal: Parquet and workbooks. */
bool fth_out_is_file(enum fth_out_form form);

struct fth_out_col {
    struct fth_str name;
    bool number; /* stands right, is never shortened */
};

/* One table. A cell with p == NULL is a missing value: "–" for people, nothing in CSV, null in
 * NDJSON. `totals` (may be NULL) is one more row. NDJSON writes numbers' text as strings, as the
 * API does. */
struct fth_out_table {
    const struct fth_out_col *cols;
    size_t col_nr;
    const struct fth_str *cells; /* row-major */
    size_t row_nr;
    const struct fth_str *totals;
    size_t total_nr; /* lines of totals */
};

/* Forms TABLE, CSV, MARKDOWN and NDJSON. FTH_E_IO. */
enum fth_rc fth_out_table(struct fth_out *out, const struct fth_out_table *table,
                          struct fth_arena *arena, struct fth_err *err);

/* A JSON value, indented on a terminal, and a new line. */
enum fth_rc fth_out_json(struct fth_out *out, const struct fth_json *json, struct fth_err *err);

/* Text as it is. */
enum fth_rc fth_out_text(struct fth_out *out, struct fth_str text, struct fth_err *err);

/* Writes what is pending. FTH_E_IO ("standard output: No space left on device"). */
enum fth_rc fth_out_done(struct fth_out *out, struct fth_err *err);

#endif
