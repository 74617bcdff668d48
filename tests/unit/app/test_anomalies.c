/* anomalies: which alarms are one case, how cases live on, what is learned from them, who sees them
 * and what they are called. The store on SQLite and on PostgreSQL. */
#include "app/anomalies.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "app/anomaly_int.h"
#include "app/maintain.h"
#include "auth/who.h"
#include "base/check.h"
#include "plan/filter.h"
#include "test.h"
#include "test_db.h"

enum { SERIES = 16, DAYS = 200, FIRST = 20000 };

/* ---- made series and events ---- */

struct made {
    struct fth_arena *arena;
    struct fth_monitored series[SERIES];
    size_t series_nr;
    struct fth_monitor_event events[SERIES];
    size_t nr;
};

static struct made made_of(struct fth_arena *arena)
{
    return (struct made){.arena = arena};
}

static struct fth_monitor_scope scope_of(enum fth_level level, const char *a, const char *b)
{
    struct fth_monitor_scope scope = {.level = level};

    if (level == FTH_LEVEL_ACCOUNT || level == FTH_LEVEL_ACCOUNT_SERVICE)
        scope.account = fth_str_c(a);
    if (level == FTH_LEVEL_ACCOUNT)
        scope.account_name = FTH_STR("prod-core");
    if (level == FTH_LEVEL_SERVICE)
        scope.service = fth_str_c(a);
    if (level == FTH_LEVEL_ACCOUNT_SERVICE)
        scope.service = fth_str_c(b);
    if (level == FTH_LEVEL_TAG) {
        scope.tag = fth_str_c(a);
        scope.value = fth_str_c(b);
    }
    return scope;
}

static struct fth_money money(double value)
{
    struct fth_err err = {0};
    struct fth_money out;

    assert_ok(fth_money_from_double(value, &out, &err), &err);
    return out;
}

/* A series of 100 a day. */
static struct fth_monitored *series_in(struct made *made, struct fth_monitor_scope scope)
{
    struct fth_monitored *series = &made->series[made->series_nr++];
    struct fth_money *amount = FTH_NEW_ARRAY(made->arena, struct fth_money, DAYS);

    assert_true(made->series_nr <= SERIES);
    assert_non_null(amount);
    for (size_t i = 0; i < DAYS; i++)
        amount[i] = money(100);
    *series = (struct fth_monitored){scope, FTH_STR("USD"), FIRST, DAYS, amount};
    return series;
}

/* An event in a series of its own, of so many days, that costs so much a day beside what was
 * expected. */
static struct fth_monitor_event *event_in(struct made *made, struct fth_monitor_scope scope,
                                          int32_t start, int32_t days, double a_day)
{
    struct fth_monitor_event *event = &made->events[made->nr++];
    double sign = a_day < 0 ? -1 : 1;

    *event = (struct fth_monitor_event){.series = series_in(made, scope),
                                        .start = FIRST + start,
                                        .end = FIRST + start + days - 1,
                                        .detected = FIRST + start,
                                        .score = 2,
                                        .channel = "up",
                                        .up = a_day > 0,
                                        .actual = money(100 * days + a_day * days),
                                        .expected = money(100 * days),
                                        .impact = money(a_day * days),
                                        .weight = sign * a_day * days};
    return event;
}

static struct fth_monitor_case *grouped(struct made *made, size_t want)
{
    const struct fth_monitor monitor = {.at = made->series, .nr = made->series_nr};
    struct fth_monitor_case *cases;
    struct fth_err err = {0};
    size_t nr;

    assert_ok(fth_monitor_group(&monitor, made->events, made->nr, made->arena, &cases, &nr, &err),
              &err);
    assert_int_equal(nr, want);
    return cases;
}

static void an_event_belongs_to_the_part_that_explains_it(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 100, 3, 110);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 100, 3, 105);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 100, 3, 104);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 101, 2, 150);
    cases = grouped(&made, 1);
    assert_int_equal(cases[0].root->series->scope.level, FTH_LEVEL_ACCOUNT_SERVICE);
    assert_int_equal(cases[0].seen_nr, 3);
    assert_int_equal(cases[0].seen[0]->series->scope.level, FTH_LEVEL_TOTAL); /* the largest */
}

static void an_account_that_rises_as_a_whole_is_one_event(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 100, 3, 300);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 100, 3, 300);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 100, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Compute"), 100, 3, 110);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Storage"), 100, 3, 90);
    cases = grouped(&made, 1);
    assert_int_equal(cases[0].root->series->scope.level, FTH_LEVEL_ACCOUNT);
    assert_int_equal(cases[0].seen_nr, 4);
}

static void what_has_nothing_to_do_with_each_other_is_several(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 100, 3, 200);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "2", "Compute"), 100, 3,
             150);                                                             /* elsewhere */
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 100, 3, -90);      /* less */
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 110, 3, 80); /* later */
    cases = grouped(&made, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cases[i].seen_nr, 0);
    assert_true(cases[0].root->weight >= cases[1].root->weight);
}

static void a_total_belongs_to_the_largest_of_what_makes_it(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 100, 3, 300);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 100, 3, 160);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "2", "Compute"), 100, 3, 120);
    cases = grouped(&made, 2);
    assert_int_equal(cases[0].seen_nr, 1);
    assert_int_equal(cases[1].seen_nr, 0);
    assert_str(cases[0].root->series->scope.account, "1");
}

