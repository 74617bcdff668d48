/*
 * The parts of a change: price, quantity, mix, new, gone, commitment, credit, currency, other, for
 * each row of an answer, to the last digit its change. docs/adr/0026-parts-of-a-change.md defines
 * them.
 *
 * Sums by price and unit stream by and are forgotten; what is kept is one line a row, unit and
 * currency. The split of the quantity effect needs no second look at the prices: with c the cost
 * now, q and Q the quantities of a price and of all, 0 before and 1 now,
 *     mix = sum(c) - sum(c * q0 / q1) * Q1 / Q0
 * which is price-volume-mix analysis at today's prices: what was not sold as a uniform growth of
 * all quantities would have it.
 */
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "plan/answer_int.h"

enum { DECIMALS = 10, HELD_DECIMALS = 28, RATE_DECIMALS = 20 };

static const struct fth_money one = {.head = INT64_C(10000000000)};

static const char *const names[FTH_EFFECT_NR] = {
    [FTH_EFFECT_PRICE] = "price_effect",   [FTH_EFFECT_QUANTITY] = "quantity_effect",
    [FTH_EFFECT_MIX] = "mix_effect",       [FTH_EFFECT_NEW] = "new_effect",
    [FTH_EFFECT_GONE] = "gone_effect",     [FTH_EFFECT_COMMITMENT] = "commitment_effect",
    [FTH_EFFECT_CREDIT] = "credit_effect", [FTH_EFFECT_CURRENCY] = "currency_effect",
    [FTH_EFFECT_OTHER] = "other_effect",
};

const char *fth_effect_name(enum fth_effect effect)
{
    return names[effect];
}

/* What a row of the statement says of a window. */
struct amount {
    struct fth_money cost, quantity;
    bool present;    /* there is a quantity that is not zero */
    bool comparable; /* which is above zero */
};

/* ---- one price ---- */

/* A sum of doubles as a decimal: 15 digits are what a double holds for certain, so a quantity does
 * not depend on the order in which the engine added. false: no amount. */
static bool quantity_of(double sum, struct fth_money *out)
{
    struct fth_err ignored = {0};
    char text[40];
    int n = snprintf(text, sizeof(text), "%.15g", sum);

    return isfinite(sum) && n > 0 &&
           !fth_money_parse_rounded((struct fth_str){text, (size_t)n}, out, &ignored);
}

static enum fth_effect effect_of(const struct amount *now, const struct amount *before)
{
    if (!now->present && !before->present)
        return FTH_EFFECT_OTHER;
    if (!before->present)
        return FTH_EFFECT_NEW;
    if (!now->present)
        return FTH_EFFECT_GONE;
    return now->comparable && before->comparable ? FTH_EFFECT_PRICE : FTH_EFFECT_OTHER;
}

/* c1 * q0 / q1 - c0, rounded once. */
static enum fth_rc price_effect(const struct amount *now, const struct amount *before,
                                struct fth_money repriced, struct fth_money *out,
                                struct fth_err *err)
{
    if (before->cost.tail == 0) {
        if (fth_money_muldiv(now->cost, before->quantity, now->quantity, DECIMALS, out, err))
            return err->rc;
        return fth_money_sub(out, before->cost, err);
    }
    *out = repriced;
    if (fth_money_sub(out, before->cost, err))
        return err->rc;
    *out = fth_money_round(*out, DECIMALS);
    return FTH_OK;
}

/* What is not price stays in the quantity effect until the mix is taken out of it. */
static enum fth_rc add_compared(struct fth_effects *to, const struct amount *now,
                                const struct amount *before, struct fth_money change,
                                struct fth_err *err)
{
    struct fth_money repriced, price;

