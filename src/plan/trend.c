/*
 * Trends: Theil-Sen slopes of the series of each group (Sen 1968), daily up to 62 days, weekly up
 * to 186, monthly beyond. Weeks are counted back from the end; what does not fill a week or month
 * at the ends is left out, and so are the days behind the last charge.
 *
 * A fitted change is noise when it is less than twice its standard error, as ordinary least squares
 * has it, with the scale of the residuals taken from their median (1.4826 MAD).
 */
#include <math.h>
#include <stdlib.h>

#include "plan/answer_int.h"

enum { DAYS_DAILY = 62, DAYS_WEEKLY = 186, POINTS_MAX = 600 };

/* The buckets of all series: point = f(date). */
struct axis {
    struct fth_range range;
    enum { BY_DAY, BY_WEEK, BY_MONTH } by;
    int32_t first_month;
    size_t nr;
};

static bool axis_of(const struct fth_answer *a, struct axis *out)
{
    const struct fth_snapshot *snapshot = a->ask->env.snapshot;
    struct fth_range all = {INT32_MAX, INT32_MIN};
    int32_t days;

    for (size_t i = 0; i < snapshot->nr; i++) {
        const struct fth_segment *segment = &snapshot->at[i];

        if (segment->rows == 0)
            continue;
        all.start = segment->charge_from < all.start ? segment->charge_from : all.start;
        all.end = segment->charge_to >= all.end ? segment->charge_to + 1 : all.end;
    }
    if (a->plan->has_time) {
        all.start = a->plan->time.start > all.start ? a->plan->time.start : all.start;
        all.end = a->plan->time.end < all.end ? a->plan->time.end : all.end;
    }
    if (all.start >= all.end)
        return false;
    days = all.end - all.start;
    *out = (struct axis){.range = all, .by = BY_DAY, .nr = (size_t)days};
    if (days > DAYS_WEEKLY) {
        int32_t first = fth_month_of_date(all.start), last = fth_month_of_date(all.end);

        first += fth_month_first_date(first) < all.start;
        out->by = BY_MONTH;
        out->first_month = first;
        out->range = (struct fth_range){fth_month_first_date(first), fth_month_first_date(last)};
        out->nr = last > first ? (size_t)(last - first) : 0;
    } else if (days > DAYS_DAILY) {
        out->by = BY_WEEK;
        out->range.start += days % 7;
        out->nr = (size_t)days / 7;
    }
    return out->nr >= 3 && out->nr <= POINTS_MAX;
}

static size_t point_of(const struct axis *axis, int64_t date)
{
    switch (axis->by) {
    case BY_DAY:
        return (size_t)(date - axis->range.start);
    case BY_WEEK:
        return (size_t)(date - axis->range.start) / 7;
    default:
        return (size_t)(fth_month_of_date((int32_t)date) - axis->first_month);
    }
}

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static double median(double *values, size_t nr)
{
    qsort(values, nr, sizeof(*values), by_size);
    return nr % 2 ? values[nr / 2] : (values[nr / 2 - 1] + values[nr / 2]) / 2;
}

/* Rounded to the ten decimals of a head; far outside of what is money: not found. */
static bool amount(double value, struct fth_money *out)
{
    struct fth_err ignored = {0};

    if (!(fabs(value) < 1e15) || fth_money_from_double(value, out, &ignored))
        return false;
    *out = fth_money_round(*out, 10);
    return true;
}

