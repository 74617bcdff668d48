#include "plan_ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/date.h"
#include "test.h"

enum { DAY_ONE = 20089 /* 2025-01-01 */, CHUNK = 512 };

static const struct fth_column feed_cols[] = {
    {"Record", FTH_T_I64},
    {"BilledCost", FTH_T_DEC},
    {"BilledCostTail", FTH_T_I64},
    {"EffectiveCost", FTH_T_DEC},
    {"EffectiveCostTail", FTH_T_I64},
    {"ConsumedQuantity", FTH_T_DOUBLE},
    {"ChargePeriodStart", FTH_T_INSTANT},
    {"ChargePeriodEnd", FTH_T_INSTANT},
    {"TagSetId", FTH_T_I32},
    {"BillingPeriodStart", FTH_T_INSTANT},
    {"ProviderName", FTH_T_TEXT},
    {"SubAccountId", FTH_T_TEXT},
    {"SubAccountName", FTH_T_TEXT},
    {"ServiceName", FTH_T_TEXT},
    {"x_ServiceCode", FTH_T_TEXT},
    {"RegionId", FTH_T_TEXT},
    {"ChargeCategory", FTH_T_TEXT},
    {"ResourceId", FTH_T_TEXT},
    {"ResourceName", FTH_T_TEXT},
    {"ConsumedUnit", FTH_T_TEXT},
    {"CommitmentDiscountType", FTH_T_TEXT},
    {"BillingCurrency", FTH_T_TEXT},
    {"SkuPriceId", FTH_T_TEXT},
    {"SkuMeter", FTH_T_TEXT},
    {"ChargeClass", FTH_T_TEXT},
    {"x_CreditType", FTH_T_TEXT},
    {"CommitmentDiscountId", FTH_T_TEXT},
};
enum { COLS = FTH_NR(feed_cols), FIRST_TEXT = 10 };

struct bill {
    const struct charge *at;
    size_t nr;
    bool wide;
    int64_t period_us;
};

struct worker {
    struct bill *bill;
    size_t done, wanted[COLS], wanted_nr;
    struct fth_vec vecs[COLS];
    uint64_t valid[COLS][CHUNK / 64];
    int64_t i64[COLS][CHUNK];
    fth_i128 i128[2][CHUNK];
    double f64[CHUNK];
    int32_t i32[CHUNK];
    struct fth_str text[COLS][CHUNK];
    struct fth_vec given[COLS];
};

static enum fth_rc bill_open(void *ctx, const size_t *wanted, size_t nr, void **out,
                             struct fth_err *err)
{
    struct worker *w = calloc(1, sizeof(*w));

    (void)err;
    w->bill = ctx;
    memcpy(w->wanted, wanted, nr * sizeof(*wanted));
    w->wanted_nr = nr;
    *out = w;
    return FTH_OK;
}

static void fill(struct worker *w, size_t i, size_t n)
{
    const struct charge *c = &w->bill->at[n];
    const char *const texts[] = {c->provider,      c->account, c->account_name,    c->service,
                                 c->code,          c->region,  c->category,        c->resource,
                                 c->resource_name, c->unit,    c->commitment_type, c->currency,
                                 c->price,         c->meter,   c->charge_class,    c->credit_type,
                                 c->commitment};

    w->i64[0][i] = (int64_t)n + 1;
    w->i128[0][i] = c->billed.head;
    w->i64[1][i] = (int64_t)c->billed.head;
    w->i64[2][i] = (int64_t)c->billed.tail;
    w->i128[1][i] = c->effective.head;
    w->i64[3][i] = (int64_t)c->effective.head;
    w->i64[4][i] = (int64_t)c->effective.tail;
    w->f64[i] = c->quantity;
    w->i64[6][i] = c->start_us;
    w->i64[7][i] = c->end_us;
    w->i32[i] = c->tags;
    w->i64[9][i] = w->bill->period_us;
    for (size_t k = 0; k < FTH_NR(texts); k++) {
        w->text[FIRST_TEXT + k][i] = fth_str_c(texts[k]);
        if (texts[k])
            w->valid[FIRST_TEXT + k][i / 64] |= UINT64_C(1) << (i % 64);
    }
    w->valid[5][i / 64] |= (uint64_t)(c->quantity != 0) << (i % 64);
}

static enum fth_rc bill_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct worker *w = worker;
    size_t nr = w->bill->nr - w->done;

    (void)err;
    nr = nr > CHUNK ? CHUNK : nr;
    memset(w->valid, 0, sizeof(w->valid));
    for (size_t i = 0; i < nr; i++)
        fill(w, i, w->done + i);
    w->done += nr;
    for (size_t k = 0; k < w->wanted_nr; k++) {
        size_t col = w->wanted[k];
        struct fth_vec *vec = &w->given[k];

        *vec = (struct fth_vec){.type = feed_cols[col].type, .i64 = w->i64[col]};
        if (col >= FIRST_TEXT || col == 5)
            vec->valid = w->valid[col];
        if (col >= FIRST_TEXT)
            vec->text = w->text[col];
        else if (col == 5)
            vec->f64 = w->f64;
        else if (col == 8)
            vec->i32 = w->i32;
        else if (w->bill->wide && (col == 1 || col == 3)) {
            vec->type = FTH_T_DEC_WIDE;
            vec->i128 = w->i128[col / 2];
        }
    }
    *out = (struct fth_batch){.nr = nr, .col_nr = w->wanted_nr, .cols = w->given};
    return FTH_OK;
}

