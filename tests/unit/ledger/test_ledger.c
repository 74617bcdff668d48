/* ledger: what a load leaves behind, what readers see of it, and what a failure leaves: nothing. */
#include "ledger/ledger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "test.h"

/* ---- a feed of charges ---- */

/* Each row costs `cost` units of 1e-10, alternating in sign by `flip`. */
struct bill {
    int64_t rows;
    int currencies, services, resources, days;
    int64_t cost, tail;
    fth_i128 huge;     /* of row 0, in wide loads */
    int64_t fail_at;   /* the row before which the feed fails, 0: never */
    int64_t side_each; /* every n-th row has further columns, 0: none */
    int64_t long_row;  /* a row that lasts two days, -1: none */
    bool wide;
    struct fth_ledger *tagged; /* its dictionary gives the tag sets, NULL: no tags */
    int64_t at;
};

enum {
    C_RECORD,
    C_BILLED,
    C_TAIL,
    C_CURRENCY,
    C_ACCOUNT,
    C_SERVICE,
    C_RESOURCE,
    C_START,
    C_END,
    C_TAGS,
    C_SIDE,
    C_NR
};
enum { ROWS = 500, FIRST_DAY = 20089 /* 2025-01-01 */ };

struct bill_worker {
    struct bill *bill;
    size_t wanted[C_NR], wanted_nr;
    struct fth_column cols[C_NR];
    struct fth_vec vecs[C_NR];
    int64_t i64[C_NR][ROWS];
    fth_i128 i128[ROWS];
    int32_t i32[ROWS];
    struct fth_str text[C_NR][ROWS];
    uint64_t valid[C_NR][ROWS / 64 + 1];
    char bytes[C_NR][ROWS][32];
};

static enum fth_rc bill_open(void *ctx, const size_t *wanted, size_t wanted_nr, void **worker,
                             struct fth_err *err)
{
    struct bill_worker *made = calloc(1, sizeof(*made));

    (void)err;
    made->bill = ctx;
    made->wanted_nr = wanted_nr;
    memcpy(made->wanted, wanted, wanted_nr * sizeof(*wanted));
    *worker = made;
    return FTH_OK;
}

static void bill_close(void *worker)
{
    free(worker);
}

static enum fth_rc tag_set(const struct bill *bill, int64_t n, int32_t *out, struct fth_err *err)
{
    char team[16];
    const struct fth_str keys[] = {FTH_STR("team"), FTH_STR("env")};
    struct fth_str values[] = {{team, 0}, FTH_STR("prod")};

    *out = 0;
    if (!bill->tagged || n % 5 == 4)
        return FTH_OK;
    values[0].n = (size_t)snprintf(team, sizeof(team), "team %d", (int)(n % 7));
    return fth_tagsets_id(bill->tagged, keys, values, 2, out, err);
}

static void fill_text(struct bill_worker *w, int col, size_t i, bool there, const char *kind,
                      int64_t n)
{
    int len = snprintf(w->bytes[col][i], sizeof(w->bytes[col][i]), "%s%lld", kind, (long long)n);

    w->text[col][i] = (struct fth_str){w->bytes[col][i], (size_t)len};
    if (there)
        w->valid[col][i / 64] |= 1ull << (i % 64);
    else
        w->valid[col][i / 64] &= ~(1ull << (i % 64));
}

static enum fth_rc fill_row(struct bill_worker *w, size_t i, int64_t n, struct fth_err *err)
{
    const struct bill *b = w->bill;

    w->i64[C_RECORD][i] = n + 1;
    w->i64[C_BILLED][i] = b->cost * (n % 3 == 2 ? -1 : 1);
    w->i128[i] = b->huge && n == 0 ? b->huge : w->i64[C_BILLED][i];
    w->i64[C_TAIL][i] = b->tail;
    fill_text(w, C_CURRENCY, i, true, n % b->currencies ? "EU" : "US", n % b->currencies);
    fill_text(w, C_ACCOUNT, i, true, "account ", n % 4);
    fill_text(w, C_SERVICE, i, n % 11 != 0, "service ", n % b->services);
    fill_text(w, C_RESOURCE, i, n % 13 != 0, "resource/", n % b->resources);
    w->i64[C_START][i] = (FIRST_DAY + (b->rows - n) % b->days) * FTH_DAY_US + n % 24 * FTH_HOUR_US;
    w->i64[C_END][i] = w->i64[C_START][i] + (n == b->long_row ? 2 * FTH_DAY_US : FTH_HOUR_US);
    fill_text(w, C_SIDE, i, b->side_each && n % b->side_each == 0, "{\"bill/Odd\":\"", n);
    if (w->text[C_SIDE][i].n < 30) {
        memcpy(w->bytes[C_SIDE][i] + w->text[C_SIDE][i].n, "\"}", 2);
        w->text[C_SIDE][i].n += 2;
    }
    return tag_set(b, n, &w->i32[i], err);
}

