/* total: the band of a sum holds the sum as often as it says, and is no sum of bands. */
#include "forecast/total.h"

#include <math.h>
#include <stdio.h>

#include "base/rand.h"
#include "test.h"

enum { ARENA = 32 << 20, N = 240, H = 30, FAR = 90, SERIES = 200, SEED = 20250101 };

static const double levels[] = {0.8, 0.95};

static double normal(struct fth_rng *rng)
{
    return sqrt(-2 * log(1 - fth_rng_unit(rng))) * cos(6.283185307179586 * fth_rng_unit(rng));
}

/* Weeks around a level that wanders, so that days are wrong together, or stays (wander 0). */
static void weeks(struct fth_rng *rng, double wander, double noise, double *y, size_t n)
{
    double level = 100;

    for (size_t t = 0; t < n; t++) {
        level += wander * normal(rng);
        y[t] = (t % 7 < 5 ? 1 : 0.6) * level + noise * normal(rng);
    }
}

struct made {
    struct fth_series series;
    struct fth_forecast forecast;
    struct fth_forecast_total total;
};

static struct made make_for(const double *y, size_t n, size_t m, const char *model, size_t h)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_err err = {0};
    struct made made;

    assert_ok(fth_series_set(y, n, m, false, 0, arena, &made.series, &err), &err);
    assert_ok(fth_forecast_make(&made.series, model, h, 0.95, arena, &made.forecast, &err), &err);
    assert_ok(
        fth_forecast_total(&made.series, &made.forecast, levels, 2, 1, arena, &made.total, &err),
        &err);
    return made;
}

static struct made make(const double *y, size_t n, size_t m, const char *model)
{
    return make_for(y, n, m, model, H);
}

static void bands_hold_as_often_as_they_say(double wander, double noise, size_t h)
{
    struct fth_rng rng = fth_rng_seeded(SEED);
    size_t held[2] = {0};
    double y[N + FAR], share[2];

    for (size_t i = 0; i < SERIES; i++) {
        struct made made;
        double sum = 0;

        weeks(&rng, wander, noise, y, N + h);
        for (size_t t = N; t < N + h; t++)
            sum += y[t];
        made = make_for(y, N, 7, "theta", h);
        for (size_t k = 0; k < 2; k++)
            held[k] += made.total.lo[k] <= sum && sum <= made.total.hi[k];
        test_end(NULL);
    }
    for (size_t k = 0; k < 2; k++)
        share[k] = (double)held[k] / SERIES;
    printf("# seed %d, wander %g, noise %g, %zu steps: %g %% hold %g %%, %g %% hold %g %%\n", SEED,
           wander, noise, h, 100 * levels[0], 100 * share[0], 100 * levels[1], 100 * share[1]);
    /* Three standard errors of 200 series below; too wide is wrong, too, but less. */
    assert_true(share[0] >= 0.8 - 0.085 && share[0] <= 0.93);
    assert_true(share[1] >= 0.95 - 0.047);
}

static void levels_that_wander_are_covered(void **state)
{
    (void)state;
    bands_hold_as_often_as_they_say(1.5, 4, H);
}

static void noise_alone_is_covered(void **state)
{
    (void)state;
    bands_hold_as_often_as_they_say(0, 8, H);
}

static void a_horizon_of_a_quarter_is_covered(void **state)
{
    (void)state;
    bands_hold_as_often_as_they_say(1, 8, FAR);
}

static void a_band_is_narrower_than_the_sum_of_bands(void **state)
{
    struct fth_rng rng = fth_rng_seeded(2);
    double y[N], lo = 0, hi = 0;
    struct made made;

    (void)state;
    weeks(&rng, 0, 8, y, N);
    made = make(y, N, 7, "auto");
    for (size_t i = 0; i < H; i++) {
        lo += made.forecast.lo[i];
        hi += made.forecast.hi[i];
    }
    assert_true(made.total.has_band);
    assert_true(made.total.hi[1] - made.total.lo[1] < 0.7 * (hi - lo));
    assert_true(made.total.lo[1] < made.total.lo[0] && made.total.lo[0] < made.total.mean);
    assert_true(made.total.mean < made.total.hi[0] && made.total.hi[0] < made.total.hi[1]);
}

static void the_same_seed_gives_the_same_band(void **state)
{
    struct fth_rng rng = fth_rng_seeded(3);
    struct made a, b;
    double y[N];

    (void)state;
    weeks(&rng, 1, 4, y, N);
    a = make(y, N, 7, "snaive");
    b = make(y, N, 7, "snaive");
    for (size_t k = 0; k < 2; k++) {
        assert_float_equal(a.total.lo[k], b.total.lo[k], 0);
        assert_float_equal(a.total.hi[k], b.total.hi[k], 0);
    }
}

static void short_series_have_a_band_of_their_steps_or_none(void **state)
{
    const double y[] = {10, 12, 9, 11, 10};
    struct made one, few;

    (void)state;
    one = make(y, 1, 7, "auto");
    assert_false(one.total.has_band);
    assert_float_equal(one.total.mean, H * 10.0, 1e-9);
    few = make(y, 5, 7, "auto");
    assert_int_equal(few.forecast.past.origin_nr, 0);
    assert_true(few.total.has_band);
    assert_true(few.total.lo[1] < few.total.mean && few.total.mean < few.total.hi[1]);
    assert_true(few.total.lo[1] >= 0); /* was never below zero */
}

static void a_band_of_another_level_is_that_of_a_forecast_at_it(void **state)
{
    struct fth_rng rng = fth_rng_seeded(4);
    double y[N], lo[H], hi[H];
    struct fth_err err = {0};
    struct made made;

    (void)state;
    weeks(&rng, 1, 4, y, N);
    made = make(y, N, 7, "auto");
    assert_ok(
        fth_forecast_band(&made.series, &made.forecast, 0.95, test_arena(ARENA), lo, hi, &err),
        &err);
    for (size_t i = 0; i < H; i++) {
        assert_float_equal(lo[i], made.forecast.lo[i], 0);
        assert_float_equal(hi[i], made.forecast.hi[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(levels_that_wander_are_covered),
        TEST(noise_alone_is_covered),
        TEST(a_horizon_of_a_quarter_is_covered),
        TEST(a_band_is_narrower_than_the_sum_of_bands),
        TEST(the_same_seed_gives_the_same_band),
        TEST(short_series_have_a_band_of_their_steps_or_none),
        TEST(a_band_of_another_level_is_that_of_a_forecast_at_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