static void a_total_that_nothing_explains_stands_alone(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 100, 3, 900);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 100, 3, 50);
    cases = grouped(&made, 2);
    assert_int_equal(cases[0].root->series->scope.level, FTH_LEVEL_TOTAL);
}

static void a_tag_is_another_view_of_an_event_as_large(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_TAG, "Team", "search"), 100, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_TAG, "Team", "ads"), 100, 3, 20);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 100, 3, 110);
    cases = grouped(&made, 2);
    assert_int_equal(cases[0].root->series->scope.level, FTH_LEVEL_ACCOUNT_SERVICE);
    assert_int_equal(cases[0].seen_nr, 1);
    assert_str(cases[1].root->series->scope.value, "ads");
}

static void an_account_and_a_service_are_one_by_what_they_share(void **state)
{
    struct made made = made_of(test_arena(4 << 20));
    struct fth_monitor_case *cases;
    struct fth_monitored *shared;
    struct fth_money *amount = FTH_NEW_ARRAY(made.arena, struct fth_money, DAYS);

    (void)state;
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 100, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 101, 2, 100);
    shared = series_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"));
    (void)grouped(&made, 2); /* it did not move */
    assert_non_null(amount);
    for (size_t i = 0; i < DAYS; i++)
        amount[i] = money(i >= 100 && i < 103 ? 170 : 100);
    shared->amount = amount;
    cases = grouped(&made, 1);
    assert_int_equal(cases[0].root->series->scope.level, FTH_LEVEL_ACCOUNT); /* it costs less */
    assert_int_equal(cases[0].seen_nr, 1);
    made.events[0].weight = 1000; /* much more than what they share */
    cases = grouped(&made, 1);
    assert_int_equal(cases[0].root->series->scope.level, FTH_LEVEL_SERVICE);
}

/* ---- what is learned ---- */

/* 100 a day, by weekday, with a peak. */
static struct fth_monitored *peaked(struct made *made, int32_t start, int32_t days, double times)
{
    struct fth_monitored *series = series_in(made, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL));
    struct fth_money *amount = FTH_NEW_ARRAY(made->arena, struct fth_money, DAYS);

    assert_non_null(amount);
    for (int32_t i = 0; i < DAYS; i++) {
        double y = 100 + 7 * ((i * 37) % 11) / 11.0 + (i % 7 > 4 ? -30 : 0);

        amount[i] = money(y * (i >= start && i < start + days ? times : 1));
    }
    series->amount = amount;
    return series;
}

static struct fth_monitor_event_vec found_in(struct made *made, const struct fth_lesson *lessons,
                                             size_t nr)
{
    const struct fth_monitor monitor = {.at = made->series, .nr = made->series_nr};
    const struct fth_monitor_wish wish = {
        .false_alarms = 0.35, .score_least = 1, .lessons = lessons, .lesson_nr = nr, .threads = 1};
    struct fth_monitor_event_vec events;
    struct fth_err err = {0};

    assert_ok(fth_monitor_detect(&monitor, &wish, made->arena, &events, &err), &err);
    return events;
}

static struct fth_lesson lesson_of(enum fth_lesson_kind kind, const struct fth_monitor_event *event)
{
    return (struct fth_lesson){.kind = kind,
                               .scope = event->series->scope,
                               .currency = event->series->currency,
                               .up = event->up,
                               .start = event->start,
                               .end = event->end,
                               .actual = fth_money_to_double(event->actual),
                               .expected = fth_money_to_double(event->expected)};
}

static void amounts_of_an_event_are_those_of_its_days(void **state)
{
    struct made made = made_of(test_arena(64 << 20));
    struct fth_monitored *series = peaked(&made, 150, 2, 2);
    struct fth_monitor_event_vec events = found_in(&made, NULL, 0);
    struct fth_money actual = series->amount[150];
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(events.nr, 1);
    assert_ok(fth_money_add(&actual, series->amount[151], &err), &err);
    assert_int_equal(events.at[0].start, FIRST + 150);
    assert_int_equal(events.at[0].end, FIRST + 151);
    assert_int_equal(fth_money_cmp(events.at[0].actual, actual), 0);
    assert_ok(fth_money_sub(&actual, events.at[0].expected, &err), &err);
    assert_int_equal(fth_money_cmp(events.at[0].impact, actual), 0);
    assert_int_equal(
        fth_money_cmp(events.at[0].expected, fth_money_round(events.at[0].expected, 2)), 0);
}

static void each_kind_of_lesson_silences_its_event_in_its_scope(void **state)
{
    static const enum fth_lesson_kind kinds[] = {FTH_LESSON_ONE_OFF, FTH_LESSON_SEASONAL};
    struct made made = made_of(test_arena(64 << 20));

    (void)state;
    peaked(&made, 150, 2, 2);
    for (size_t i = 0; i < FTH_NR(kinds); i++) {
        struct fth_monitor_event_vec events = found_in(&made, NULL, 0);
        struct fth_lesson lesson = lesson_of(kinds[i], &events.at[0]);

        assert_int_equal(events.nr, 1);
        assert_int_equal(found_in(&made, &lesson, 1).nr, 0);
        lesson.currency = FTH_STR("EUR");
        assert_int_equal(found_in(&made, &lesson, 1).nr, 1);
        lesson.currency = FTH_STR("USD");
        lesson.scope.service = FTH_STR("Storage");
        assert_int_equal(found_in(&made, &lesson, 1).nr, 1);
    }
}