static enum fth_rc bill_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct bill_worker *w = worker;
    struct bill *b = w->bill;
    const struct fth_vec vecs[C_NR] = {
        {.type = FTH_T_I64, .i64 = w->i64[C_RECORD]},
        {.type = b->wide ? FTH_T_DEC_WIDE : FTH_T_DEC,
         .any = b->wide ? (void *)w->i128 : (void *)w->i64[C_BILLED]},
        {.type = FTH_T_I64, .i64 = w->i64[C_TAIL]},
        {.type = FTH_T_TEXT, .text = w->text[C_CURRENCY]},
        {.type = FTH_T_TEXT, .text = w->text[C_ACCOUNT]},
        {.type = FTH_T_TEXT, .text = w->text[C_SERVICE], .valid = w->valid[C_SERVICE]},
        {.type = FTH_T_TEXT, .text = w->text[C_RESOURCE], .valid = w->valid[C_RESOURCE]},
        {.type = FTH_T_INSTANT, .i64 = w->i64[C_START]},
        {.type = FTH_T_INSTANT, .i64 = w->i64[C_END]},
        {.type = FTH_T_I32, .i32 = w->i32},
        {.type = FTH_T_TEXT, .text = w->text[C_SIDE], .valid = w->valid[C_SIDE]},
    };
    size_t nr = 0;

    for (; nr < ROWS && b->at < b->rows; nr++, b->at++) {
        if (b->fail_at && b->at >= b->fail_at)
            return fth_err_set(err, FTH_E_INVALID, "bill.csv:%lld: not a bill", (long long)b->at);
        if (fill_row(w, nr, b->at, err))
            return err->rc;
    }
    for (size_t i = 0; i < w->wanted_nr; i++)
        w->vecs[i] = vecs[w->wanted[i]];
    *out = (struct fth_batch){nr, w->wanted_nr, w->vecs};
    return FTH_OK;
}

static const char *const feed_names[C_NR] = {
    "Record",      "BilledCost", "BilledCostTail",    "BillingCurrency", "SubAccountId",
    "ServiceName", "ResourceId", "ChargePeriodStart", "ChargePeriodEnd", "TagSetId",
    "Side"};

