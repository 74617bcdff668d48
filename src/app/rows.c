#include "app/rows_int.h"

#include <string.h>

#include "app/desk_int.h"
#include "base/vec.h"

enum { SCRATCH_MAX = 256 << 20 };

FTH_VEC(cell_vec, struct fth_cell)

struct keeper {
    struct fth_arena *arena;
    struct cell_vec cells;
    struct fth_rows rows;
};

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct keeper *keeper = ctx;
    struct fth_answer_col *copy = FTH_NEW_ARRAY(keeper->arena, struct fth_answer_col, col_nr);
    struct fth_str text;

    if (!copy)
        return fth_err_nomem(err);
    for (size_t i = 0; i < col_nr; i++) {
        if (fth_arena_str(keeper->arena, fth_str_c(cols[i].name), &text, err))
            return err->rc;
        copy[i] = (struct fth_answer_col){.name = text.p, .kind = cols[i].kind};
    }
    keeper->rows.cols = copy;
    keeper->rows.col_nr = col_nr;
    return fth_arena_str(keeper->arena, currency, &keeper->rows.currency, err);
}

static enum fth_rc keep_cell(struct keeper *keeper, const struct fth_cell *cell,
                             struct fth_cell *out, struct fth_err *err)
{
    *out = *cell;
    if (!cell->text.p)
        return FTH_OK;
    return fth_arena_str(keeper->arena, cell->text, &out->text, err);
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct keeper *keeper = ctx;
    struct fth_cell kept;

    for (size_t i = 0; i < keeper->rows.col_nr; i++)
        if (keep_cell(keeper, &cells[i], &kept, err) || cell_vec_push(&keeper->cells, kept, err))
            return err->rc;
    keeper->rows.nr++;
    return FTH_OK;
}

static enum fth_rc keep_totals(struct keeper *keeper, const struct fth_answer_end *end,
                               struct fth_err *err)
{
    struct fth_answer_total *totals =
        FTH_NEW_ARRAY(keeper->arena, struct fth_answer_total, end->total_nr);

    if (!totals)
        return fth_err_nomem(err);
    for (size_t i = 0; i < end->total_nr; i++) {
        struct fth_cell *cells = FTH_NEW_ARRAY(keeper->arena, struct fth_cell, keeper->rows.col_nr);

        if (!cells)
            return fth_err_nomem(err);
        for (size_t k = 0; k < keeper->rows.col_nr; k++)
            if (keep_cell(keeper, &end->totals[i].cells[k], &cells[k], err))
                return err->rc;
        totals[i].cells = cells;
        if (fth_arena_str(keeper->arena, end->totals[i].currency, &totals[i].currency, err))
            return err->rc;
    }
    keeper->rows.totals = totals;
    keeper->rows.total_nr = end->total_nr;
    return FTH_OK;
}

static enum fth_rc end_of(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct keeper *keeper = ctx;

    keeper->rows.version = end->ledger_version;
    if (fth_arena_str(keeper->arena, end->next_cursor, &keeper->rows.next_cursor, err))
        return err->rc;
    return keep_totals(keeper, end, err);
}

enum fth_rc fth_rows_each(const struct fth_asked *asked, const struct fth_plan *plan,
                          struct fth_str cursor, size_t page_rows,
                          const struct fth_answer_sink *sink, struct fth_err *err)
{
    /* A run takes its arena back row by row; what a sink keeps must not lie in it. */
    struct fth_arena *scratch = fth_arena_new(SCRATCH_MAX);
    struct fth_seat seat;

    if (!scratch)
        return fth_err_nomem(err);
    if (!fth_desk_take(asked, true, &seat, err)) {
        seat.run.arena = scratch;
        seat.run.cursor = cursor;
        seat.run.page_rows = page_rows;
        if (!fth_desk_rates(asked, plan, &seat, err))
            (void)fth_plan_run(&seat.run, plan, sink, err);
        fth_desk_give(&seat);
    }
    fth_arena_free(scratch);
    return err->rc;
}

enum fth_rc fth_rows_ask(const struct fth_asked *asked, const struct fth_plan *plan,
                         struct fth_str cursor, size_t page_rows, struct fth_rows *out,
                         struct fth_err *err)
{
    struct keeper keeper = {.arena = asked->arena, .cells = cell_vec_in(asked->arena)};
    const struct fth_answer_sink sink = {begin, row, end_of, &keeper};

    if (fth_rows_each(asked, plan, cursor, page_rows, &sink, err))
        return err->rc;
    keeper.rows.cells = keeper.cells.at;
    *out = keeper.rows;
    return FTH_OK;
}

/* SIZE_MAX: none. */
static size_t column_of(const struct fth_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->col_nr; i++)
        if (strcmp(rows->cols[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

const struct fth_cell *fth_rows_cell(const struct fth_rows *rows, size_t row, const char *column)
{
    size_t at = column_of(rows, column);

    return at == SIZE_MAX ? NULL : &rows->cells[row * rows->col_nr + at];
}

struct fth_str fth_rows_currency(const struct fth_rows *rows, size_t row)
{
    const struct fth_cell *cell = fth_rows_cell(rows, row, "currency");

    return cell && !cell->null ? cell->text : rows->currency;
}

bool fth_rows_total(const struct fth_rows *rows, struct fth_str currency, const char *column,
                    struct fth_money *out)
{
    size_t at = column_of(rows, column);

    for (size_t i = 0; at != SIZE_MAX && i < rows->total_nr; i++)
        if (fth_str_eq(rows->totals[i].currency, currency) && !rows->totals[i].cells[at].null) {
            *out = rows->totals[i].cells[at].money;
            return true;
        }
    return false;
}
