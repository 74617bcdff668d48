/* Cells of an answer, worked out of a row's sums when they are asked for. */
#include <math.h>

#include "base/check.h"
#include "base/map.h"
#include "plan/answer_int.h"

enum { SHARE_DECIMALS = 10 };

static const struct fth_money one = {.head = INT64_C(10000000000)};

enum fth_slot fth_measure_slot(enum fth_measure measure)
{
    switch (measure) {
    case FTH_M_billed_cost:
        return FTH_SLOT_BILLED;
    case FTH_M_list_cost:
        return FTH_SLOT_LIST;
    case FTH_M_contracted_cost:
        return FTH_SLOT_CONTRACTED;
    case FTH_M_credit_amount:
        return FTH_SLOT_CREDIT;
    case FTH_M_untagged_cost:
    case FTH_M_untagged_share:
        return FTH_SLOT_UNTAGGED;
    default:
        return FTH_SLOT_EFFECTIVE;
    }
}

/* The cost that a share in this row is a share of: of its bucket, for totals of all. */
static enum fth_rc whole_of(const struct fth_answer *a, const struct fth_grid_row *row, int window,
                            struct fth_money *out, struct fth_err *err)
{
    *out = FTH_MONEY_ZERO;
    for (size_t i = 0; i < a->shares.rows.nr; i++) {
        const struct fth_grid_row *share = a->shares.rows.at[i];

        if (!fth_str_eq(share->currency, row->currency) ||
            (row->bucket != INT64_MIN && share->bucket != row->bucket))
            continue;
        if (fth_money_add(out, fth_grid_money(&a->shares, share->sums[window], FTH_SLOT_EFFECTIVE),
                          err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc ratio(const struct fth_answer *a, const struct fth_grid_row *row, int window,
                         enum fth_measure measure, struct fth_cell *out, struct fth_err *err)
{
    const struct fth_grid_sums *sums = row->sums[window];
    struct fth_money part = fth_grid_money(&a->grid, sums, fth_measure_slot(measure)), whole;

    if (measure == FTH_M_untagged_share)
        whole = fth_grid_money(&a->grid, sums, FTH_SLOT_EFFECTIVE);
    else if (whole_of(a, row, window, &whole, err))
        return err->rc;
    out->null = fth_money_is_zero(whole);
    if (out->null)
        return FTH_OK;
    return fth_money_muldiv(part, one, whole, SHARE_DECIMALS, &out->money, err);
}

static enum fth_rc value(const struct fth_answer *a, const struct fth_grid_row *row, int window,
                         enum fth_measure measure, struct fth_cell *out, struct fth_err *err)
{
    const struct fth_grid_sums *sums = row->sums[window];

    *out = (struct fth_cell){.null = !a->known[window]};
    if (out->null)
        return FTH_OK;
    switch (fth_measure_info(measure)->kind) {
    case FTH_CELL_RATIO:
        return ratio(a, row, window, measure, out, err);
    case FTH_CELL_COUNT:
        if (measure == FTH_M_charge_count)
            out->i64 = sums ? sums->charges : 0;
        else
            out->i64 = sums ? sums->resources : 0;
        out->null = out->i64 < 0;
        return FTH_OK;
    case FTH_CELL_QUANTITY:
        out->null = !sums || !sums->has_quantity || sums->mixed_units;
        out->f64 = out->null ? 0 : sums->quantity;
        return FTH_OK;
    default:
        out->money = fth_grid_money(&a->grid, sums, fth_measure_slot(measure));
        return FTH_OK;
    }
}

/* Any number as a decimal, for tests, percentages and order. */
static bool decimal(enum fth_cell_kind kind, const struct fth_cell *cell, struct fth_money *out)
{
    struct fth_err ignored = {0};

    switch (kind) {
    case FTH_CELL_COUNT:
        return fth_money_from_scaled(cell->i64, 0, out, &ignored) == FTH_OK;
    case FTH_CELL_QUANTITY:
        return fth_money_from_double(cell->f64, out, &ignored) == FTH_OK;
    default:
        *out = cell->money;
        return true;
    }
}

static enum fth_rc change(const struct fth_answer *a, const struct fth_grid_row *row,
                          enum fth_measure measure, struct fth_cell *out, struct fth_err *err)
{
    struct fth_cell now = {0}, before = {0};

    if (value(a, row, 0, measure, &now, err) || value(a, row, 1, measure, &before, err))
        return err->rc;
    *out = (struct fth_cell){.null = now.null || before.null};
    if (out->null)
        return FTH_OK;
    out->i64 = now.i64 - before.i64;
    out->f64 = now.f64 - before.f64;
    out->money = now.money;
    return fth_money_sub(&out->money, before.money, err);
}

static enum fth_rc percent(const struct fth_answer *a, const struct fth_grid_row *row,
                           enum fth_measure measure, struct fth_cell *out, struct fth_err *err)
{
    enum fth_cell_kind kind = fth_measure_info(measure)->kind;
    struct fth_cell before = {0}, moved = {0};
    struct fth_money x, y;

    if (change(a, row, measure, &moved, err) || value(a, row, 1, measure, &before, err))
        return err->rc;
    *out = (struct fth_cell){.null = moved.null || before.null};
    if (!out->null)
        out->null = !decimal(kind, &moved, &x) || !decimal(kind, &before, &y) ||
                    !fth_money_percent(x, fth_money_abs(y), &out->money);
    return FTH_OK;
}

/* Change by the fitted line, when there is no range to compare with. */
static void fitted(const struct fth_grid_row *row, enum fth_column_role role, struct fth_cell *out)
{
    const struct fth_trend *trend = row->trend;

    *out = (struct fth_cell){.null = !trend || !trend->found};
    if (out->null)
        return;
    if (role == FTH_ROLE_SLOPE)
        out->money = trend->slope;
    else if (role == FTH_ROLE_CHANGE)
        out->money = trend->change;
    else
        out->null = !fth_money_percent(trend->change, fth_money_abs(trend->start), &out->money);
}

static enum fth_rc contribution(const struct fth_answer *a, const struct fth_grid_row *row,
                                enum fth_measure measure, struct fth_cell *out, struct fth_err *err)
{
    struct fth_cell part = {.null = true}, whole = {.null = true};

    for (size_t i = 0; i < a->total_nr; i++)
        if (fth_str_eq(a->totals[i].currency, row->currency) &&
            change(a, &a->totals[i], measure, &whole, err))
            return err->rc;
    if (change(a, row, measure, &part, err))
        return err->rc;
    *out = (struct fth_cell){.null = part.null || whole.null || fth_money_is_zero(whole.money)};
    if (out->null)
        return FTH_OK;
    return fth_money_muldiv(part.money, one, whole.money, SHARE_DECIMALS, &out->money, err);
}

static enum fth_rc time_cell(const struct fth_answer *a, const struct fth_grid_row *row,
                             struct fth_cell *out, struct fth_err *err)
{
    char text[32];
    size_t n = 10;

    if (a->plan->grain == FTH_GRAIN_HOUR)
        n = fth_instant_text(row->bucket, text);
    else
        fth_date_text((int32_t)row->bucket, text);
    return fth_arena_str(a->arena, (struct fth_str){text, n}, &out->text, err);
}

static enum fth_rc day_cell(const struct fth_answer *a, const struct fth_grid_row *row, bool last,
                            struct fth_cell *out, struct fth_err *err)
{
    const struct fth_grid_sums *sums = row->sums[0];
    char text[10];

    out->null = !sums || !sums->has_days;
    if (out->null)
        return FTH_OK;
    fth_date_text(last ? sums->last_day : sums->first_day, text);
    return fth_arena_str(a->arena, (struct fth_str){text, sizeof(text)}, &out->text, err);
}

static void label_cell(const struct fth_answer *a, const struct fth_grid_row *row, size_t dim,
                       struct fth_cell *out)
{
    const struct fth_str *label = NULL;

    out->text = row->keys[dim];
    out->null = !out->text.p;
    if (out->null)
        return;
    for (size_t i = 0; i < fth_value_nr(); i++)
        if (fth_str_eq_c(a->dims[dim].name, fth_value_at(i)->dimension) &&
            fth_str_eq_c(out->text, fth_value_at(i)->id))
            out->text = fth_str_c(fth_value_at(i)->label);
    if (a->labels[dim])
        label = fth_map_get(a->labels[dim], row->keys[dim]);
    if (label)
        out->text = *label;
}

enum fth_rc fth_answer_cell(const struct fth_answer *a, const struct fth_grid_row *row,
                            const struct fth_column_of *what, struct fth_cell *out,
                            struct fth_err *err)
{
    bool total = row->bucket == INT64_MIN;

    *out = (struct fth_cell){0};
    switch (what->role) {
    case FTH_ROLE_CURRENCY:
        out->text = row->currency;
        return FTH_OK;
    case FTH_ROLE_TIME:
        out->null = total;
        return total ? FTH_OK : time_cell(a, row, out, err);
    case FTH_ROLE_DIM:
        out->null = total || !row->keys[what->dim].p;
        if (!out->null)
            out->text = row->keys[what->dim];
        return FTH_OK;
    case FTH_ROLE_LABEL:
        if (total)
            out->null = true;
        else
            label_cell(a, row, what->dim, out);
        return FTH_OK;
    case FTH_ROLE_VALUE:
        return value(a, row, 0, what->measure, out, err);
    case FTH_ROLE_BEFORE:
        return value(a, row, 1, what->measure, out, err);
    case FTH_ROLE_CHANGE:
        if (a->plan->has_compare)
            return change(a, row, what->measure, out, err);
        break;
    case FTH_ROLE_PERCENT:
        if (a->plan->has_compare)
            return percent(a, row, what->measure, out, err);
        break;
    case FTH_ROLE_CONTRIBUTION:
        return contribution(a, row, what->measure, out, err);
    case FTH_ROLE_EFFECT:
        out->null = !a->known[0] || !a->known[1];
        if (!out->null && row->effects)
            out->money = row->effects->part[what->effect];
        return FTH_OK;
    case FTH_ROLE_FIRST_DAY:
    case FTH_ROLE_LAST_DAY:
        return day_cell(a, row, what->role == FTH_ROLE_LAST_DAY, out, err);
    case FTH_ROLE_SLOPE:
        break;
    }
    fitted(row, what->role, out);
    return FTH_OK;
}

struct fth_column_of fth_answer_term(const struct fth_answer *a, struct fth_plan_term term)
{
    static const enum fth_column_role roles[] = {
        [FTH_TERM_MEASURE] = FTH_ROLE_VALUE,
        [FTH_TERM_CHANGE] = FTH_ROLE_CHANGE,
        [FTH_TERM_CHANGE_PCT] = FTH_ROLE_PERCENT,
        [FTH_TERM_SLOPE] = FTH_ROLE_SLOPE,
    };

    return (struct fth_column_of){.role = roles[term.term],
                                  .measure = term.term == FTH_TERM_MEASURE ? term.measure
                                                                           : a->plan->measures[0]};
}

/* ---- comparing ---- */

/* Kinds are not told: of the three numbers of a cell only the one of its kind is not zero. */
static int number_cmp(const struct fth_cell *a, const struct fth_cell *b)
{
    int order = fth_money_cmp(a->money, b->money);

    if (!order)
        order = (a->i64 > b->i64) - (a->i64 < b->i64);
    if (!order)
        order = (a->f64 > b->f64) - (a->f64 < b->f64);
    return order;
}

int fth_cell_cmp(const struct fth_cell *a, const struct fth_cell *b, bool desc)
{
    if (a->null || b->null)
        return a->null - b->null;
    return desc ? number_cmp(b, a) : number_cmp(a, b);
}

bool fth_test_holds(const struct fth_plan_test *test, const struct fth_cell *cell)
{
    struct fth_money value_of = cell->money;
    int order;

    if (cell->null)
        return false;
    if (cell->i64)
        decimal(FTH_CELL_COUNT, cell, &value_of);
    if (cell->f64 != 0 && !decimal(FTH_CELL_QUANTITY, cell, &value_of)) {
        double limit = fth_money_to_double(test->value);

        order = (cell->f64 > limit) - (cell->f64 < limit);
    } else {
        order = fth_money_cmp(value_of, test->value);
    }
    switch (test->cmp) {
    case FTH_CMP_GT:
        return order > 0;
    case FTH_CMP_GTE:
        return order >= 0;
    case FTH_CMP_LT:
        return order < 0;
    case FTH_CMP_LTE:
        return order <= 0;
    default:
        return order == 0;
    }
}