static void a_planned_level_is_what_is_usual(void **state)
{
    struct made made = made_of(test_arena(64 << 20));
    struct fth_monitor_event_vec events;
    struct fth_lesson lesson;

    (void)state;
    peaked(&made, 150, DAYS, 1.5);
    events = found_in(&made, NULL, 0);
    assert_int_equal(events.nr, 1);
    lesson = lesson_of(FTH_LESSON_PLANNED, &events.at[0]);
    assert_int_equal(found_in(&made, &lesson, 1).nr, 0);
}

static void a_season_comes_on_the_same_day_of_the_month_and_not_much_larger(void **state)
{
    struct made made = made_of(test_arena(64 << 20));
    struct fth_monitor_event_vec events;
    struct fth_lesson lesson;
    int32_t month = fth_date_add_months(FIRST + 150, -1);

    (void)state;
    peaked(&made, 150, 1, 2);
    events = found_in(&made, NULL, 0);
    lesson = lesson_of(FTH_LESSON_SEASONAL, &events.at[0]);
    lesson.start = lesson.end = month;
    assert_int_equal(found_in(&made, &lesson, 1).nr, 0);
    lesson.start = lesson.end = month + 12;
    assert_int_equal(found_in(&made, &lesson, 1).nr, 1);
    lesson.start = lesson.end = month;
    lesson.actual = lesson.expected + (lesson.actual - lesson.expected) / 2;
    assert_int_equal(found_in(&made, &lesson, 1).nr, 1);
}

/* ---- who sees it ---- */

static bool sees(const char *filter, struct fth_monitor_scope scope)
{
    const struct fth_filter *parsed = NULL;
    struct fth_err err = {0};

    assert_ok(fth_filter_parse(test_arena(1 << 20), fth_str_c(filter), &parsed, &err), &err);
    return fth_anomaly_inside(parsed, &scope);
}

static void a_case_is_seen_by_whose_scope_surely_holds_all_of_it(void **state)
{
    struct fth_monitor_scope part = scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network");
    struct fth_monitor_scope account = scope_of(FTH_LEVEL_ACCOUNT, "1", NULL);
    struct fth_monitor_scope team = scope_of(FTH_LEVEL_TAG, "Team", "search");

    (void)state;
    assert_true(fth_anomaly_inside(NULL, &part));
    assert_true(sees("sub_account = \"1\"", part));
    assert_true(sees("sub_account in (\"1\", \"2\") and service = \"Network\"", part));
    assert_false(sees("sub_account in (\"1\", \"2\") and service = \"Network\"", account));
    assert_false(sees("sub_account = \"2\"", part));
    assert_false(sees("not sub_account = \"1\"", part));
    assert_true(sees("not sub_account = \"2\"", part));
    assert_true(sees("sub_account = \"1\" or region = \"eu-1\"", part));
    assert_false(sees("region = \"eu-1\"", part)); /* not known of all its charges */
    assert_false(sees("not region = \"eu-1\"", part));
    assert_false(sees("sub_account contains \"1\"", part)); /* labels are looked at, too */
    assert_false(sees("sub_account = \"1\"", scope_of(FTH_LEVEL_TOTAL, NULL, NULL)));
    assert_true(sees("tag.Team = \"search\"", team));
    assert_false(sees("tag.Team = \"search\"", account));
    assert_false(sees("tag.team = \"search\"", team));
}

/* ---- what it is called ---- */

static void titled(const struct fth_anomaly *anomaly, int year, const char *want)
{
    struct fth_buf buf = fth_buf_max(4096);

    fth_anomaly_put_title(&buf, anomaly, year);
    assert_str(fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

static void a_title_says_what_since_when_and_how_much(void **state)
{
    struct fth_anomaly anomaly = {
        .scope = scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "NAT Gateway"),
        .currency = FTH_STR("USD"),
        .up = true,
        .ongoing = true,
        .start = fth_date_from_civil(2026, 3, 3),
        .end = fth_date_from_civil(2026, 3, 5),
        .actual = money(1751),
        .expected = money(515),
        .impact = money(1236),
    };

    (void)state;
    anomaly.scope.account_name = FTH_STR("prod-core");
    titled(&anomaly, 2026, "NAT Gateway in prod-core +$412 a day since 3 March, 3.4× expected");
    titled(&anomaly, 2027,
           "NAT Gateway in prod-core +$412 a day since 3 March 2026, 3.4× expected");
    anomaly.ongoing = false;
    titled(&anomaly, 2026, "NAT Gateway in prod-core +$412 a day from 3 to 5 March, 3.4× expected");
    anomaly.end = fth_date_from_civil(2026, 4, 1);
    anomaly.scope = scope_of(FTH_LEVEL_SERVICE, "NAT Gateway", NULL);
    titled(&anomaly, 2026, "NAT Gateway +$41.20 a day from 3 March to 1 April, 3.4× expected");
    anomaly.end = anomaly.start;
    anomaly.currency = FTH_STR("CHF");
    anomaly.scope = scope_of(FTH_LEVEL_TOTAL, NULL, NULL);
    titled(&anomaly, 2026, "All costs +1,236 CHF on 3 March, 3.4× expected");
    anomaly.scope = scope_of(FTH_LEVEL_TAG, "Team", "search");
    anomaly.expected = FTH_MONEY_ZERO;
    titled(&anomaly, 2026, "Team: search +1,236 CHF on 3 March, where nothing was expected");
    anomaly.actual = money(0);
    anomaly.expected = money(50);
    anomaly.impact = money(-50);
    anomaly.currency = FTH_STR("EUR");
    titled(&anomaly, 2026, "Team: search −€50.00 on 3 March, 100 % less than expected");
}

/* ---- how cases live on ---- */

struct world {
    struct fth_app *app;
    struct fth_arena *arena;
    int64_t now_us;
};

static void open_world(struct world *world, void **state)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_err err = {0};

    (void)test_db(state);
    *world =
        (struct world){.arena = test_arena(64 << 20), .now_us = (FIRST + DAYS + 2) * FTH_DAY_US};
    conf.log_fd = -1;
    conf.state_url = test_db_url(state);
    conf.clock = fth_clock_fixed(&world->now_us);
    assert_ok(fth_app_open(test_dir(), &conf, &world->app, &err), &err);
}

