/* channels: each finds what it is for, and is quiet where it is not. */
#include <math.h>

#include "base/check.h"
#include "base/date.h"
#include "base/rand.h"
#include "detect/detect.h"
#include "test.h"

enum { N = 300, ARENA = 8 << 20, AT = 220 };

static const double turn = 6.283185307179586;

static double normal(struct fth_rng *rng)
{
    return sqrt(-2 * log(1 - fth_rng_unit(rng))) * cos(turn * fth_rng_unit(rng));
}

/* 1 January 2024 was a Monday. */
static int32_t first_day(void)
{
    return fth_date_from_civil(2024, 1, 1);
}

static struct fth_civil civil(int t)
{
    return fth_date_to_civil(first_day() + t);
}

/* Days around a level of 100 with noise of 4 %, weekends at `weekend`. */
static void usual(uint64_t seed, double weekend, double *y)
{
    struct fth_rng rng = fth_rng_seeded(seed);

    for (int t = 0; t < N; t++)
        y[t] = 100 * exp(0.04 * normal(&rng)) * (t % 7 > 4 ? weekend : 1);
}

static struct fth_detection found_in(const double *y, size_t n)
{
    struct fth_detection out;
    struct fth_err err = {0};

    assert_ok(fth_detect_replay(y, n, first_day(), FTH_DETECT_FALSE_ALARMS, test_arena(ARENA), &out,
                                &err),
              &err);
    return out;
}

/* Alarms from day `from` on; the first one into *first. */
static size_t alarms(const double *y, size_t n, int from, struct fth_detect_event *first)
{
    struct fth_detection found = found_in(y, n);
    size_t nr = 0;

    for (size_t i = 0; i < found.event_nr; i++) {
        const struct fth_detect_event *event = &found.events[i];

        if (event->score < 1 || event->start < first_day() + from)
            continue;
        if (nr++ == 0 && first)
            *first = *event;
    }
    return nr;
}

static void print_alarms(const double *y, size_t n)
{
    struct fth_detection found = found_in(y, n);

    for (size_t i = 0; i < found.event_nr; i++)
        if (found.events[i].score >= 1)
            print_error("alarm: day %d to %d, known on %d, %s, score %.2f\n",
                        found.events[i].start - first_day(), found.events[i].end - first_day(),
                        found.events[i].detected - first_day(), found.events[i].by->id,
                        found.events[i].score);
}

static void assert_quiet(const double *y, size_t n)
{
    if (alarms(y, n, 0, NULL))
        print_alarms(y, n);
    assert_int_equal(alarms(y, n, 0, NULL), 0);
}

/* One alarm, about day AT, known within `delay` days. */
static struct fth_detect_event assert_found(const double *y, size_t n, int delay)
{
    struct fth_detect_event event = {0};
    size_t nr = alarms(y, n, 0, &event);

    if (nr != 1)
        print_alarms(y, n);
    assert_int_equal(nr, 1);
    assert_in_range(event.start, first_day() + AT - 1, first_day() + AT + delay);
    assert_in_range(event.detected, first_day() + AT, first_day() + AT + delay);
    return event;
}

static void usual_days_are_quiet(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        usual(seed, 1, y);
        assert_quiet(y, N);
        usual(seed, 0.5, y);
        assert_quiet(y, N);
    }
}

static void a_day_that_costs_more_is_a_rise_at_once(void **state)
{
    struct fth_detect_event event;
    double y[N];

    (void)state;
    usual(1, 0.5, y);
    y[AT] *= 1.5;
    event = assert_found(y, N, 0);
    assert_true(event.up);
    assert_string_equal(event.by->id, "up");
    assert_true(event.actual - event.expected > 30 && event.actual - event.expected < 65);
}

static void a_day_that_costs_less_is_a_fall_two_days_later(void **state)
{
    struct fth_detect_event event;
    double y[N];

    (void)state;
    usual(1, 1, y);
    y[AT] *= 0.4;
    event = assert_found(y, N, 2);
    assert_false(event.up);
    assert_int_equal(event.start, first_day() + AT);
    assert_int_equal(event.detected, first_day() + AT + 2);
    assert_string_equal(event.by->id, "down");
}

static void the_last_two_days_never_fall(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        usual(seed, 1, y);
        y[AT] *= 0.6;
        y[AT + 1] *= 0.1;
        assert_quiet(y, AT + 2);
        y[AT] = y[AT + 1] = 0;
        assert_quiet(y, AT + 2);
    }
}

static void a_small_step_is_found_within_a_week(void **state)
{
    double y[N];

    (void)state;
    usual(2, 1, y);
    for (int t = AT; t < N; t++)
        y[t] *= 1.14;
    assert_true(assert_found(y, N, 6).up);
}

static void a_step_that_lasts_is_told_once(void **state)
{
    double y[N];

    (void)state;
    usual(1, 0.5, y);
    for (int t = AT; t < N; t++)
        y[t] *= 2;
    assert_found(y, N, 0);
    for (int t = AT; t < N; t++)
        y[t] /= 4;
    assert_false(assert_found(y, N, 2).up);
}

