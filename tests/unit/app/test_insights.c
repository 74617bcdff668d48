/* insights: what is said of a small bill, and in which order. The clock stands where each test puts
 * it. */
#include <stdio.h>

#include "app/app_int.h"
#include "app/insights.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "import/import.h"
#include "test.h"

enum { ARENA = 64 << 20, BILL_MAX = 1 << 20 };

struct world {
    struct fth_app *app;
    struct fth_arena *arena;
    int64_t now_us;
    struct fth_buf bill;
    const struct fth_json *said;
    unsigned bills;
};

static int32_t date_of(const char *text)
{
    int32_t date;

    assert_true(fth_date_parse(fth_str_c(text), &date));
    return date;
}

/* Noon of that day. */
static void move_to(struct world *world, const char *day)
{
    world->now_us = date_of(day) * FTH_DAY_US + 12 * FTH_HOUR_US;
}

static void open_world(struct world *world)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_err err = {0};

    *world = (struct world){.arena = fth_arena_new(ARENA), .bill = fth_buf_max(BILL_MAX)};
    assert_non_null(world->arena);
    move_to(world, "2025-01-01");
    conf.log_fd = -1;
    conf.clock = fth_clock_fixed(&world->now_us);
    assert_ok(fth_app_open(test_dir(), &conf, &world->app, &err), &err);
}

static void close_world(struct world *world)
{
    fth_arena_free(world->arena); /* first: it holds what the cache has given */
    fth_app_close(world->app);
    fth_buf_release(&world->bill);
}

/* A charge of the service for each day from `first` to `last`. */
static void charge_of(struct world *world, const char *service, const char *first, const char *last,
                      const char *billed, const char *effective, const char *currency)
{
    struct fth_buf *bill = &world->bill;

    if (bill->n == 0)
        fth_buf_c(bill, "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,"
                        "BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
                        "ServiceName,ProviderName\n");
    for (int32_t date = date_of(first); date <= date_of(last); date++) {
        fth_buf_printf(bill, "%s,%s,%s,account %s,", billed, effective, currency, currency);
        fth_date_put(bill, fth_month_first_date(fth_month_of_date(date)));
        fth_buf_char(bill, ',');
        fth_date_put(bill, date);
        fth_buf_char(bill, ',');
        fth_date_put(bill, date + 1);
        fth_buf_printf(bill, ",Usage,%s,Contoso\n", service);
    }
}

static void charge(struct world *world, const char *service, const char *first, const char *last,
                   const char *cost, const char *currency)
{
    charge_of(world, service, first, last, cost, cost, currency);
}

static void load(struct world *world, const char *day)
{
    struct fth_buf report = fth_buf_max(BILL_MAX);
    struct fth_err err = {0};
    char name[32];
    const char *path;

    move_to(world, day);
    assert_ok(fth_buf_done(&world->bill, &err), &err);
    snprintf(name, sizeof(name), "bill-%u.csv", world->bills++);
    path = test_file_named(name, fth_buf_view(&world->bill));
    fth_buf_clear(&world->bill);
    assert_ok(fth_import_run(&(struct fth_import_request){.ledger = world->app->ledger,
                                                          .clock = &world->app->clock,
                                                          .paths = &path,
                                                          .path_nr = 1,
                                                          .mode = FTH_IMPORT_REPLACE},
                             &report, &err),
              &err);
    fth_buf_release(&report);
}

static void look_as(struct world *world, const char *today, const struct fth_who *who,
                    const char *metric)
{
    struct fth_asked asked = {.app = world->app, .arena = world->arena, .who = who};
    const struct fth_summary_request request = {fth_str_c(metric), FTH_STR("")};
    struct fth_err err = {0};
    struct fth_str text;

    move_to(world, today);
    assert_ok(fth_insights_summary(&asked, &request, &text, &err), &err);
    assert_ok(fth_json_parse(world->arena, text, NULL, &world->said, &err), &err);
}

static void look(struct world *world, const char *today)
{
    look_as(world, today, NULL, "effective_cost");
}

