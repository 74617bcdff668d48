/* forecast_costs: where history ends and why, what it consists of, and what is refused, over
 * charges that a small bill brings. The clock stands where each test puts it. */
#include <stdio.h>
#include <string.h>

#include "app/app_int.h"
#include "app/forecast_costs.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "import/import.h"
#include "test.h"

enum { ARENA = 64 << 20, BILL_MAX = 1 << 20 };

struct world {
    struct fth_app *app;
    struct fth_arena *arena;
    int64_t now_us;
    struct fth_buf bill;
    const struct fth_json *answer;
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
    fth_app_close(world->app);
    fth_buf_release(&world->bill);
    fth_arena_free(world->arena);
}

/* A charge from the begin of that day until that hour. */
static void charge_once(struct world *world, int32_t date, int until, const char *cost,
                        const char *currency, const char *service)
{
    struct fth_buf *bill = &world->bill;

    if (bill->n == 0)
        fth_buf_c(bill, "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,"
                        "BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
                        "ServiceName,ProviderName\n");
    fth_buf_printf(bill, "%s,%s,%s,account %s,", cost, cost, currency, currency);
    fth_date_put(bill, fth_month_first_date(fth_month_of_date(date)));
    fth_buf_char(bill, ',');
    fth_date_put(bill, date);
    fth_buf_char(bill, ',');
    fth_date_put(bill, until < 24 ? date : date + 1);
    if (until < 24)
        fth_buf_printf(bill, "T%02d:00:00Z", until);
    fth_buf_printf(bill, ",Usage,%s,Contoso\n", service);
}

/* One a day from `first` to `last`. */
static void charge(struct world *world, const char *first, const char *last, const char *cost,
                   const char *currency, const char *service)
{
    for (int32_t date = date_of(first); date <= date_of(last); date++)
        charge_once(world, date, 24, cost, currency, service);
}

/* Brings what was charged into the ledger on that day. */
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

/* The plan's members behind kind and subject, and the request's behind the plan. */
static enum fth_rc ask(struct world *world, const char *plan, const char *rest, struct fth_err *err)
{
    struct fth_asked asked = {world->app, world->arena, NULL, NULL};
    const struct fth_json *request;
    struct fth_err broken = {0};
    struct fth_str text, answer;

    assert_ok(fth_arena_printf(world->arena, &text, &broken,
                               "{\"plan\":{\"kind\":\"query\",\"subject\":\"cost\",%s}%s}", plan,
                               rest),
              &broken);
    assert_ok(fth_json_parse(world->arena, text, NULL, &request, &broken), &broken);
    if (fth_forecast_costs(&asked, request, &answer, err))
        return err->rc;
    return fth_json_parse(world->arena, answer, NULL, &world->answer, err);
}

#define BY_DAY "\"measures\":[\"billed_cost\"],\"time\":null,\"grain\":\"day\""

static void forecast(struct world *world, const char *plan, const char *rest, const char *today)
{
    struct fth_err err = {0};

    move_to(world, today);
    assert_ok(ask(world, plan, rest, &err), &err);
}

static const struct fth_json *at(const struct world *world, const char *pointer)
{
    const struct fth_json *json = fth_json_at(world->answer, fth_str_c(pointer));

    if (!json)
        fail_msg("%s is not there", pointer);
    return json;
}

static void says(const struct world *world, const char *pointer, const char *want)
{
    const struct fth_json *json = at(world, pointer);

    if (!want ? json->type != FTH_JSON_NULL : !fth_str_eq_c(json->text, want))
        fail_msg("%s is " FTH_STR_F ", not %s", pointer, FTH_STR_A(json->text),
                 want ? want : "null");
}

static double number(const struct world *world, const char *pointer)
{
    double value = 0;

    assert_true(fth_json_double(at(world, pointer), &value));
    return value;
}

static void ends_on(const struct world *world, const char *date, const char *reason)
{
    says(world, "/history_end/date", date);
    says(world, "/history_end/reason", reason);
    assert_true(at(world, "/history_end/text")->text.n > 0);
}

/* ---- promises ---- */

static void history_ends_with_the_last_day_that_is_whole(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-02-10", "7", "USD", "Storage");
    load(&world, "2025-02-10");
    forecast(&world, BY_DAY, "", "2025-02-10");
    ends_on(&world, "2025-02-09", "today");
    forecast(&world, BY_DAY, "", "2025-02-14"); /* the 10th was not over when it was loaded */
    ends_on(&world, "2025-02-09", "loaded");
    assert_int_equal(at(&world, "/series/0/history")->nr, 40);
    says(&world, "/series/0/forecast/0/time", "2025-02-10");
    forecast(&world, BY_DAY ",\"where\":\"service = \\\"Storage\\\"\"", "", "2025-02-10");
    ends_on(&world, "2025-02-09", "today");
    charge(&world, "2025-02-01", "2025-02-10", "7", "USD", "Storage");
    load(&world, "2025-02-14");
    forecast(&world, BY_DAY, "", "2025-02-14");
    ends_on(&world, "2025-02-10", "last_charge");
    close_world(&world);
}

