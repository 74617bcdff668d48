/* arma: identities of stationary processes. */
#include "stats/arma.h"

#include <math.h>

#include "base/rand.h"
#include "test.h"

static void partial_autocorrelations_go_there_and_back(void **state)
{
    struct fth_rng rng = fth_rng_seeded(5);
    double partial[FTH_ARMA_MOST], coef[FTH_ARMA_MOST], again[FTH_ARMA_MOST];

    (void)state;
    for (size_t n = 0; n <= 12; n++) {
        for (size_t i = 0; i < n; i++)
            partial[i] = 1.8 * fth_rng_unit(&rng) - 0.9;
        fth_arma_from_partial(partial, n, coef);
        assert_true(fth_arma_partial(coef, n, again));
        for (size_t i = 0; i < n; i++)
            assert_float_equal(again[i], partial[i], 1e-6);
    }
    coef[0] = 0.5, coef[1] = 0.5; /* a unit root */
    assert_false(fth_arma_partial(coef, 2, again));
}

static void roots_are_beyond_their_modulus(void **state)
{
    const double coef[] = {0.5}, two[] = {0.9, -0.2}; /* roots 2; 2 and 2.5 */

    (void)state;
    assert_true(fth_arma_roots_beyond(coef, 1, 1.99));
    assert_false(fth_arma_roots_beyond(coef, 1, 2.01));
    assert_true(fth_arma_roots_beyond(two, 2, 1.99));
    assert_false(fth_arma_roots_beyond(two, 2, 2.01));
}

/* (1 + theta^2 + 2 phi theta) / (1 - phi^2) and (1 + phi theta)(phi + theta) / (1 - phi^2). */
static void moments_of_arma_1_1_are_those_of_the_books(void **state)
{
    const struct fth_arma arma = {.p = 1, .q = 1, .phi = {0.7}, .theta = {0.4}};
    double gamma[FTH_ARMA_STATE_MOST], psi[FTH_ARMA_STATE_MOST];

    (void)state;
    assert_true(fth_arma_moments(&arma, gamma, psi));
    assert_float_equal(gamma[0], (1 + 0.16 + 0.56) / 0.51, 1e-12);
    assert_float_equal(gamma[1], 1.28 * 1.1 / 0.51, 1e-12);
    assert_float_equal(psi[1], 1.1, 1e-12);
}

/* The likelihood of an AR(1) written out: the first value has variance 1 / (1 - phi^2). */
static void the_likelihood_of_ar_1_is_its_formula(void **state)
{
    const struct fth_arma arma = {.p = 1, .phi = {0.5}};
    const double w[] = {1, 2, -1, 0.5};
    double work[8], squares = 0.75 * 1 + 1.5 * 1.5 + 2 * 2 + 1 * 1, out[2];
    struct fth_arma_fit fit;

    (void)state;
    assert_true(fth_arma_filter(&arma, w, 4, false, work, &fit));
    assert_float_equal(fit.squares, squares, 1e-12);
    assert_float_equal(fit.log_det, -log(0.75), 1e-12);
    fth_arma_forecast(&arma, &fit, 2, out);
    assert_float_equal(out[0], 0.25, 1e-12);
    assert_float_equal(out[1], 0.125, 1e-12);
    assert_true(fth_arma_filter(&arma, w, 4, true, work, &fit));
    /* (0.75 w_1 + 0.5 sum (w_t - w_{t-1} / 2)) / (0.75 + 3 / 4) */
    assert_float_equal(fit.mean, (0.75 * 1 + 0.5 * (1.5 - 2 + 1)) / 1.5, 1e-12);
}

/* A moving average of one lag: F_t = 1 + theta^2 - theta^2 / F_{t-1}. */
static void the_variances_of_ma_1_are_its_continued_fraction(void **state)
{
    const struct fth_arma arma = {.q = 1, .theta = {0.8}};
    double w[200] = {1}, work[400], f = 1.64, log_det = 0;
    struct fth_arma_fit fit;

    (void)state;
    for (size_t t = 0; t < 200; t++) {
        log_det += log(f);
        f = 1.64 - 0.64 / f;
    }
    assert_true(fth_arma_filter(&arma, w, 200, false, work, &fit));
    assert_float_equal(fit.log_det, log_det, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(partial_autocorrelations_go_there_and_back),
        TEST(roots_are_beyond_their_modulus),
        TEST(moments_of_arma_1_1_are_those_of_the_books),
        TEST(the_likelihood_of_ar_1_is_its_formula),
        TEST(the_variances_of_ma_1_are_its_continued_fraction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