/* The insight of that kind about `value` (NULL: any); NULL when there is none. */
static const struct fth_json *find(const struct world *world, const char *kind, const char *value)
{
    const struct fth_json *all = fth_json_get(world->said, "insights");

    for (size_t i = 0; i < all->nr; i++)
        if (fth_str_eq_c(fth_json_str(&all->items[i], "kind", FTH_STR("")), kind) &&
            (!value || fth_str_eq_c(fth_json_str(&all->items[i], "value", FTH_STR("")), value)))
            return &all->items[i];
    return NULL;
}

static void says(const struct world *world, const char *kind, const char *value,
                 const char *sentence)
{
    const struct fth_json *insight = find(world, kind, value);

    if (!insight)
        fail_msg("no %s of %s", kind, value ? value : "anything");
    assert_str(fth_json_str(insight, "sentence", FTH_STR("")), sentence);
}

/* January in full and February to the 10th. */
static void two_months(struct world *world)
{
    charge(world, "Rising", "2025-01-01", "2025-01-31", "10", "USD");
    charge(world, "Falling", "2025-01-01", "2025-01-31", "10", "USD");
    charge(world, "Gone", "2025-01-01", "2025-01-31", "3", "USD");
    charge(world, "Steady", "2025-01-01", "2025-01-31", "0.01", "USD");
    charge(world, "Rising", "2025-02-01", "2025-02-10", "15", "USD");
    charge(world, "Falling", "2025-02-01", "2025-02-10", "8", "USD");
    charge(world, "New", "2025-02-01", "2025-02-10", "4.005", "USD");
    charge(world, "Steady", "2025-02-01", "2025-02-10", "0.02", "USD");
}

static void of_nothing_nothing_is_said(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    look(&world, "2025-02-11");
    assert_int_equal(fth_json_get(world.said, "insights")->nr, 0);
    assert_int_equal(fth_json_get(world.said, "time")->type, FTH_JSON_NULL);
    assert_int_equal(fth_json_get(world.said, "left_out")->nr, 1);
    close_world(&world);
}

static void what_moved_is_told_against_the_same_days_of_the_month_before(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    two_months(&world);
    load(&world, "2025-02-11");
    look(&world, "2025-02-11");
    says(&world, "riser", "Rising",
         "Rising rose by 50.00 USD against the month before at the same day (+50.0 %).");
    says(&world, "faller", "Falling",
         "Falling fell by 20.00 USD against the month before at the same day (-20.0 %).");
    says(&world, "new", "New",
         "New is new: 40.05 USD this month, nothing in the month before to the same day.");
    says(&world, "gone", "Gone",
         "Gone cost nothing this month, 30.00 USD in the month before to the same day.");
    assert_null(find(&world, "riser", "Steady")); /* too little to be worth a word */
    assert_str(fth_json_str(find(&world, "new", "New"), "amount", FTH_STR("")), "40.05");
    says(&world, "untagged", NULL, "270.25 USD of this month has no tag, 100.0 % of all.");
    assert_null(find(&world, "stale_source", NULL));
    assert_null(find(&world, "restatement", NULL));
    close_world(&world);
}

/* The plan of an insight gives its amount. */
static void its_plan_shows_more(void **state)
{
    struct fth_err err = {0};
    struct world world;
    const struct fth_json *plan, *answer = NULL, *total;
    struct fth_question *question = NULL;
    struct fth_str text;
    bool current;

    (void)state;
    open_world(&world);
    two_months(&world);
    load(&world, "2025-02-11");
    look(&world, "2025-02-11");
    plan = fth_json_get(find(&world, "riser", "Rising"), "plan");
    {
        const struct fth_asked asked = {world.app, world.arena, NULL, NULL};

        assert_ok(fth_question_new(&asked, plan, &question, &err), &err);
        assert_ok(fth_question_answer(question, FTH_STR(""), &text, &current, &err), &err);
    }
    assert_ok(fth_json_parse(world.arena, text, NULL, &answer, &err), &err);
    total = &fth_json_get(answer, "totals")->items[0];
    assert_str(fth_json_str(total, "change", FTH_STR("")), "50");
    assert_str(fth_json_str(total, "effective_cost", FTH_STR("")), "150");
    close_world(&world);
}