static void a_half_loaded_last_day_does_not_count(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-02-10", "24", "USD", "Storage");
    charge_once(&world, date_of("2025-02-11"), 1, "1", "USD", "Storage");
    load(&world, "2025-02-20");
    forecast(&world, BY_DAY, "", "2025-02-20");
    ends_on(&world, "2025-02-10", "partial_day");
    assert_float_equal(number(&world, "/series/0/forecast/0/mean"), 24, 1e-6);
    close_world(&world);
}

static void a_plan_that_ends_earlier_ends_history(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-02-10", "2", "USD", "Storage");
    load(&world, "2025-02-20");
    forecast(&world,
             "\"measures\":[\"billed_cost\"],\"grain\":\"day\","
             "\"time\":{\"start\":\"2025-01-11\",\"end\":\"2025-02-01\"}",
             ",\"horizon\":{\"steps\":5}", "2025-02-20");
    ends_on(&world, "2025-01-31", "range");
    assert_int_equal(at(&world, "/series/0/history")->nr, 21);
    assert_int_equal(at(&world, "/series/0/forecast")->nr, 5);
    close_world(&world);
}

static void only_whole_weeks_and_months_count(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-08", "2025-04-20", "1.5", "USD", "Storage");
    load(&world, "2025-04-25");
    forecast(&world, "\"measures\":[\"billed_cost\"],\"time\":null,\"grain\":\"month\"",
             ",\"horizon\":{\"until\":\"quarter_end\"}", "2025-04-25");
    ends_on(&world, "2025-03-31", "whole_step");
    assert_int_equal(at(&world, "/series/0/history")->nr, 2); /* January lacks its first days */
    says(&world, "/series/0/history/0/time", "2025-02-01");
    says(&world, "/series/0/history/1/amount", "46.5");
    says(&world, "/horizon/steps", "3");
    says(&world, "/horizon/end", "2025-07-01");
    forecast(&world, "\"measures\":[\"billed_cost\"],\"time\":null,\"grain\":\"week\"", "",
             "2025-04-25");
    ends_on(&world, "2025-04-20", "last_charge"); /* a Sunday */
    says(&world, "/series/0/history/0/time", "2025-01-13");
    says(&world, "/series/0/history/0/amount", "10.5");
    close_world(&world);
}

static void a_month_so_far_and_its_forecast_make_the_month(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-03-20", "10.000000000000000001", "USD", "Storage");
    load(&world, "2025-03-25");
    forecast(&world, BY_DAY, ",\"horizon\":{\"until\":\"month_end\"},\"model\":\"snaive\"",
             "2025-03-25");
    says(&world, "/horizon/steps", "11");
    says(&world, "/series/0/period/start", "2025-03-01");
    says(&world, "/series/0/period/end", "2025-04-01");
    says(&world, "/series/0/period/actual", "200.00000000000000002"); /* every digit */
    assert_float_equal(number(&world, "/series/0/total/mean"), 110, 1e-6);
    assert_float_equal(number(&world, "/series/0/period/expected"), 310, 1e-6);
    says(&world, "/series/0/sentence",
         "Forecast to 31 Mar 2025: 110.00 USD, between 110.00 and 110.00 (95 %); the whole month: "
         "310.00 USD, between 310.00 and 310.00 (95 %)");
    close_world(&world);
}

static void currencies_and_groups_are_series_of_their_own(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-02-28", "1", "USD", "Small");
    charge(&world, "2025-01-01", "2025-02-28", "3", "USD", "Large");
    charge(&world, "2025-02-01", "2025-02-02", "500", "JPY", "Small");
    load(&world, "2025-03-05");
    forecast(&world, BY_DAY ",\"group_by\":[\"service\"]", ",\"model\":\"naive\"", "2025-03-05");
    assert_int_equal(at(&world, "/series")->nr, 3);
    says(&world, "/series/0/currency", "JPY");
    assert_int_equal(at(&world, "/series/0/history")->nr, 28); /* nothing is a day of 0 */
    says(&world, "/series/0/history/1/amount", "500");
    says(&world, "/series/0/history/2/amount", "0");
    says(&world, "/series/1/group/service", "Large"); /* the largest total of a currency first */
    says(&world, "/series/2/group/service", "Small");
    says(&world, "/series/2/currency", "USD");
    close_world(&world);
}

static void a_short_history_says_so(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-01", "5", "USD", "Storage");
    load(&world, "2025-01-05");
    forecast(&world, BY_DAY, "", "2025-01-05");
    assert_true(at(&world, "/series/0/reason")->text.n > 0);
    assert_float_equal(number(&world, "/series/0/total/mean"), 150, 1e-9);
    assert_int_equal(at(&world, "/series/0/total/bands")->nr, 0); /* nothing tells */
    says(&world, "/series/0/period", NULL);
    forecast(&world, BY_DAY, ",\"model\":\"ets\"", "2025-01-05");
    assert_true(fth_str_starts(at(&world, "/series/0/reason")->text, FTH_STR("the model ets ")));
    close_world(&world);
}

