/* models: what each of them promises, and figures of other programs. */
#include <math.h>

#include "base/check.h"
#include "base/rand.h"
#include "forecast/model.h"
#include "known_series.h"
#include "test.h"

enum { ARENA = 16 << 20, H = 20, MOST = 400 };

static const struct fth_forecast_model *each(size_t i)
{
    return fth_forecast_model_at(i);
}

static struct fth_forecast_answer run(const struct fth_forecast_model *model, const double *y,
                                      size_t n, size_t m, bool dated, double *out)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_forecast_answer answer;
    struct fth_series series;
    struct fth_err err = {0};
    size_t used;

    assert_ok(fth_series_set(y, n, m, dated, 19000, arena, &series, &err), &err);
    used = fth_arena_used(arena);
    assert_ok(fth_forecast_run(model, &series, H, arena, out, &answer, &err), &err);
    assert_int_equal(fth_arena_used(arena), used); /* as before */
    for (size_t i = 0; i < H; i++)
        assert_true(isfinite(out[i]));
    return answer;
}

/* Weeks with a level that grows, noise, some missing values, credits and idle days by kind. */
static size_t made(uint64_t seed, double *y)
{
    struct fth_rng rng = fth_rng_seeded(seed);
    size_t n = 2 + (size_t)fth_rng_below(&rng, MOST - 2);
    int kind = (int)fth_rng_below(&rng, 4);

    for (size_t i = 0; i < n; i++) {
        y[i] = 100 * (1 + 0.5 * (i % 7 < 5)) * exp(0.002 * (double)i + 0.1 * fth_rng_unit(&rng));
        if (kind == 1 && fth_rng_below(&rng, 5) == 0 && i > 0)
            y[i] = NAN;
        if (kind == 2 && i % 7 > 4)
            y[i] = 0;
        if (kind == 3)
            y[i] -= 150;
    }
    return n;
}

static void every_model_answers_from_one_value_upwards(void **state)
{
    double y[MOST], out[H];

    (void)state;
    made(3, y);
    for (size_t i = 0; each(i); i++)
        for (size_t n = 1; n < 60; n++) {
            run(each(i), y, n, 7, true, out);
            run(each(i), y, n, 1, false, out);
            run(each(i), y, n, 12, false, out);
            test_end(NULL);
        }
}

static void a_model_that_declines_says_why_and_another_answers(void **state)
{
    const double y[] = {1, 2, 3};
    double out[H];

    (void)state;
    for (size_t i = 0; each(i); i++) {
        struct fth_forecast_answer answer = run(each(i), y, 1, 7, false, out);

        assert_true((answer.by == each(i)) == (answer.declined == NULL));
        assert_float_equal(out[H - 1], 1, 1e-12);
    }
    assert_string_equal(run(fth_forecast_model("snaive"), y, 3, 1, false, out).declined,
                        "no season");
    assert_string_equal(run(fth_forecast_model("snaive"), y, 3, 1, false, out).by->id, "naive");
}

static void a_constant_stays_what_it_is(void **state)
{
    double y[MOST], out[H];

    (void)state;
    for (int value = -5; value <= 5; value += 5) {
        for (size_t i = 0; i < MOST; i++)
            y[i] = value;
        for (size_t i = 0; each(i); i++) {
            run(each(i), y, MOST, 7, true, out);
            for (size_t k = 0; k < H; k++)
                assert_float_equal(out[k], value, 1e-6);
        }
        test_end(NULL);
    }
}

static void in_cents_a_forecast_is_a_hundred_times_that_in_dollars(void **state)
{
    double y[MOST], cents[MOST], out[H], out_cents[H];

    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        size_t n = made(seed, y);

        for (size_t i = 0; i < n; i++)
            cents[i] = 100 * y[i];
        for (size_t i = 0; each(i); i++) {
            run(each(i), y, n, 7, true, out);
            run(each(i), cents, n, 7, true, out_cents);
            /* Optimisers stop at places that differ by their tolerance. */
            for (size_t k = 0; k < H; k++)
                assert_float_equal(out_cents[k] / 100, out[k], 0.01 * (fabs(out[k]) + 100));
        }
        test_end(NULL);
    }
}

static void no_forecast_is_far_from_the_history(void **state)
{
    double y[MOST], out[H];

    (void)state;
    for (uint64_t seed = 20; seed <= 60; seed++) {
        size_t n = made(seed, y);
        double lo = INFINITY, hi = -INFINITY;

        for (size_t i = 0; i < n; i++)
            if (!isnan(y[i])) {
                lo = fmin(lo, y[i]);
                hi = fmax(hi, y[i]);
            }
        for (size_t i = 0; each(i); i++) {
            run(each(i), y, n, 7, true, out);
            for (size_t k = 0; k < H; k++)
                assert_true(out[k] >= lo - 10 * (hi - lo) && out[k] <= hi + 10 * (hi - lo));
        }
        test_end(NULL);
    }
}

/* Neither dust nor giants, nor both in one series, make a number that is none. */
static void values_may_be_of_any_size(void **state)
{
    static const double sizes[] = {1e-323, 1e-12, 1, 1e12, 1e100};
    double y[40], out[H];

    (void)state;
    for (size_t a = 0; a < FTH_NR(sizes); a++)
        for (size_t b = 0; b < FTH_NR(sizes); b++)
            for (size_t i = 0; each(i); i++) {
                for (size_t t = 0; t < FTH_NR(y); t++)
                    y[t] = t % 9 == 4 ? sizes[b] : t % 5 ? sizes[a] : -sizes[a];
                run(each(i), y, FTH_NR(y), 7, true, out);
                for (size_t k = 0; k < H; k++)
                    assert_true(isfinite(out[k]));
                test_end(NULL);
            }
}

