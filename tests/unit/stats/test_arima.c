/* arima: likelihoods and forecasts of other programs, and what must be true without them. */
#include "stats/arima.h"

#include <math.h>

#include "base/check.h"
#include "base/rand.h"
#include "known_series.h"
#include "test.h"

enum { WORK = 1 << 16, AHEAD = 6 };

static const size_t nile_gaps[] = {0, 10, 11, 12, 13, 14, 50, 75, 99};
static const size_t air_gaps[] = {3, 20, 21, 22, 70, 100, 142};

static void set_gaps(double *y, const size_t *at, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        y[at[i]] = NAN;
}

static void set_logs(double *y)
{
    for (size_t i = 0; i < MONTHS; i++)
        y[i] = log(air[i]);
}

/* What a program says of given coefficients. */
struct said {
    struct fth_arima_order order;
    double coef[FTH_ARIMA_COEF_MOST];
    double log_likelihood, constant, variance, ahead[AHEAD];
};

static struct fth_arima_fit evaluate(const struct fth_arima_order *order, const double *coef,
                                     const double *y, size_t n, double *out)
{
    static double work[WORK];
    struct fth_arima_fit fit = {0};

    assert_true(fth_arima_work(order, n) <= WORK);
    assert_true(fth_arima_evaluate(order, coef, y, n, AHEAD, work, out, &fit));
    return fit;
}

static void agree(const struct said *said, const double *y, size_t n)
{
    double out[AHEAD];
    struct fth_arima_fit fit = evaluate(&said->order, said->coef, y, n, out);

    assert_float_equal(fit.log_likelihood, said->log_likelihood, 1e-3);
    assert_float_equal(fit.constant, said->constant, 1e-3 * fabs(said->constant));
    assert_float_equal(fit.variance, said->variance, 1e-3 * said->variance);
    for (size_t i = 0; i < AHEAD; i++)
        assert_float_equal(out[i], said->ahead[i], 1e-4 * fabs(said->ahead[i]));
}

/* statsmodels 0.15: SARIMAX(y, order=, seasonal_order=, exog=, use_exact_diffuse=True), exog ones
 * for a mean and arange(n) for a drift; llf_obs added up over the values without a diffuse
 * variance. The first two and the fourth at their greatest likelihood, the others with the
 * coefficients fixed. */
static void models_of_whole_series_are_what_others_say(void **state)
{
    const struct said mean = {
        {.p = 1, .m = 1, .constant = true},
        {0.5062697845759326},
        -639.952159,
        919.5640267893313,
        21124.838568711744,
        {828.656186, 873.540134, 896.263520, 907.767684, 913.591895, 916.540517}};
    const struct said smooth = {
        {.d = 1, .q = 1, .m = 1},
        {-0.7329424798243395},
        -632.545625,
        0,
        20599.867257583275,
        {798.367283, 798.367283, 798.367283, 798.367283, 798.367283, 798.367283}};
    const struct said drift = {
        {.p = 2, .d = 1, .q = 1, .m = 1, .constant = true},
        {0.6, -0.3, 0.4},
        -721.751303,
        2.9250401009911546,
        1406.4070902329095,
        {521.154095, 564.094080, 565.159371, 554.964078, 550.574843, 553.047418}};
    const struct said airline = {{.d = 1, .q = 1, .sd = 1, .sq = 1, .m = 12},
                                 {-0.4, -0.55},
                                 244.691551,
                                 0,
                                 0.0013495862560854736,
                                 {6.110163, 6.053524, 6.170911, 6.199323, 6.232665, 6.368680}};
    const struct said yearly = {{.p = 1, .sp = 1, .sd = 1, .m = 12, .constant = true},
                                {0.7612484691008841, -0.4137515408716712},
                                240.418165,
                                0.1195656252701712,
                                0.0014974772221491282,
                                {6.119652, 6.065858, 6.181317, 6.229997, 6.270448, 6.393929}};
    double logs[MONTHS];

    (void)state;
    set_logs(logs);
    agree(&mean, nile, YEARS);
    agree(&smooth, nile, YEARS);
    agree(&drift, air, MONTHS);
    agree(&airline, logs, MONTHS);
    agree(&yearly, logs, MONTHS);
}

static void models_of_series_with_gaps_are_what_others_say(void **state)
{
    const struct said mean = {
        {.p = 1, .m = 1, .constant = true},
        {0.4964212682187995},
        -584.696254,
        916.1724601170005,
        22060.249295678266,
        {866.350277, 891.439669, 903.894576, 910.077458, 913.146771, 914.670444}};
    const struct said smooth = {
        {.d = 1, .q = 1, .m = 1},
        {-0.7404810573008954},
        -577.108275,
        0,
        21346.939401634772,
        {822.024449, 822.024449, 822.024449, 822.024449, 822.024449, 822.024449}};
    const struct said drift = {
        {.p = 2, .d = 1, .q = 1, .m = 1, .constant = true},
        {0.6, -0.3, 0.4},
        -688.732078,
        2.1213231487961264,
        1332.4660485693119,
        {423.480087, 424.418739, 429.022830, 432.988616, 435.471786, 437.256878}};
    const struct said airline = {{.d = 1, .q = 1, .sd = 1, .sq = 1, .m = 12},
                                 {-0.4, -0.55},
                                 231.892349,
                                 0,
                                 0.0013062328599734033,
                                 {6.113386, 6.056747, 6.174134, 6.202508, 6.236778, 6.371902}};
    double flow[YEARS], seats[MONTHS], logs[MONTHS];

    (void)state;
    memcpy(flow, nile, sizeof(flow));
    memcpy(seats, air, sizeof(seats));
    set_logs(logs);
    set_gaps(flow, nile_gaps, FTH_NR(nile_gaps));
    set_gaps(seats, air_gaps, FTH_NR(air_gaps));
    set_gaps(logs, air_gaps, FTH_NR(air_gaps));
    agree(&mean, flow, YEARS);
    agree(&smooth, flow, YEARS);
    agree(&drift, seats, MONTHS);
    agree(&airline, logs, MONTHS);
}

