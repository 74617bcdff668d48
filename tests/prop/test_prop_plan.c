/* plan: what holds for every ledger and every plan. The seed is printed; PLAN_SEED sets it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/date.h"
#include "base/rand.h"
#include "plan/plan_ledger.h"
#include "test.h"

enum { ROWS = 150, MONTHS = 3, PLANS = 60 };

static const char *const services[] = {"EC2", "S3", "RDS", "Lambda", NULL};
static const char *const accounts[] = {"111", "222", "333"};
static const char *const regions[] = {"us-east-1", "eu-west-1", NULL};
static const char *const categories[] = {"Usage", "Tax", "Credit", "Purchase"};
static const char *const codes[] = {"AmazonEC2", "AmazonS3", NULL};
static const char *const resources[] = {"r1", "r2", "r3", "r4", "r5", "r6", NULL};
static const char *const teams[] = {"red", "blue"};
/* Prices in one unit or two, quantities of any sign or none: most can be compared, some cannot. */
static const char *const prices[] = {"p1", "p2", "p3", "p4", "p5", NULL};
static const char *const units[] = {"h", "h", "h", "GB", NULL};
static const double quantities[] = {0, 1, 2.5, 0.1, 0.2, 1e-9, 3e6, 7, -2};
static const int month_starts[MONTHS + 1] = {0, 31, 59, 90};

struct world {
    struct plan_ledger on;
    struct fth_rng rng;
    int32_t team_sets[FTH_NR(teams)]; /* the tag set of each team */
    bool tails;
    struct charge charges[MONTHS][ROWS];
};

static size_t below(struct world *w, size_t n)
{
    return (size_t)fth_rng_below(&w->rng, n);
}

/* Any amount that a column may hold: narrow or wide heads, with a tail or without, of both signs.
 */
static struct fth_money random_money(struct world *w, bool wide, bool tail)
{
    struct fth_money money = {.head = (fth_i128)fth_rng_below(&w->rng, 99999999999999)};

    if (wide && below(w, 10) == 0)
        money.head = money.head * 1000000000 * 1000;
    if (tail && below(w, 3) == 0)
        money.tail = (fth_i128)fth_rng_below(&w->rng, 999999999999999999);
    return below(w, 4) ? money : fth_money_neg(money);
}

#define ANY(w, list) ((list)[below((w), FTH_NR(list))])

static void fill_month(struct world *w, int month, const int32_t *tags, size_t tag_nr)
{
    int days = month_starts[month + 1] - month_starts[month];

    for (size_t i = 0; i < ROWS; i++) {
        struct charge *c = &w->charges[month][i];
        int day = month_starts[month] + (int)below(w, (size_t)days);
        int64_t lasts = below(w, 20) ? FTH_HOUR_US : (int64_t)(2 + below(w, 9)) * FTH_DAY_US;

        *c = (struct charge){.provider = "AWS",
                             .account = ANY(w, accounts),
                             .service = ANY(w, services),
                             .region = ANY(w, regions),
                             .category = ANY(w, categories),
                             .code = ANY(w, codes),
                             .price = ANY(w, prices),
                             .meter = below(w, 4) ? NULL : "meter",
                             .unit = ANY(w, units),
                             .quantity = ANY(w, quantities),
                             .charge_class = below(w, 12) ? NULL : "Correction",
                             .credit_type = below(w, 12) ? NULL : "PROMOTION",
                             .commitment = below(w, 8) ? NULL : "sp-1",
                             .resource = ANY(w, resources),
                             .currency = month == 2 && below(w, 4) == 0 ? "EUR" : "USD",
                             .billed = random_money(w, month == 1, w->tails && month != 0),
                             .effective = random_money(w, month == 1, w->tails && month != 0),
                             .tags = tags[below(w, tag_nr)],
                             .start_us = plan_instant(day, (int)below(w, 24))};
        c->end_us = c->start_us + lasts;
    }
}