/* The mapping of the feed: its columns by name, the other costs as the billed one, and no more. */
static struct fth_str make_mapping(void)
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
        bool fed = false;

        for (size_t k = 0; k < C_NR; k++)
            fed |= strcmp(all[i], feed_names[k]) == 0;
        if (strcmp(all[i], "Delivery") == 0 || strcmp(all[i], "Part") == 0)
            continue;
        if (fed && strcmp(all[i], "BilledCost") != 0)
            fth_buf_printf(&buf, ", %s", all[i]);
        else if (strstr(all[i], "CostTail"))
            fth_buf_printf(&buf, ", BilledCostTail AS %s", all[i]);
        else if (strcmp(all[i], "BilledCost") == 0 || strcmp(all[i], "EffectiveCost") == 0 ||
                 strcmp(all[i], "ListCost") == 0 || strcmp(all[i], "ContractedCost") == 0)
            fth_buf_printf(&buf, ", BilledCost AS %s", all[i]);
    }
    fth_buf_c(&buf, " FROM bill");
    assert_ok(fth_arena_str(test_arena(1 << 16), fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

/* ---- a ledger to load into ---- */

struct on {
    struct fth_db *db;
    struct fth_ledger *ledger;
    struct fth_clock clock;
    struct fth_str mapping;
    struct fth_arena *arena; /* of the loads' sums */
};

static enum fth_rc try_open(struct on *on, struct fth_err *err)
{
    static const char *const hot[] = {"team", "no such key"};
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_ledger_conf conf = {.hot_tags = hot, .hot_tag_nr = 2};
    struct fth_str dir, url;

    fth_arena_printf(arena, &dir, err, "%s/ledger", test_dir());
    fth_arena_printf(arena, &url, err, "sqlite:%s/state.db", test_dir());
    conf.engine = (struct fth_engine_conf){.dir = dir.p, .threads = 2, .memory_bytes = 256 << 20};
    on->clock = fth_clock_system();
    if (fth_db_open(url.p, &on->db, err) || fth_db_migrate(on->db, NULL, NULL, err))
        return err->rc;
    return fth_ledger_open(&conf, on->db, &on->clock, NULL, &on->ledger, err);
}

static struct on open_on(void)
{
    struct on on = {.mapping = make_mapping(), .arena = test_arena(1 << 20)};
    struct fth_err err = {0};

    assert_ok(try_open(&on, &err), &err);
    return on;
}

static void close_on(struct on on)
{
    fth_ledger_close(on.ledger);
    fth_db_close(on.db);
}

static struct bill small_bill(void)
{
    return (struct bill){.rows = 3000,
                         .currencies = 1,
                         .services = 5,
                         .resources = 100,
                         .days = 31,
                         .cost = 12345678901,
                         .long_row = -1};
}

static enum fth_rc load_bill(struct on on, struct bill *bill, int64_t id, unsigned wide,
                             struct fth_cancel *cancel, struct fth_segment_stats *stats,
                             struct fth_err *err)
{
    struct fth_column cols[C_NR];
    static const enum fth_type types[C_NR] = {FTH_T_I64,     FTH_T_DEC,  FTH_T_I64,  FTH_T_TEXT,
                                              FTH_T_TEXT,    FTH_T_TEXT, FTH_T_TEXT, FTH_T_INSTANT,
                                              FTH_T_INSTANT, FTH_T_I32,  FTH_T_TEXT};
    struct fth_feed feed = {"bill", cols, C_NR, 1, bill, bill_open, bill_next, bill_close};
    struct fth_segment_load load = {.segment_id = id,
                                    .delivery_id = 7,
                                    .mapping_text = on.mapping,
                                    .feed = &feed,
                                    .wide = wide,
                                    .cancel = cancel};
    enum fth_rc rc;

    for (size_t i = 0; i < C_NR; i++)
        cols[i] = (struct fth_column){feed_names[i], types[i]};
    if (bill->wide)
        cols[C_BILLED].type = FTH_T_DEC_WIDE;
    bill->at = 0;
    rc = fth_ledger_write_begin(on.ledger, NULL, err);
    if (rc)
        return rc;
    rc = fth_ledger_load(on.ledger, &load, on.arena, stats, err);
    fth_ledger_write_end(on.ledger);
    return rc;
}

static struct fth_segment_stats loaded(struct on on, struct bill bill, int64_t id)
{
    struct fth_segment_stats stats = {0};
    struct fth_err err = {0};

    assert_ok(load_bill(on, &bill, id, 0, NULL, &stats, &err), &err);
    return stats;
}

/* One number, as text, of a statement. */
static int64_t ask(struct on on, const char *sql)
{
    struct fth_session *session = NULL;
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    struct fth_err err = {0};
    int64_t value = INT64_MIN;

    assert_ok(fth_session_open(fth_ledger_engine(on.ledger), &session, &err), &err);
    assert_ok(fth_session_query(session, fth_str_c(sql), NULL, 0, NULL, &result, &err), &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_int_equal(batch.nr, 1);
    assert_int_equal(batch.cols[0].type, FTH_T_I64);
    value = batch.cols[0].i64[0];
    fth_result_free(result);
    fth_session_close(session);
    return value;
}

/* Makes the segment current for the period. */
static int64_t commit(struct on on, int64_t id, const char *period, bool replace,
                      const struct fth_segment_stats *stats)
{
    struct fth_source source = {0};
    struct fth_err err = {0};
    struct fth_delivery delivery = {.identity = FTH_STR("run"),
                                    .billing_period = fth_str_c(period),
                                    .format = FTH_STR("aws_cur"),
                                    .report = FTH_STR("{}"),
                                    .received_us = 1};
    struct fth_catalogue_segment row = {
        .id = id,
        .billing_period = fth_str_c(period),
        .charge_from = stats->charge_from,
        .charge_to = stats->charge_to,
        .rows = stats->rows,
        .currency = stats->sum_nr == 1 ? fth_str_c(stats->sums[0].currency) : (struct fth_str){0},
        .has_cubes = true,
        .sums = FTH_STR("[]")};
    struct fth_commit commit = {&delivery, &row, 1, replace, 1000};
    int64_t version = 0;

    assert_ok(fth_catalogue_source(on.db, test_arena(1 << 16), FTH_STR(""), FTH_STR("AWS"),
                                   FTH_STR("1"), FTH_STR("cur"), FTH_STR("aws_cur"), 1, &source,
                                   &err),
              &err);
    assert_ok(fth_catalogue_next_delivery_id(on.db, &delivery.id, &err), &err);
    delivery.source_id = row.source_id = source.id;
    row.delivery_id = delivery.id;
    assert_ok(fth_catalogue_commit(on.db, &commit, &version, &err), &err);
    assert_ok(fth_ledger_refresh(on.ledger, &err), &err);
    return version;
}

/* ---- loads ---- */

static void a_load_says_what_it_wrote(void **state)
{
    struct on on = open_on();
    struct bill bill = small_bill();
    struct fth_segment_stats stats;
    char text[FTH_MONEY_TEXT_MAX];

    (void)state;
    bill.currencies = 2;
    bill.tail = -3;
    bill.long_row = 17;
    stats = loaded(on, bill, 1);
    assert_int_equal(stats.rows, 3000);
    assert_int_equal(stats.charge_from, FIRST_DAY);
    assert_int_equal(stats.charge_to, FIRST_DAY + 30);
    assert_true(stats.has_tail && stats.has_long && !stats.has_side);
    assert_int_equal(stats.sum_nr, 2);
    assert_string_equal(stats.sums[0].currency, "EU1");
    assert_string_equal(stats.sums[1].currency, "US0");
    assert_int_equal(stats.sums[0].rows + stats.sums[1].rows, 3000);
    /* 1500 rows of each, a third negative: 500 * 1.2345678901 - 1500 * 3e-28 */
    assert_str(((struct fth_str){text, fth_money_text(stats.sums[0].billed, text)}),
               "617.28394504999999999999999955");
    assert_int_equal(fth_money_cmp(stats.sums[0].billed, stats.sums[1].list), 0);
    assert_int_equal(ask(on, "SELECT count(*) FROM seg_1 WHERE Delivery = 7 AND Part = 0"), 3000);
    close_on(on);
}

static void a_segment_is_sorted_by_day_account_service_and_resource(void **state)
{
    struct on on = open_on();

    (void)state;
    loaded(on, small_bill(), 1);
    assert_int_equal(
        ask(on, "SELECT count(*) FROM (SELECT (ChargePeriodStart::DATE, SubAccountId, "
                "coalesce(ServiceName, '~'), coalesce(ResourceId, '~')) AS k, lag(k) OVER (ORDER "
                "BY rowid) AS before FROM seg_1) WHERE before > k"),
        0);
    close_on(on);
}

static void a_column_that_the_mapping_does_not_yield_is_there_and_null(void **state)
{
    struct on on = open_on();

    (void)state;
    loaded(on, small_bill(), 1);
    assert_int_equal(ask(on, "SELECT count(*) FROM seg_1 WHERE PricingQuantity IS NULL AND "
                             "AllocatedTags IS NULL AND typeof(PricingQuantity) = 'DOUBLE'"),
                     3000);
    close_on(on);
}

/* Every cube, and the roll-up, says the same as the rows. */
static void check_derived(struct on on)
{
    for (int cube = 0; cube <= 101; cube = cube == 7 ? 100 : cube + 1) {
        char sql[512];

        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM (SELECT Day, BillingCurrency, sum(BilledCost), "
                 "sum(BilledCostTail), sum(ListCost), sum(ChargeCount)::BIGINT FROM cube_day WHERE "
                 "Segment = 1 AND Cube = %d GROUP BY ALL EXCEPT SELECT ChargePeriodStart::DATE, "
                 "BillingCurrency, sum(BilledCost), sum(BilledCostTail), sum(ListCost), count(*) "
                 "FROM seg_1 GROUP BY ALL)",
                 cube);
        assert_int_equal(ask(on, sql), 0);
        snprintf(sql, sizeof(sql),
                 "SELECT sum(ChargeCount)::BIGINT FROM cube_day WHERE Segment = 1 AND Cube = %d",
                 cube);
        assert_int_equal(ask(on, sql), 3000);
    }
    assert_int_equal(ask(on, "SELECT count(*) FROM (SELECT k1, k2, sum(BilledCost) FROM cube_day "
                             "WHERE Cube = 6 GROUP BY ALL EXCEPT SELECT SubAccountId, ServiceName, "
                             "sum(BilledCost) FROM seg_1 GROUP BY ALL)"),
                     0);
    assert_int_equal(ask(on, "SELECT count(*) FROM (SELECT Month, ResourceId, sum(BilledCost), "
                             "sum(BilledCostTail), min(FirstDay), max(LastDay), "
                             "sum(ChargeCount)::BIGINT FROM resource_month GROUP BY ALL EXCEPT "
                             "SELECT date_trunc('month', ChargePeriodStart)::DATE, ResourceId, "
                             "sum(BilledCost), sum(BilledCostTail), "
                             "min(ChargePeriodStart::DATE), max(ChargePeriodStart::DATE), count(*) "
                             "FROM seg_1 GROUP BY ALL)"),
                     0);
    assert_int_equal(ask(on, "SELECT sum(ChargeCount)::BIGINT FROM resource_month"), 3000);
}

static void derived_rows_say_what_the_charges_say(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct on on = open_on();
        struct bill bill = small_bill();

        bill.currencies = 1 + round;
        bill.tail = round * 5;
        bill.days = round ? 45 : 31; /* over two months */
        bill.tagged = on.ledger;
        loaded(on, bill, 1);
        check_derived(on);
        assert_int_equal(ask(on, "SELECT count(*) FROM (SELECT k1, sum(BilledCost) FROM cube_day "
                                 "WHERE Cube = 100 GROUP BY ALL EXCEPT SELECT Tags['team'], "
                                 "sum(BilledCost) FROM seg_1 JOIN tag_set USING (TagSetId) GROUP "
                                 "BY ALL)"),
                         0);
        assert_int_equal(
            ask(on, "SELECT count(DISTINCT k1) FROM cube_day WHERE Cube = 100 AND k1 LIKE 'team%'"),
            7);
        assert_ok(fth_ledger_discard(on.ledger, 1, &(struct fth_err){0}), &(struct fth_err){0});
        assert_int_equal(ask(on, "SELECT (SELECT count(*) FROM cube_day) + (SELECT count(*) FROM "
                                 "resource_month)"),
                         0);
        close_on(on);
    }
}

static void further_columns_go_to_the_side(void **state)
{
    struct on on = open_on();
    struct bill bill = small_bill();

    (void)state;
    bill.side_each = 100;
    assert_true(loaded(on, bill, 1).has_side);
    assert_int_equal(ask(on, "SELECT count(*) FROM side WHERE Segment = 1"), 30);
    assert_int_equal(ask(on, "SELECT count(*) FROM side JOIN seg_1 USING (Record, Part) WHERE "
                             "Columns::JSON->>'bill/Odd' = (Record - 1)::VARCHAR"),
                     30);
    assert_int_equal(ask(on, "SELECT count(*) FROM duckdb_columns() WHERE column_name = 'Side'"),
                     0);
    close_on(on);
}

static void a_value_too_large_asks_for_a_wide_column(void **state)
{
    struct on on = open_on();
    struct bill bill = small_bill();
    struct fth_segment_stats stats = {0};
    struct fth_err err = {0};
    char text[FTH_MONEY_TEXT_MAX];

    (void)state;
    bill.wide = true;
    bill.rows = 1;
    bill.huge = (fth_i128)1234567890123456789 * 10000000000;
    assert_int_equal(load_bill(on, &bill, 1, 0, NULL, &stats, &err), FTH_E_RANGE);
    assert_string_equal(err.pointer, "/wide");
    fth_err_clear(&err);
    assert_ok(load_bill(on, &bill, 1, 15, NULL, &stats, &err), &err);
    assert_str(((struct fth_str){text, fth_money_text(stats.sums[0].billed, text)}),
               "1234567890123456789");
    close_on(on);
}

static void a_period_without_charges_is_a_segment_without_rows(void **state)
{
    struct on on = open_on();
    struct bill bill = small_bill();

    (void)state;
    bill.rows = 0;
    assert_int_equal(loaded(on, bill, 1).rows, 0);
    close_on(on);
}

/* ---- what failures leave ---- */

static int64_t traces(struct on on)
{
    return ask(
        on, "SELECT (SELECT count(*) FROM duckdb_tables() WHERE starts_with(table_name, 'seg_')) + "
            "(SELECT count(*) FROM segment_value) + "
            "(SELECT count(*) FROM cube_day) + (SELECT count(*) FROM resource_month) + "
            "(SELECT count(*) FROM side)");
}

static void a_feed_that_fails_leaves_nothing(void **state)
{
    struct on on = open_on();
    struct bill bill = small_bill();
    struct fth_segment_stats stats = {0};
    struct fth_err err = {0};

    (void)state;
    bill.fail_at = 2000;
    assert_int_equal(load_bill(on, &bill, 1, 0, NULL, &stats, &err), FTH_E_INVALID);
    assert_non_null(strstr(err.msg, "bill.csv:2000: not a bill"));
    assert_int_equal(stats.rows, 0);
    assert_int_equal(traces(on), 0);
    close_on(on);
}

static void a_load_can_be_cancelled(void **state)
{
    struct on on = open_on();
    struct bill bill = small_bill();
    struct fth_cancel cancel = {0};
    struct fth_segment_stats stats = {0};
    struct fth_err err = {0};

    (void)state;
    fth_cancel_set(&cancel, "enough");
    assert_int_equal(load_bill(on, &bill, 1, 0, &cancel, &stats, &err), FTH_E_CANCELLED);
    assert_int_equal(traces(on), 0);
    close_on(on);
}

/* Loads with the n-th call of a kind failing; false when there were fewer than n. */
static bool load_failing(struct on on, struct bill *bill, enum fth_fault kind, unsigned n)
{
    struct fth_segment_stats stats = {0};
    struct fth_err err = {0};
    bool reached;

#ifdef FTH_FAULTS
    fth_fault_arm(kind, n);
#endif
    load_bill(on, bill, 1, 0, NULL, &stats, &err);
#ifdef FTH_FAULTS
    reached = fth_fault_count(kind) >= n;
    fth_fault_arm(kind, 0);
#else
    reached = false;
#endif
    if (!reached)
        assert_ok(err.rc, &err);
    else
        assert_int_not_equal(err.rc, FTH_OK);
    return reached;
}

static void every_failing_allocation_and_statement_leaves_nothing(void **state)
{
    static const enum fth_fault kinds[] = {FTH_FAULT_ALLOC, FTH_FAULT_SQL};
    struct on on = open_on();
    struct bill bill = small_bill();
    struct fth_err err = {0};

    (void)state;
    bill.rows = 50;
    bill.side_each = 10;
    bill.tagged = on.ledger;
    for (size_t k = 0; k < FTH_NR(kinds); k++) {
        unsigned n = 1;

        for (; load_failing(on, &bill, kinds[k], n); n++)
            assert_int_equal(traces(on), 0);
        test_fault_sites(kinds[k], __func__, n - 1);
        assert_int_equal(ask(on, "SELECT count(*) FROM seg_1"), 50);
        assert_int_equal(ask(on, "SELECT count(*) - count(DISTINCT TagSetId) FROM tag_set"), 0);
        assert_ok(fth_ledger_discard(on.ledger, 1, &err), &err);
    }
    close_on(on);
}

/* In a process of its own, which is killed with its segment written and not committed. */
static void killed_load(void)
{
    struct on on = open_on();
    struct bill bill = small_bill();

    bill.tagged = on.ledger;
    loaded(on, bill, 2);
    kill(getpid(), SIGKILL);
}

static void what_a_killed_load_wrote_is_swept(void **state)
{
    struct on on;
    struct bill bill = small_bill();
    struct fth_segment_stats stats;
    int status;
    pid_t child;

    (void)state;
    test_dir(); /* the child's is ours */
    for (int round = 0; round < 2; round++) {
        fflush(NULL);
        child = fork();
        if (child == 0)
            killed_load();
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        on = open_on();
        assert_int_equal(traces(on), round ? ask(on, "SELECT (SELECT count(*) FROM cube_day WHERE "
                                                     "Segment = 1) + (SELECT count(*) FROM "
                                                     "resource_month WHERE Segment = 1) + (SELECT "
                                                     "count(*) FROM segment_value WHERE "
                                                     "Segment = 1) + 1")
                                           : 0);
        if (round == 0) {
            bill.tagged = on.ledger;
            stats = loaded(on, bill, 1);
            commit(on, 1, "2025-01", true, &stats);
        }
        assert_int_equal(ask(on, "SELECT count(*) - count(DISTINCT TagSetId) FROM tag_set"), 0);
        assert_int_equal(ask(on, "SELECT count(*) - count(DISTINCT Tags) FROM tag_set"), 0);
        close_on(on);
    }
}

static void a_ledger_without_its_catalogues_segments_is_damaged(void **state)
{
    struct on on = open_on();
    struct fth_segment_stats stats = loaded(on, small_bill(), 1);
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_ledger_discard(on.ledger, 1, &err), &err);
    commit(on, 1, "2025-01", true, &stats);
    close_on(on);
    on = (struct on){0};
    assert_int_equal(try_open(&on, &err), FTH_E_CORRUPT);
    assert_null(on.ledger);
    fth_db_close(on.db);
}

/* ---- readers ---- */

static void readers_see_what_is_committed_and_keep_it(void **state)
{
    struct on on = open_on();
    struct fth_segment_stats stats;
    const struct fth_snapshot *none, *first, *second, *past;
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_ledger_snapshot(on.ledger, 0, &none, &err), &err);
    assert_int_equal(none->nr, 0);
    stats = loaded(on, small_bill(), 1);
    assert_int_equal(fth_ledger_version(on.ledger), 0); /* written, but not committed */
    commit(on, 1, "2025-01", true, &stats);
    assert_ok(fth_ledger_snapshot(on.ledger, 0, &first, &err), &err);
    assert_int_equal(first->version, 1);
    assert_int_equal(first->nr, 1);
    assert_string_equal(first->at[0].table, "seg_1");
    assert_str(first->at[0].source, "aws-1-cur");
    assert_str(first->at[0].provider, "AWS");
    assert_int_equal(first->at[0].billing_month, 2025 * 12);
    assert_int_equal(first->at[0].charge_from, FIRST_DAY);
    assert_true(first->at[0].one_currency);
    assert_str(first->at[0].currency, "US0");

    stats = loaded(on, small_bill(), 2);
    commit(on, 2, "2025-01", true, &stats); /* a restatement */
    assert_ok(fth_ledger_snapshot(on.ledger, 0, &second, &err), &err);
    assert_int_equal(second->at[0].id, 2);
    assert_int_equal(first->at[0].id, 1);
    assert_ok(fth_ledger_snapshot(on.ledger, 1, &past, &err), &err);
    assert_ptr_equal(past, first); /* shared while somebody holds it */
    fth_snapshot_release(on.ledger, past);
    fth_snapshot_release(on.ledger, first);
    assert_ok(fth_ledger_snapshot(on.ledger, 1, &past, &err), &err);
    assert_int_equal(past->at[0].id, 1);
    assert_int_equal(fth_ledger_snapshot(on.ledger, 3, &first, &err), FTH_E_NOTFOUND);
    fth_snapshot_release(on.ledger, past);
    fth_snapshot_release(on.ledger, second);
    fth_snapshot_release(on.ledger, none);
    close_on(on);
}

