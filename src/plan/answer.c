/* Gathers an answer: names looked up, passes run, one row a group. */
#include "plan/answer_int.h"

#include "base/check.h"
#include <stdlib.h>

static const unsigned slots_of_measure[FTH_MEASURE_NR] = {
    [FTH_M_effective_cost] = 1u << FTH_SLOT_EFFECTIVE,
    [FTH_M_billed_cost] = 1u << FTH_SLOT_BILLED,
    [FTH_M_list_cost] = 1u << FTH_SLOT_LIST,
    [FTH_M_contracted_cost] = 1u << FTH_SLOT_CONTRACTED,
    [FTH_M_credit_amount] = 1u << FTH_SLOT_CREDIT,
    [FTH_M_untagged_cost] = 1u << FTH_SLOT_UNTAGGED,
    [FTH_M_untagged_share] = 1u << FTH_SLOT_UNTAGGED | 1u << FTH_SLOT_EFFECTIVE,
    [FTH_M_cost_share] = 1u << FTH_SLOT_EFFECTIVE,
    [FTH_M_consumed_quantity] = 1u << FTH_SLOT_QUANTITY,
    [FTH_M_charge_count] = 1u << FTH_SLOT_CHARGES,
    [FTH_M_resource_count] = 1u << FTH_SLOT_RESOURCES,
};

/* ---- what is asked ---- */

static bool uses_measure(const struct fth_plan *plan, enum fth_measure measure)
{
    for (size_t i = 0; i < plan->measure_nr; i++)
        if (plan->measures[i] == measure)
            return true;
    for (size_t i = 0; i < plan->having_nr; i++)
        if (plan->having[i].what.term == FTH_TERM_MEASURE &&
            plan->having[i].what.measure == measure)
            return true;
    if (plan->has_assert && plan->assertion.what.term == FTH_TERM_MEASURE &&
        plan->assertion.what.measure == measure)
        return true;
    return plan->has_order && plan->order.term == FTH_TERM_MEASURE &&
           plan->order.measure == measure;
}

enum fth_rc fth_answer_segments(const struct fth_answer *a, struct fth_segment_vec *out,
                                struct fth_err *err)
{
    struct fth_pass passes[4] = {a->pass};
    size_t nr = 1;

    if (a->plan->has_compare || a->plan->part) {
        passes[nr] = a->pass;
        passes[nr++].time = a->plan->compare;
    }
    for (size_t i = nr; a->plan->spread && i > 0; i--) {
        passes[nr] = passes[i - 1];
        passes[nr++].long_only = true;
    }
    return fth_query_segments(&a->ask->env, passes, nr, out, err);
}

/* AND of all conditions of the plan; with `within` only the filters of fields that share_within
 * names. NULL: none. */
static enum fth_rc conditions(struct fth_answer *a, bool within, const struct fth_clause **out,
                              struct fth_err *err)
{
    struct fth_filter_vec parts = fth_filter_vec_in(a->arena);
    const struct fth_plan *plan = a->plan;
    struct fth_segment_vec segments;
    const struct fth_filter *whole;

    *out = NULL;
    for (size_t i = 0; i < plan->filter_nr; i++) {
        bool kept = !within;

        for (size_t k = 0; k < plan->share_within_nr; k++)
            kept |= fth_str_eq(plan->filters[i]->field, plan->share_within[k]);
        if (kept && fth_filter_vec_push(&parts, plan->filters[i], err))
            return err->rc;
    }
    if (plan->where && !within && fth_filter_vec_push(&parts, plan->where, err))
        return err->rc;
    if (parts.nr == 0)
        return FTH_OK;
    if (fth_filter_join(a->arena, FTH_FILTER_AND, &parts, &whole, err) ||
        fth_answer_segments(a, &segments, err))
        return err->rc;
    return fth_clause_resolve(&a->ask->env, whole, &segments, out, err);
}

static enum fth_rc prepare_untagged(struct fth_answer *a, struct fth_err *err)
{
    struct fth_dim *dim;
    struct fth_str name;

    if (!(a->pass.slots >> FTH_SLOT_UNTAGGED & 1) || a->plan->tag_key.n == 0)
        return FTH_OK;
    dim = FTH_NEW(a->arena, struct fth_dim);
    if (!dim)
        return fth_err_nomem(err);
    if (fth_arena_printf(a->arena, &name, err, "tag:" FTH_STR_F, FTH_STR_A(a->plan->tag_key)) ||
        fth_dim_find(&a->ask->env, name, dim, err))
        return err->rc;
    a->pass.untagged = dim;
    return FTH_OK;
}