static struct fth_asked asked_in(const struct world *world)
{
    return (struct fth_asked){.app = world->app, .arena = world->arena};
}

/* A run that finds these events. */
static struct fth_anomaly_changes ran(const struct world *world, struct made *made, double score)
{
    const struct fth_asked asked = asked_in(world);
    const struct fth_monitor monitor = {
        .at = made->series, .nr = made->series_nr, .until = FIRST + DAYS - 1};
    struct fth_anomaly_found found = {.monitor = &monitor};
    struct fth_anomaly_changes changes = {-1, -1, -1};
    struct fth_monitor_case *cases;
    struct fth_err err = {0};

    assert_ok(fth_monitor_group(&monitor, made->events, score < 1 ? 0 : made->nr, made->arena,
                                &cases, &found.case_nr, &err),
              &err);
    found.cases = cases;
    found.hints = made->events;
    found.hint_nr = made->nr;
    assert_ok(fth_anomaly_sync(&asked, &found, &changes, &err), &err);
    return changes;
}

static const struct fth_anomaly *read_one(const struct world *world, const char *id)
{
    const struct fth_asked asked = asked_in(world);
    const struct fth_anomaly *anomaly = NULL;
    struct fth_err err = {0};

    assert_ok(fth_anomaly_find(&asked, fth_str_c(id), &anomaly, &err), &err);
    return anomaly;
}

static void decide(const struct world *world, const char *id, const char *patch)
{
    const struct fth_asked asked = asked_in(world);
    const struct fth_anomaly *out;
    const struct fth_json *json;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(world->arena, fth_str_c(patch), NULL, &json, &err), &err);
    assert_ok(fth_anomaly_decide(&asked, read_one(world, id), json, FTH_STR("r1"), &out, &err),
              &err);
}

static void changes_are(struct fth_anomaly_changes got, int opened, int changed, int gone)
{
    assert_int_equal(got.opened, opened);
    assert_int_equal(got.changed, changed);
    assert_int_equal(got.gone, gone);
}

static void a_case_keeps_its_id_as_it_grows_and_where_it_turns_out_to_belong(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_event *total, *part;
    struct world world;

    open_world(&world, state);
    total = event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 195, 1, 100);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    assert_int_equal(read_one(&world, "A-1")->scope.level, FTH_LEVEL_TOTAL);
    part = event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 195, 2, 100);
    total->end++;
    changes_are(ran(&world, &made, 2), 0, 1, 0);
    assert_int_equal(read_one(&world, "A-1")->scope.level, FTH_LEVEL_ACCOUNT_SERVICE);
    assert_int_equal(read_one(&world, "A-1")->end, part->end);
    assert_true(read_one(&world, "A-1")->ongoing);
    assert_str(read_one(&world, "A-1")->severity, "high");
    fth_app_close(world.app);
}

/* The object AnomalyDetail, as somebody sees it. */
static struct fth_str shown_to(const struct world *world, const struct fth_who *who, const char *id)
{
    struct fth_asked asked = asked_in(world);
    struct fth_buf buf = fth_buf_max(1 << 20);
    struct fth_err err = {0};
    struct fth_str out;
    struct fth_jw jw;