static void what_warns_comes_first_and_then_the_most_money(void **state)
{
    const struct fth_json *all;
    struct world world;

    (void)state;
    open_world(&world);
    two_months(&world);
    load(&world, "2025-02-11");
    look(&world, "2025-02-20");
    all = fth_json_get(world.said, "insights");
    assert_str(fth_json_str(&all->items[0], "kind", FTH_STR("")), "stale_source");
    assert_str(fth_json_str(&all->items[0], "severity", FTH_STR("")), "warning");
    assert_non_null(strstr(fth_json_str(&all->items[0], "sentence", FTH_STR("")).p,
                           " is 9 days behind: its newest charges end at 2025-02-11T00:00:00Z."));
    for (size_t i = 1; i + 1 < all->nr; i++) {
        struct fth_money a, b;
        struct fth_err err = {0};
        struct fth_str x = fth_json_str(&all->items[i], "amount", FTH_STR(""));
        struct fth_str y = fth_json_str(&all->items[i + 1], "amount", FTH_STR(""));

        if (!x.n || !y.n)
            continue;
        assert_ok(fth_money_parse(x, &a, &err), &err);
        assert_ok(fth_money_parse(y, &b, &err), &err);
        assert_true(fth_money_cmp(fth_money_abs(a), fth_money_abs(b)) >= 0);
    }
    close_world(&world);
}

static void a_source_that_ended_before_the_summary_begins_is_late_too(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "Old", "2024-09-01", "2024-10-15", "1", "JPY");
    load(&world, "2024-10-16");
    two_months(&world);
    load(&world, "2025-02-11");
    look(&world, "2025-02-11");
    assert_non_null(
        strstr(fth_json_str(find(&world, "stale_source", NULL), "sentence", FTH_STR("")).p,
               " is 118 days behind: its newest charges end at 2024-10-16T00:00:00Z."));
    close_world(&world);
}

static void an_open_month_that_grows_is_no_restatement(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "Storage", "2025-02-01", "2025-02-10", "2", "USD");
    load(&world, "2025-02-11");
    charge(&world, "Storage", "2025-02-01", "2025-02-11", "3", "USD");
    load(&world, "2025-02-12");
    look(&world, "2025-02-12");
    assert_null(find(&world, "restatement", NULL));
    charge(&world, "Storage", "2025-02-01", "2025-02-28", "3", "USD");
    load(&world, "2025-03-01"); /* the last of them: the one before is of the open month */
    look(&world, "2025-03-01");
    assert_null(find(&world, "restatement", NULL));
    close_world(&world);
}

/* January, delivered on the first day behind it, and again. */
static void deliver_twice(struct world *world, const char *cost, const char *later,
                          const char *currency)
{
    charge(world, "Storage", "2025-01-01", "2025-01-31", cost, currency);
    load(world, "2025-02-01");
    charge(world, "Storage", "2025-01-01", "2025-01-31", later, currency);
    load(world, "2025-02-12");
}

static void what_was_delivered_anew_is_told_for_a_month(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    deliver_twice(&world, "2", "3", "USD");
    look(&world, "2025-02-12");
    assert_non_null(
        strstr(fth_json_str(find(&world, "restatement", NULL), "sentence", FTH_STR("")).p,
               " was delivered anew on 2025-02-12: 31.00 USD more billed than before."));
    look(&world, "2025-03-30");
    assert_null(find(&world, "restatement", NULL));
    close_world(&world);
}

static void deliveries_are_told_to_those_who_may_read_them(void **state)
{
    const struct fth_str costs[] = {FTH_STR("costs.read")},
                         both[] = {FTH_STR("costs.read"), FTH_STR("sources.read")};
    const struct fth_who narrow = {.id = FTH_STR("a"), .permissions = costs, .permission_nr = 1},
                         wide = {.id = FTH_STR("b"), .permissions = both, .permission_nr = 2};
    struct world world;

    (void)state;
    open_world(&world);
    deliver_twice(&world, "2", "3", "USD");
    for (unsigned i = 0; i < 2; i++) { /* the second time from the cache */
        look_as(&world, "2025-02-12", &wide, "effective_cost");
        assert_non_null(find(&world, "restatement", NULL));
        look_as(&world, "2025-02-12", &narrow, "effective_cost");
        assert_null(find(&world, "restatement", NULL));
    }
    close_world(&world);
}