static struct world *make_world(void)
{
    static const char *const sets[][3] = {
        {"team=red", "env=prod", NULL}, {"team=blue", NULL}, {"Cost Centre=7", NULL}};
    static const char *const periods[MONTHS] = {"2025-01", "2025-02", "2025-03"};
    struct world *w = fth_arena_alloc(test_arena(4 << 20), sizeof(*w));
    const char *text = getenv("PLAN_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : fth_rand_seed();
    int32_t tags[FTH_NR(sets) + 1] = {0};

    print_message("# PLAN_SEED=%llu\n", (unsigned long long)seed);
    w->rng = fth_rng_seeded(seed);
    w->tails = below(w, 2);
    w->on = plan_ledger_open();
    for (size_t i = 0; i < FTH_NR(sets); i++)
        tags[i + 1] = plan_tags(&w->on, sets[i]);
    memcpy(w->team_sets, tags + 1, sizeof(w->team_sets));
    for (int month = 0; month < MONTHS; month++) {
        w->on.forget_cube_tags =
            month == 1 && below(w, 2); /* as if it was loaded before the tag was hot */
        fill_month(w, month, tags, FTH_NR(tags));
        plan_load(&w->on, month % 2 ? "odd" : "even", periods[month], w->charges[month], ROWS,
                  month == 1);
    }
    return w;
}

/* ---- plans ---- */

/* Days of the quarter from the first of January, or all of it; a filter, or NULL. */
struct question {
    bool has_time, spread, untagged;
    int from, to;
    const char *service, *team, *currency;
};

static struct question random_question(struct world *w)
{
    struct question q = {.has_time = below(w, 3) > 0};