    asked.who = who;
    fth_jw_init(&jw, &buf);
    assert_ok(fth_anomaly_put_detail(&asked, read_one(world, id), &jw, &err), &err);
    assert_ok(fth_jw_done(&jw, &err), &err);
    assert_ok(fth_arena_str(world->arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

static bool says(struct fth_str text, const char *what)
{
    return fth_str_search(text, fth_str_c(what)) != SIZE_MAX;
}

static void what_was_said_before_a_case_moved_is_for_those_who_see_all(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    const struct fth_filter *scope = NULL;
    struct fth_err err = {0};
    struct fth_who who = {.id = FTH_STR("u1")};
    struct world world;
    struct fth_str all, part;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 195, 1, 100);
    (void)ran(&world, &made, 2);
    decide(&world, "A-1", "{\"state\":\"acknowledged\"}");
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 195, 2, 100);
    (void)ran(&world, &made, 2);
    decide(&world, "A-1", "{\"state\":\"open\"}");
    who.scope_text = FTH_STR("sub_account = \"1\"");
    assert_ok(fth_filter_parse(world.arena, who.scope_text, &scope, &err), &err);
    who.scope = scope;
    all = shown_to(&world, NULL, "A-1");
    part = shown_to(&world, &who, "A-1");
    assert_true(says(all, "\"opened\"") && says(all, "\"moved\"") && says(all, "\"grew\""));
    assert_true(says(all, "\"to\":\"acknowledged\""));
    assert_false(says(part, "\"opened\"") || says(part, "\"moved\""));
    assert_false(says(part, "\"to\":\"acknowledged\""));
    assert_true(says(part, "\"grew\"") && says(part, "\"to\":\"open\""));
    fth_app_close(world.app);
}

static void two_cases_that_turn_out_to_be_one_are_merged(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_event *account;
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Compute"), 190, 3, 90);
    changes_are(ran(&world, &made, 2), 2, 0, 0);
    account = event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 190, 3, 200);
    changes_are(ran(&world, &made, 2), 0, 2, 0);
    assert_int_equal(read_one(&world, "A-1")->scope.level, account->series->scope.level);
    assert_str(read_one(&world, "A-2")->state, "merged");
    assert_str(read_one(&world, "A-2")->merged_into, "A-1");
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    fth_app_close(world.app);
}

static void parts_go_with_the_case_that_becomes_a_part(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Compute"), 190, 3, 90);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "2", "Compute"), 190, 3, 80);
    changes_are(ran(&world, &made, 2), 3, 0, 0);
    decide(&world, "A-3", "{\"merged_into\":\"A-2\"}");
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 190, 3, 200);
    made.events[2].end++; /* it is written, too */
    changes_are(ran(&world, &made, 2), 0, 3, 0);
    assert_str(read_one(&world, "A-2")->merged_into, "A-1");
    assert_str(read_one(&world, "A-3")->merged_into, "A-1");
    assert_int_equal(read_one(&world, "A-3")->end, FIRST + 193);
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    fth_app_close(world.app);
}

struct merging {
    struct fth_asked asked;
    const char *patch;
    const struct fth_anomaly *of;
};

static void *merge_one(void *arg)
{
    struct merging *merging = arg;
    const struct fth_anomaly *out;
    const struct fth_json *json;
    struct fth_err err = {0};

    if (!fth_json_parse(merging->asked.arena, fth_str_c(merging->patch), NULL, &json, &err))
        (void)fth_anomaly_decide(&merging->asked, merging->of, json, FTH_STR("r1"), &out, &err);
    return NULL;
}

static void of_two_who_merge_two_cases_into_each_other_one_is_refused(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL), 190, 3, 90);
    changes_are(ran(&world, &made, 2), 2, 0, 0);
    for (int round = 0; round < 30; round++) {
        struct merging of[2] = {{.patch = "{\"merged_into\":\"A-2\"}"},
                                {.patch = "{\"merged_into\":\"A-1\"}"}};
        struct fth_err err = {0};
        pthread_t threads[2];
        bool first, second;

        for (size_t i = 0; i < 2; i++) {
            of[i].asked = (struct fth_asked){.app = world.app, .arena = fth_arena_new(4 << 20)};
            assert_non_null(of[i].asked.arena);
            of[i].of = read_one(&world, i ? "A-2" : "A-1");
        }
        for (size_t i = 0; i < 2; i++)
            assert_ok(fth_thread_start(&threads[i], merge_one, &of[i], &err), &err);
        for (size_t i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
            fth_arena_free(of[i].asked.arena);
        }
        first = fth_anomaly_is(read_one(&world, "A-1"), "merged");
        second = fth_anomaly_is(read_one(&world, "A-2"), "merged");
        assert_false(first && second);
        if (first || second)
            decide(&world, first ? "A-1" : "A-2", "{\"merged_into\":null}");
    }
    fth_app_close(world.app);
}

static void what_a_person_took_out_of_a_merge_stays_out(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Compute"), 190, 3, 90);
    changes_are(ran(&world, &made, 2), 2, 0, 0);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 190, 3, 200);
    changes_are(ran(&world, &made, 2), 0, 2, 0);
    decide(&world, "A-2", "{\"merged_into\":null}");
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    assert_str(read_one(&world, "A-2")->state, "open");
    decide(&world, "A-2", "{\"merged_into\":\"A-1\"}");
    decide(&world, "A-1", "{\"state\":\"acknowledged\"}");
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    assert_str(read_one(&world, "A-2")->merged_into, "A-1");
    fth_app_close(world.app);
}

static void what_is_no_longer_found_is_resolved_unless_it_is_still_odd(void **state)
{
    struct made made = made_of(test_arena(16 << 20)), calm = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 3, 100);
    (void)ran(&world, &made, 2);
    changes_are(ran(&world, &made, 0.7), 0, 0, 0);
    series_in(&calm, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL));
    changes_are(ran(&world, &calm, 2), 0, 0, 0); /* its series was not looked at */
    series_in(&calm, scope_of(FTH_LEVEL_SERVICE, "Network", NULL));
    changes_are(ran(&world, &calm, 2), 0, 0, 1);
    assert_str(read_one(&world, "A-1")->state, "resolved");
    changes_are(ran(&world, &made, 2), 0, 1, 0);
    assert_str(read_one(&world, "A-1")->state, "open");
    decide(&world, "A-1", "{\"state\":\"resolved\",\"cause\":\"a fix\"}");
    changes_are(ran(&world, &calm, 2), 0, 0, 0);
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    assert_str(read_one(&world, "A-1")->cause, "a fix");
    fth_app_close(world.app);
}

