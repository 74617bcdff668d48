/* minimise: minima that are known. */
#include "stats/minimise.h"

#include <math.h>

#include "test.h"

struct counted {
    unsigned calls;
};

static double parabola(void *ctx, double x)
{
    ((struct counted *)ctx)->calls++;
    return (x - 0.3) * (x - 0.3) + 2;
}

static double rosenbrock(void *ctx, const double *x)
{
    double a = 1 - x[0], b = x[1] - x[0] * x[0];

    ((struct counted *)ctx)->calls++;
    return a * a + 100 * b * b;
}

/* Defined above the line x + y = 1 only; the minimum lies on it. */
static double half_plane(void *ctx, const double *x)
{
    return x[0] + x[1] < 1 ? INFINITY : x[0] * x[0] + x[1] * x[1];
}

static void a_line_is_searched_to_the_tolerance(void **state)
{
    struct counted counted = {0};

    (void)state;
    assert_float_equal(fth_stats_minimise_line(parabola, &counted, 0, 1, 1e-6), 0.3, 1e-6);
    assert_true(counted.calls < 40);
    assert_float_equal(fth_stats_minimise_line(parabola, &counted, 0.5, 1, 1e-6), 0.5, 1e-5);
}

static void the_simplex_walks_through_the_banana(void **state)
{
    const double step[] = {0.5, 0.5};
    const struct fth_simplex how = {.n = 2, .step = step, .tol = 1e-14, .most = 2000};
    struct counted counted = {0};
    double x[] = {-1.2, 1};

    (void)state;
    assert_true(fth_stats_minimise(rosenbrock, &counted, &how, x) < 1e-8);
    assert_float_equal(x[0], 1, 1e-3);
    assert_float_equal(x[1], 1, 1e-3);
}

static void it_stops_at_the_most_calls_and_with_the_best_point(void **state)
{
    const double step[] = {0.5, 0.5};
    const struct fth_simplex how = {.n = 2, .step = step, .tol = 1e-14, .most = 20};
    struct counted counted = {0};
    double x[] = {-1.2, 1}, value = fth_stats_minimise(rosenbrock, &counted, &how, x);

    (void)state;
    assert_in_range(counted.calls, 20, 20 + 4); /* the step that was begun is ended */
    assert_true(value < 24.2);                  /* the start's */
    assert_true(value == rosenbrock(&counted, x));
}

static void infinity_is_a_wall(void **state)
{
    const double step[] = {0.5, 0.5};
    const struct fth_simplex how = {.n = 2, .step = step, .tol = 1e-12, .most = 2000};
    double x[] = {2, 2};

    (void)state;
    assert_true(fth_stats_minimise(half_plane, NULL, &how, x) < 0.6); /* 0.5 at (1/2, 1/2) */
    assert_true(x[0] + x[1] >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_searched_to_the_tolerance),
        TEST(the_simplex_walks_through_the_banana),
        TEST(it_stops_at_the_most_calls_and_with_the_best_point),
        TEST(infinity_is_a_wall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
