/* order: order statistics against sorting, robust figures against published ones. */
#include "stats/order.h"

#include <math.h>
#include <stdlib.h>

#include "base/rand.h"
#include "test.h"

enum { MOST = 60, ROUNDS = 400 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Few different values, so that there are many equal ones. */
static size_t draw(struct fth_rng *rng, double *x, double *sorted)
{
    size_t n = 1 + (size_t)fth_rng_below(rng, MOST);

    for (size_t i = 0; i < n; i++)
        x[i] = sorted[i] = (double)fth_rng_below(rng, 20) - 10;
    qsort(sorted, n, sizeof(*sorted), by_size);
    return n;
}

static void the_k_th_is_that_of_the_sorted_array(void **state)
{
    struct fth_rng rng = fth_rng_seeded(1);
    double x[MOST], sorted[MOST];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = draw(&rng, x, sorted), k = (size_t)fth_rng_below(&rng, n);

        assert_true(fth_stats_select(x, n, k) == sorted[k]);
        for (size_t i = 0; i < n; i++)
            assert_true(i < k ? x[i] <= x[k] : x[i] >= x[k]);
        qsort(x, n, sizeof(*x), by_size);
        assert_memory_equal(x, sorted, n * sizeof(*x));
    }
}

static void quantiles_lie_between_neighbours_as_in_type_7(void **state)
{
    struct fth_rng rng = fth_rng_seeded(2);
    double x[MOST], sorted[MOST];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = draw(&rng, x, sorted), k;
        double p = fth_rng_unit(&rng), at = p * (double)(n - 1), want;

        k = (size_t)at;
        want = sorted[k];
        if (k + 1 < n)
            want += (at - (double)k) * (sorted[k + 1] - sorted[k]);
        assert_float_equal(fth_stats_quantile(x, n, p), want, 1e-12);
    }
}

static void the_median_distance_is_scaled_to_the_normal_deviation(void **state)
{
    double x[] = {1, 2, 3, 4, 100}, even[] = {4, 1, 3, 2};

    (void)state;
    assert_float_equal(fth_stats_median(even, 4), 2.5, 0);
    assert_float_equal(fth_stats_median(x, 5), 3, 0);
    assert_float_equal(fth_stats_mad(x, 5, 3), 1.4826, 1e-12);
}

static void a_weighted_median_has_half_of_the_weight_on_both_sides(void **state)
{
    double x[] = {5, 1, 3}, w[] = {0.2, 0.3, 0.5};
    double tie[] = {1, 2}, same[] = {1, 1};
    double heavy[] = {9, 1, 2}, most[] = {10, 1, 1};

    (void)state;
    assert_float_equal(fth_stats_weighted_median(x, w, 3), 3, 0);
    assert_float_equal(fth_stats_weighted_median(tie, same, 2), 1.5, 0);
    assert_float_equal(fth_stats_weighted_median(heavy, most, 3), 9, 0);
}

static void a_running_median_ignores_a_spike(void **state)
{
    double x[] = {1, 2, 300, 4, 5, 6}, work[3], out[6];
    const double want[] = {1.5, 2, 4, 5, 5, 5.5};

    (void)state;
    fth_stats_running_median(x, 6, 3, work, out);
    for (int i = 0; i < 6; i++)
        assert_float_equal(out[i], want[i], 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_k_th_is_that_of_the_sorted_array),
        TEST(quantiles_lie_between_neighbours_as_in_type_7),
        TEST(the_median_distance_is_scaled_to_the_normal_deviation),
        TEST(a_weighted_median_has_half_of_the_weight_on_both_sides),
        TEST(a_running_median_ignores_a_spike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
