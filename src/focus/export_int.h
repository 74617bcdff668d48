/* export_int: what the files of the export share. */
#ifndef FTH_FOCUS_EXPORT_INT_H
#define FTH_FOCUS_EXPORT_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "focus/export.h"
#include "focus/focus_int.h"
#include "focus/folder.h"
#include "ledger/engine.h"

/* The cells of a raw row, in the order of charge.def. */
enum fth_focus_at {
#define FTH_CHARGE(name, type, text) FTH_AT_##name,
#define FTH_CHARGE_MONEY(name, text) FTH_AT_##name,
#include "model/charge.def"
#undef FTH_CHARGE
#undef FTH_CHARGE_MONEY
    FTH_AT_source,
    FTH_AT_id, /* of the charge, which no file has */
    FTH_AT_NR
};

/* ---- a file of records that is written (export_file.c) ---- */

struct fth_focus_writer {
    struct fth_focus_export_file *file;
    const char *path;
    bool packed;                 /* and hashed, and kept; else plain text for the engine to read */
    struct fth_buf ready, fresh; /* CSV that waits to be written */
    struct fth_sha256 sha;
    int fd;
};

enum fth_rc fth_focus_writer_open(struct fth_focus_writer *writer, const char *path, bool packed,
                                  struct fth_focus_export_file *file, struct fth_err *err);
/* Writes what has come together in `fresh`, if it is much. */
enum fth_rc fth_focus_writer_more(struct fth_focus_writer *writer, struct fth_err *err);
/* Writes the rest, syncs, closes. The writer is released, also on failure. */
enum fth_rc fth_focus_writer_close(struct fth_focus_writer *writer, struct fth_err *err);

/* Adds to the sum of a currency. FTH_E_LIMIT, FTH_E_RANGE. */
enum fth_rc fth_focus_sum_add(struct fth_focus_export_sum *sums, size_t *nr,
                              struct fth_str currency, struct fth_money billed,
                              struct fth_money effective, struct fth_err *err);

/* ---- rows (export_row.c) ---- */

enum { FTH_FOCUS_OUT_MAX = 96 };

/* A column of the files, and the ledger's that it is made of. */
struct fth_focus_out {
    const char *name;
    enum fth_focus_type type;
    int at;                           /* enum fth_focus_at */
    struct fth_parquet_digits digits; /* that its values have so far */
};

struct fth_focus_layout {
    struct fth_focus_out at[FTH_FOCUS_OUT_MAX];
    struct fth_parquet_col parquet[FTH_FOCUS_OUT_MAX]; /* once all rows were seen */
    size_t nr;
};

void fth_focus_layout(enum fth_focus_version version, struct fth_focus_layout *out);
void fth_focus_put_header(struct fth_buf *buf, const struct fth_focus_layout *layout);
/* One record; `cells` are those of the answer. Notes the digits of decimals. */
void fth_focus_put_row(struct fth_buf *buf, struct fth_focus_layout *layout,
                       const struct fth_answer_col *cols, const struct fth_cell *cells);

/* Credits that lower the price of their record (ADR 0015, ADR 0020), by record and category. */
struct fth_focus_credit {
    struct fth_money billed, effective, list, contracted;
    uint64_t rows;
    bool netted;
};
bool fth_focus_is_reduction(const struct fth_cell *cells);
enum fth_rc fth_focus_credit_of(struct fth_map *credits, const struct fth_cell *cells,
                                struct fth_arena *make_in, struct fth_focus_credit **out,
                                struct fth_err *err);
enum fth_rc fth_focus_credit_add(struct fth_focus_credit *credit, const struct fth_cell *cells,
                                 struct fth_err *err);
enum fth_rc fth_focus_credit_net(const struct fth_focus_credit *credit, struct fth_cell *cells,
                                 struct fth_err *err);

/* ---- metadata (export_meta.c) ---- */

/* As files that the folder will have. */
enum fth_rc fth_focus_put_metadata(const struct fth_focus_export_request *request,
                                   struct fth_focus_folder *folder,
                                   const struct fth_focus_layout *layout,
                                   const struct fth_focus_exported *done, struct fth_err *err);

#endif