enum fth_rc fth_answer_prepare(struct fth_answer *a, struct fth_ask *ask, struct fth_err *err)
{
    const struct fth_plan *plan = ask->plan;

    *a = (struct fth_answer){.ask = ask, .plan = plan, .arena = ask->env.arena};
    for (size_t i = 0; i < plan->group_nr; i++)
        if (fth_dim_find(&ask->env, plan->group_by[i], &a->dims[i], err)) {
            fth_err_at(err, "/group_by/%zu", i);
            return err->rc;
        }
    a->dim_nr = plan->group_nr;
    a->needs_trend = plan->trend || fth_plan_uses(plan, FTH_TERM_SLOPE);
    a->pass = (struct fth_pass){.keys = a->dims,
                                .key_nr = a->dim_nr,
                                .has_time = plan->has_time,
                                .time = plan->time,
                                .grain = plan->grain,
                                .part = plan->part,
                                .windows = {plan->time, plan->compare},
                                .by_billing = plan->by_billing,
                                .spread = plan->spread};
    for (unsigned m = 0; m < FTH_MEASURE_NR; m++)
        if (uses_measure(plan, (enum fth_measure)m))
            a->pass.slots |= slots_of_measure[m];
    if (plan->seen)
        a->pass.slots |= 1u << FTH_SLOT_DAYS;
    if (plan->spread && a->pass.slots >> FTH_SLOT_RESOURCES & 1) {
        fth_err_set(err, FTH_E_UNSUPPORTED, "/spread: resource_count cannot be spread over days");
        fth_err_at(err, "/spread");
        return err->rc;
    }
    if (prepare_untagged(a, err) || conditions(a, false, &a->clause, err))
        return err->rc;
    a->pass.cond = a->clause;
    fth_grid_init(&a->grid, a->arena, a->dim_nr, a->pass.slots);
    fth_grid_init(&a->shares, a->arena, 0, 1u << FTH_SLOT_EFFECTIVE);
    fth_grid_init(&a->trends, a->arena, a->dim_nr, 0);
    return fth_answer_currency(a, err);
}

/* ---- passes ---- */

/* Moves a bucket of the range that is compared with to the one that stands at the same place in
 * the range asked for. */
struct beside {
    enum fth_grain grain;
    struct fth_range time, compare;
};

static int64_t months_of(int32_t date)
{
    return fth_month_of_date(date);
}

static int64_t shift_bucket(const void *ctx, int64_t bucket)
{
    const struct beside *b = ctx;
    int64_t months;

    switch (b->grain) {
    case FTH_GRAIN_NONE:
        return bucket;
    case FTH_GRAIN_HOUR:
        return bucket + ((int64_t)b->time.start - b->compare.start) * FTH_DAY_US;
    case FTH_GRAIN_DAY:
        return bucket + b->time.start - b->compare.start;
    case FTH_GRAIN_WEEK:
        return bucket + fth_date_week(b->time.start) - fth_date_week(b->compare.start);
    default:
        months = months_of(fth_bucket(b->grain, b->time.start)) -
                 months_of(fth_bucket(b->grain, b->compare.start));
        return fth_date_add_months((int32_t)bucket, (int)months);
    }
}

enum fth_rc fth_answer_pass(struct fth_answer *a, struct fth_grid *grid,
                            const struct fth_pass *pass, int window, fth_shift shift,
                            const void *shift_ctx, struct fth_statement *statement,
                            struct fth_err *err)
{
    if (a->converted)
        return fth_answer_convert(a, grid, pass, window, shift, shift_ctx, statement, err);
    return fth_grid_run(grid, &a->ask->env, pass, window, shift, shift_ctx, statement, err);
}

static enum fth_rc gather_window(struct fth_answer *a, struct fth_grid *grid, struct fth_pass *pass,
                                 int window, struct fth_statement *statement, struct fth_err *err)
{
    const struct beside beside = {
        .grain = pass->grain, .time = a->plan->time, .compare = a->plan->compare};

    if (window == 0)
        return fth_answer_pass(a, grid, pass, 0, NULL, NULL, statement, err);
    pass->time = a->plan->compare;
    return fth_answer_pass(a, grid, pass, 1, shift_bucket, &beside, statement, err);
}

/* What shares are of: the cost of everything, but for the filters of share_within. */
static enum fth_rc gather_shares(struct fth_answer *a, struct fth_err *err)
{
    struct fth_pass pass = a->pass;
    struct fth_statement statement;

