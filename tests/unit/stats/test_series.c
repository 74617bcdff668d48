/* series: figures that can be worked out by hand. */
#include "stats/series.h"

#include <math.h>

#include "test.h"

static void autocorrelations_are_covariances_over_the_whole(void **state)
{
    const double lh[] = {2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0};
    double mean = fth_stats_mean(lh, 10), all = 0, first = 0, third = 0;

    (void)state;
    for (int i = 0; i < 10; i++)
        all += (lh[i] - mean) * (lh[i] - mean);
    for (int i = 0; i < 9; i++)
        first += (lh[i] - mean) * (lh[i + 1] - mean);
    for (int i = 0; i < 7; i++)
        third += (lh[i] - mean) * (lh[i + 3] - mean);
    assert_float_equal(mean, 2.21, 1e-12);
    assert_float_equal(fth_stats_squares(lh, 10), all, 1e-12);
    assert_float_equal(fth_stats_acf(lh, 10, 0), 1, 1e-12);
    assert_float_equal(fth_stats_acf(lh, 10, 1), first / all, 1e-12);
    assert_float_equal(fth_stats_acf(lh, 10, 3), third / all, 1e-12);
}

static void a_constant_has_no_autocorrelation_and_no_season(void **state)
{
    const double x[] = {5, 5, 5, 5, 5, 5, 5, 5, 5};

    (void)state;
    assert_float_equal(fth_stats_acf(x, 9, 1), 0, 0);
    assert_false(fth_stats_seasonal(x, 9, 3));
}

static void a_season_is_seen_from_three_of_it(void **state)
{
    double x[24];

    (void)state;
    for (int i = 0; i < 24; i++)
        x[i] = i % 4 == 0 ? 10 : 1;
    assert_true(fth_stats_seasonal(x, 24, 4));
    assert_false(fth_stats_seasonal(x, 24, 5));
    assert_false(fth_stats_seasonal(x, 11, 4));
    assert_false(fth_stats_seasonal(x, 24, 1));
}

static void the_naive_error_is_of_values_a_season_apart(void **state)
{
    const double x[] = {1, 2, 4, 5, 4, 9};

    (void)state;
    assert_float_equal(fth_stats_naive_error(x, 6, 2), (3 + 3 + 0 + 4) / 4.0, 1e-12);
    assert_float_equal(fth_stats_naive_error(x, 2, 7), 1, 1e-12);
    assert_float_equal(fth_stats_naive_error(x + 2, 1, 1), 0, 0);
}

static void a_line_goes_through_points_on_it(void **state)
{
    const double x[] = {3, 5, 7, 9};
    struct fth_line line = fth_stats_line(x, 4);

    (void)state;
    assert_float_equal(line.base, 3, 1e-12);
    assert_float_equal(line.slope, 2, 1e-12);
    assert_float_equal(fth_stats_line(x, 1).slope, 0, 0);
    assert_float_equal(fth_stats_line(x, 1).base, 3, 0);
}

static void filled(const double *x, size_t n, size_t m, const double *want)
{
    double copy[16];

    memcpy(copy, x, n * sizeof(*x));
    fth_stats_fill(copy, n, m);
    for (size_t i = 0; i < n; i++)
        assert_float_equal(copy[i], want[i], 1e-12);
}

static void what_is_missing_lies_between_its_neighbours(void **state)
{
    const double inner[] = {1, NAN, NAN, 4}, inner_want[] = {1, 2, 3, 4};
    const double ends[] = {NAN, 2, 3, NAN}, ends_want[] = {2, 2, 3, 3};
    const double season[] = {1, 10, NAN, NAN, 3, 14}, season_want[] = {1, 10, 2, 12, 3, 14};
    const double phase[] = {1, NAN, 3, NAN}, phase_want[] = {1, 2, 3, 3};
    const double none[] = {NAN, NAN}, none_want[] = {0, 0};

    (void)state;
    filled(inner, 4, 1, inner_want);
    filled(ends, 4, 1, ends_want);
    filled(season, 6, 2, season_want);
    filled(phase, 4, 2, phase_want);
    filled(none, 2, 7, none_want);
    filled(inner_want, 4, 3, inner_want);
}

static void the_scale_is_a_logarithm_that_bears_zero(void **state)
{
    (void)state;
    assert_float_equal(fth_stats_asinh(1000, 0.5), log(2000), 1e-6);
    assert_float_equal(fth_stats_asinh(0, 3), 0, 0);
    assert_float_equal(fth_stats_asinh(-7, 3), -fth_stats_asinh(7, 3), 1e-15);
    for (int y = -1000000; y < 1000000; y += 77777)
        assert_float_equal(fth_stats_asinh_back(fth_stats_asinh(y, 3), 3), y, 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(autocorrelations_are_covariances_over_the_whole),
        TEST(a_constant_has_no_autocorrelation_and_no_season),
        TEST(a_season_is_seen_from_three_of_it),
        TEST(the_naive_error_is_of_values_a_season_apart),
        TEST(a_line_goes_through_points_on_it),
        TEST(what_is_missing_lies_between_its_neighbours),
        TEST(the_scale_is_a_logarithm_that_bears_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
