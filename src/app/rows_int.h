/*
 * rows_int: answers to the application's own questions, row by row or kept whole, for use cases
 * that need several to make one of their own.
 *
 * Thread rule: as the request that asks.
 */
#ifndef FTH_ROWS_INT_H
#define FTH_ROWS_INT_H

#include "app/costs.h"
#include "plan/plan.h"

/* Waits for a place at the desk and hands one page of `page_rows` behind `cursor` to `sink`; 0: all
 * rows. What the sink keeps, it copies into asked->arena. Errors are fth_plan_run()'s. */
enum fth_rc fth_rows_each(const struct fth_asked *asked, const struct fth_plan *plan,
                          struct fth_str cursor, size_t page_rows,
                          const struct fth_answer_sink *sink, struct fth_err *err);

/* All of it lives in asked->arena. */
struct fth_rows {
    const struct fth_answer_col *cols;
    size_t col_nr;
    const struct fth_cell *cells; /* row by row */
    size_t nr;
    const struct fth_answer_total *totals;
    size_t total_nr;
    struct fth_str currency; /* of all rows, or empty */
    struct fth_str next_cursor;
    int64_t version;
};

/* The same rows, kept. */
enum fth_rc fth_rows_ask(const struct fth_asked *asked, const struct fth_plan *plan,
                         struct fth_str cursor, size_t page_rows, struct fth_rows *out,
                         struct fth_err *err);

/* The cell of a row in the column of that name; NULL when there is no such column. */
const struct fth_cell *fth_rows_cell(const struct fth_rows *rows, size_t row, const char *column);
/* The currency that the row's amounts are in. */
struct fth_str fth_rows_currency(const struct fth_rows *rows, size_t row);
/* The total in a column of all rows in this currency; false: there is none. */
bool fth_rows_total(const struct fth_rows *rows, struct fth_str currency, const char *column,
                    struct fth_money *out);

#endif
