/* stl: against statsmodels 0.15, and what each part has to be. */
#include "stats/stl.h"

#include <math.h>

#include "stats/loess.h"
#include "test.h"

enum { N = 96, PERIOD = 12, WORK = 7 * N + 4 * PERIOD + 8 };

/* A line, a season that grows, noise, and one outlier. */
static void made(double *y)
{
    for (int i = 0; i < N; i++)
        y[i] = 100 + 0.3 * i + 20 * (i % 12 - 5.5) / 5.5 * (1 + i / 96.0) +
               ((i * i * 31 + i * 17) % 101 - 50) / 10.0 + (i == 40 ? 80 : 0);
}

struct part {
    int at;
    double season, trend;
};

/* STL(y, period=12, seasonal=11, low_pass=13, seasonal_jump=2, trend_jump=3, low_pass_jump=2), of
 * degree 1, with 2 inner rounds; robust with 1 inner and 15 outer; the third with seasonal=961,
 * seasonal_deg=0, seasonal_jump=97, trend_jump=2, whose season's phases are averaged. */
static void the_parts_are_those_of_statsmodels(void **state)
{
    static const struct {
        struct fth_stl how;
        struct part parts[5];
    } cases[] = {
        {{PERIOD, 11, false},
         {{0, -21.390287930, 98.689315760},
          {1, -18.920163378, 99.111006409},
          {40, 5.406706498, 119.924409273},
          {50, -20.266944997, 115.367069178},
          {95, 36.838105576, 126.189877946}}},
        {{PERIOD, 11, true},
         {{0, -21.848034017, 99.295282972},
          {1, -18.791286474, 99.624622792},
          {40, -6.809172213, 113.065085205},
          {50, -19.200286706, 115.220583576},
          {95, 36.230233417, 126.730270674}}},
        {{PERIOD, 0, false},
         {{0, -30.965957841, 104.933014539},
          {1, -25.798235152, 104.423787473},
          {95, 30.092100762, 133.047654231}}},
    };
    double y[N], work[WORK], season[N], trend[N];

    (void)state;
    made(y);
    assert_true(fth_stl_work(N, PERIOD) <= WORK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        fth_stl(y, N, &cases[i].how, work, season, trend);
        for (int k = 0; k < 5 && cases[i].parts[k].trend > 0; k++) {
            const struct part *part = &cases[i].parts[k];

            assert_float_equal(season[part->at], part->season, 1e-6);
            assert_float_equal(trend[part->at], part->trend, 1e-6);
        }
    }
}

static void a_strong_season_is_near_one_and_noise_near_nothing(void **state)
{
    double y[N], work[WORK], season[N], trend[N];
    const struct fth_stl how = {PERIOD, 0, false};

    (void)state;
    for (int i = 0; i < N; i++)
        y[i] = i % 12 < 6;
    fth_stl(y, N, &how, work, season, trend);
    assert_true(fth_stl_strength(y, season, trend, N, work) > 0.99);
    for (int i = 0; i < N; i++)
        y[i] = (i * i * 31 + i * 17) % 101;
    fth_stl(y, N, &how, work, season, trend);
    assert_true(fth_stl_strength(y, season, trend, N, work) < 0.4);
    for (int i = 0; i < N; i++)
        y[i] = 5;
    fth_stl(y, N, &how, work, season, trend);
    assert_float_equal(fth_stl_strength(y, season, trend, N, work), 0, 0);
    assert_float_equal(season[3], 0, 1e-12);
    assert_float_equal(trend[3], 5, 1e-12);
}

/* The robust parts hardly see it. */
static void an_outlier_stays_in_the_rest(void **state)
{
    double y[N], work[WORK], season[N], trend[N];
    const struct fth_stl how = {PERIOD, 11, true};

    (void)state;
    made(y);
    fth_stl(y, N, &how, work, season, trend);
    assert_true(y[40] - season[40] - trend[40] > 75);
}

static void every_length_from_two_seasons_has_parts(void **state)
{
    double y[N], work[WORK], season[N], trend[N];

    (void)state;
    made(y);
    for (size_t period = 2; period <= PERIOD; period++)
        for (size_t n = 2 * period; n <= N; n++)
            for (int kind = 0; kind < 4; kind++) {
                const struct fth_stl how = {period, kind % 2 ? 7 : 0, kind / 2 == 1};

                fth_stl(y, n, &how, work, season, trend);
                for (size_t i = 0; i < n; i++)
                    assert_true(isfinite(season[i]) && isfinite(trend[i]));
            }
}

/* ---- loess ---- */

static void a_line_is_its_own_curve(void **state)
{
    double y[30], out[30];

    (void)state;
    for (int i = 0; i < 30; i++)
        y[i] = 3 - 0.5 * i;
    for (size_t span = 2; span < 60; span++)
        for (size_t jump = 1; jump < 8; jump++) {
            const struct fth_loess how = {span, 1, jump, NULL};

            fth_loess(y, 30, &how, out);
            for (int i = 0; i < 30; i++)
                assert_float_equal(out[i], y[i], span < 3 ? 1 : 1e-9);
            assert_float_equal(fth_loess_before(y, 30, &how), 3.5, span < 3 ? 1 : 1e-9);
            assert_float_equal(fth_loess_behind(y, 30, &how), -12, span < 3 ? 1 : 1e-9);
        }
}

static void points_without_weight_say_nothing(void **state)
{
    const double y[] = {1, 1, 100, 1, 1, 1}, weight[] = {1, 1, 0, 1, 1, 1}, none[6] = {0};
    const struct fth_loess without = {5, 1, 1, weight}, nobody = {5, 1, 1, none};
    double out[6];

    (void)state;
    fth_loess(y, 6, &without, out);
    for (int i = 0; i < 6; i++)
        assert_float_equal(out[i], 1, 1e-12);
    fth_loess(y, 6, &nobody, out);
    assert_float_equal(out[2], 100, 0);
    fth_loess(y, 1, &without, out);
    assert_float_equal(out[0], 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_parts_are_those_of_statsmodels),
        TEST(a_strong_season_is_near_one_and_noise_near_nothing),
        TEST(an_outlier_stays_in_the_rest),
        TEST(every_length_from_two_seasons_has_parts),
        TEST(a_line_is_its_own_curve),
        TEST(points_without_weight_say_nothing),
    };

    return cmocka_run_group_tests_name("stl", tests, NULL, NULL);
}