static void a_series_without_values_is_refused(void **state)
{
    const double none[] = {NAN, NAN}, endless[] = {1, INFINITY};
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_series series;
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(fth_series_set(none, 2, 7, false, 0, arena, &series, &err), FTH_E_INVALID);
    fth_err_clear(&err);
    assert_int_equal(fth_series_set(endless, 2, 7, false, 0, arena, &series, &err), FTH_E_INVALID);
    assert_string_equal(err.msg, "value 2 is beyond 1e+100");
    fth_err_clear(&err);
    assert_int_equal(fth_series_set(endless, 0, 7, false, 0, arena, &series, &err), FTH_E_INVALID);
}

/* ---- the simple ones, by hand ---- */

static void simple_models_do_what_they_say(void **state)
{
    const double y[] = {1, 2, 3, 4, 5, 6, 9};
    double out[H];

    (void)state;
    run(fth_forecast_model("naive"), y, 7, 3, false, out);
    assert_float_equal(out[0], 9, 0);
    run(fth_forecast_model("snaive"), y, 7, 3, false, out);
    assert_float_equal(out[0], 5, 0);
    assert_float_equal(out[1], 6, 0);
    assert_float_equal(out[2], 9, 0);
    assert_float_equal(out[3], 5, 0);
    run(fth_forecast_model("drift"), y, 7, 3, false, out);
    assert_float_equal(out[2], 9 + 3 * 8.0 / 6, 1e-12);
    run(fth_forecast_model("sma"), y, 7, 1, false, out);
    assert_float_equal(out[5], 30.0 / 7, 1e-12);
}

/* Sizes 2, 3, 4 after 3, 2 and 3 steps, smoothed by a tenth. */
static void what_comes_now_and_then_is_size_over_time_between(void **state)
{
    const double y[] = {0, 0, 2, 0, 3, 0, 0, 4}, often[] = {1, 2, 0, 3, 4, 5, 6};
    double out[H];

    (void)state;
    run(fth_forecast_model("croston"), y, 8, 1, false, out);
    assert_float_equal(out[0], 0.95 * 2.29 / 2.91, 1e-12);
    assert_float_equal(out[H - 1], out[0], 0);
    assert_string_equal(run(fth_forecast_model("croston"), often, 7, 1, false, out).declined,
                        "hardly any zeros");
    assert_string_equal(run(fth_forecast_model("tsb"), y, 4, 1, false, out).declined,
                        "fewer than two values that are not zero");
}

/* Every fifth day 10, so 2 a day; then nothing any more. */
static void what_has_ended_fades_away(void **state)
{
    double y[MOST], out[H];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        y[i] = i % 5 == 4 && i < 300 ? 10 : 0;
    run(fth_forecast_model("tsb"), y, 300, 1, false, out);
    assert_float_equal(out[0], 2, 0.3);
    run(fth_forecast_model("tsb"), y, MOST, 1, false, out);
    assert_true(out[0] < 0.4);
    run(fth_forecast_model("croston"), y, MOST, 1, false, out);
    assert_float_equal(out[0], 1.9, 1e-9);
}

static void a_season_by_loess_goes_on_as_it_was_last(void **state)
{
    double y[MOST], out[H];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        y[i] = 50 + 0.1 * (double)i + (i % 7 < 5 ? 10 : -25) * (1 + (double)i / MOST);
    run(fth_forecast_model("stl"), y, MOST, 7, false, out);
    for (size_t i = 0; i < 14; i++) {
        double at = (double)(MOST + i);

        assert_float_equal(out[i], 50 + 0.1 * at + ((MOST + i) % 7 < 5 ? 20 : -50), 2.5);
    }
}

/* ---- against statsforecast 2.1.1 ---- */

static void near_to(const char *id, const double *y, size_t n, size_t m, const double *want,
                    double share)
{
    double out[H];

    run(fth_forecast_model(id), y, n, m, false, out);
    for (size_t i = 0; i < 6; i++)
        assert_float_equal(out[i], want[i], share * want[i]);
}

/* Theta(season_length=m) and DynamicOptimizedTheta(season_length=m), m = 1 and m = 12. Theta there
 * optimises its first level as well, which is worth 0.2 % here. */
static void theta_models_forecast_what_others_do(void **state)
{
    const double nile_theta[] = {800.885, 799.528, 798.171, 796.814, 795.456, 794.099};
    const double nile_dotm[] = {798.230, 798.230, 798.230, 798.230, 798.230, 798.230};
    const double air_theta[] = {440.969, 429.249, 490.693, 476.660, 480.631, 546.456};
    const double air_dotm[] = {442.927, 432.298, 495.482, 482.575, 487.866, 556.122};

    (void)state;
    near_to("theta", nile, 100, 1, nile_theta, 0.002);
    near_to("dotm", nile, 100, 1, nile_dotm, 0.01);
    near_to("theta", air, 144, 12, air_theta, 0.003);
    near_to("dotm", air, 144, 12, air_dotm, 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_model_answers_from_one_value_upwards),
        TEST(a_model_that_declines_says_why_and_another_answers),
        TEST(a_constant_stays_what_it_is),
        TEST(in_cents_a_forecast_is_a_hundred_times_that_in_dollars),
        TEST(no_forecast_is_far_from_the_history),
        TEST(values_may_be_of_any_size),
        TEST(a_series_without_values_is_refused),
        TEST(simple_models_do_what_they_say),
        TEST(what_comes_now_and_then_is_size_over_time_between),
        TEST(what_has_ended_fades_away),
        TEST(a_season_by_loess_goes_on_as_it_was_last),
        TEST(theta_models_forecast_what_others_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
