/* answer_int: an answer while it is made: passes, cells, order, pages. */
#ifndef FTH_PLAN_ANSWER_INT_H
#define FTH_PLAN_ANSWER_INT_H

#include "plan/grid.h"

enum { FTH_MEASURES_MAX = 2 * FTH_MEASURE_NR, FTH_COLUMNS_MAX = 128 };

/* What is asked, of what, and how much of it is wanted. The opening of ledger and state is done by
 * the caller (run.c), so that tests can ask tables of their own. */
struct fth_ask {
    struct fth_query_env env;
    const struct fth_plan *plan;
    size_t page_rows;
    int64_t offset;                      /* rows of the pages before */
    struct fth_str cursor_key;           /* empty: no cursor is given out */
    const struct fth_rate_source *rates; /* NULL: none */
    /* Tells how fresh the segments are that were read; may be NULL. */
    enum fth_rc (*freshen)(struct fth_ask *ask, const struct fth_segment_vec *read,
                           struct fth_answer_end *end, struct fth_err *err);
};

enum fth_column_role {
    FTH_ROLE_CURRENCY,
    FTH_ROLE_TIME,
    FTH_ROLE_DIM,
    FTH_ROLE_LABEL,
    FTH_ROLE_VALUE,
    FTH_ROLE_BEFORE,
    FTH_ROLE_CHANGE,
    FTH_ROLE_PERCENT,
    FTH_ROLE_SLOPE,
    FTH_ROLE_CONTRIBUTION,
    FTH_ROLE_EFFECT,
    FTH_ROLE_FIRST_DAY,
    FTH_ROLE_LAST_DAY
};

struct fth_column_of {
    enum fth_column_role role;
    size_t dim;               /* DIM, LABEL */
    enum fth_measure measure; /* VALUE and what is derived of it */
    enum fth_effect effect;
};

struct fth_answer {
    struct fth_ask *ask;
    const struct fth_plan *plan;
    struct fth_arena *arena;
    struct fth_dim dims[FTH_PLAN_GROUPS_MAX];
    size_t dim_nr;
    bool needs_trend;
    bool topped; /* the grid holds the rows of the page alone */
    struct fth_top top;
    bool known[FTH_WINDOWS]; /* some segment can hold charges of the window */
    struct fth_pass pass;
    struct fth_grid grid, shares, trends;
    struct fth_statement statements[FTH_WINDOWS];
    struct fth_statement parts; /* drivers: what the parts of the change were read by */
    const struct fth_clause *clause;
    struct fth_grid_row *totals; /* one a currency */
    size_t total_nr;
    struct fth_answer_col cols[FTH_COLUMNS_MAX];
    struct fth_column_of what[FTH_COLUMNS_MAX];
    size_t col_nr;
    const struct fth_map *labels[FTH_PLAN_GROUPS_MAX];
    struct fth_str currency; /* the one of all rows, or empty */
    bool several_currencies;
    bool converted; /* to the plan's currency, since some charges may be in others */
    struct fth_rate_used_vec rates_used;
};

/* Looks names and values up, and makes the pass over the time asked for. */
enum fth_rc fth_answer_prepare(struct fth_answer *answer, struct fth_ask *ask, struct fth_err *err);
/* All segments that a pass of it can read: in both windows, and those of the charges that are
 * spread. */
enum fth_rc fth_answer_segments(const struct fth_answer *answer, struct fth_segment_vec *out,
                                struct fth_err *err);
/* Runs a pass into `grid`: what it finds goes to `window`, converted if the answer is. */
enum fth_rc fth_answer_pass(struct fth_answer *answer, struct fth_grid *grid,
                            const struct fth_pass *pass, int window, fth_shift shift,
                            const void *shift_ctx, struct fth_statement *statement,
                            struct fth_err *err);