static void a_source_that_is_late_is_named(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-20", "5", "EUR", "Storage");
    load(&world, "2025-02-02");
    charge(&world, "2025-01-01", "2025-01-31", "5", "USD", "Storage");
    load(&world, "2025-02-02");
    forecast(&world, BY_DAY, "", "2025-02-05");
    assert_int_equal(at(&world, "/warnings")->nr, 1);
    assert_non_null(strstr(at(&world, "/warnings/0")->text.p, "until 2025-01-20"));
    close_world(&world);
}

static void what_cannot_be_forecast_is_refused_where_it_stands(void **state)
{
    static const struct {
        const char *plan, *rest, *pointer;
    } cases[] = {
        {"\"measures\":[\"billed_cost\"],\"time\":null", "", "/plan/grain"},
        {"\"measures\":[\"billed_cost\"],\"time\":null,\"grain\":\"hour\"", "", "/plan/grain"},
        {"\"measures\":[\"charge_count\"],\"time\":null,\"grain\":\"day\"", "", "/plan/measures"},
        {"\"measures\":[\"bild\"],\"time\":null,\"grain\":\"day\"", "", "/plan/measures/0"},
        {BY_DAY ",\"limit\":3", "", "/plan/limit"},
        {BY_DAY ",\"group_by\":[\"service\",\"region\",\"sub_account\"]", "", "/plan/group_by"},
        {BY_DAY, ",\"measure\":\"charge_count\"", "/measure"},
        {BY_DAY, ",\"model\":\"thta\"", "/model"},
        {BY_DAY, ",\"levels\":[80,100]", "/levels/1"},
        {BY_DAY, ",\"horizon\":{\"steps\":367}", "/horizon/steps"},
        {BY_DAY, ",\"horizon\":{\"until\":\"doomsday\"}", "/horizon/until"},
        {"\"measures\":[\"billed_cost\"],\"time\":null,\"grain\":\"week\"",
         ",\"horizon\":{\"until\":\"month_end\"}", "/horizon/until"},
        {BY_DAY ",\"where\":\"service = \\\"none\\\"\"", "", "/plan"},
    };
    struct world world;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-20", "5", "USD", "Storage");
    load(&world, "2025-02-02");
    for (size_t i = 0; i < FTH_NR(cases); i++) {
        struct fth_err err = {0};

        assert_int_equal(ask(&world, cases[i].plan, cases[i].rest, &err), FTH_E_INVALID);
        assert_string_equal(err.pointer, cases[i].pointer);
    }
    close_world(&world);
}

static void too_many_groups_are_a_limit(void **state)
{
    struct fth_err err = {0};
    struct world world;
    char name[32];

    (void)state;
    open_world(&world);
    for (int i = 0; i <= FTH_FORECAST_SERIES_MOST; i++) {
        snprintf(name, sizeof(name), "Service %d", i);
        charge(&world, "2025-01-01", "2025-01-02", "1", "USD", name);
    }
    load(&world, "2025-02-02");
    assert_int_equal(ask(&world, BY_DAY ",\"group_by\":[\"service\"]", "", &err), FTH_E_LIMIT);
    assert_string_equal(err.pointer, "/plan/group_by");
    assert_true(err.hint[0] != 0);
    close_world(&world);
}

static void a_caller_who_has_gone_away_gets_nothing(void **state)
{
    struct fth_cancel cancel = {0};
    const struct fth_json *request;
    struct fth_err err = {0};
    struct world world;
    struct fth_str text;

    (void)state;
    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-20", "5", "USD", "Storage");
    load(&world, "2025-02-02");
    assert_ok(
        fth_json_parse(world.arena,
                       FTH_STR("{\"plan\":{\"kind\":\"query\",\"subject\":\"cost\"," BY_DAY "}}"),
                       NULL, &request, &err),
        &err);
    fth_cancel_set(&cancel, "the caller went away");
    assert_int_equal(fth_forecast_costs(&(struct fth_asked){world.app, world.arena, &cancel, NULL},
                                        request, &text, &err),
                     FTH_E_CANCELLED);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(history_ends_with_the_last_day_that_is_whole),
        TEST(a_half_loaded_last_day_does_not_count),
        TEST(a_plan_that_ends_earlier_ends_history),
        TEST(only_whole_weeks_and_months_count),
        TEST(a_month_so_far_and_its_forecast_make_the_month),
        TEST(currencies_and_groups_are_series_of_their_own),
        TEST(a_short_history_says_so),
        TEST(a_source_that_is_late_is_named),
        TEST(what_cannot_be_forecast_is_refused_where_it_stands),
        TEST(too_many_groups_are_a_limit),
        TEST(a_caller_who_has_gone_away_gets_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
