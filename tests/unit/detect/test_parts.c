/* parts: tail, holidays, pauses, memory and baseline. */
#include <math.h>

#include "base/date.h"
#include "base/rand.h"
#include "detect/baseline.h"
#include "detect/holiday.h"
#include "detect/memory.h"
#include "detect/pause.h"
#include "detect/tail.h"
#include "test.h"

static const struct fth_tail_prior prior = {.share = 0.05, .mean = 0.5, .shape = 0.1};

static void the_tail_falls_and_is_one_at_zero(void **state)
{
    struct fth_tail tail = {0};
    double before = 1;

    (void)state;
    assert_true(fth_tail_p(&tail, &prior, 0) == 1 && fth_tail_p(&tail, &prior, -3) == 1);
    for (double x = 0.1; x < 50; x += 0.1) {
        double p = fth_tail_p(&tail, &prior, x);

        assert_true(p > 0 && p < before);
        before = p;
    }
}

/* Exponential values with mean 1: P(x > 2 + e) = exp(-2 - e). */
static void the_tail_is_learned_from_values(void **state)
{
    struct fth_rng rng = fth_rng_seeded(7);
    struct fth_tail tail = {0};
    double p;

    (void)state;
    for (int i = 0; i < 3000; i++)
        fth_tail_learn(&tail, -log(1 - fth_rng_unit(&rng)));
    p = fth_tail_p(&tail, &prior, 5);
    assert_true(p > exp(-5) / 3 && p < exp(-5) * 3);
}

static int32_t date(int year, int month, int day)
{
    return fth_date_from_civil(year, month, day);
}

static void holidays_are_where_they_are(void **state)
{
    (void)state;
    assert_true(fth_holiday_closed(date(2023, 4, 7)));   /* Good Friday */
    assert_true(fth_holiday_closed(date(2024, 4, 1)));   /* Easter Monday */
    assert_true(fth_holiday_closed(date(2022, 5, 26)));  /* Ascension */
    assert_true(fth_holiday_closed(date(2023, 11, 23))); /* Thanksgiving */
    assert_true(fth_holiday_closed(date(2023, 8, 28)));  /* last Monday of August */
    assert_true(fth_holiday_closed(date(2021, 7, 5)));   /* the 4th was a Sunday */
    assert_true(fth_holiday_closed(date(2024, 12, 24)) && fth_holiday_closed(date(2025, 1, 2)));
    assert_false(fth_holiday_closed(date(2024, 3, 13)));
    assert_true(fth_holiday_sales(date(2022, 11, 25)) && fth_holiday_sales(date(2022, 11, 28)));
    assert_false(fth_holiday_sales(date(2022, 11, 23)) || fth_holiday_sales(date(2022, 11, 29)));
}

/* Feeds `n` days; a value of 0 is idle. */
static void feed(struct fth_baseline *b, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t day = (b->nr ? b->date : date(2024, 1, 1) - 1) + 1;
        struct fth_baseline_day judged = fth_baseline_judge(b, day, y[i]);

        fth_baseline_learn(b, &judged, fth_memory_explains(b, &judged));
    }
}

static void pauses_are_counted(void **state)
{
    static const double y[] = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0};
    struct fth_baseline b = {0};
    struct fth_pauses pauses;

    (void)state;
    feed(&b, y, 10);
    pauses = fth_pauses_until(&b, 0);
    assert_int_equal(pauses.last, 2);
    assert_int_equal(pauses.longest, 3);
    assert_true(pauses.ever);
    assert_false(fth_pause_is_long(&pauses, 2));
    pauses.last = 7;
    assert_true(fth_pause_is_long(&pauses, 2));
}

static void weekdays_and_level_are_learned(void **state)
{
    struct fth_baseline b = {0};
    struct fth_baseline_day day;
    double y[70];

    (void)state;
    for (int t = 0; t < 70; t++)
        y[t] = t % 7 > 4 ? 50 : 100;
    feed(&b, y, 70);
    day = fth_baseline_judge(&b, b.date + 1, 100); /* a Monday */
    assert_true(day.known && fabs(day.r) < 0.01);
    assert_true(fabs(b.weekday[0] - b.weekday[6] - log(2)) < 0.01);
    assert_true(fabs(fth_baseline_value(&b, day.usual) - 100) < 0.1);
}

static void a_step_is_the_level_on_the_fourth_day(void **state)
{
    struct fth_baseline b = {0};
    double y[64];

    (void)state;
    for (int t = 0; t < 64; t++)
        y[t] = t < 60 ? 100 : 200;
    feed(&b, y, 63);
    assert_true(fth_baseline_judge(&b, b.date + 1, 200).r > 0.6);
    feed(&b, y + 63, 1);
    assert_true(fabs(fth_baseline_judge(&b, b.date + 1, 200).r) < 0.01);
}

static void a_fee_of_the_month_before_explains_one_of_its_size(void **state)
{
    struct fth_baseline b = {0};
    struct fth_baseline_day day;
    double y[93];

    (void)state;
    for (int t = 0; t < 93; t++)
        y[t] = 100 + t % 2;
    y[60 + 4] = 400; /* 5 March */
    feed(&b, y, 93);
    assert_int_equal(fth_date_to_civil(b.date).day, 2);
    feed(&b, y, 2);
    day = fth_baseline_judge(&b, b.date + 1, 410); /* 5 April */
    assert_true(day.r > 1 && fth_memory_explains(&b, &day) > 0.95 * day.r);
    day = fth_baseline_judge(&b, b.date + 1, 4000);
    assert_true(fth_memory_explains(&b, &day) < 0.6 * day.r);
    day = fth_baseline_judge(&b, b.date + 1, 101);
    assert_true(fth_memory_explains(&b, &day) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_tail_falls_and_is_one_at_zero),
        TEST(the_tail_is_learned_from_values),
        TEST(holidays_are_where_they_are),
        TEST(pauses_are_counted),
        TEST(weekdays_and_level_are_learned),
        TEST(a_step_is_the_level_on_the_fourth_day),
        TEST(a_fee_of_the_month_before_explains_one_of_its_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