    q.from = below(w, 2) ? month_starts[below(w, 3)] : (int)below(w, 80);
    q.to = below(w, 2) ? month_starts[1 + below(w, 3)] : q.from + 1 + (int)below(w, 60);
    if (q.to <= q.from)
        q.to = q.from + 1;
    if (below(w, 3) == 0)
        q.service = services[below(w, FTH_NR(services) - 1)];
    q.untagged = below(w, 3) == 0;
    if (below(w, 4) == 0)
        q.team = ANY(w, teams);
    q.spread = below(w, 4) == 0;
    return q;
}

static void put_day(struct fth_buf *buf, const char *key, int day)
{
    fth_buf_printf(buf, "\"%s\":\"", key);
    fth_date_put(buf, fth_date_from_civil(2025, 1, 1) + day);
    fth_buf_char(buf, '"');
}

static const char *plan_of(struct world *w, const struct question *q, const char *groups,
                           const char *grain)
{
    struct fth_buf buf = fth_buf_max(1 << 16);
    struct fth_err err = {0};
    struct fth_str out;

    fth_buf_printf(&buf,
                   "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"effective_cost\","
                   "\"billed_cost\",\"list_cost\",\"charge_count\"%s],\"tag_key\":%s,\"time\":",
                   q->untagged ? ",\"untagged_cost\"" : "", q->untagged ? "\"team\"" : "null");
    if (q->has_time) {
        fth_buf_char(&buf, '{');
        put_day(&buf, "start", q->from);
        fth_buf_char(&buf, ',');
        put_day(&buf, "end", q->to);
        fth_buf_char(&buf, '}');
    } else {
        fth_buf_c(&buf, "null");
    }
    fth_buf_printf(&buf, ",\"group_by\":[%s],\"grain\":\"%s\",\"spread\":%s", groups, grain,
                   q->spread ? "true" : "false");
    if (q->currency)
        fth_buf_printf(&buf, ",\"currency\":\"%s\"", q->currency);
    if (q->service && q->team)
        fth_buf_printf(&buf, ",\"where\":\"service = '%s' and tag.team = '%s'\"", q->service,
                       q->team);
    else if (q->service)
        fth_buf_printf(&buf, ",\"where\":\"service = '%s'\"", q->service);
    else if (q->team)
        fth_buf_printf(&buf, ",\"where\":\"team = '%s'\"", q->team);
    fth_buf_char(&buf, '}');
    assert_ok(fth_arena_str(w->on.arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out.p;
}

enum { GROUPS_MAX = 80 };

static void random_groups(struct world *w, char out[GROUPS_MAX], char reversed[GROUPS_MAX])
{
    static const char *const dims[] = {
        "service",  "sub_account", "region", "charge_category", "service_code",
        "resource", "tag:team",    "source", "billing_period",  "environment",
        "provider", "currency",    "team"};
    const char *a = ANY(w, dims), *b = ANY(w, dims);
    size_t nr = below(w, 4);

    snprintf(out, GROUPS_MAX, nr == 0 ? "" : nr == 1 ? "\"%s\"" : "\"%s\",\"%s\"", a, b);
    snprintf(reversed, GROUPS_MAX,
             nr == 0   ? ""
             : nr == 1 ? "\"%s\""
                       : "\"%s\",\"%s\"",
             nr == 1 ? a : b, a);
}

/* ---- what must hold ---- */

static void assert_same(const struct fth_json *a, const struct fth_json *b, const char *member,
                        const char *plan)
{
    if (!fth_json_equal(fth_json_get(a, member), fth_json_get(b, member)))
        print_error("%s differs: %s\n", member, plan);
    assert_true(fth_json_equal(fth_json_get(a, member), fth_json_get(b, member)));
}

static void assert_amount(struct fth_money want, const struct fth_json *row, const char *column,
                          const char *plan)
{
    struct fth_money got = plan_money(row, column);

    if (fth_money_cmp(want, got))
        print_error("%s is wrong: %s\n", column, plan);
    assert_int_equal(fth_money_cmp(want, got), 0);
}

static struct fth_str currency_of(const struct fth_json *answer, const struct fth_json *row)
{
    return fth_json_str(row, "currency", fth_json_str(answer, "currency", FTH_STR("?")));
}

static const char *const costs[] = {"effective_cost", "billed_cost", "list_cost"};

static void rows_add_up(const struct fth_json *answer, const char *plan)
{
    const struct fth_json *rows = fth_json_get(answer, "rows");
    const struct fth_json *totals = fth_json_get(answer, "totals");
    struct fth_err err = {0};

    for (size_t t = 0; t < totals->nr; t++) {
        const struct fth_json *total = &totals->items[t];
        struct fth_money sums[FTH_NR(costs)] = {0};
        int64_t charges = 0, one = 0;

        for (size_t i = 0; i < rows->nr; i++) {
            const struct fth_json *row = &rows->items[i];

            /* In a converted answer `currency` is a group like others. */
            if (totals->nr > 1 && !fth_str_eq(currency_of(answer, row), currency_of(answer, total)))
                continue;
            for (size_t c = 0; c < FTH_NR(costs); c++)
                assert_ok(fth_money_add(&sums[c], plan_money(row, costs[c]), &err), &err);
            assert_true(fth_json_i64(fth_json_get(row, "charge_count"), &one));
            charges += one;
        }
        for (size_t c = 0; c < FTH_NR(costs); c++)
            assert_amount(sums[c], total, costs[c], plan);
        assert_true(fth_json_i64(fth_json_get(total, "charge_count"), &one));
        assert_int_equal(charges, one);
    }
}

static bool selected(const struct world *w, const struct question *q, const struct charge *c)
{
    int64_t day = (c->start_us - plan_instant(0, 0)) / FTH_DAY_US;

    if (q->service && (!c->service || strcmp(q->service, c->service) != 0))
        return false;
    if (q->team && c->tags != w->team_sets[q->team == teams[1]])
        return false;
    return !q->has_time || (day >= q->from && day < q->to);
}

/* The totals, added here charge by charge. */
static void totals_are_those_of_the_charges(const struct world *w, const struct question *q,
                                            const struct fth_json *answer, const char *plan)
{
    const struct fth_json *totals = fth_json_get(answer, "totals");
    struct fth_err err = {0};

    for (size_t t = 0; t < totals->nr; t++) {
        struct fth_str currency = currency_of(answer, &totals->items[t]);
        struct fth_money effective = {0}, billed = {0}, untagged = {0};

        for (size_t i = 0; i < (size_t)MONTHS * ROWS; i++) {
            const struct charge *c = &w->charges[i / ROWS][i % ROWS];

            if (!selected(w, q, c) || !fth_str_eq_c(currency, c->currency))
                continue;
            assert_ok(fth_money_add(&effective, c->effective, &err), &err);
            assert_ok(fth_money_add(&billed, c->billed, &err), &err);
            if (c->tags != w->team_sets[0] && c->tags != w->team_sets[1])
                assert_ok(fth_money_add(&untagged, c->effective, &err), &err);
        }
        assert_amount(effective, &totals->items[t], "effective_cost", plan);
        assert_amount(billed, &totals->items[t], "billed_cost", plan);
        assert_amount(billed, &totals->items[t], "list_cost", plan);
        if (q->untagged)
            assert_amount(untagged, &totals->items[t], "untagged_cost", plan);
    }
}

/* Pages, whose rows the engine may have picked, are the rows of the whole one after the other. */
static void pages_are_the_whole(struct world *w, const struct fth_json *whole, const char *plan)
{
    const struct fth_json *rows = fth_json_get(whole, "rows");
    struct plan_options options = {.page_rows = 1 + below(w, 40)};
    size_t seen = 0;

    do {
        const struct fth_json *page = plan_ask(&w->on, plan, options);
        const struct fth_json *some = fth_json_get(page, "rows");

        assert_same(whole, page, "totals", plan);
        assert_same(whole, page, "currency", plan);
        assert_true(seen + some->nr <= rows->nr);
        for (size_t i = 0; i < some->nr; i++)
            if (!fth_json_equal(&some->items[i], &rows->items[seen + i]))
                fail_msg("row %zu of a page differs: %s", seen + i, plan);
        seen += some->nr;
        options.cursor = fth_json_str(page, "next_cursor", (struct fth_str){0});
        assert_int_equal(options.cursor.n > 0, seen < rows->nr);
    } while (options.cursor.n && seen < 4 * options.page_rows);
}

static void check_question(struct world *w, struct question q, unsigned *cubes)
{
    static const char *const grains[] = {"none", "none", "day", "week", "month", "quarter", "hour"};
    const char *grain = ANY(w, grains), *plan;
    char groups[GROUPS_MAX], reversed[GROUPS_MAX];
    const struct fth_json *answer, *other;

    random_groups(w, groups, reversed);
    plan = plan_of(w, &q, groups, grain);
    answer = plan_ask(&w->on, plan, (struct plan_options){0});
    *cubes += !fth_str_eq_c(fth_json_str(answer, "served_by", FTH_STR("")), "facts");
    rows_add_up(answer, plan);
    if (!q.spread || !q.has_time) /* else parts of charges lie outside */
        totals_are_those_of_the_charges(w, &q, answer, plan);
    pages_are_the_whole(w, answer, plan);
    other = plan_ask(&w->on, plan, (struct plan_options){.never_cube = true});
    assert_same(answer, other, "rows", plan);
    assert_same(answer, other, "totals", plan);
    other = plan_ask(&w->on, plan_of(w, &q, reversed, grain), (struct plan_options){0});
    assert_same(answer, other, "totals", plan);
    assert_same(answer, other, "row_count", plan);
    other = plan_ask(&w->on, plan_of(w, &q, "\"service\"", "day"), (struct plan_options){0});
    if (fth_json_get(other, "rows")->nr) /* else the one without groups may be a line of zeros */
        assert_same(answer, other, "totals", plan);
}

/* No rows, or one of zeros. */
static bool is_nothing(const struct fth_json *answer)
{
    const struct fth_json *rows = fth_json_get(answer, "rows");
    const struct fth_json *columns = fth_json_get(answer, "columns");

    for (size_t i = 0; rows->nr && i < columns->nr; i++) {
        const struct fth_json *column = &columns->items[i];
        const struct fth_json *value =
            fth_json_get(rows->items, fth_json_str(column, "name", FTH_STR("")).p);

        if (!fth_str_eq_c(fth_json_str(column, "kind", FTH_STR("")), "dimension") &&
            value->type != FTH_JSON_NULL && !fth_str_eq_c(value->text, "0"))
            return false;
    }
    return rows->nr <= 1;
}

/* A scope is one condition more, whatever answers it, and whatever is asked beside it. */
static void check_scope(struct world *w, struct question q, unsigned *cubes)
{
    static const char *const scopes[] = {"sub_account in (111, 333)",
                                         "service = EC2 and not sub_account = 222",
                                         "tag.team = red",
                                         "region is missing or service = S3",
                                         "charge_category != Tax",
                                         "source = even and provider = aws",
                                         "sub_account = 1",
                                         "tag.Team = red"};
    const char *scope = ANY(w, scopes), *plan, *beside;
    struct plan_options options = {0}, facts = {.never_cube = true};
    char groups[GROUPS_MAX], reversed[GROUPS_MAX];
    const struct fth_json *answer, *other;
    struct fth_err err = {0};
    struct fth_str text;

    q.service = q.team = NULL;
    random_groups(w, groups, reversed);
    plan = plan_of(w, &q, groups, ANY(w, ((const char *const[]){"none", "day", "month"})));
    assert_ok(fth_filter_parse(w->on.arena, fth_str_c(scope), &options.scope, &err), &err);
    facts.scope = options.scope;
    answer = plan_ask(&w->on, plan, options);
    *cubes += !fth_str_eq_c(fth_json_str(answer, "served_by", FTH_STR("")), "facts");
    rows_add_up(answer, plan);
    other = plan_ask(&w->on, plan, facts);
    assert_same(answer, other, "rows", plan);
    assert_same(answer, other, "totals", plan);
    assert_same(answer, other, "warnings", plan);
    assert_same(answer, other, "freshness", plan);
    if (strstr(scope, " = 1") || strstr(scope, "Team")) {
        assert_int_equal(fth_json_get(answer, "rows")->nr, 0);
        return;
    }
    assert_ok(fth_arena_printf(w->on.arena, &text, &err, "%.*s,\"where\":\"%s\"}",
                               (int)strlen(plan) - 1, plan, scope),
              &err);
    beside = text.p;
    other = plan_ask(&w->on, beside, (struct plan_options){0});
    /* Where there is no charge, the segments that are looked into decide whether that is a line of
     * zeros or none. */
    if (fth_json_get(answer, "rows")->nr && fth_json_get(other, "rows")->nr)
        assert_same(answer, other, "totals", beside);
    else
        assert_true(is_nothing(answer) && is_nothing(other));
}

static void every_answer_in_a_scope_is_that_of_the_condition(void **state)
{
    struct world *w = make_world();
    unsigned cubes = 0;

    (void)state;
    for (int i = 0; i < PLANS; i++) {
        check_scope(w, random_question(w), &cubes);
        fth_arena_clear(w->on.arena);
    }
    print_message("# %u of %d were served by cubes or the roll-up\n", cubes, PLANS);
    assert_true(cubes > 0);
    plan_ledger_close(&w->on);
}

static void every_answer_is_exact_whatever_it_is_grouped_by_and_served_from(void **state)
{
    struct world *w = make_world();
    unsigned cubes = 0;

    (void)state;
    for (int i = 0; i < PLANS; i++) {
        check_question(w, random_question(w), &cubes);
        fth_arena_clear(w->on.arena);
    }
    print_message("# %u of %d plans were served by cubes or the roll-up\n", cubes, PLANS);
    assert_true(cubes > 0);
    plan_ledger_close(&w->on);
}

/* ---- in one currency ---- */

/* What a euro is in dollars; none at the week's end. */
static bool euro_of(int32_t day, struct fth_money *out)
{
    *out = (struct fth_money){.head = INT64_C(10000000000) + day % 97 * 1234567};
    return fth_date_weekday(day) <= 5;
}

static enum fth_rc read_rates(void *ctx, struct fth_arena *arena, struct fth_str from,
                              struct fth_str to, int32_t first, int32_t last,
                              struct fth_rate_vec *out, struct fth_err *err)
{
    (void)ctx;
    (void)arena;
    (void)from;
    (void)to;
    for (int32_t day = first; day <= last; day++) {
        struct fth_rate rate = {.from = FTH_STR("EUR"), .to = FTH_STR("USD"), .day = day};

        if (euro_of(day, &rate.rate) && fth_rate_vec_push(out, rate, err))
            return err->rc;
    }
    return FTH_OK;
}

static const struct fth_rate_source rate_source = {.read = read_rates, .max_age = 7, .version = 1};

/* The whole in euros, each day's dollars divided here and rounded once. */
static struct fth_money in_euros(const struct world *w, const struct question *q)
{
    const struct fth_money one = {.head = INT64_C(10000000000)};
    int32_t day_one = (int32_t)(plan_instant(0, 0) / FTH_DAY_US);
    struct fth_money whole = {0};
    struct fth_err err = {0};

    for (int32_t day = 0; day < month_starts[MONTHS]; day++) {
        struct fth_money dollars = {0}, rate;
        int32_t published = day_one + day;

        for (size_t i = 0; i < (size_t)MONTHS * ROWS; i++) {
            const struct charge *c = &w->charges[i / ROWS][i % ROWS];

            if (selected(w, q, c) && (c->start_us - plan_instant(0, 0)) / FTH_DAY_US == day)
                assert_ok(fth_money_add(strcmp(c->currency, "EUR") == 0 ? &whole : &dollars,
                                        c->effective, &err),
                          &err);
        }
        while (!euro_of(published, &rate))
            published--;
        assert_ok(fth_money_muldiv(dollars, one, rate, 10, &dollars, &err), &err);
        assert_ok(fth_money_add(&whole, dollars, &err), &err);
    }
    return whole;
}

static void check_converted(struct world *w, struct question q)
{
    const struct plan_options options = {.rates = &rate_source},
                              facts = {.rates = &rate_source, .never_cube = true};
    static const char *const grains[] = {"none", "day", "week", "month", "hour"};
    char groups[GROUPS_MAX], reversed[GROUPS_MAX];
    const struct fth_json *answer, *other;
    const char *plan;

    q.currency = "EUR";
    random_groups(w, groups, reversed);
    plan = plan_of(w, &q, groups, ANY(w, grains));
    answer = plan_ask(&w->on, plan, options);
    rows_add_up(answer, plan);
    other = plan_ask(&w->on, plan, facts);
    assert_same(answer, other, "rows", plan);
    assert_same(answer, other, "totals", plan);
    q.spread = false;
    plan = plan_of(w, &q, "", "week");
    answer = plan_ask(&w->on, plan, options);
    rows_add_up(answer, plan);
    if (fth_json_get(answer, "rows")->nr == 0)
        return;
    assert_int_equal(fth_json_get(answer, "totals")->nr, 1);
    assert_amount(in_euros(w, &q), fth_json_get(answer, "totals")->items, "effective_cost", plan);
    other = plan_ask(&w->on, plan_of(w, &q, "", "month"), options);
    assert_same(answer, other, "totals", plan);
}

static void a_converted_answer_adds_up_whatever_it_is_grouped_by(void **state)
{
    struct world *w = make_world();

    (void)state;
    for (int i = 0; i < PLANS / 4; i++) {
        check_converted(w, random_question(w));
        fth_arena_clear(w->on.arena);
    }
    plan_ledger_close(&w->on);
}

/* ---- the parts of a change ---- */

static const char *const effects[] = {"price_effect",  "quantity_effect", "mix_effect",
                                      "new_effect",    "gone_effect",     "commitment_effect",
                                      "credit_effect", "currency_effect", "other_effect"};

/* Two ranges that may be apart, touch or overlap, and what is asked of both. */
struct two {
    int from[2], to[2];
    const char *measure, *currency, *where;
    bool spread, by_billing;
};

static struct two random_two(struct world *w)
{
    static const char *const measures[] = {"effective_cost", "billed_cost", "effective_cost",
                                           "untagged_cost", "credit_amount"};
    static const char *const wheres[] = {
        "", "", "service = 'EC2'", "not tag.team = 'red'", "region is missing", "source in (even)"};
    struct two two = {.measure = ANY(w, measures), .where = ANY(w, wheres)};

    for (int i = 0; i < 2; i++) {
        two.from[i] = below(w, 3) ? month_starts[below(w, 3)] : (int)below(w, 80);
        two.to[i] = below(w, 3) ? month_starts[1 + below(w, 3)] : two.from[i] + (int)below(w, 40);
        if (two.to[i] <= two.from[i])
            two.to[i] = two.from[i] + 1;
    }
    two.currency = below(w, 3) ? "" : ",\"currency\":\"EUR\"";
    two.spread = below(w, 4) == 0;
    two.by_billing = !two.spread && below(w, 5) == 0;
    return two;
}

static const char *plan_of_two(struct world *w, const struct two *two, int now, const char *groups,
                               const char *more)
{
    struct fth_buf buf = fth_buf_max(1 << 16);
    struct fth_err err = {0};
    struct fth_str out;

    fth_buf_printf(
        &buf,
        "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"%s\"],\"group_by\":[%s],"
        "\"spread\":%s,\"time_basis\":\"%s\"%s%s",
        two->measure, groups, two->spread ? "true" : "false",
        two->by_billing ? "billing" : "charge", two->currency, more);
    for (int i = 0; i < 2; i++) {
        fth_buf_printf(&buf, ",\"%s\":{", i == now ? "time" : "compare");
        put_day(&buf, "start", two->from[i]);
        fth_buf_char(&buf, ',');
        put_day(&buf, "end", two->to[i]);
        fth_buf_char(&buf, '}');
    }
    if (*two->where)
        fth_buf_printf(&buf, ",\"where\":\"%s\"", two->where);
    fth_buf_char(&buf, '}');
    assert_ok(fth_arena_str(w->on.arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out.p;
}

static bool is_null(const struct fth_json *row, const char *column)
{
    return fth_json_is(fth_json_get(row, column), FTH_JSON_NULL);
}

/* The parts of a row, or of a line of totals, are its change. */
static void parts_add_up(const struct fth_json *row, const char *plan)
{
    struct fth_money sum = {0};
    struct fth_err err = {0};

    for (size_t i = 0; i < FTH_NR(effects); i++) {
        assert_int_equal(is_null(row, effects[i]), is_null(row, "change"));
        if (!is_null(row, "change"))
            assert_ok(fth_money_add(&sum, plan_money(row, effects[i]), &err), &err);
    }
    if (!is_null(row, "change"))
        assert_amount(sum, row, "change", plan);
}

static void columns_add_up(const struct fth_json *answer, const char *plan)
{
    const struct fth_json *rows = fth_json_get(answer, "rows");
    const struct fth_json *totals = fth_json_get(answer, "totals");
    struct fth_err err = {0};

    for (size_t t = 0; t < totals->nr; t++)
        for (size_t i = 0; i < FTH_NR(effects) && !is_null(&totals->items[t], "change"); i++) {
            struct fth_money sum = {0};

            for (size_t r = 0; r < rows->nr; r++)
                if (totals->nr == 1 || fth_str_eq(currency_of(answer, &rows->items[r]),
                                                  currency_of(answer, &totals->items[t])))
                    assert_ok(fth_money_add(&sum, plan_money(&rows->items[r], effects[i]), &err),
                              &err);
            assert_amount(sum, &totals->items[t], effects[i], plan);
        }
}

/* The other way round what was new is gone, and the change is the opposite. */
static void is_mirrored(const struct fth_json *there, const struct fth_json *back, const char *plan)
{
    static const char *const pairs[][2] = {
        {"change", "change"},
        {"new_effect", "gone_effect"},
        {"gone_effect", "new_effect"},
        {"commitment_effect", "commitment_effect"},
        {"credit_effect", "credit_effect"},
        {"other_effect", "other_effect"},
    };

    for (size_t t = 0; t < there->nr; t++)
        for (size_t i = 0; i < FTH_NR(pairs) && !is_null(&there->items[t], "change"); i++)
            assert_amount(fth_money_neg(plan_money(&there->items[t], pairs[i][0])), &back->items[t],
                          pairs[i][1], plan);
}

/* What the charges of each part changed by is that part; without groups prices are those of all. */
static void parts_open(struct world *w, const struct two *two, const struct fth_json *total,
                       struct plan_options options)
{
    static const char *const parts[][2] = {{"new", "new_effect"},
                                           {"gone", "gone_effect"},
                                           {"commitment", "commitment_effect"},
                                           {"credit", "credit_effect"},
                                           {"other", "other_effect"}};

    for (size_t i = 0; i < FTH_NR(parts); i++) {
        const struct fth_json *totals;
        const char *plan;
        char more[40];

        snprintf(more, sizeof(more), ",\"part\":\"%s\"", parts[i][0]);
        plan = plan_of_two(w, two, 0, "\"region\"", more);
        totals = fth_json_get(plan_ask(&w->on, plan, options), "totals");
        if (totals->nr == 0)
            assert_true(fth_money_is_zero(plan_money(total, parts[i][1])));
        else
            assert_amount(plan_money(total, parts[i][1]), totals->items, "change", plan);
    }
}

static void check_parts(struct world *w)
{
    const struct two two = random_two(w);
    const struct plan_options options = {.rates = &rate_source},
                              facts = {.rates = &rate_source, .never_cube = true};
    static const char drivers[] = ",\"analysis\":\"drivers\"";
    char groups[GROUPS_MAX], reversed[GROUPS_MAX];
    const struct fth_json *answer, *other, *rows, *totals;
    const char *plan;

    random_groups(w, groups, reversed);
    if (!*groups)
        snprintf(groups, sizeof(groups), "\"currency\"");
    plan = plan_of_two(w, &two, 0, groups, drivers);
    answer = plan_ask(&w->on, plan, options);
    rows = fth_json_get(answer, "rows");
    totals = fth_json_get(answer, "totals");
    for (size_t i = 0; i < rows->nr; i++)
        parts_add_up(&rows->items[i], plan);
    for (size_t i = 0; i < totals->nr; i++)
        parts_add_up(&totals->items[i], plan);
    columns_add_up(answer, plan);
    other = plan_ask(&w->on, plan, facts);
    assert_same(answer, other, "rows", plan);
    assert_same(answer, other, "totals", plan);
    if (*two.currency)
        return;
    other = plan_ask(&w->on, plan_of_two(w, &two, 1, groups, drivers), options);
    is_mirrored(totals, fth_json_get(other, "totals"), plan);
    /* One row of everything, a currency at a time: its prices are those that "part" is asked by. */
    answer = plan_ask(&w->on, plan_of_two(w, &two, 0, "\"currency\"", drivers), options);
    totals = fth_json_get(answer, "totals");
    if (totals->nr == 1 && !is_null(totals->items, "change") &&
        strcmp(two.measure, "untagged_cost") != 0)
        parts_open(w, &two, totals->items, options);
}

static void the_parts_of_a_change_are_the_change(void **state)
{
    struct world *w = make_world();

    (void)state;
    for (int i = 0; i < PLANS / 3; i++) {
        check_parts(w);
        fth_arena_clear(w->on.arena);
    }
    plan_ledger_close(&w->on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_answer_is_exact_whatever_it_is_grouped_by_and_served_from),
        TEST(every_answer_in_a_scope_is_that_of_the_condition),
        TEST(a_converted_answer_adds_up_whatever_it_is_grouped_by),
        TEST(the_parts_of_a_change_are_the_change),
    };

    return cmocka_run_group_tests_name("plan properties", tests, NULL, NULL);
}
