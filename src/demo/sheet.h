/*
 * sheet: writes lines of cells as gzipped files: CSV, or JSON lines.
 *
 * What a bill's columns are called is data (cur.def, google.def, …); this is the one loop that
 * writes them. Amounts are whole numbers of 1e-10 and are written exactly.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_DEMO_SHEET_H
#define FTH_DEMO_SHEET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Nothing when neither; text wins. */
struct fth_sheet_cell {
    struct fth_str text;
    int64_t units;
    bool is_number;
    bool is_json; /* text is a JSON value: written as it is where the file is JSON */
};

void fth_sheet_str(struct fth_sheet_cell *cell, struct fth_str text);
void fth_sheet_c(struct fth_sheet_cell *cell, const char *text);
void fth_sheet_json(struct fth_sheet_cell *cell, struct fth_str json);
void fth_sheet_number(struct fth_sheet_cell *cell, int64_t units);

enum fth_number_form {
    FTH_NUMBER_FIXED,  /* "0.0960000000" */
    FTH_NUMBER_DOUBLE, /* as a JVM writes a double: "0.096", "8.79E-8" */
    FTH_NUMBER_PLAIN   /* "0.096" */
};

/* Cell i of a line stands in column `names[i]`; one that is "" is left out. In JSON a name is a
 * path: "sku.id" and "sku.description", one behind the other, make one object. */
struct fth_sheet_form {
    const char *const *names;
    size_t nr;
    const size_t *order; /* of the columns, order_nr of them; NULL: as they come */
    size_t order_nr;
    enum fth_number_form numbers;
    bool json;
    bool windows; /* byte order mark, CRLF */
    /* The n-th file is stem + number from `first`, `width` digits + tail, below dir. */
    const char *dir, *stem, *tail;
    int width;
    size_t first;
    uint64_t rows_a_file; /* 0: no end */
};

struct fth_sheet_file {
    struct fth_str name; /* below dir */
    uint64_t rows;
    int64_t bytes; /* on disk, once it is closed */
};

struct fth_sheet;

/* Opens the first file; its folder is made. Lives in the arena, which closes what is still open. */
enum fth_rc fth_sheet_open(struct fth_arena *arena, const struct fth_sheet_form *form,
                           struct fth_sheet **out, struct fth_err *err);

/* `cells` are as many as the form has names. */
enum fth_rc fth_sheet_write(struct fth_sheet *sheet, const struct fth_sheet_cell *cells,
                            struct fth_err *err);

enum fth_rc fth_sheet_close(struct fth_sheet *sheet, struct fth_err *err);

/* The files, in the order of their numbers. */
size_t fth_sheet_files(const struct fth_sheet *sheet, const struct fth_sheet_file **files);

/* Cuts the last file of a closed sheet in the middle: an upload that broke off. */
enum fth_rc fth_sheet_break(struct fth_sheet *sheet, struct fth_err *err);

#endif