/* statsmodels 0.15, fit() of the same; where the likelihood is greatest it is flat. */
static void the_greatest_likelihood_is_found(void **state)
{
    const struct fth_arima_order airline = {.d = 1, .q = 1, .sd = 1, .sq = 1, .m = 12};
    const struct fth_arima_order mean = {.p = 1, .m = 1, .constant = true};
    double logs[MONTHS], coef[FTH_ARIMA_COEF_MOST] = {0}, out[AHEAD];
    static double work[WORK];

    (void)state;
    set_logs(logs);
    assert_true(fth_arima_maximise(&airline, logs, MONTHS, 1, 400, work, coef));
    assert_float_equal(coef[0], -0.4018231, 5e-3);
    assert_float_equal(coef[1], -0.5569365, 5e-3);
    assert_float_equal(evaluate(&airline, coef, logs, MONTHS, out).log_likelihood, 244.696487,
                       1e-3);
    coef[0] = 0;
    assert_true(fth_arima_maximise(&mean, nile, YEARS, 1, 400, work, coef));
    assert_float_equal(coef[0], 0.5062698, 5e-3);
    assert_float_equal(evaluate(&mean, coef, nile, YEARS, out).log_likelihood, -639.952159, 1e-3);
}

/* Values behind the end are gaps of which nothing is known: they change neither likelihood nor
 * forecast, though another filter does the work. */
static void both_filters_say_the_same(void **state)
{
    const struct fth_arima_order orders[] = {
        {.p = 2, .q = 1, .m = 1, .constant = true},
        {.p = 1, .d = 1, .q = 2, .m = 1, .constant = true},
        {.p = 1, .d = 1, .q = 1, .sp = 1, .sd = 1, .sq = 1, .m = 7},
        {.d = 2, .q = 2, .m = 1},
        {.p = 1, .sp = 2, .sd = 1, .sq = 1, .m = 12, .constant = true},
    };
    const double coef[][FTH_ARIMA_COEF_MOST] = {
        {0.5, 0.2, 0.3}, {0.4, -0.3, 0.1},      {0.3, -0.5, 0.2, -0.6},
        {-0.9, 0.3},     {0.5, 0.2, 0.1, -0.4},
    };
    struct fth_rng rng = fth_rng_seeded(7);
    double y[201], whole[AHEAD], open[AHEAD];

    (void)state;
    for (size_t i = 0; i < 200; i++)
        y[i] = (double)(i % 7) + 0.01 * (double)i + fth_rng_unit(&rng);
    y[200] = NAN;
    for (size_t k = 0; k < FTH_NR(orders); k++) {
        struct fth_arima_fit a = evaluate(&orders[k], coef[k], y, 200, whole);
        struct fth_arima_fit b = evaluate(&orders[k], coef[k], y, 201, open);

        assert_float_equal(a.log_likelihood, b.log_likelihood, 1e-3);
        assert_int_equal(a.n, b.n);
        for (size_t i = 0; i + 1 < AHEAD; i++)
            assert_float_equal(whole[i + 1], open[i], 1e-4);
    }
}

static void what_explodes_is_no_model(void **state)
{
    const struct fth_arima_order order = {.p = 1, .m = 1}, airline = {.q = 1, .sq = 1, .m = 12};
    const double coef[] = {1.01}, theta[] = {-0.5, -0.95};
    static double work[WORK];
    struct fth_arima_fit fit;

    (void)state;
    assert_false(fth_arima_evaluate(&order, coef, nile, YEARS, 0, work, NULL, &fit));
    assert_true(fth_arima_roots_beyond(&airline, theta, 1));
    assert_true(fth_arima_roots_beyond(&airline, theta, 1.004));
    assert_false(fth_arima_roots_beyond(&airline, theta, 1.005)); /* 0.95^(-1/12) is 1.00428 */
}

static void least_squares_find_what_made_the_series(void **state)
{
    const struct fth_arima_order order = {.p = 1, .q = 1, .sp = 1, .m = 7};
    struct fth_rng rng = fth_rng_seeded(11);
    double w[3000] = {0}, e[3000] = {0}, coef[FTH_ARIMA_COEF_MOST] = {0.1, 0, 0.1};
    static double work[WORK];

    (void)state;
    for (size_t t = 8; t < 3000; t++) {
        e[t] = fth_rng_unit(&rng) - 0.5;
        w[t] = 0.6 * w[t - 1] + 0.5 * w[t - 7] - 0.3 * w[t - 8] + e[t] + 0.4 * e[t - 1];
    }
    assert_float_equal(fth_arima_least_squares(&order, w, 3000, 8, work, coef) / 2992, 1.0 / 12,
                       0.003);
    assert_float_equal(coef[0], 0.6, 0.05);
    assert_float_equal(coef[1], 0.4, 0.05);
    assert_float_equal(coef[2], 0.5, 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(models_of_whole_series_are_what_others_say),
        TEST(models_of_series_with_gaps_are_what_others_say),
        TEST(the_greatest_likelihood_is_found),
        TEST(both_filters_say_the_same),
        TEST(what_explodes_is_no_model),
        TEST(least_squares_find_what_made_the_series),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
