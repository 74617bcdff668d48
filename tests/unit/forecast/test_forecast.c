/* forecast: trials, weights and bands. */
#include "forecast/forecast.h"

#include <math.h>

#include "base/rand.h"
#include "forecast/backtest.h"
#include "test.h"

enum { ARENA = 32 << 20, H = 14, MOST = 400 };

static struct fth_forecast make(const double *y, size_t n, size_t m, const char *id, double level)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_series series;
    struct fth_forecast out;
    struct fth_err err = {0};

    assert_ok(fth_series_set(y, n, m, m == 7, 19000, arena, &series, &err), &err);
    assert_ok(fth_forecast_make(&series, id, H, level, arena, &out, &err), &err);
    for (size_t i = 0; i < H; i++) {
        assert_true(isfinite(out.lo[i]) && isfinite(out.mean[i]) && isfinite(out.hi[i]));
        assert_true(out.lo[i] <= out.mean[i] && out.mean[i] <= out.hi[i]);
    }
    return out;
}

static double normal(struct fth_rng *rng)
{
    return sqrt(-2 * log(1 - fth_rng_unit(rng))) * cos(6.283185307179586 * fth_rng_unit(rng));
}

static void weeks(struct fth_rng *rng, double noise, double *y, size_t n)
{
    for (size_t t = 0; t < n; t++)
        y[t] = (t % 7 < 5 ? 100 : 60) * exp(noise * normal(rng));
}

static void weights_are_shares_and_better_models_have_more(void **state)
{
    struct fth_rng rng = fth_rng_seeded(1);
    struct fth_forecast f;
    double y[MOST], sum = 0;

    (void)state;
    weeks(&rng, 0.05, y, MOST);
    f = make(y, MOST, 7, "auto", 0.95);
    assert_true(f.trial_nr >= 4);
    for (size_t i = 0; i < f.trial_nr; i++) {
        const struct fth_forecast_trial *a = &f.trials[i];

        assert_int_equal(a->origin_nr, FTH_ORIGINS);
        sum += a->weight;
        for (size_t j = 0; j < f.trial_nr; j++)
            if (a->mase + 0.3 * a->total < f.trials[j].mase + 0.3 * f.trials[j].total)
                assert_true(a->weight > f.trials[j].weight);
    }
    assert_float_equal(sum, 1, 1e-9);
    for (size_t i = 0; i < H; i++)
        assert_float_equal(f.mean[i], ((MOST + i) % 7 < 5) ? 100 : 60, 5);
}

static void the_ensemble_lies_within_its_members(void **state)
{
    struct fth_rng rng = fth_rng_seeded(2);
    struct fth_forecast all, one;
    double y[MOST], lo[H] = {0}, hi[H] = {0};

    (void)state;
    weeks(&rng, 0.2, y, MOST);
    all = make(y, MOST, 7, "auto", 0.95);
    for (size_t i = 0; i < all.trial_nr; i++) {
        one = make(y, MOST, 7, all.trials[i].model->id, 0.95);
        assert_int_equal(one.trial_nr, 1);
        assert_float_equal(one.trials[0].weight, 1, 0);
        assert_float_equal(one.trials[0].mase, all.trials[i].mase, 1e-12);
        for (size_t k = 0; k < H; k++) {
            lo[k] = i ? fmin(lo[k], one.mean[k]) : one.mean[k];
            hi[k] = i ? fmax(hi[k], one.mean[k]) : one.mean[k];
        }
    }
    for (size_t k = 0; k < H; k++)
        assert_true(all.mean[k] >= lo[k] && all.mean[k] <= hi[k]);
}

/* 150 series, 14 days each: the share inside is within a few percent of the level. */
static void bands_hold_what_they_claim(void **state)
{
    const double levels[] = {0.5, 0.8, 0.95};

    (void)state;
    for (size_t l = 0; l < 3; l++) {
        size_t held = 0, nr = 0;

        for (uint64_t seed = 0; seed < 150; seed++) {
            struct fth_rng rng = fth_rng_seeded(seed);
            struct fth_forecast f;
            double y[MOST];

            weeks(&rng, 0.1, y, 200 + H);
            f = make(y, 200, 7, "theta", levels[l]);
            for (size_t i = 0; i < H; i++, nr++)
                held += y[200 + i] >= f.lo[i] && y[200 + i] <= f.hi[i];
            test_end(NULL);
        }
        assert_float_equal((double)held / (double)nr, levels[l], 0.04);
    }
}