    if (fth_money_muldiv(now->cost, before->quantity, now->quantity, HELD_DECIMALS, &repriced,
                         err) ||
        price_effect(now, before, repriced, &price, err) || fth_money_sub(&change, price, err) ||
        fth_money_add(&to->part[FTH_EFFECT_PRICE], price, err) ||
        fth_money_add(&to->part[FTH_EFFECT_QUANTITY], change, err) ||
        fth_money_add(&to->cost, now->cost, err) || fth_money_add(&to->repriced, repriced, err) ||
        fth_money_add(&to->quantity, now->quantity, err))
        return err->rc;
    return fth_money_add(&to->before, before->quantity, err);
}

static enum fth_rc add_price(struct fth_effects *to, enum fth_part kind, const struct amount *now,
                             const struct amount *before, struct fth_err *err)
{
    const struct fth_effects kept = *to;
    struct fth_money change = now->cost;
    enum fth_effect effect = kind == FTH_PART_CREDIT       ? FTH_EFFECT_CREDIT
                             : kind == FTH_PART_COMMITMENT ? FTH_EFFECT_COMMITMENT
                             : kind == FTH_PART_OTHER      ? FTH_EFFECT_OTHER
                                                           : effect_of(now, before);

    if (fth_money_sub(&change, before->cost, err))
        return err->rc;
    if (effect == FTH_EFFECT_PRICE) {
        if (add_compared(to, now, before, change, err) != FTH_E_RANGE)
            return err->rc;
        /* Too large to compare: the change is still the change. */
        fth_err_clear(err);
        *to = kept;
        effect = FTH_EFFECT_OTHER;
    }
    return fth_money_add(&to->part[effect], change, err);
}

/* Parts the quantity effect of a unit into growth and mix. */
static enum fth_rc split_mix(struct fth_effects *of, struct fth_err *err)
{
    struct fth_money grown, mix = of->cost;

    if (fth_money_is_zero(of->before))
        return FTH_OK;
    if (fth_money_muldiv(of->repriced, of->quantity, of->before, HELD_DECIMALS, &grown, err)) {
        /* Too large to part: all of it is quantity. */
        if (err->rc == FTH_E_RANGE)
            fth_err_clear(err);
        return err->rc;
    }
    if (fth_money_sub(&mix, grown, err))
        return err->rc;
    mix = fth_money_round(mix, DECIMALS);
    of->part[FTH_EFFECT_MIX] = mix;
    return fth_money_sub(&of->part[FTH_EFFECT_QUANTITY], mix, err);
}

/* ---- reading ---- */

static enum fth_rc read_amount(const struct fth_statement *statement, const struct fth_vec **col,
                               size_t row, struct amount *out, struct fth_err *err)
{
    fth_i128 head = fth_grid_whole((*col)++, row), tail = 0;
    const struct fth_vec *quantity;
    double sum;

    *out = (struct amount){0};
    if (statement->has_tail)
        tail = fth_grid_whole((*col)++, row);
    quantity = (*col)++;
    if (fth_money_make(head, tail, &out->cost, err) || !fth_vec_is_valid(quantity, row))
        return err->rc;
    sum = quantity->f64[quantity->constant ? 0 : row];
    out->present = !(sum >= 0 && sum <= 0);
    out->comparable =
        sum > 0 && quantity_of(sum, &out->quantity) && !fth_money_is_zero(out->quantity);
    return FTH_OK;
}

static enum fth_rc effects_of(struct fth_grid *grid, struct fth_grid_row *row,
                              struct fth_effects **out, struct fth_err *err)
{
    if (!row->effects)
        row->effects = FTH_NEW(grid->arena, struct fth_effects);
    *out = row->effects;
    return row->effects ? FTH_OK : fth_err_nomem(err);
}

/* `keys` has room for those of the answer and the unit. */
static enum fth_rc read_row(const struct fth_answer *a, struct fth_grid *units,
                            struct fth_str *keys, const struct fth_batch *batch, size_t row,
                            struct fth_err *err)
{
    const struct fth_statement *statement = &a->parts;
    const struct fth_vec *col = batch->cols;
    struct fth_str currency = statement->currency;
    struct fth_grid_row *to = NULL;
    struct fth_effects *effects = NULL;
    struct amount amounts[FTH_WINDOWS];
    enum fth_part kind;