    if (!uses_measure(a->plan, FTH_M_cost_share))
        return FTH_OK;
    if (conditions(a, true, &pass.cond, err))
        return err->rc;
    pass.key_nr = 0;
    pass.part = FTH_PART_ANY; /* a part is a share of the whole */
    pass.slots = 1u << FTH_SLOT_EFFECTIVE;
    for (int window = 0; window <= a->plan->has_compare; window++)
        if (gather_window(a, &a->shares, &pass, window, &statement, err))
            return err->rc;
    return FTH_OK;
}

/* Charges may be none where there is data: then the sum is 0 and known. */
static enum fth_rc add_zero_rows(struct fth_answer *a, struct fth_err *err)
{
    const struct fth_segment_vec *read = &a->statements[0].segments;
    struct fth_grid_row *row;
    struct fth_grid_sums *sums;
    struct fth_str to = a->plan->currency;

    if (a->dim_nr || a->plan->grain != FTH_GRAIN_NONE || a->grid.rows.nr)
        return FTH_OK;
    for (size_t i = 0; i < read->nr; i++)
        if ((to.n || read->at[i]->one_currency) &&
            (fth_grid_row(&a->grid, NULL, 0, to.n ? to : read->at[i]->currency, &row, err) ||
             fth_grid_sums(&a->grid, row, 0, &sums, err)))
            return err->rc;
    return FTH_OK;
}

static void check_currencies(struct fth_answer *a)
{
    const struct fth_grid_row_vec *rows = a->topped ? &a->grid.totals : &a->grid.rows;

    for (size_t i = 0; i < rows->nr; i++) {
        struct fth_str currency = rows->at[i]->currency;

        FTH_CHECK(!a->plan->currency.n || fth_str_eq(currency, a->plan->currency));
        a->several_currencies |= !fth_str_eq(currency, rows->at[0]->currency);
    }
    if (rows->nr && !a->several_currencies)
        a->currency = rows->at[0]->currency;
}

/* The slot whose sums are in the order of this term; false when only cells are. */
static bool slot_of_order(const struct fth_answer *a, enum fth_slot *out)
{
    const struct fth_plan *plan = a->plan;
    enum fth_measure by = plan->measures[0];

    if (plan->has_order && plan->order.term != FTH_TERM_MEASURE)
        return false;
    if (plan->has_order)
        by = plan->order.measure;
    for (unsigned slot = 0; slot < FTH_SLOT_NR; slot++)
        if (slots_of_measure[by] == 1u << slot && slot != FTH_SLOT_QUANTITY &&
            by != FTH_M_cost_share) {
            *out = (enum fth_slot)slot;
            return true;
        }
    return false;
}

/* It can when no row depends on others or on a second pass, and order and sums are what the engine
 * sees too. */
void fth_answer_pick(struct fth_answer *a, struct fth_pass *pass)
{
    const struct fth_ask *ask = a->ask;
    const struct fth_plan *plan = a->plan;
    int64_t limit = (int64_t)ask->page_rows;

    if (plan->limit && (limit == 0 || plan->limit - ask->offset < limit))
        limit = plan->limit - ask->offset;
    if (limit <= 0 || a->converted || a->dim_nr == 0 || plan->has_compare || a->needs_trend ||
        plan->by_name || plan->seen || plan->having_nr || plan->spread || plan->drivers ||
        a->pass.slots >> FTH_SLOT_QUANTITY & 1 || !slot_of_order(a, &a->top.by))
        return;
    a->top.desc = !plan->has_order || plan->order_desc;
    a->top.by_time_first = !plan->has_order;
    a->top.limit = limit;
    a->top.offset = ask->offset;
    pass->top = &a->top;
}

/* Says what time there is when there is nothing in the one asked for. */
static enum fth_rc warn_outside(struct fth_answer *a, struct fth_err *err)
{
    const struct fth_snapshot *snapshot = a->ask->env.snapshot;
    int32_t from = INT32_MAX, to = INT32_MIN;
    char first[16] = "", last[16] = "";

    for (size_t i = 0; i < snapshot->nr; i++)
        if (snapshot->at[i].rows) {
            from = snapshot->at[i].charge_from < from ? snapshot->at[i].charge_from : from;
            to = snapshot->at[i].charge_to > to ? snapshot->at[i].charge_to : to;
        }
    if (a->known[0] || !a->plan->has_time || from > to)
        return FTH_OK;
    fth_date_text(from, first);
    fth_date_text(to, last);
    return fth_query_warn(
        &a->ask->env, err,
        "no charges were loaded for this time; there are some from %.10s to %.10s", first, last);
}