static void there_is_one_writer_at_a_time(void **state)
{
    struct on on = open_on();
    struct fth_cancel cancel = {0};
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_ledger_write_begin(on.ledger, NULL, &err), &err);
    atomic_store(&cancel.deadline_mono_us, fth_clock_mono_us(&on.clock) + 10000);
    assert_int_equal(fth_ledger_write_begin(on.ledger, &cancel, &err), FTH_E_TIMEOUT);
    fth_ledger_write_end(on.ledger);
    fth_err_clear(&err);
    assert_ok(fth_ledger_write_begin(on.ledger, NULL, &err), &err);
    fth_ledger_write_end(on.ledger);
    close_on(on);
}

/* ---- tags ---- */

static int32_t id_of(struct on on, const struct fth_str *keys, const struct fth_str *values,
                     size_t nr)
{
    struct fth_err err = {0};
    int32_t id = -1;

    assert_ok(fth_tagsets_id(on.ledger, keys, values, nr, &id, &err), &err);
    return id;
}

static void a_tag_set_is_known_by_what_is_in_it(void **state)
{
    const struct fth_str ab[] = {FTH_STR("a"), FTH_STR("b")}, ba[] = {FTH_STR("b"), FTH_STR("a")};
    const struct fth_str xy[] = {FTH_STR("x"), FTH_STR("y")}, yx[] = {FTH_STR("y"), FTH_STR("x")};
    const struct fth_str nothing[] = {{NULL, 0}, FTH_STR("y")}, empty[] = {FTH_STR(""), yx[0]};
    const struct fth_str joined[] = {FTH_STR("ax"), FTH_STR("b")}, rest[] = {FTH_STR(""), yx[0]};
    struct on on = open_on();
    struct bill bill = small_bill();
    struct fth_str *keys = NULL;
    struct fth_err err = {0};
    size_t nr = 0;
    int32_t id;

    (void)state;
    assert_int_equal(id_of(on, NULL, NULL, 0), 0);
    id = id_of(on, ab, xy, 2);
    assert_int_equal(id_of(on, ba, yx, 2), id);
    assert_int_not_equal(id_of(on, ab, yx, 2), id);
    assert_int_not_equal(id_of(on, ab, nothing, 2), id_of(on, ab, empty, 2));
    assert_int_not_equal(id_of(on, joined, rest, 2), id_of(on, ab, empty, 2));
    assert_ok(fth_tagsets_keys(on.ledger, test_arena(1 << 16), &keys, &nr, &err), &err);
    assert_int_equal(nr, 3);
    assert_str(keys[0], "a");
    assert_str(keys[1], "ax");
    bill.tagged = on.ledger;
    loaded(on, bill, 1); /* writes them with its own */
    assert_int_equal(ask(on, "SELECT count(*) FROM tag_set WHERE TagSetId = 0 AND "
                             "cardinality(Tags) = 0"),
                     1);
    assert_int_equal(ask(on, "SELECT count(*) FROM tag_set WHERE map_contains(Tags, 'a') AND "
                             "Tags['a'] IS NULL"),
                     1);
    close_on(on);

    on = open_on();
    assert_int_equal(id_of(on, ba, yx, 2), id);
    assert_ok(fth_tagsets_keys(on.ledger, test_arena(1 << 16), &keys, &nr, &err), &err);
    assert_int_equal(nr, 5);
    assert_str(keys[4], "team");
    close_on(on);
}

