#include "stats/ridge.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST = FTH_STATS_RIDGE_MOST, PENALTIES = 25, SWEEPS = 60 };

/* ---- eigenvalues ---- */

/* Makes a[i][j] zero, and turns the vectors with it. */
static void rotate(double *a, size_t p, size_t i, size_t j, double *vectors)
{
    double theta = (a[j * p + j] - a[i * p + i]) / (2 * a[i * p + j]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;

    for (size_t k = 0; k < p; k++) {
        double ki = a[k * p + i], kj = a[k * p + j];

        a[k * p + i] = c * ki - s * kj;
        a[k * p + j] = s * ki + c * kj;
    }
    for (size_t k = 0; k < p; k++) {
        double ik = a[i * p + k], jk = a[j * p + k], vi = vectors[k * p + i],
               vj = vectors[k * p + j];

        a[i * p + k] = c * ik - s * jk;
        a[j * p + k] = s * ik + c * jk;
        vectors[k * p + i] = c * vi - s * vj;
        vectors[k * p + j] = s * vi + c * vj;
    }
}

static double off_diagonal(const double *a, size_t p)
{
    double sum = 0;

    for (size_t i = 0; i < p; i++)
        for (size_t j = i + 1; j < p; j++)
            sum += a[i * p + j] * a[i * p + j];
    return sum;
}

static void sort(double *values, double *vectors, size_t p)
{
    for (size_t i = 1; i < p; i++)
        for (size_t k = i; k > 0 && values[k] > values[k - 1]; k--) {
            double value = values[k];

            values[k] = values[k - 1];
            values[k - 1] = value;
            for (size_t r = 0; r < p; r++) {
                double kept = vectors[r * p + k];

                vectors[r * p + k] = vectors[r * p + k - 1];
                vectors[r * p + k - 1] = kept;
            }
        }
}

void fth_stats_eigen(double *a, size_t p, double *values, double *vectors)
{
    double all = off_diagonal(a, p);

    for (size_t i = 0; i < p; i++) {
        all += a[i * p + i] * a[i * p + i];
        for (size_t j = 0; j < p; j++)
            vectors[i * p + j] = i == j;
    }
    for (int sweep = 0; sweep < SWEEPS && off_diagonal(a, p) > 1e-28 * all; sweep++)
        for (size_t i = 0; i < p; i++)
            for (size_t j = i + 1; j < p; j++)
                if (a[i * p + j] != 0)
                    rotate(a, p, i, j, vectors);
    for (size_t i = 0; i < p; i++)
        values[i] = a[i * p + i];
    sort(values, vectors, p);
}

/* ---- regression ---- */

struct turned {
    const double *y;
    const double *u; /* n x p: rows of x in the coordinates of the eigenvectors */
    size_t n, p;
    double d[MOST]; /* eigenvalues */
    double c[MOST]; /* U'y */
};

/* Mean squared leave-one-out error. */
static double left_out(const struct turned *t, double penalty)
{
    double sum = 0;

    for (size_t i = 0; i < t->n; i++) {
        double fitted = 0, own = 0, error;

        for (size_t k = 0; k < t->p; k++) {
            double u = t->u[i * t->p + k] / (t->d[k] + penalty);

            fitted += u * t->c[k];
            own += u * t->u[i * t->p + k];
        }
        error = (t->y[i] - fitted) / fmax(1 - own, 1e-6);
        sum += error * error;
    }
    return sum / (double)t->n;
}

static void turn(const double *x, struct turned *t, double *vectors, double *u)
{
    double a[MOST * MOST] = {0};
    size_t p = t->p;

    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j < p; j++)
            for (size_t k = 0; k < p; k++)
                a[j * p + k] += x[i * p + j] * x[i * p + k];
    fth_stats_eigen(a, p, t->d, vectors);
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < p; k++) {
            double sum = 0;

            for (size_t j = 0; j < p; j++)
                sum += x[i * p + j] * vectors[j * p + k];
            u[i * p + k] = sum;
            t->c[k] += sum * t->y[i];
        }
}

void fth_stats_ridge(const double *x, const double *y, size_t n, size_t p, double *work,
                     double *coef)
{
    struct turned t = {.y = y, .u = work, .n = n, .p = p};
    double vectors[MOST * MOST], penalty[PENALTIES], error[PENALTIES], turned[MOST] = {0};
    double mean = 0, best = INFINITY, sum = 0;

    turn(x, &t, vectors, work);
    for (size_t k = 0; k < p; k++)
        mean += fmax(t.d[k], 0) / (double)p;
    memset(coef, 0, p * sizeof(*coef));
    if (!(mean > 0))
        return;
    for (int i = 0; i < PENALTIES; i++) {
        penalty[i] = mean * pow(10, -4 + 8.0 * i / (PENALTIES - 1));
        error[i] = left_out(&t, penalty[i]);
        best = fmin(best, error[i]);
    }
    for (int i = 0; i < PENALTIES; i++) {
        double weight = pow((best + DBL_MIN) / (error[i] + DBL_MIN), (double)n / 2);

        sum += weight;
        for (size_t k = 0; k < p; k++)
            turned[k] += weight * t.c[k] / (t.d[k] + penalty[i]);
    }
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < p; k++)
            coef[j] += vectors[j * p + k] * turned[k] / sum;
}