static void a_short_series_has_a_band_without_trials(void **state)
{
    const double y[] = {10, 12, 11, 12};
    struct fth_forecast f = make(y, 4, 7, "auto", 0.95);

    (void)state;
    for (size_t i = 0; i < f.trial_nr; i++)
        assert_int_equal(f.trials[i].origin_nr, 0);
    assert_true(f.hi[0] > f.lo[0] + 1);
    assert_true(f.hi[0] < 40);
    f = make(y, 1, 7, "auto", 0.95);
    assert_float_equal(f.mean[H - 1], 10, 0);
}

static void missing_values_are_not_judged(void **state)
{
    struct fth_rng rng = fth_rng_seeded(3);
    struct fth_forecast whole, holes;
    double y[MOST];

    (void)state;
    weeks(&rng, 0.05, y, MOST);
    whole = make(y, MOST, 7, "snaive", 0.95);
    y[MOST - 3] = NAN;
    holes = make(y, MOST, 7, "snaive", 0.95);
    assert_true(whole.trials[0].mase != holes.trials[0].mase);
    assert_float_equal(whole.trials[0].mase, holes.trials[0].mase, 0.1);
}

static void origins_lie_behind_half_of_the_series(void **state)
{
    const struct fth_forecast_model *models[] = {fth_forecast_model("snaive")};
    struct fth_rng rng = fth_rng_seeded(4);
    double y[MOST];

    (void)state;
    weeks(&rng, 0.05, y, MOST);
    for (size_t n = 1; n <= MOST; n += 7)
        for (size_t h = 1; h < 100; h += 9) {
            struct fth_arena *arena = test_arena(ARENA);
            struct fth_backtest back;
            struct fth_series series;
            struct fth_err err = {0};

            assert_ok(fth_series_set(y, n, 7, false, 0, arena, &series, &err), &err);
            assert_ok(fth_backtest_run(&series, models, 1, h, arena, &back, &err), &err);
            assert_true(back.origin_nr > 0 || n <= 22 || n / 2 == 0);
            for (size_t k = 0; k < back.origin_nr; k++) {
                assert_true(back.origin[k] >= 21 && back.origin[k] >= n / 2);
                assert_true(back.len[k] >= 1 && back.len[k] <= h);
                assert_true(back.origin[k] + back.len[k] <= n);
                assert_true(k == 0 || back.origin[k] < back.origin[k - 1]);
                for (size_t i = 0; i < h; i++)
                    assert_true(fth_backtest_at(&back, 0, k)[i] == y[back.origin[k] - 7 + i % 7]);
            }
            test_end(NULL);
        }
}

static void an_unknown_model_is_named_with_the_nearest(void **state)
{
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(fth_forecast_check("thta", &err), FTH_E_INVALID);
    assert_string_equal(err.msg, "no forecasting model \"thta\"");
    assert_string_equal(err.hint, "Did you mean \"theta\"?");
    fth_err_clear(&err);
    assert_ok(fth_forecast_check("auto", &err), &err);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    struct fth_rng rng = fth_rng_seeded(5);
    struct fth_err err = {0};
    double y[60];
    size_t failed = 0;

    (void)state;
    weeks(&rng, 0.05, y, 60);
    /* The arena's cap is what fails. */
    for (size_t cap = 512;; cap += cap / 4) {
        struct fth_arena *arena = test_arena(cap);
        struct fth_series series;
        struct fth_forecast out = {0};

        fth_err_clear(&err);
        if (!fth_series_set(y, 60, 7, true, 0, arena, &series, &err))
            fth_forecast_make(&series, "auto", H, 0.9, arena, &out, &err);
        if (!err.rc)
            break;
        assert_int_equal(err.rc, FTH_E_NOMEM);
        assert_null(out.mean);
        failed++;
        test_end(NULL);
    }
    assert_true(failed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(weights_are_shares_and_better_models_have_more),
        TEST(the_ensemble_lies_within_its_members),
        TEST(bands_hold_what_they_claim),
        TEST(a_short_series_has_a_band_without_trials),
        TEST(missing_values_are_not_judged),
        TEST(origins_lie_behind_half_of_the_series),
        TEST(an_unknown_model_is_named_with_the_nearest),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
