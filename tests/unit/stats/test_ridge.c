/* ridge: against brute force: regressions solved by elimination, each left-out row really left out.
 */
#include "stats/ridge.h"

#include <math.h>

#include "base/rand.h"
#include "test.h"

enum { N = 25, P = 4, PENALTIES = 25 };

/* Solves a p x p system in place by elimination with pivots. */
static void solve(double a[P][P], double b[P])
{
    for (int k = 0; k < P; k++) {
        int pivot = k;

        for (int i = k + 1; i < P; i++)
            if (fabs(a[i][k]) > fabs(a[pivot][k]))
                pivot = i;
        for (int j = 0; j < P; j++) {
            double kept = a[k][j];

            a[k][j] = a[pivot][j];
            a[pivot][j] = kept;
        }
        double kept = b[k];

        b[k] = b[pivot];
        b[pivot] = kept;
        for (int i = 0; i < P; i++) {
            double by = i == k ? 0 : a[i][k] / a[k][k];

            for (int j = 0; j < P; j++)
                a[i][j] -= by * a[k][j];
            b[i] -= by * b[k];
        }
    }
    for (int k = 0; k < P; k++)
        b[k] /= a[k][k];
}

/* The regression without row `without` (N: with all). */
static void regress(double x[N][P], const double *y, double penalty, int without, double coef[P])
{
    double a[P][P] = {{0}};

    for (int j = 0; j < P; j++) {
        coef[j] = 0;
        a[j][j] = penalty;
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < P && i != without; j++) {
            coef[j] += x[i][j] * y[i];
            for (int k = 0; k < P; k++)
                a[j][k] += x[i][j] * x[i][k];
        }
    solve(a, coef);
}

static double at(const double *row, const double *coef)
{
    double sum = 0;

    for (int j = 0; j < P; j++)
        sum += row[j] * coef[j];
    return sum;
}

static void coefficients_are_those_of_brute_force(void **state)
{
    struct fth_rng rng = fth_rng_seeded(1);
    double x[N][P], y[N], work[N * P], got[P], want[P] = {0}, mean = 0, sum = 0, first = 0;

    (void)state;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < P; j++) {
            x[i][j] = fth_rng_unit(&rng) - 0.5;
            mean += x[i][j] * x[i][j] / P;
        }
        y[i] = 2 * x[i][0] - x[i][2] + fth_rng_unit(&rng) - 0.5;
    }
    for (int l = 0; l < PENALTIES; l++) {
        double penalty = mean * pow(10, -4 + 8.0 * l / (PENALTIES - 1)), errors = 0, coef[P],
               weight;

        for (int i = 0; i < N; i++) {
            regress(x, y, penalty, i, coef);
            errors += pow(y[i] - at(x[i], coef), 2);
        }
        if (l == 0)
            first = errors;
        weight = pow(first / errors, N / 2.0);
        regress(x, y, penalty, N, coef);
        sum += weight;
        for (int j = 0; j < P; j++)
            want[j] += weight * coef[j];
    }
    fth_stats_ridge(x[0], y, N, P, work, got);
    for (int j = 0; j < P; j++)
        assert_float_equal(got[j], want[j] / sum, 1e-6);
}

static void columns_of_zeros_have_no_say(void **state)
{
    const double x[] = {1, 0, 2, 0, 3, 0, 4, 0}, y[] = {2, 4, 6, 8}, none[8] = {0};
    double work[8], coef[2];

    (void)state;
    fth_stats_ridge(x, y, 4, 2, work, coef);
    assert_float_equal(coef[0], 2, 1e-3);
    assert_float_equal(coef[1], 0, 1e-12);
    fth_stats_ridge(none, y, 4, 2, work, coef);
    assert_float_equal(coef[0], 0, 0);
}

static void eigenvectors_diagonalise(void **state)
{
    struct fth_rng rng = fth_rng_seeded(2);
    double a[36], copy[36], values[6], vectors[36];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j <= i; j++)
            a[i * 6 + j] = a[j * 6 + i] = fth_rng_unit(&rng) - 0.5;
    memcpy(copy, a, sizeof(a));
    fth_stats_eigen(copy, 6, values, vectors);
    for (size_t k = 0; k < 6; k++) {
        assert_true(k == 0 || values[k] <= values[k - 1]);
        for (size_t l = 0; l < 6; l++) {
            double dot = 0, image = 0;

            for (size_t i = 0; i < 6; i++) {
                dot += vectors[i * 6 + k] * vectors[i * 6 + l];
                image += a[l * 6 + i] * vectors[i * 6 + k];
            }
            assert_float_equal(dot, k == l, 1e-12);
            assert_float_equal(image, values[k] * vectors[l * 6 + k], 1e-12);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(coefficients_are_those_of_brute_force),
        TEST(columns_of_zeros_have_no_say),
        TEST(eigenvectors_diagonalise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