/* Has the engine pick the rows of the page, if it can. */
void fth_answer_pick(struct fth_answer *answer, struct fth_pass *pass);
/* Runs all passes: answer->grid holds the rows. */
enum fth_rc fth_answer_gather(struct fth_answer *answer, struct fth_err *err);
/* Names the columns; needs the currencies of the rows. */
enum fth_rc fth_answer_columns(struct fth_answer *answer, struct fth_err *err);
enum fth_rc fth_answer_labels(struct fth_answer *answer, struct fth_err *err);
/* The sums of all rows, one row a currency, ordered by it. */
enum fth_rc fth_answer_total(struct fth_answer *answer, struct fth_err *err);
/* Lines through the series of each group, and of the whole. */
enum fth_rc fth_answer_trends(struct fth_answer *answer, struct fth_err *err);
/* Drivers: gives each row the parts of its change in the first measure. */
enum fth_rc fth_answer_parts(struct fth_answer *answer, struct fth_err *err);
enum fth_rc fth_parts_compile(struct fth_answer *answer, struct fth_statement *out,
                              struct fth_err *err);
enum fth_rc fth_parts_add(struct fth_answer *answer, struct fth_grid_row *total,
                          const struct fth_grid_row *row, struct fth_err *err);
const char *fth_effect_name(enum fth_effect effect);
/* The slot of a measure of money. */
enum fth_slot fth_measure_slot(enum fth_measure measure);
/* The dimension whose values explain most of the change. */
enum fth_rc fth_answer_driver(struct fth_ask *ask, struct fth_str *out, struct fth_err *err);

/* A cell of a row (or of a line of totals, which is a row too). */
enum fth_rc fth_answer_cell(const struct fth_answer *answer, const struct fth_grid_row *row,
                            const struct fth_column_of *what, struct fth_cell *out,
                            struct fth_err *err);
struct fth_column_of fth_answer_term(const struct fth_answer *answer, struct fth_plan_term term);
/* Less, equal, greater; nulls come last whatever the direction. */
int fth_cell_cmp(const struct fth_cell *a, const struct fth_cell *b, bool desc);
/* null fails every test. */
bool fth_test_holds(const struct fth_plan_test *test, const struct fth_cell *cell);

/* The whole: prepare to emit. */
enum fth_rc fth_answer_run(struct fth_ask *ask, const struct fth_answer_sink *sink,
                           struct fth_err *err);
/* The same for "rows": true. */
enum fth_rc fth_rows_run(struct fth_ask *ask, const struct fth_answer_sink *sink,
                         struct fth_err *err);
enum fth_rc fth_explain_run(struct fth_ask *ask, struct fth_jw *jw, struct fth_err *err);
/* Writes the array of values; ask->plan is what they are within, or NULL. */
enum fth_rc fth_values_run(struct fth_ask *ask, struct fth_str dimension, struct fth_str q,
                           struct fth_values_page *page, struct fth_jw *jw, struct fth_err *err);

/* ---- one currency ---- */

/* Says whether the answer has to be converted. */
enum fth_rc fth_answer_currency(struct fth_answer *answer, struct fth_err *err);
/* What the charges are asked by for an answer with this grain. */
enum fth_grain fth_answer_convert_grain(enum fth_grain grain);
/* As fth_grid_run(), in the plan's currency. FTH_E_INVALID naming the gap when a rate is missing.
 */
enum fth_rc fth_answer_convert(struct fth_answer *answer, struct fth_grid *grid,
                               const struct fth_pass *pass, int window, fth_shift shift,
                               const void *shift_ctx, struct fth_statement *statement,
                               struct fth_err *err);

/* ---- cursors ---- */

struct fth_plan_cursor {
    int64_t version, offset;
};

/* FTH_E_INVALID when it is none of ours, or of another plan. */
enum fth_rc fth_plan_cursor_read(struct fth_str text, const struct fth_plan *plan,
                                 struct fth_str key, struct fth_plan_cursor *out,
                                 struct fth_err *err);
enum fth_rc fth_plan_cursor_put(struct fth_arena *arena, struct fth_plan_cursor cursor,
                                const struct fth_plan *plan, struct fth_str key,
                                struct fth_str *out, struct fth_err *err);

#endif
