/*
 * cur: writes the lines of one month in both forms of AWS's bill, files and manifests.
 *
 * Amounts are whole numbers of 1e-10. The old form writes them with ten decimals, CUR 2.0 as a
 * double is written there ("0.096", "8.79E-8"); both say exactly the number.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_DEMO_CUR_H
#define FTH_DEMO_CUR_H

#include "demo/sheet.h"

enum fth_cur_column {
#define FTH_CUR(id, legacy, name, type) FTH_CUR_##id,
#include "demo/cur.def"
#undef FTH_CUR
    FTH_CUR_NR
};

struct fth_cur_line {
    struct fth_sheet_cell at[FTH_CUR_NR];
};

void fth_cur_str(struct fth_cur_line *line, enum fth_cur_column column, struct fth_str text);
void fth_cur_c(struct fth_cur_line *line, enum fth_cur_column column, const char *text);
void fth_cur_number(struct fth_cur_line *line, enum fth_cur_column column, int64_t units);

struct fth_cur_month;

/* Opens the files of `month` (base/date.h) below `dir`. Lives in the arena; what is still open when
 * that is cleared is closed. `assembly` names the old form's folder, `run` the new form's. */
enum fth_rc fth_cur_open(struct fth_arena *arena, const char *dir, int32_t month, const char *payer,
                         const char *assembly, const char *run, struct fth_cur_month **out,
                         struct fth_err *err);

enum fth_rc fth_cur_write(struct fth_cur_month *month, const struct fth_cur_line *line,
                          struct fth_err *err);

/* A file of one line that no manifest names, in the folder of the month's files: left behind by a
 * run that broke off. */
enum fth_rc fth_cur_orphan(struct fth_cur_month *month, const struct fth_cur_line *line,
                           unsigned *files, struct fth_err *err);

/* Ends the files and writes the manifests, last. Adds what was written to *files. */
enum fth_rc fth_cur_close(struct fth_cur_month *month, unsigned *files, struct fth_err *err);

#endif
