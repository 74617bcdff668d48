/* arima_choice: series whose model is known get it, or one that is as good. */
#include "forecast/arima_choice.h"

#include <math.h>

#include "base/check.h"
#include "base/rand.h"
#include "forecast/model.h"
#include "stats/series.h"
#include "test.h"

enum { ARENA = 16 << 20, MOST = 600 };

static double normal(struct fth_rng *rng)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += fth_rng_unit(rng);
    return sum;
}

/* Chooses for y, moved to spread 1. */
static struct fth_arima_choice choice_of(const double *y, size_t n, size_t m)
{
    double x[MOST], spread = sqrt(fth_stats_squares(y, n) / (double)n);
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_arima_choice choice = {0};
    struct fth_err err = {0};
    bool found;

    for (size_t i = 0; i < n; i++)
        x[i] = y[i] / spread;
    assert_ok(fth_arima_choose(x, n, m, arena, &choice, &found, &err), &err);
    assert_true(found);
    assert_int_equal(fth_arena_used(arena), 0);
    assert_true(fth_arima_roots_beyond(&choice.order, choice.coef, FTH_ARIMA_ROOTS));
    return choice;
}

/* AICc takes a coefficient too many now and then; a difference would be wrong. */
static void noise_has_a_mean_and_mostly_nothing_else(void **state)
{
    double y[MOST];
    int alone = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fth_rng rng = fth_rng_seeded(seed);
        struct fth_arima_choice choice;

        for (size_t i = 0; i < MOST; i++)
            y[i] = 50 + normal(&rng);
        choice = choice_of(y, MOST, 1);
        assert_int_equal(choice.order.d, 0);
        assert_true(choice.order.constant);
        assert_in_range(fth_arima_coef_nr(&choice.order), 0, 4);
        alone += fth_arima_coef_nr(&choice.order) == 0;
        test_end(NULL);
    }
    assert_in_range(alone, 10, 20);
}

static void a_random_walk_is_differenced_once_and_its_square_twice(void **state)
{
    struct fth_rng rng = fth_rng_seeded(9);
    double walk[MOST], twice[MOST], at = 0, sum = 0;

    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        walk[i] = at += normal(&rng);
        twice[i] = sum += at;
    }
    assert_int_equal(choice_of(walk, MOST, 1).order.d, 1);
    assert_int_equal(choice_of(twice, MOST, 1).order.d, 2);
}

static void an_autoregression_is_found_again(void **state)
{
    struct fth_rng rng = fth_rng_seeded(2);
    struct fth_arima_choice choice;
    double y[MOST] = {0};

    (void)state;
    for (size_t i = 2; i < MOST; i++)
        y[i] = 1.2 * y[i - 1] - 0.5 * y[i - 2] + normal(&rng);
    choice = choice_of(y, MOST, 1);
    assert_int_equal(choice.order.p, 2);
    assert_int_equal(choice.order.d, 0);
    assert_float_equal(choice.coef[0], 1.2, 0.1);
    assert_float_equal(choice.coef[1], -0.5, 0.1);
}

/* Both by the exact likelihood and by sums of squares, which is only for more than 150 values. */
static void a_strong_season_is_differenced(void **state)
{
    const size_t lengths[] = {140, MOST};
    struct fth_rng rng = fth_rng_seeded(6);
    double y[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        y[i] = (i % 7 < 5 ? 10 : 2) + normal(&rng);
    for (size_t i = 0; i < FTH_NR(lengths); i++) {
        struct fth_arima_choice choice = choice_of(y, lengths[i], 7);

        assert_int_equal(choice.order.sd, 1);
        assert_int_equal(choice.order.d, 0);
        assert_true(choice.order.sq > 0 || choice.order.sp > 0);
    }
}

static void a_straight_line_is_left_to_others(void **state)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_forecast_answer answer;
    struct fth_series series;
    struct fth_err err = {0};
    double y[40], out[3];

    (void)state;
    for (size_t i = 0; i < FTH_NR(y); i++)
        y[i] = 3 + 2 * (double)i;
    assert_ok(fth_series_set(y, FTH_NR(y), 1, false, 0, arena, &series, &err), &err);
    assert_ok(fth_forecast_run(fth_forecast_model("arima"), &series, 3, arena, out, &answer, &err),
              &err);
    assert_string_equal(answer.declined, "no model fits");
    assert_float_equal(out[2], 87, 0.1);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    struct fth_rng rng = fth_rng_seeded(8);
    double y[30], out[3];

    (void)state;
    for (size_t i = 0; i < FTH_NR(y); i++)
        y[i] = i == 12 ? NAN : 5 + normal(&rng);
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(ARENA);
        struct fth_forecast_answer answer;
        struct fth_series series;
        struct fth_err err = {0};

        if (arena && !fth_series_set(y, FTH_NR(y), 1, false, 0, arena, &series, &err))
            fth_forecast_run(fth_forecast_model("arima"), &series, 3, arena, out, &answer, &err);
        if (arena)
            assert_true(err.rc == FTH_OK || err.rc == FTH_E_NOMEM);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(noise_has_a_mean_and_mostly_nothing_else),
        TEST(a_random_walk_is_differenced_once_and_its_square_twice),
        TEST(an_autoregression_is_found_again),
        TEST(a_strong_season_is_differenced),
        TEST(a_straight_line_is_left_to_others),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