    for (size_t i = 0; i < a->dim_nr; i++)
        keys[i] = fth_grid_text(col++, row);
    if (!currency.p)
        currency = fth_grid_text(col++, row);
    kind = (enum fth_part)fth_grid_whole(col++, row);
    keys[a->dim_nr] = fth_grid_text(col++, row);
    for (int w = 0; w < FTH_WINDOWS; w++)
        if (read_amount(statement, &col, row, &amounts[w], err))
            return err->rc;
    if (fth_grid_row(units, keys, 0, currency, &to, err) || effects_of(units, to, &effects, err))
        return err->rc;
    FTH_CHECK(effects != NULL);
    return add_price(effects, kind, &amounts[0], &amounts[1], err);
}

static enum fth_rc read_all(struct fth_answer *a, struct fth_grid *units, struct fth_err *err)
{
    struct fth_query_env *env = &a->ask->env;
    struct fth_str *keys = FTH_NEW_ARRAY(a->arena, struct fth_str, a->dim_nr + 1);
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (!keys)
        return fth_err_nomem(err);
    if (fth_session_query(env->session, a->parts.sql, a->parts.params.at, a->parts.params.nr,
                          env->cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        for (size_t row = 0; row < batch.nr && !err->rc; row++)
            read_row(a, units, keys, &batch, row, err);
        if (err->rc || fth_cancel_check(env->cancel, err))
            break;
    }
    fth_result_free(result);
    return err->rc;
}

/* ---- in one currency ---- */

/* The average of the rates of a window's days that have one. false: none has. */
static enum fth_rc average_rate(const struct fth_answer *a, struct fth_str from,
                                struct fth_range days, struct fth_money *out, bool *found,
                                struct fth_err *err)
{
    const struct fth_rate_source *source = a->ask->rates;
    struct fth_rate_vec rates = fth_rate_vec_in(a->arena);
    struct fth_str to = a->plan->currency;
    struct fth_money sum = FTH_MONEY_ZERO, nr;
    int64_t known = 0;

    *found = false;
    if (!source || source->read(source->ctx, a->arena, from, to, days.start - source->max_age,
                                days.end - 1, &rates, err))
        return err->rc;
    for (int32_t day = days.start; day < days.end; day++) {
        struct fth_rate_found rate;
        struct fth_money value;

        if (!fth_rate_find(&rates, from, to, day, source->max_age, &rate))
            continue;
        if (fth_money_muldiv(one, rate.num, rate.den, RATE_DECIMALS, &value, err) ||
            fth_money_add(&sum, value, err))
            return err->rc;
        known++;
    }
    *found = known > 0;
    if (!known || fth_money_from_scaled(known, 0, &nr, err))
        return err->rc;
    return fth_money_muldiv(sum, one, nr, RATE_DECIMALS, out, err);
}

/* What old and new amounts of the parts are told at: today's rate, else that of before. */
static enum fth_rc rate_of(const struct fth_answer *a, struct fth_str from, struct fth_money *out,
                           struct fth_err *err)
{
    bool found = false;

    *out = FTH_MONEY_ZERO;
    for (int w = 0; w < FTH_WINDOWS && !found; w++)
        if (average_rate(a, from, a->pass.windows[w], out, &found, err))
            return err->rc;
    return FTH_OK;
}

struct rate {
    struct fth_str from;
    struct fth_money value;
};

FTH_VEC(rate_vec, struct rate)

/* The rate of a currency, worked out once; NULL with the error set. */
static const struct rate *known_rate(const struct fth_answer *a, struct rate_vec *rates,
                                     struct fth_str from, struct fth_err *err)
{
    struct rate fresh = {.from = from};

