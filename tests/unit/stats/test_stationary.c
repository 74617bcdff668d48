/* stationary: differences, and the figures of another program. */
#include "stats/stationary.h"

#include <math.h>

#include "known_series.h"
#include "test.h"

static void a_difference_is_that_of_values_a_lag_apart(void **state)
{
    double x[] = {1, 2, 4, 8, 16};

    (void)state;
    fth_stats_difference(x, 5, 2, x);
    assert_float_equal(x[0], 3, 0);
    assert_float_equal(x[2], 12, 0);
}

/* By hand: one lag would need n = 19; partial sums -1.5, -2, -1.5, 0 of variance 1.25. */
static void kpss_is_its_formula(void **state)
{
    const double x[] = {1, 2, 3, 4}, same[] = {5, 5, 5};

    (void)state;
    assert_float_equal(fth_stats_kpss(x, 4), 8.5 / (1.25 * 16), 1e-12);
    assert_float_equal(fth_stats_kpss(same, 3), 0, 0);
}

/* statsmodels 0.15: kpss(x, 'c', nlags=int(3 * sqrt(100) / 13)), the flow of the Nile 1871-1970. */
static void kpss_is_what_others_say(void **state)
{
    (void)state;
    assert_float_equal(fth_stats_kpss(nile, 100), 1.3152264631776724, 1e-9);
    assert_true(fth_stats_kpss(nile, 100) > FTH_STATS_KPSS_LEVEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_difference_is_that_of_values_a_lag_apart),
        TEST(kpss_is_its_formula),
        TEST(kpss_is_what_others_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
