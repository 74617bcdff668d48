/* summary: the month so far beside the month before, over charges that a small bill brings. The
 * clock stands where each test puts it. */
#include <stdio.h>

#include "app/app_int.h"
#include "app/costs.h"
#include "base/buf.h"
#include "base/check.h"
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
    const struct fth_json *summary;
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

/* A charge for each day from `first` to `last`, billed in the month that begins with `period`;
 * NULL: each in its own. */
static void charge_of(struct world *world, const char *period, const char *first, const char *last,
                      const char *cost, const char *currency)
{
    struct fth_buf *bill = &world->bill;

    if (bill->n == 0)
        fth_buf_c(bill, "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,"
                        "BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
                        "ServiceName,ProviderName\n");
    for (int32_t date = date_of(first); date <= date_of(last); date++) {
        fth_buf_printf(bill, "%s,%s,%s,account %s,", cost, cost, currency, currency);
        fth_date_put(bill,
                     fth_month_first_date(fth_month_of_date(period ? date_of(period) : date)));
        fth_buf_char(bill, ',');
        fth_date_put(bill, date);
        fth_buf_char(bill, ',');
        fth_date_put(bill, date + 1);
        fth_buf_c(bill, ",Usage,Storage,Contoso\n");
    }
}

static void charge(struct world *world, const char *first, const char *last, const char *cost,
                   const char *currency)
{
    charge_of(world, NULL, first, last, cost, currency);
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

static void sum_up_in(struct world *world, const char *today, struct fth_str currency)
{
    struct fth_asked asked = {world->app, world->arena, NULL, NULL};
    struct fth_err err = {0};
    struct fth_str text;

    move_to(world, today);
    assert_ok(fth_costs_summary(&asked,
                                &(struct fth_summary_request){FTH_STR("effective_cost"), currency},
                                &text, &err),
              &err);
    assert_ok(fth_json_parse(world->arena, text, NULL, &world->summary, &err), &err);
}

static void sum_up(struct world *world, const char *today)
{
    sum_up_in(world, today, (struct fth_str){0});
}

/* The member there is this text; NULL: it is null. */
static void says(const struct world *world, const char *pointer, const char *want)
{
    const struct fth_json *json = fth_json_at(world->summary, fth_str_c(pointer));

    if (!json)
        fail_msg("%s is not there", pointer);
    else if (!want && json->type != FTH_JSON_NULL)
        fail_msg("%s is " FTH_STR_F ", not null", pointer, FTH_STR_A(json->text));
    else if (want && (json->type != FTH_JSON_STRING || !fth_str_eq_c(json->text, want)))
        fail_msg("%s is " FTH_STR_F ", not %s", pointer, FTH_STR_A(json->text), want);
}

static size_t length(const struct world *world, const char *pointer)
{
    const struct fth_json *json = fth_json_at(world->summary, fth_str_c(pointer));

    assert_non_null(json);
    return json->nr;
}

/* ---- promises ---- */

static void without_data_everything_is_null(void **state)
{
    static const char *const nulls[] = {"/currency", "/month",      "/month_to_date", "/previous",
                                        "/change",   "/change_pct", "/year_to_date"};
    struct world world;

    open_world(&world);
    sum_up(&world, "2025-02-11");
    says(&world, "/today", "2025-02-11");
    for (size_t i = 0; i < FTH_NR(nulls); i++)
        says(&world, nulls[i], NULL);
    says(&world, "/main_currency", NULL);
    assert_int_equal(length(&world, "/currencies"), 0);
    assert_int_equal(length(&world, "/by_currency"), 0);
    assert_int_equal(length(&world, "/freshness"), 0);
    close_world(&world);
}

static void the_month_so_far_stands_beside_the_same_days_of_the_month_before(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2024-12-01", "2024-12-31", "100", "USD");
    charge(&world, "2025-01-01", "2025-01-31", "1.10", "USD");
    charge(&world, "2025-02-01", "2025-02-11", "2.2", "USD");
    load(&world, "2025-02-11");
    sum_up(&world, "2025-02-11");
    says(&world, "/currency", "USD");
    says(&world, "/metric", "effective_cost");
    says(&world, "/month/start", "2025-02-01");
    says(&world, "/month/end", "2025-03-01");
    says(&world, "/month/until", "2025-02-10");
    says(&world, "/month_to_date", "22");
    says(&world, "/previous/start", "2025-01-01");
    says(&world, "/previous/until", "2025-01-10");
    says(&world, "/previous/amount", "11");
    says(&world, "/previous/whole_month", "34.1");
    says(&world, "/change", "11");
    says(&world, "/change_pct", "100");
    says(&world, "/year_to_date", "56.1");
    says(&world, "/by_currency/0/currency", "USD");
    says(&world, "/by_currency/0/month_to_date", "22");
    close_world(&world);
}

static void the_last_day_is_one_that_is_over_and_was_over_when_it_was_loaded(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-02-01", "2025-02-10", "1", "USD");
    load(&world, "2025-02-10");
    sum_up(&world, "2025-02-10");
    says(&world, "/month/until", "2025-02-09");
    sum_up(&world, "2025-02-12"); /* the 10th was not over when it was loaded */
    says(&world, "/month/until", "2025-02-09");
    says(&world, "/month_to_date", "9");
    charge(&world, "2025-02-01", "2025-02-10", "2", "USD");
    load(&world, "2025-02-12");
    sum_up(&world, "2025-02-12");
    says(&world, "/month/until", "2025-02-10"); /* the 11th has no charges yet */
    says(&world, "/month_to_date", "20");
    close_world(&world);
}

static void charges_of_days_to_come_say_nothing_about_the_days_before_them(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-02-01", "2025-02-05", "1", "USD");
    charge(&world, "2025-02-20", "2025-02-20", "50", "USD");
    load(&world, "2025-02-12");
    sum_up(&world, "2025-02-12");
    says(&world, "/month/until", "2025-02-05");
    says(&world, "/month_to_date", "5");
    close_world(&world);
}

static void the_end_of_a_longer_month_stands_beside_the_whole_of_a_shorter_one(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-02-01", "2025-02-28", "1", "USD");
    charge(&world, "2025-03-01", "2025-03-30", "1", "USD");
    load(&world, "2025-03-31");
    sum_up(&world, "2025-03-31");
    says(&world, "/month/until", "2025-03-30");
    says(&world, "/month_to_date", "30");
    says(&world, "/previous/until", "2025-02-28");
    says(&world, "/previous/amount", "28");
    says(&world, "/change", "2");
    close_world(&world);
}

static void the_end_of_a_month_stands_beside_the_end_of_the_month_before(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2024-01-01", "2024-01-31", "1", "USD");
    charge(&world, "2024-02-01", "2024-02-28", "1", "USD");
    load(&world, "2024-02-29");
    sum_up(&world, "2024-02-29"); /* a leap year: the month has one more day */
    says(&world, "/month/until", "2024-02-28");
    says(&world, "/previous/until", "2024-01-28");
    says(&world, "/previous/amount", "28");
    charge(&world, "2024-01-01", "2024-01-31", "1", "USD");
    charge(&world, "2024-02-01", "2024-02-29", "1", "USD");
    load(&world, "2024-03-02");
    sum_up(&world, "2024-03-20"); /* nothing of March yet: February is the newest that is known */
    says(&world, "/month/start", "2024-02-01");
    says(&world, "/month/until", "2024-02-29");
    says(&world, "/month_to_date", "29");
    says(&world, "/previous/until", "2024-01-31");
    says(&world, "/previous/amount", "31");
    says(&world, "/change", "-2");
    close_world(&world);
}

static void a_year_begins_with_its_january(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2024-12-01", "2024-12-31", "1", "USD");
    charge(&world, "2025-01-01", "2025-01-10", "1", "USD");
    load(&world, "2025-01-11");
    sum_up(&world, "2025-01-11");
    says(&world, "/month_to_date", "10");
    says(&world, "/previous/start", "2024-12-01");
    says(&world, "/previous/amount", "10");
    says(&world, "/change", "0");
    says(&world, "/change_pct", "0");
    says(&world, "/year_to_date", "10");
    close_world(&world);
}

static void on_the_first_day_of_a_month_the_one_that_has_just_ended_is_summed_up(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-31", "2", "USD");
    charge(&world, "2025-02-01", "2025-02-28", "1", "USD");
    charge(&world, "2025-03-01", "2025-03-01", "1", "USD");
    load(&world, "2025-03-01");
    sum_up(&world, "2025-03-01");
    says(&world, "/month/start", "2025-02-01");
    says(&world, "/month/until", "2025-02-28");
    says(&world, "/month_to_date", "28");
    says(&world, "/previous/whole_month", "62");
    says(&world, "/change", "-34");
    says(&world, "/year_to_date", "90");
    close_world(&world);
}

static void before_any_day_is_over_a_month_has_no_sum(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-03-01", "2025-03-01", "1", "USD");
    load(&world, "2025-03-01");
    sum_up(&world, "2025-03-01");
    says(&world, "/month/start", "2025-03-01");
    says(&world, "/month/until", NULL);
    says(&world, "/month_to_date", NULL);
    says(&world, "/previous/until", NULL);
    says(&world, "/previous/amount", NULL);
    says(&world, "/change", NULL);
    says(&world, "/change_pct", NULL);
    says(&world, "/year_to_date", NULL);
    close_world(&world);
}

static void a_charge_behind_its_billing_period_begins_no_month(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-31", "1", "USD");
    charge(&world, "2025-02-01", "2025-02-28", "2", "USD");
    charge_of(&world, "2025-02-01", "2025-03-01", "2025-03-01", "7", "USD");
    load(&world, "2025-03-20");
    sum_up(&world, "2025-03-20");
    says(&world, "/month/start", "2025-02-01");
    says(&world, "/month/until", "2025-02-28");
    says(&world, "/month_to_date", "56");
    says(&world, "/previous/amount", "31");
    close_world(&world);
}

static void charges_of_earlier_days_do_not_make_the_month_of_their_bill(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-02-01", "2025-02-28", "2", "USD");
    charge_of(&world, "2025-03-01", "2025-02-27", "2025-02-27", "7", "USD"); /* a correction */
    load(&world, "2025-03-20");
    sum_up(&world, "2025-03-20");
    says(&world, "/month/start", "2025-02-01");
    says(&world, "/month_to_date", "63");
    close_world(&world);
}

static void currencies_are_never_added(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-31", "3", "EUR");
    charge(&world, "2025-01-01", "2025-01-31", "1", "USD");
    charge(&world, "2025-02-01", "2025-02-10", "2", "USD");
    charge(&world, "2025-02-01", "2025-02-10", "0.5", "CHF");
    load(&world, "2025-02-11");
    sum_up(&world, "2025-02-11");
    says(&world, "/currency", NULL);
    says(&world, "/month", NULL);
    says(&world, "/month_to_date", NULL);
    says(&world, "/year_to_date", NULL);
    assert_int_equal(length(&world, "/by_currency"), 3);
    says(&world, "/currencies/0", "CHF");
    says(&world, "/by_currency/0/currency", "CHF");
    says(&world, "/by_currency/0/month_to_date", "5");
    says(&world, "/by_currency/0/previous/amount", NULL);
    says(&world, "/by_currency/0/change", NULL);
    says(&world, "/by_currency/1/currency", "EUR");
    says(&world, "/by_currency/1/month_to_date", NULL);
    says(&world, "/by_currency/1/previous/amount", "30");
    says(&world, "/by_currency/1/year_to_date", "93");
    says(&world, "/by_currency/2/currency", "USD");
    says(&world, "/by_currency/2/month_to_date", "20");
    says(&world, "/by_currency/2/change", "10");
    says(&world, "/main_currency", "USD"); /* 41 charges, against 31 and 10 */
    close_world(&world);
}

static void nothing_before_makes_no_percentage(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-01-01", "2025-01-31", "0", "USD");
    charge(&world, "2025-02-01", "2025-02-10", "1", "USD");
    load(&world, "2025-02-11");
    sum_up(&world, "2025-02-11");
    says(&world, "/previous/amount", "0");
    says(&world, "/change", "10");
    says(&world, "/change_pct", NULL);
    close_world(&world);
}

static void digits_are_kept(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-02-01", "2025-02-10", "0.000000000000000001", "USD");
    charge(&world, "2025-02-01", "2025-02-01", "10000000", "USD");
    load(&world, "2025-02-11");
    sum_up(&world, "2025-02-11");
    says(&world, "/month_to_date", "10000000.00000000000000001");
    close_world(&world);
}

static void an_answer_is_kept_until_the_day_or_the_ledger_changes(void **state)
{
    struct world world;

    open_world(&world);
    charge(&world, "2025-02-01", "2025-02-09", "1", "USD");
    load(&world, "2025-02-10");
    sum_up(&world, "2025-02-10");
    says(&world, "/month_to_date", "9");
    sum_up(&world, "2025-02-11");
    says(&world, "/today", "2025-02-11");
    charge(&world, "2025-02-01", "2025-02-09", "2", "USD");
    load(&world, "2025-02-11");
    sum_up(&world, "2025-02-11");
    says(&world, "/month_to_date", "18");
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_data_everything_is_null),
        TEST(the_month_so_far_stands_beside_the_same_days_of_the_month_before),
        TEST(the_last_day_is_one_that_is_over_and_was_over_when_it_was_loaded),
        TEST(charges_of_days_to_come_say_nothing_about_the_days_before_them),
        TEST(the_end_of_a_longer_month_stands_beside_the_whole_of_a_shorter_one),
        TEST(the_end_of_a_month_stands_beside_the_end_of_the_month_before),
        TEST(a_year_begins_with_its_january),
        TEST(on_the_first_day_of_a_month_the_one_that_has_just_ended_is_summed_up),
        TEST(before_any_day_is_over_a_month_has_no_sum),
        TEST(a_charge_behind_its_billing_period_begins_no_month),
        TEST(charges_of_earlier_days_do_not_make_the_month_of_their_bill),
        TEST(currencies_are_never_added),
        TEST(nothing_before_makes_no_percentage),
        TEST(digits_are_kept),
        TEST(an_answer_is_kept_until_the_day_or_the_ledger_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