static void thousands_of_tag_sets_are_told_apart(void **state)
{
    const struct fth_str key = FTH_STR("pod");
    struct on on = open_on();
    char text[16];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            struct fth_str value = {text, (size_t)snprintf(text, sizeof(text), "pod-%d", i)};

            assert_int_equal(id_of(on, &key, &value, 1), i + 1);
        }
    }
    loaded(on, small_bill(), 1);
    assert_int_equal(ask(on, "SELECT count(*) FROM tag_set WHERE Tags['pod'] = 'pod-' || (TagSetId "
                             "- 1)"),
                     5000);
    close_on(on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_killed_load_wrote_is_swept), /* first: it forks, and there are no threads yet */
        TEST(a_load_says_what_it_wrote),
        TEST(a_segment_is_sorted_by_day_account_service_and_resource),
        TEST(a_column_that_the_mapping_does_not_yield_is_there_and_null),
        TEST(derived_rows_say_what_the_charges_say),
        TEST(further_columns_go_to_the_side),
        TEST(a_value_too_large_asks_for_a_wide_column),
        TEST(a_period_without_charges_is_a_segment_without_rows),
        TEST(a_feed_that_fails_leaves_nothing),
        TEST(a_load_can_be_cancelled),
        TEST(every_failing_allocation_and_statement_leaves_nothing),
        TEST(a_ledger_without_its_catalogues_segments_is_damaged),
        TEST(readers_see_what_is_committed_and_keep_it),
        TEST(there_is_one_writer_at_a_time),
        TEST(a_tag_set_is_known_by_what_is_in_it),
        TEST(thousands_of_tag_sets_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