    for (size_t i = 0; i < rates->nr; i++)
        if (fth_str_eq(rates->at[i].from, from))
            return &rates->at[i];
    if (rate_of(a, from, &fresh.value, err) || rate_vec_push(rates, fresh, err))
        return NULL;
    return &rates->at[rates->nr - 1];
}

/* ---- the rows of the answer ---- */

/* Adds the parts of one unit and currency to the row that they are of. */
static enum fth_rc add_unit(struct fth_answer *a, const struct fth_grid_row *unit,
                            struct rate_vec *rates, struct fth_err *err)
{
    struct fth_str to = a->converted ? a->plan->currency : unit->currency;
    const struct rate *rate = NULL;
    struct fth_grid_row *row = NULL;
    struct fth_effects *effects = NULL;

    if (!fth_str_eq(to, unit->currency)) {
        rate = known_rate(a, rates, unit->currency, err);
        if (!rate)
            return err->rc;
    }
    if (split_mix(unit->effects, err) || fth_grid_row(&a->grid, unit->keys, 0, to, &row, err) ||
        effects_of(&a->grid, row, &effects, err))
        return err->rc;
    for (unsigned i = 0; i < FTH_EFFECT_NR; i++) {
        struct fth_money part = unit->effects->part[i];

        if ((rate && fth_money_muldiv(part, rate->value, one, DECIMALS, &part, err)) ||
            fth_money_add(&effects->part[i], part, err))
            return err->rc;
    }
    return FTH_OK;
}

/* What the parts leave of the change is the currency's, and nothing where nothing was converted. */
static enum fth_rc close_row(struct fth_answer *a, struct fth_grid_row *row, struct fth_err *err)
{
    const struct fth_column_of what = {.role = FTH_ROLE_CHANGE, .measure = a->plan->measures[0]};
    struct fth_effects *effects = NULL;
    struct fth_cell change;

    if (effects_of(&a->grid, row, &effects, err) || fth_answer_cell(a, row, &what, &change, err))
        return err->rc;
    FTH_CHECK(effects);
    for (unsigned i = 0; i < FTH_EFFECT_NR; i++)
        if (fth_money_sub(&change.money, effects->part[i], err))
            return err->rc;
    if (!a->converted && !change.null && !fth_money_is_zero(change.money))
        return fth_err_set(err, FTH_E_FAILED, "the parts of a change do not add up to it");
    effects->part[FTH_EFFECT_CURRENCY] = change.money;
    return FTH_OK;
}

enum fth_rc fth_parts_compile(struct fth_answer *a, struct fth_statement *out, struct fth_err *err)
{
    struct fth_pass pass = a->pass;

    pass.slots = 1u << fth_measure_slot(a->plan->measures[0]);
    return fth_query_compile_parts(&a->ask->env, &pass, out, err);
}

enum fth_rc fth_answer_parts(struct fth_answer *a, struct fth_err *err)
{
    struct rate_vec rates = rate_vec_in(a->arena);
    struct fth_grid units;

    if (fth_parts_compile(a, &a->parts, err) || a->parts.sql.n == 0)
        return err->rc;
    fth_grid_init(&units, a->arena, a->dim_nr + 1, 0);
    if (read_all(a, &units, err))
        return fth_grid_too_many(&units, err);
    for (size_t i = 0; i < units.rows.nr; i++)
        if (add_unit(a, units.rows.at[i], &rates, err))
            return err->rc;
    for (size_t i = 0; i < a->grid.rows.nr; i++)
        if (close_row(a, a->grid.rows.at[i], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_parts_add(struct fth_answer *a, struct fth_grid_row *total,
                          const struct fth_grid_row *row, struct fth_err *err)
{
    struct fth_effects *to = NULL;

    if (!row->effects)
        return FTH_OK;
    if (effects_of(&a->grid, total, &to, err))
        return err->rc;
    for (unsigned i = 0; i < FTH_EFFECT_NR; i++)
        if (fth_money_add(&to->part[i], row->effects->part[i], err))
            return err->rc;
    return FTH_OK;
}