static void events_of_a_scope_beside_each_other_keep_their_cases(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_scope network = scope_of(FTH_LEVEL_SERVICE, "Network", NULL);
    struct world world;

    open_world(&world, state);
    event_in(&made, network, 180, 2, 100);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    decide(&world, "A-1", "{\"state\":\"resolved\",\"cause\":\"a fix\"}");
    event_in(&made, network, 183, 3, 300); /* the larger one comes first */
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    decide(&world, "A-1", "{\"state\":\"open\"}");
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    assert_str(read_one(&world, "A-2")->state, "open");
    assert_int_equal(read_one(&world, "A-1")->start, FIRST + 180);
    fth_app_close(world.app);
}

static void at_another_level_only_the_same_days_are_the_same_event(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_event *total;
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 190, 2, 100);
    total = event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 190, 2, 110);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    total->start = FIRST + 193; /* and not behind them */
    total->end = FIRST + 194;
    total->weight = 5000;
    changes_are(ran(&world, &made, 2), 1, 1, 0); /* the first is seen at one level less */
    assert_int_equal(read_one(&world, "A-1")->scope.level, FTH_LEVEL_ACCOUNT_SERVICE);
    assert_int_equal(read_one(&world, "A-2")->scope.level, FTH_LEVEL_TOTAL);
    fth_app_close(world.app);
}

static void of_two_cases_the_one_to_be_looked_at_goes_on(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_event *event;
    struct world world;

    open_world(&world, state);
    event = event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 185, 3, 100);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    decide(&world, "A-1", "{\"state\":\"false_positive\",\"kind\":\"one_off\"}");
    event->start = event->end = FIRST + 189;
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    event->start = FIRST + 187; /* days of both */
    changes_are(ran(&world, &made, 2), 0, 1, 0);
    assert_int_equal(read_one(&world, "A-2")->start, FIRST + 187);
    fth_app_close(world.app);
}

static void a_part_stands_for_the_whole_that_is_found_no_more(void **state)
{
    struct made made = made_of(test_arena(16 << 20)), part = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL), 190, 3, 90);
    changes_are(ran(&world, &made, 2), 2, 0, 0);
    decide(&world, "A-2", "{\"merged_into\":\"A-1\"}");
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    event_in(&part, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL), 190, 4, 90);
    series_in(&part, scope_of(FTH_LEVEL_SERVICE, "Network", NULL));
    changes_are(ran(&world, &part, 2), 0, 1, 0);
    assert_str(read_one(&world, "A-1")->state, "open");
    assert_str(read_one(&world, "A-1")->scope.service, "Compute");
    assert_int_equal(read_one(&world, "A-1")->end, FIRST + 193);
    assert_str(read_one(&world, "A-2")->merged_into, "A-1");
    fth_app_close(world.app);
}

static void only_what_was_decided_is_a_false_positive(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_event *part, *total;
    struct world world;

    open_world(&world, state);
    part = event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 185, 3, 100);
    total = event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 185, 3, 110);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    decide(&world, "A-1", "{\"state\":\"false_positive\",\"kind\":\"one_off\"}");
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    part->start = part->end = FIRST + 189; /* two days behind it */
    total->start = total->end = FIRST + 189;
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    assert_str(read_one(&world, "A-2")->state, "open");
    *part = *total; /* the decided days, where it was seen besides */
    part->start = total->start = FIRST + 186;
    made.nr = 1;
    decide(&world, "A-2", "{\"state\":\"false_positive\",\"kind\":\"one_off\"}");
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    assert_int_equal(read_one(&world, "A-3")->scope.level, FTH_LEVEL_TOTAL);
    assert_str(read_one(&world, "A-1")->state, "false_positive");
    fth_app_close(world.app);
}

static void a_planned_level_opens_nothing_in_the_scopes_around_it(void **state)
{
    struct made made = made_of(test_arena(16 << 20)), around = made_of(test_arena(16 << 20));
    struct fth_monitor_event *total;
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 190, 4, 100);
    event_in(&made, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 190, 4, 110);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    decide(&world, "A-1", "{\"state\":\"false_positive\",\"kind\":\"planned\"}");
    total = event_in(&around, scope_of(FTH_LEVEL_TOTAL, NULL, NULL), 190, 6, 110);
    changes_are(ran(&world, &around, 2), 0, 0, 0);
    total->start = FIRST + 194; /* what begins later is another */
    changes_are(ran(&world, &around, 2), 1, 0, 0);
    fth_app_close(world.app);
}

static void what_begins_behind_a_resolved_case_is_a_new_one(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct fth_monitor_event *event;
    struct world world;

    open_world(&world, state);
    event = event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 185, 3, 100);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    decide(&world, "A-1", "{\"state\":\"resolved\",\"cause\":\"a fix\"}");
    event->end++; /* the same, with the days until the fix */
    changes_are(ran(&world, &made, 2), 0, 1, 0);
    assert_str(read_one(&world, "A-1")->state, "resolved");
    event->start = event->end = FIRST + 189;
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    assert_int_equal(read_one(&world, "A-1")->end, FIRST + 188);
    assert_str(read_one(&world, "A-2")->state, "open");
    fth_app_close(world.app);
}