static void amounts_of_different_currencies_are_not_compared(void **state)
{
    const struct fth_json *first;
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "More", "2025-01-01", "2025-01-31", "1", "USD");
    deliver_twice(&world, "2", "3", "USD");
    deliver_twice(&world, "2000", "3000", "JPY");
    deliver_twice(&world, "200", "400", "EUR");
    charge(&world, "More", "2025-02-01", "2025-02-11", "1", "USD");
    charge(&world, "Most", "2025-02-01", "2025-02-11", "1", "USD");
    load(&world, "2025-02-12");
    look(&world, "2025-02-12");
    assert_str(fth_json_str(world.said, "currency", FTH_STR("")), "USD");
    first = find(&world, "restatement", NULL);
    assert_str(fth_json_str(first, "currency", FTH_STR("")), "USD");
    assert_str(fth_json_str(first + 1, "currency", FTH_STR("")), "EUR");
    assert_str(fth_json_str(first + 2, "currency", FTH_STR("")), "JPY");
    close_world(&world);
}

static void what_has_no_tag_is_a_share_of_effective_cost(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge_of(&world, "Storage", "2025-02-01", "2025-02-10", "1", "20", "USD");
    load(&world, "2025-02-11");
    look_as(&world, "2025-02-11", NULL, "billed_cost");
    says(&world, "untagged", NULL,
         "200.00 USD of this month's effective cost has no tag, 100.0 % of all.");
    charge_of(&world, "Storage", "2025-02-01", "2025-02-10", "1000", "0.1", "USD");
    load(&world, "2025-02-11");
    look_as(&world, "2025-02-11", NULL,
            "billed_cost"); /* little of what is billed, all of the cost */
    says(&world, "untagged", NULL,
         "1.00 USD of this month's effective cost has no tag, 100.0 % of all.");
    close_world(&world);
}

static void of_several_currencies_the_main_one_is_told_and_the_others_are_named(void **state)
{
    const struct fth_json *others;
    struct world world;

    (void)state;
    open_world(&world);
    two_months(&world);
    load(&world, "2025-02-11");
    charge(&world, "Rising", "2025-02-01", "2025-02-10", "1000", "JPY");
    load(&world, "2025-02-11");
    look(&world, "2025-02-11");
    assert_str(fth_json_str(world.said, "currency", FTH_STR("")), "USD");
    others = fth_json_get(world.said, "other_currencies");
    assert_int_equal(others->nr, 1);
    assert_str(others->items[0].text, "JPY");
    says(&world, "riser", "Rising",
         "Rising rose by 50.00 USD against the month before at the same day (+50.0 %).");
    close_world(&world);
}

static void a_month_to_come_is_forecast_where_enough_is_known(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "Storage", "2024-11-01", "2025-02-10", "2", "USD");
    load(&world, "2025-02-11");
    look(&world, "2025-02-11");
    assert_non_null(strstr(fth_json_str(find(&world, "forecast", NULL), "sentence", FTH_STR("")).p,
                           "the whole month: 56.00 USD"));
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_nothing_nothing_is_said),
        TEST(what_moved_is_told_against_the_same_days_of_the_month_before),
        TEST(its_plan_shows_more),
        TEST(what_warns_comes_first_and_then_the_most_money),
        TEST(a_source_that_ended_before_the_summary_begins_is_late_too),
        TEST(an_open_month_that_grows_is_no_restatement),
        TEST(what_was_delivered_anew_is_told_for_a_month),
        TEST(deliveries_are_told_to_those_who_may_read_them),
        TEST(amounts_of_different_currencies_are_not_compared),
        TEST(what_has_no_tag_is_a_share_of_effective_cost),
        TEST(of_several_currencies_the_main_one_is_told_and_the_others_are_named),
        TEST(a_month_to_come_is_forecast_where_enough_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