static void fit(const double *y, size_t nr, double *scratch, struct fth_trend *out)
{
    size_t pairs = 0;
    double slope, level, sigma, range, error;

    for (size_t i = 0; i < nr; i++)
        for (size_t k = i + 1; k < nr; k++)
            scratch[pairs++] = (y[k] - y[i]) / (double)(k - i);
    slope = median(scratch, pairs);
    for (size_t i = 0; i < nr; i++)
        scratch[i] = y[i] - slope * (double)i;
    level = median(scratch, nr);
    for (size_t i = 0; i < nr; i++)
        scratch[i] = fabs(y[i] - slope * (double)i - level);
    sigma = 1.4826 * median(scratch, nr);
    range = slope * (double)(nr - 1);
    error = sigma * sqrt(12.0 * (double)(nr - 1) / ((double)nr * (double)(nr + 1)));
    out->noise = fabs(range) <= 2 * error;
    out->found =
        amount(slope, &out->slope) && amount(range, &out->change) && amount(level, &out->start);
}

struct series {
    struct fth_trend trend;
    double y[];
};

/* The daily (or monthly) sums of every group, added up by point of the axis. */
static enum fth_rc collect(struct fth_answer *a, const struct axis *axis, struct fth_grid *days,
                           enum fth_slot slot, struct fth_err *err)
{
    for (size_t i = 0; i < days->rows.nr; i++) {
        const struct fth_grid_row *day = days->rows.at[i];
        struct fth_grid_row *group;
        struct series *series;

        if (fth_grid_row(&a->trends, day->keys, 0, day->currency, &group, err))
            return err->rc;
        series = (struct series *)group->trend;
        if (!series) {
            series = fth_arena_alloc(a->arena, sizeof(*series) + axis->nr * sizeof(double));
            if (!series)
                return fth_err_nomem(err);
            group->trend = &series->trend;
        }
        series->y[point_of(axis, day->bucket)] +=
            fth_money_to_double(fth_grid_money(days, day->sums[0], slot));
    }
    return FTH_OK;
}

static enum fth_slot first_slot(unsigned slots)
{
    unsigned slot = 0;

    while (!(slots >> slot & 1))
        slot++;
    return (enum fth_slot)slot;
}

static unsigned trend_slots(enum fth_measure measure)
{
    switch (measure) {
    case FTH_M_billed_cost:
        return 1u << FTH_SLOT_BILLED;
    case FTH_M_list_cost:
        return 1u << FTH_SLOT_LIST;
    case FTH_M_contracted_cost:
        return 1u << FTH_SLOT_CONTRACTED;
    case FTH_M_credit_amount:
        return 1u << FTH_SLOT_CREDIT;
    case FTH_M_untagged_cost:
        return 1u << FTH_SLOT_UNTAGGED;
    default:
        return 1u << FTH_SLOT_EFFECTIVE;
    }
}

enum fth_rc fth_answer_trends(struct fth_answer *a, struct fth_err *err)
{
    struct fth_pass pass = a->pass;
    struct fth_statement statement;
    struct fth_grid days;
    struct axis axis;
    double *scratch;

    if (!axis_of(a, &axis))
        return FTH_OK;
    pass.slots = trend_slots(a->plan->measures[0]);
    pass.has_time = true;
    pass.time = axis.range;
    pass.grain = axis.by == BY_MONTH ? FTH_GRAIN_MONTH : FTH_GRAIN_DAY;
    fth_grid_init(&days, a->arena, a->dim_nr, pass.slots);
    scratch = FTH_NEW_ARRAY(a->arena, double, axis.nr *axis.nr);
    if (!scratch)
        return fth_err_nomem(err);
    if (fth_answer_pass(a, &days, &pass, 0, NULL, NULL, &statement, err) ||
        collect(a, &axis, &days, first_slot(pass.slots), err))
        return err->rc;
    for (size_t i = 0; i < a->trends.rows.nr; i++) {
        struct series *series = (struct series *)a->trends.rows.at[i]->trend;

        fit(series->y, axis.nr, scratch, &series->trend);
    }
    for (size_t i = 0; i < a->grid.rows.nr; i++) {
        struct fth_grid_row *row = a->grid.rows.at[i], *group;

        if (fth_grid_row(&a->trends, row->keys, 0, row->currency, &group, err))
            return err->rc;
        row->trend = group->trend;
    }
    return FTH_OK;
}