static void what_is_small_or_long_over_opens_nothing(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 1, 4.99);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL), 100, 2, 1000);
    changes_are(ran(&world, &made, 2), 0, 0, 0);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Storage", NULL), 190, 1, 5);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    fth_app_close(world.app);
}

static void the_first_days_of_history_take_no_case_away(void **state)
{
    struct made made = made_of(test_arena(16 << 20)), calm = made_of(test_arena(16 << 20));
    struct fth_monitored *series;
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 1, 100);
    (void)ran(&world, &made, 2);
    series = series_in(&calm, scope_of(FTH_LEVEL_SERVICE, "Network", NULL));
    series->start = FIRST + 150;
    series->n = DAYS - 150;
    changes_are(ran(&world, &calm, 2), 0, 0, 0);
    fth_app_close(world.app);
}

static void a_source_that_falls_behind_takes_no_case_away(void **state)
{
    struct made made = made_of(test_arena(16 << 20)), calm = made_of(test_arena(16 << 20));
    struct fth_monitored *series;
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 1, 100);
    (void)ran(&world, &made, 2);
    series = series_in(&calm, scope_of(FTH_LEVEL_SERVICE, "Network", NULL));
    series->uncounted_first = FIRST;
    series->uncounted_end = FIRST + 191;
    changes_are(ran(&world, &calm, 2), 0, 0, 0);
    series->uncounted_end = FIRST + 190; /* it had ended before */
    changes_are(ran(&world, &calm, 2), 0, 0, 1);
    fth_app_close(world.app);
}

static void a_case_whose_series_is_watched_no_more_stays_where_it_belongs(void **state)
{
    struct made made = made_of(test_arena(16 << 20)), fewer = made_of(test_arena(16 << 20));
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_ACCOUNT_SERVICE, "1", "Network"), 190, 3, 100);
    changes_are(ran(&world, &made, 2), 1, 0, 0);
    event_in(&fewer, scope_of(FTH_LEVEL_ACCOUNT, "1", NULL), 190, 3, 100);
    changes_are(ran(&world, &fewer, 2), 0, 0, 0);
    assert_int_equal(read_one(&world, "A-1")->scope.level, FTH_LEVEL_ACCOUNT_SERVICE);
    fth_app_close(world.app);
}

static void a_snoozed_case_is_open_again_on_its_day(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    struct world world;
    char patch[96], day[11] = "";

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 3, 100);
    (void)ran(&world, &made, 2);
    fth_date_text(fth_instant_date(world.now_us) + 2, day);
    snprintf(patch, sizeof(patch), "{\"state\":\"snoozed\",\"snoozed_until\":\"%s\"}", day);
    decide(&world, "A-1", patch);
    world.now_us += FTH_DAY_US;
    assert_str(read_one(&world, "A-1")->state, "snoozed");
    world.now_us += FTH_DAY_US;
    assert_str(read_one(&world, "A-1")->state, "open");
    assert_null(read_one(&world, "A-1")->snoozed_until.p);
    fth_app_close(world.app);
}

static void a_decision_on_what_has_changed_is_a_conflict(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    const struct fth_anomaly *before, *out;
    const struct fth_json *json;
    struct fth_asked asked;
    struct fth_err err = {0};
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 3, 100);
    (void)ran(&world, &made, 2);
    before = read_one(&world, "A-1");
    decide(&world, "A-1", "{\"state\":\"acknowledged\"}");
    asked = asked_in(&world);
    assert_ok(fth_json_parse(world.arena, FTH_STR("{\"state\":\"resolved\",\"cause\":\"x\"}"), NULL,
                             &json, &err),
              &err);
    assert_int_equal(fth_anomaly_decide(&asked, before, json, FTH_STR("r1"), &out, &err),
                     FTH_E_CONFLICT);
    assert_str(read_one(&world, "A-1")->state, "acknowledged");
    fth_app_close(world.app);
}

/* Submits one, which then waits for another that seems to run, or in the queue. */
static struct fth_str queue(const struct world *world, bool detects)
{
    const struct fth_asked asked = asked_in(world);
    struct fth_err err = {0};
    char *id = fth_arena_alloc(world->arena, FTH_JOB_ID_LEN + 1);

    assert_non_null(id);
    if (detects)
        assert_ok(fth_anomalies_submit(&asked, NULL, id, &err), &err);
    else
        assert_ok(fth_maintain_submit(world->app, (struct fth_job_of){0}, NULL, id, &err), &err);
    assert_int_not_equal(id[0], 0);
    return fth_str_c(id);
}

/* So many have begun, and none waits in the queue. */
static void await_queue(const struct world *world, size_t running)
{
    struct fth_app *app = world->app;
    size_t runs = 0, waits = 1;
    bool marked = true;

    for (int i = 0; i < 10000 && (runs != running || waits || marked); i++) {
        usleep(1000);
        fth_jobs_count(app->jobs, &runs, &waits);
        fth_mutex_lock(&app->mutex);
        marked = app->to_detect || app->to_maintain;
        fth_mutex_unlock(&app->mutex);
    }
    assert_int_equal(runs, running);
    assert_int_equal(waits, 0);
    assert_false(marked);
}

