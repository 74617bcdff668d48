/* xlsx_int: a workbook that is being written. Nobody outside xlsx*.c includes it. */
#ifndef FTH_PLAN_XLSX_INT_H
#define FTH_PLAN_XLSX_INT_H

#include <xlsxwriter.h>

#include "plan/plan_int.h"
#include "plan/xlsx.h"

/* How the cells of a column look; they belong to the workbook. */
struct fth_xlsx_look {
    lxw_format *number, *text;
};

struct fth_xlsx {
    struct fth_arena *arena;
    const struct fth_plan *plan;
    struct fth_xlsx_wish wish;
    lxw_workbook *book; /* NULL once it is closed */
    lxw_worksheet *rows, *about;
    lxw_format *head, *date, *instant, *wrap;
    struct fth_buf text; /* of the cell that is being written, for the library */
    const struct fth_answer_col *cols;
    struct fth_xlsx_look *looks;
    uint16_t col_nr;
    uint32_t row; /* the next of the rows' sheet, from 0 */
    int64_t as_text_nr;
    struct fth_str currency;
};

enum fth_rc fth_xlsx_said(struct fth_xlsx *xlsx, lxw_error said, struct fth_err *err);
/* FTH_E_LIMIT for more than a cell holds. */
enum fth_rc fth_xlsx_text(struct fth_xlsx *xlsx, lxw_worksheet *sheet, uint32_t row, uint16_t col,
                          struct fth_str text, lxw_format *format, struct fth_err *err);
/* Writes the sheet "About". */
enum fth_rc fth_xlsx_about(struct fth_xlsx *xlsx, const struct fth_answer_end *end,
                           struct fth_err *err);

/* Is `path` a zip file whose entry `name` was packed from at least that many bytes? FTH_E_IO when
 * it is not, and when it cannot be read; FTH_E_NOMEM. */
enum fth_rc fth_xlsx_whole(struct fth_arena *arena, const char *path, struct fth_str name,
                           uint64_t least, struct fth_err *err);

#endif