enum fth_rc fth_answer_gather(struct fth_answer *a, struct fth_err *err)
{
    struct fth_pass pass = a->pass;

    fth_answer_pick(a, &pass);
    for (int window = 0; window <= a->plan->has_compare; window++) {
        if (gather_window(a, &a->grid, &pass, window, &a->statements[window], err))
            return err->rc;
        a->known[window] = a->statements[window].sql.n > 0;
    }
    a->topped = a->statements[0].topped;
    if (warn_outside(a, err) || gather_shares(a, err) || add_zero_rows(a, err))
        return err->rc;
    check_currencies(a);
    return a->needs_trend ? fth_answer_trends(a, err) : FTH_OK;
}

/* ---- columns ---- */

static enum fth_rc add_column(struct fth_answer *a, struct fth_str name, enum fth_cell_kind kind,
                              struct fth_column_of what, struct fth_err *err)
{
    struct fth_str copy;

    FTH_CHECK(a->col_nr < FTH_COLUMNS_MAX);
    if (fth_arena_str(a->arena, name, &copy, err))
        return err->rc;
    a->cols[a->col_nr] = (struct fth_answer_col){.name = copy.p, .kind = kind};
    if (kind == FTH_CELL_MONEY)
        a->cols[a->col_nr].unit = a->currency;
    a->what[a->col_nr++] = what;
    return FTH_OK;
}

static bool has_label(const struct fth_dim *dim)
{
    return dim->info && (*dim->info->label_column || fth_value_has(dim->info->id));
}

static enum fth_rc dim_columns(struct fth_answer *a, struct fth_err *err)
{
    bool grouped = false;