static void bill_close(void *worker)
{
    free(worker);
}

static bool is_fed(const char *name)
{
    for (size_t i = 0; i < COLS; i++)
        if (strcmp(name, feed_cols[i].name) == 0)
            return true;
    return false;
}

/* The feed's columns by name, list and contracted cost as the billed one, null else. What is on the
 * side is the unit again. */
static struct fth_str mapping(void)
{
    static const char *const all[] = {
#define FTH_CHARGE(name, type, what) #name,
#define FTH_CHARGE_MONEY(name, what) #name, #name "Tail",
#include "model/charge.def"
#undef FTH_CHARGE
#undef FTH_CHARGE_MONEY
        "Side"};
    struct fth_buf buf = fth_buf_max(1 << 16);
    struct fth_err err = {0};
    struct fth_str out;

    fth_buf_c(&buf, "SELECT 0 AS Part");
    for (size_t i = 0; i < FTH_NR(all); i++) {
        bool copy =
            strncmp(all[i], "ListCost", 8) == 0 || strncmp(all[i], "ContractedCost", 14) == 0;

        if (strcmp(all[i], "Delivery") == 0 || strcmp(all[i], "Part") == 0)
            continue;
        if (strcmp(all[i], "Side") == 0)
            fth_buf_c(&buf, ", '{\"Unit\":\"' || ConsumedUnit || '\"}' AS Side");
        else if (is_fed(all[i]))
            fth_buf_printf(&buf, ", %s", all[i]);
        else if (copy)
            fth_buf_printf(&buf, ", BilledCost%s AS %s", strstr(all[i], "Tail") ? "Tail" : "",
                           all[i]);
        else
            fth_buf_printf(&buf, ", NULL AS %s", all[i]);
    }
    fth_buf_c(&buf, " FROM bill");
    assert_ok(fth_arena_str(test_arena(1 << 16), fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

struct plan_ledger plan_ledger_open(void)
{
    struct plan_ledger on = {.clock = fth_clock_system(), .arena = test_arena(256 << 20)};
    static const char *const hot[] = {"team"};
    struct fth_ledger_conf conf = {.hot_tags = hot, .hot_tag_nr = 1};
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_str dir, url;
    struct fth_err err = {0};

    fth_arena_printf(arena, &dir, &err, "%s/ledger", test_dir());
    fth_arena_printf(arena, &url, &err, "sqlite:%s/state.db", test_dir());
    conf.engine = (struct fth_engine_conf){.dir = dir.p, .threads = 2, .memory_bytes = 256 << 20};
    assert_ok(fth_db_open(url.p, &on.db, &err), &err);
    assert_ok(fth_db_migrate(on.db, NULL, NULL, &err), &err);
    assert_ok(fth_ledger_open(&conf, on.db, &on.clock, NULL, &on.ledger, &err), &err);
    assert_ok(fth_session_open(fth_ledger_engine(on.ledger), &on.session, &err), &err);
    return on;
}

void plan_ledger_close(struct plan_ledger *on)
{
    fth_session_close(on->session);
    fth_ledger_close(on->ledger);
    fth_db_close(on->db);
}

int32_t plan_tags(struct plan_ledger *on, const char *const *tags)
{
    struct fth_str keys[16], values[16];
    struct fth_err err = {0};
    int32_t id = -1;
    size_t nr = 0;

    for (; tags[nr]; nr++)
        assert_true(fth_str_split(fth_str_c(tags[nr]), '=', &keys[nr], &values[nr]));
    assert_ok(fth_tagsets_id(on->ledger, keys, values, nr, &id, &err), &err);
    return id;
}

static void commit(struct plan_ledger *on, const char *source_name, const char *period, int64_t id,
                   const struct fth_segment_stats *stats)
{
    struct fth_source source = {0};
    struct fth_err err = {0};
    struct fth_delivery delivery = {.identity = fth_str_c(period),
                                    .billing_period = fth_str_c(period),
                                    .format = FTH_STR("focus"),
                                    .report = FTH_STR("{}"),
                                    .final = -1,
                                    .received_us = INT64_C(1735700000000000)};
    struct fth_catalogue_segment row = {
        .id = id,
        .billing_period = fth_str_c(period),
        .charge_from = stats->charge_from,
        .charge_to = stats->charge_to,
        .charges_until_us = stats->charges_until_us,
        .rows = stats->rows,
        .currency = stats->sum_nr == 1 ? fth_str_c(stats->sums[0].currency) : (struct fth_str){0},
        .has_tail = stats->has_tail,
        .has_long = stats->has_long,
        .has_side = stats->has_side,
        .has_cubes = true,
        .has_values = true,
        .sums = FTH_STR("[]"),
        .cube_tags = on->forget_cube_tags ? (struct fth_str){0} : stats->cube_tags};
    struct fth_commit made = {&delivery, &row, 1, false, 1000};

    assert_ok(fth_catalogue_source(on->db, test_arena(1 << 16), fth_str_c(source_name),
                                   FTH_STR("AWS"), fth_str_c(source_name), FTH_STR("cur"),
                                   FTH_STR("focus"), 1, &source, &err),
              &err);
    assert_ok(fth_catalogue_next_delivery_id(on->db, &delivery.id, &err), &err);
    delivery.source_id = row.source_id = source.id;
    row.delivery_id = delivery.id;
    assert_ok(fth_catalogue_commit(on->db, &made, &on->version, &err), &err);
    assert_ok(fth_ledger_refresh(on->ledger, &err), &err);
}

void plan_load(struct plan_ledger *on, const char *source, const char *period,
               const struct charge *charges, size_t nr, bool wide)
{
    struct bill bill = {.at = charges, .nr = nr, .wide = wide};
    struct fth_column cols[COLS];
    struct fth_feed feed = {"bill", cols, COLS, 1, &bill, bill_open, bill_next, bill_close};
    struct fth_segment_stats stats = {0};
    struct fth_segment_load load = {.segment_id = ++on->segment,
                                    .delivery_id = 1,
                                    .mapping_text = mapping(),
                                    .feed = &feed,
                                    .wide = wide ? 15 : 0};
    struct fth_err err = {0};
    int32_t month = 0;

    assert_true(fth_month_parse(fth_str_c(period), &month));
    bill.period_us = fth_month_first_date(month) * FTH_DAY_US;
    memcpy(cols, feed_cols, sizeof(cols));
    if (wide)
        cols[1].type = cols[3].type = FTH_T_DEC_WIDE;
    assert_ok(fth_ledger_write_begin(on->ledger, NULL, &err), &err);
    assert_ok(fth_ledger_load(on->ledger, &load, test_arena(1 << 20), &stats, &err), &err);
    fth_ledger_write_end(on->ledger);
    commit(on, source, period, load.segment_id, &stats);
}

enum fth_rc plan_try(struct plan_ledger *on, const char *text, struct plan_options options,
                     const struct fth_json **out, struct fth_err *err)
{
    struct fth_arena *arena = on->arena;
    const struct fth_json *json = NULL;
    struct fth_buf buf = fth_buf_max(64 << 20), scope = fth_buf_max(1 << 16);
    struct fth_jw jw;
    struct fth_answer_json answer = {.jw = &jw};
    struct fth_answer_sink sink = fth_answer_to_json(&answer);
    struct fth_plan_run run = {.ledger = on->ledger,
                               .session = on->session,
                               .arena = arena,
                               .clock = &on->clock,
                               .scope = options.scope,
                               .rates = options.rates,
                               .cursor = options.cursor,
                               .cursor_key = FTH_STR("secret"),
                               .page_rows = options.page_rows,
                               .never_cube = options.never_cube};

    fth_jw_init(&jw, &buf);
    if (options.scope)
        fth_filter_put(&scope, options.scope);
    run.scope_text = fth_buf_view(&scope);
    if (!fth_buf_done(&scope, err) && !fth_json_parse(arena, fth_str_c(text), NULL, &json, err) &&
        !fth_plan_parse(arena, json, &answer.plan, err) &&
        (!options.only || !fth_plan_only(arena, answer.plan, options.dimension,
                                         fth_str_c(options.only), &answer.plan, err)) &&
        !fth_plan_run(&run, answer.plan, &sink, err) && !fth_jw_done(&jw, err))
        fth_json_parse(arena, fth_buf_view(&buf), NULL, out, err);
    fth_buf_release(&scope);
    fth_buf_release(&buf);
    return err->rc;
}

const struct fth_json *plan_ask(struct plan_ledger *on, const char *plan,
                                struct plan_options options)
{
    const struct fth_json *out = NULL;
    struct fth_err err = {0};

    if (plan_try(on, plan, options, &out, &err))
        print_error("%s\n", plan);
    assert_ok(err.rc, &err);
    return out;
}

struct fth_money plan_money(const struct fth_json *row, const char *column)
{
    const struct fth_json *cell = fth_json_get(row, column);
    struct fth_money money = {0};
    struct fth_err err = {0};

    if (!fth_json_is(cell, FTH_JSON_STRING))
        print_error("no amount in \"%s\"\n", column);
    assert_true(fth_json_is(cell, FTH_JSON_STRING));
    assert_ok(fth_money_parse(cell->text, &money, &err), &err);
    return money;
}

int64_t plan_instant(int day, int hour)
{
    return (DAY_ONE + day) * FTH_DAY_US + hour * FTH_HOUR_US;
}