/* Runs of a kind of which one at a time works, and only one waits in the queue. */
static void one_is_cancelled_while_it_waits(struct world *world, bool detects)
{
    const struct fth_asked asked = asked_in(world);
    struct fth_app *app = world->app;
    struct fth_err err = {0}, full = {0};
    char id[FTH_JOB_ID_LEN + 1];
    struct fth_str waits;

    fth_mutex_lock(&app->mutex);
    app->detecting = app->maintaining = true;
    fth_mutex_unlock(&app->mutex);
    for (size_t i = 1; i <= 2; i++) { /* all threads */
        (void)queue(world, detects);
        await_queue(world, i);
    }
    waits = queue(world, detects);
    if (detects)
        assert_int_equal(fth_anomalies_submit(&asked, NULL, id, &full), FTH_E_CONFLICT);
    assert_ok(fth_jobs_cancel(app->jobs, waits, &err), &err);
    (void)queue(world, detects);
    fth_mutex_lock(&app->mutex);
    app->detecting = app->maintaining = false;
    fth_mutex_unlock(&app->mutex);
    await_queue(world, 0);
}

static void a_run_that_is_cancelled_while_it_waits_makes_room_for_the_next(void **state)
{
    struct world world;

    open_world(&world, state);
    one_is_cancelled_while_it_waits(&world, true);
    one_is_cancelled_while_it_waits(&world, false);
    fth_app_close(world.app);
}

static void a_run_that_fails_has_changed_nothing(void **state)
{
    struct made made = made_of(test_arena(16 << 20));
    const struct fth_monitor monitor = {.at = made.series, .nr = 2, .until = FIRST + DAYS - 1};
    struct fth_anomaly_found found = {.monitor = &monitor};
    struct fth_monitor_case *cases;
    struct fth_anomaly_changes changes;
    struct fth_err err = {0};
    struct fth_asked asked;
    struct world world;

    open_world(&world, state);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Network", NULL), 190, 3, 100);
    event_in(&made, scope_of(FTH_LEVEL_SERVICE, "Compute", NULL), 190, 3, 90);
    assert_ok(
        fth_monitor_group(&monitor, made.events, made.nr, made.arena, &cases, &found.case_nr, &err),
        &err);
    found.cases = cases;
    asked = asked_in(&world);
    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        err = (struct fth_err){0};
        if (fth_anomaly_sync(&asked, &found, &changes, &err)) {
            const struct fth_anomaly *none;
            struct fth_err gone = {0};

            assert_int_equal(fth_anomaly_find(&asked, FTH_STR("A-1"), &none, &gone),
                             FTH_E_NOTFOUND);
        }
    }
    assert_str(read_one(&world, "A-1")->state, "open");
    assert_str(read_one(&world, "A-2")->state, "open");
    fth_app_close(world.app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_belongs_to_the_part_that_explains_it),
        TEST(an_account_that_rises_as_a_whole_is_one_event),
        TEST(what_has_nothing_to_do_with_each_other_is_several),
        TEST(a_total_belongs_to_the_largest_of_what_makes_it),
        TEST(a_total_that_nothing_explains_stands_alone),
        TEST(a_tag_is_another_view_of_an_event_as_large),
        TEST(an_account_and_a_service_are_one_by_what_they_share),
        TEST(amounts_of_an_event_are_those_of_its_days),
        TEST(each_kind_of_lesson_silences_its_event_in_its_scope),
        TEST(a_planned_level_is_what_is_usual),
        TEST(a_season_comes_on_the_same_day_of_the_month_and_not_much_larger),
        TEST(a_case_is_seen_by_whose_scope_surely_holds_all_of_it),
        TEST(a_title_says_what_since_when_and_how_much),
        TEST_DB(a_case_keeps_its_id_as_it_grows_and_where_it_turns_out_to_belong),
        TEST_DB(what_was_said_before_a_case_moved_is_for_those_who_see_all),
        TEST_DB(two_cases_that_turn_out_to_be_one_are_merged),
        TEST_DB(parts_go_with_the_case_that_becomes_a_part),
        TEST_DB(of_two_who_merge_two_cases_into_each_other_one_is_refused),
        TEST_DB(what_a_person_took_out_of_a_merge_stays_out),
        TEST_DB(what_is_no_longer_found_is_resolved_unless_it_is_still_odd),
        TEST_DB(events_of_a_scope_beside_each_other_keep_their_cases),
        TEST_DB(at_another_level_only_the_same_days_are_the_same_event),
        TEST_DB(of_two_cases_the_one_to_be_looked_at_goes_on),
        TEST_DB(a_part_stands_for_the_whole_that_is_found_no_more),
        TEST_DB(only_what_was_decided_is_a_false_positive),
        TEST_DB(a_planned_level_opens_nothing_in_the_scopes_around_it),
        TEST_DB(what_begins_behind_a_resolved_case_is_a_new_one),
        TEST_DB(what_is_small_or_long_over_opens_nothing),
        TEST_DB(the_first_days_of_history_take_no_case_away),
        TEST_DB(a_source_that_falls_behind_takes_no_case_away),
        TEST_DB(a_case_whose_series_is_watched_no_more_stays_where_it_belongs),
        TEST_DB(a_snoozed_case_is_open_again_on_its_day),
        TEST_DB(a_decision_on_what_has_changed_is_a_conflict),
        TEST_DB(a_run_that_is_cancelled_while_it_waits_makes_room_for_the_next),
        TEST_DB(a_run_that_fails_has_changed_nothing),
    };

    return cmocka_run_group_tests_name("anomalies", tests, NULL, NULL);
}