    for (size_t i = 0; i < a->dim_nr; i++)
        grouped |= fth_str_eq_c(a->dims[i].name, "currency");
    if (a->several_currencies && !grouped &&
        add_column(a, FTH_STR("currency"), FTH_CELL_DIMENSION,
                   (struct fth_column_of){.role = FTH_ROLE_CURRENCY}, err))
        return err->rc;
    if (a->plan->grain != FTH_GRAIN_NONE &&
        add_column(a, FTH_STR("time"), FTH_CELL_TIME, (struct fth_column_of){.role = FTH_ROLE_TIME},
                   err))
        return err->rc;
    for (size_t i = 0; i < a->dim_nr; i++) {
        struct fth_str label;

        if (add_column(a, a->dims[i].name, FTH_CELL_DIMENSION,
                       (struct fth_column_of){.role = FTH_ROLE_DIM, .dim = i}, err))
            return err->rc;
        if (a->plan->labels && has_label(&a->dims[i]) &&
            (fth_arena_printf(a->arena, &label, err, FTH_STR_F "_label",
                              FTH_STR_A(a->dims[i].name)) ||
             add_column(a, label, FTH_CELL_LABEL,
                        (struct fth_column_of){.role = FTH_ROLE_LABEL, .dim = i}, err)))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc measure_columns(struct fth_answer *a, size_t i, struct fth_err *err)
{
    enum fth_measure measure = a->plan->measures[i];
    const struct fth_measure_info *info = fth_measure_info(measure);
    /* The change of the first measure is the change. */
    const char *prefix = i ? info->id : "", *joint = i ? "_" : "";
    struct fth_str before, change, percent;
    bool fitted = i == 0 && a->needs_trend && !a->plan->has_compare;

    if (fth_arena_printf(a->arena, &before, err, "%s_before", info->id) ||
        fth_arena_printf(a->arena, &change, err, "%s%schange", prefix, joint) ||
        fth_arena_printf(a->arena, &percent, err, "%s%schange_pct", prefix, joint) ||
        add_column(a, fth_str_c(info->id), info->kind,
                   (struct fth_column_of){.role = FTH_ROLE_VALUE, .measure = measure}, err))
        return err->rc;
    if (a->plan->has_compare &&
        add_column(a, before, info->kind,
                   (struct fth_column_of){.role = FTH_ROLE_BEFORE, .measure = measure}, err))
        return err->rc;
    if ((a->plan->has_compare || fitted) &&
        (add_column(a, change, info->kind,
                    (struct fth_column_of){.role = FTH_ROLE_CHANGE, .measure = measure}, err) ||
         add_column(a, percent, FTH_CELL_PERCENT,
                    (struct fth_column_of){.role = FTH_ROLE_PERCENT, .measure = measure}, err)))
        return err->rc;
    return FTH_OK;
}

enum fth_rc fth_answer_columns(struct fth_answer *a, struct fth_err *err)
{
    if (dim_columns(a, err))
        return err->rc;
    for (size_t i = 0; i < a->plan->measure_nr; i++)
        if (measure_columns(a, i, err))
            return err->rc;
    if (a->plan->seen && (add_column(a, FTH_STR("first_seen"), FTH_CELL_TIME,
                                     (struct fth_column_of){.role = FTH_ROLE_FIRST_DAY}, err) ||
                          add_column(a, FTH_STR("last_seen"), FTH_CELL_TIME,
                                     (struct fth_column_of){.role = FTH_ROLE_LAST_DAY}, err)))
        return err->rc;
    if (a->needs_trend &&
        add_column(a, FTH_STR("slope"), FTH_CELL_MONEY,
                   (struct fth_column_of){.role = FTH_ROLE_SLOPE, .measure = a->plan->measures[0]},
                   err))
        return err->rc;
    if (a->plan->drivers && add_column(a, FTH_STR("contribution"), FTH_CELL_RATIO,
                                       (struct fth_column_of){.role = FTH_ROLE_CONTRIBUTION,
                                                              .measure = a->plan->measures[0]},
                                       err))
        return err->rc;
    for (unsigned i = 0; a->plan->drivers && i < FTH_EFFECT_NR; i++)
        if (add_column(
                a, fth_str_c(fth_effect_name((enum fth_effect)i)), FTH_CELL_MONEY,
                (struct fth_column_of){.role = FTH_ROLE_EFFECT, .effect = (enum fth_effect)i}, err))
            return err->rc;
    return FTH_OK;
}

/* ---- totals ---- */

static enum fth_rc add_sums(struct fth_answer *a, struct fth_grid_row *total,
                            const struct fth_grid_row *row, int window, struct fth_err *err)
{
    const struct fth_grid_sums *from = row->sums[window];
    bool first = !total->sums[window];
    struct fth_grid_sums *to;
    size_t place = 0;

    if (!from)
        return FTH_OK;
    if (fth_grid_sums(&a->grid, total, window, &to, err))
        return err->rc;
    /* Resources of two groups may be the same: their numbers do not add up. */
    to->resources = first ? from->resources : -1;
    to->charges += from->charges;
    if (from->has_days)
        fth_grid_add_days(to, from->first_day, from->last_day);
    if (from->has_quantity) {
        to->mixed_units |=
            from->mixed_units || (to->has_quantity && !fth_str_eq(to->unit, from->unit));
        to->quantity += from->quantity;
        to->unit = from->unit;
        to->has_quantity = true;
    }
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (a->pass.slots >> slot & 1) {
            if (fth_money_add(&to->money[place], from->money[place], err))
                return err->rc;
            place++;
        }
    return FTH_OK;
}

static int by_currency(const void *x, const void *y)
{
    return fth_str_cmp(((const struct fth_grid_row *)x)->currency,
                       ((const struct fth_grid_row *)y)->currency);
}

static struct fth_grid_row *total_of(struct fth_answer *a, struct fth_str currency)
{
    for (size_t i = 0; i < a->total_nr; i++)
        if (fth_str_eq(a->totals[i].currency, currency))
            return &a->totals[i];
    a->totals[a->total_nr] = (struct fth_grid_row){.currency = currency, .bucket = INT64_MIN};
    return &a->totals[a->total_nr++];
}

enum fth_rc fth_answer_total(struct fth_answer *a, struct fth_err *err)
{
    const struct fth_grid_row_vec *rows = a->topped ? &a->grid.totals : &a->grid.rows;
    size_t most = 0;

    /* As many as there are currencies; rows of one come in a row more often than not. */
    for (size_t i = 0; i < rows->nr; i++)
        most += i == 0 || !fth_str_eq(rows->at[i]->currency, rows->at[i - 1]->currency);
    a->totals = FTH_NEW_ARRAY(a->arena, struct fth_grid_row, most);
    if (!a->totals)
        return fth_err_nomem(err);
    for (size_t i = 0; i < rows->nr; i++) {
        const struct fth_grid_row *row = rows->at[i];
        struct fth_grid_row *total = total_of(a, row->currency);

        total->trend = a->dim_nr == 0 ? row->trend : NULL;
        for (int window = 0; window < FTH_WINDOWS; window++)
            if (add_sums(a, total, row, window, err))
                return err->rc;
        if (fth_parts_add(a, total, row, err))
            return err->rc;
    }
    if (a->total_nr)
        qsort(a->totals, a->total_nr, sizeof(*a->totals), by_currency);
    return FTH_OK;
}