static void a_slow_rise_is_found(void **state)
{
    struct fth_detect_event event = {0};
    double y[N];

    (void)state;
    usual(1, 1, y);
    for (int t = AT; t < N; t++)
        y[t] *= 1 + 0.5 * fmin((t - AT) / 25.0, 1);
    if (alarms(y, N, 0, &event) == 0)
        print_alarms(y, N);
    assert_true(alarms(y, N, 0, &event) > 0);
    assert_in_range(event.start, first_day() + AT, first_day() + AT + 25);
    assert_true(event.up);
}

static void a_weekend_that_runs_on_is_found(void **state)
{
    double y[N];
    int saturday = AT + 2; /* AT is a Thursday */

    (void)state;
    usual(1, 0.7, y);
    y[saturday] /= 0.7;
    y[saturday + 1] /= 0.7;
    assert_true(alarms(y, N, saturday - 1, NULL) == 1);
}

static void new_spend_is_told_on_its_first_day_and_once(void **state)
{
    struct fth_detect_event event;
    double y[N];

    (void)state;
    usual(1, 1, y);
    for (int t = 0; t < AT; t++)
        y[t] = 0;
    event = assert_found(y, N, 0);
    assert_string_equal(event.by->id, "begin");
}

static void spend_that_ends_is_told_once(void **state)
{
    double y[N];

    (void)state;
    usual(1, 1, y);
    for (int t = AT; t < N; t++)
        y[t] = 0;
    assert_false(assert_found(y, N, 2).up);
}

/* ---- what the calendar explains ---- */

static void a_fee_every_month_is_no_news(void **state)
{
    double y[N];

    (void)state;
    usual(1, 1, y);
    for (int t = 0; t < N; t++)
        if (civil(t).day == 3)
            y[t] += 500;
    assert_int_equal(alarms(y, N, 60, NULL), 0);
    y[AT] += 500; /* on another day it is */
    assert_int_equal(alarms(y, N, 60, NULL), 1);
}

static void the_last_day_of_every_month_is_no_news(void **state)
{
    double y[N];

    (void)state;
    usual(1, 0.5, y);
    for (int t = 0; t < N; t++)
        if (civil(t + 1).day == 1)
            y[t] *= 1.8;
    assert_int_equal(alarms(y, N, 60, NULL), 0);
}

static void a_holiday_is_no_fall_where_weekends_rest(void **state)
{
    double y[N];

    (void)state;
    usual(1, 0.5, y);
    y[91] *= 0.5;  /* 1 April 2024, Easter Monday */
    y[150] *= 0.5; /* Thursday, 30 May: a day like any other for all that is known */
    assert_quiet(y, N);
    for (int t = AT; t < AT + 3; t++) /* Thursday to Saturday */
        y[t] *= 0.5;
    assert_int_equal(alarms(y, N, AT - 3, NULL), 1);
}

static void months_of_other_lengths_make_no_step(void **state)
{
    double y[N];

    (void)state;
    usual(1, 1, y);
    for (int t = 0; t < N; t++)
        y[t] *= 30.0 / fth_date_days_in_month(civil(t).year, civil(t).month);
    assert_quiet(y, N);
}

static void what_alarmed_five_times_in_half_a_year_is_a_habit(void **state)
{
    static const int bursts[] = {70, 91, 104, 127, 146, 163, 181, 207, 230, 249};
    double y[N];

    (void)state;
    usual(1, 1, y);
    for (size_t i = 0; i < FTH_NR(bursts); i++)
        y[bursts[i]] *= 4;
    assert_int_equal(alarms(y, N, 0, NULL), 5);
    y[AT] *= 40; /* ten times as much is none */
    assert_int_equal(alarms(y, N, 0, NULL), 6);
}

/* ---- on and off ---- */

static void batch(uint64_t seed, double *y)
{
    struct fth_rng rng = fth_rng_seeded(seed);

    for (int t = 0; t < N; t++)
        y[t] = t % 7 == 3 ? 40 * exp(0.1 * normal(&rng)) : 0;
}

/* Once the first two months are over, from which the days are learned. */
static void runs_on_their_days_are_quiet(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        batch(seed, y);
        assert_int_equal(alarms(y, N, 60, NULL), 0);
    }
}

static void a_run_that_costs_more_is_found(void **state)
{
    double y[N];

    (void)state;
    batch(1, y);
    y[AT] *= 4;
    assert_int_equal(alarms(y, N, 30, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(usual_days_are_quiet),
        TEST(a_day_that_costs_more_is_a_rise_at_once),
        TEST(a_day_that_costs_less_is_a_fall_two_days_later),
        TEST(the_last_two_days_never_fall),
        TEST(a_small_step_is_found_within_a_week),
        TEST(a_step_that_lasts_is_told_once),
        TEST(a_slow_rise_is_found),
        TEST(a_weekend_that_runs_on_is_found),
        TEST(new_spend_is_told_on_its_first_day_and_once),
        TEST(spend_that_ends_is_told_once),
        TEST(a_fee_every_month_is_no_news),
        TEST(the_last_day_of_every_month_is_no_news),
        TEST(a_holiday_is_no_fall_where_weekends_rest),
        TEST(months_of_other_lengths_make_no_step),
        TEST(what_alarmed_five_times_in_half_a_year_is_a_habit),
        TEST(runs_on_their_days_are_quiet),
        TEST(a_run_that_costs_more_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
