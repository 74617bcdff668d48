/* almanac: calendars that were put into made series are found again. */
#include "forecast/almanac.h"

#include <math.h>

#include "base/date.h"
#include "base/rand.h"
#include "stats/calendar.h"
#include "test.h"

enum { N = 300, H = 60, ARENA = 16 << 20 };

static struct fth_almanac fit(const double *y, bool dated)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_almanac almanac;
    struct fth_series series;
    struct fth_err err = {0};
    int32_t start = fth_date_from_civil(2024, 1, 1);

    assert_ok(fth_series_set(y, N, 7, dated, start, arena, &series, &err), &err);
    assert_ok(fth_almanac_fit(&series, H, arena, &almanac, &err), &err);
    return almanac;
}

static struct fth_day day_at(size_t t)
{
    return fth_stats_day(fth_date_from_civil(2024, 1, 1) + (int32_t)t);
}

static double noise(struct fth_rng *rng)
{
    return 1 + 0.02 * (fth_rng_unit(rng) - 0.5);
}

static void weekends_are_found(void **state)
{
    struct fth_rng rng = fth_rng_seeded(1);
    struct fth_almanac almanac;
    double y[N];

    (void)state;
    for (size_t t = 0; t < N; t++)
        y[t] = (day_at(t).weekday > 5 ? 40 : 100) * noise(&rng);
    almanac = fit(y, true);
    for (size_t t = N; t < N + H; t++)
        assert_float_equal(fth_almanac_value(&almanac, t, almanac.level[N - 1]),
                           day_at(t).weekday > 5 ? 40 : 100, 2);
}

static bool on_the_third(struct fth_day day)
{
    return day.day == 3;
}

static bool on_the_last(struct fth_day day)
{
    return day.to_end == 0;
}

static bool on_the_last_business_day(struct fth_day day)
{
    return day.weekday <= 5 && day.business_end == 0;
}

static bool on_the_second_tuesday(struct fth_day day)
{
    return day.nth == 2 && day.weekday == 2;
}

static void a_charge_on_a_repeating_date_is_found(void **state)
{
    bool (*const dates[])(struct fth_day) = {on_the_third, on_the_last, on_the_last_business_day,
                                             on_the_second_tuesday};
    double y[N];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fth_rng rng = fth_rng_seeded(i + 1);
        struct fth_almanac almanac;

        for (size_t t = 0; t < N; t++)
            y[t] = 100 * noise(&rng) + (dates[i](day_at(t)) ? 250 : 0);
        almanac = fit(y, true);
        for (size_t t = N; t < N + H; t++)
            assert_float_equal(almanac.fee[t], dates[i](day_at(t)) ? 250 : 0, 3);
    }
}

static void a_price_for_a_month_is_spread_over_its_days(void **state)
{
    struct fth_rng rng = fth_rng_seeded(5);
    struct fth_almanac almanac;
    double y[N];

    (void)state;
    for (size_t t = 0; t < N; t++)
        y[t] = 3100.0 / day_at(t).month_days * (1 + 0.002 * fth_rng_unit(&rng));
    almanac = fit(y, true);
    for (size_t t = N; t < N + H; t++)
        assert_float_equal(fth_almanac_value(&almanac, t, almanac.level[N - 1]),
                           3100.0 / day_at(t).month_days, 0.5);
}

static void accidents_are_taken_out_and_no_dates_are_made_of_them(void **state)
{
    struct fth_rng rng = fth_rng_seeded(6);
    struct fth_almanac almanac;
    double y[N];

    (void)state;
    for (size_t t = 0; t < N; t++)
        y[t] = 100 * noise(&rng);
    y[77] = 900;
    y[200] = 0;
    almanac = fit(y, true);
    assert_float_equal(almanac.z[77], almanac.level[77], 0);
    assert_float_equal(almanac.z[200], almanac.level[200], 0);
    for (size_t t = 0; t < N + H; t++) {
        assert_float_equal(almanac.fee[t], 0, 0);
        assert_float_equal(almanac.effect[t], 0, 0.02);
    }
    for (size_t t = 0; t < N; t++)
        assert_float_equal(fth_almanac_value(&almanac, t, almanac.z[t]), 100, 2);
}

static void without_dates_there_is_a_season_only(void **state)
{
    struct fth_rng rng = fth_rng_seeded(7);
    struct fth_almanac almanac;
    double y[N];

    (void)state;
    for (size_t t = 0; t < N; t++)
        y[t] = (t % 7 == 2 ? 300 : 100) * noise(&rng) + (on_the_third(day_at(t)) ? 250 : 0);
    almanac = fit(y, false);
    for (size_t t = N; t < N + H; t++) {
        assert_float_equal(almanac.fee[t], 0, 0);
        assert_float_equal(fth_almanac_value(&almanac, t, almanac.level[N - 1]),
                           (t % 7 == 2) ? 300 : 100, 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(weekends_are_found),
        TEST(a_charge_on_a_repeating_date_is_found),
        TEST(a_price_for_a_month_is_spread_over_its_days),
        TEST(accidents_are_taken_out_and_no_dates_are_made_of_them),
        TEST(without_dates_there_is_a_season_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
