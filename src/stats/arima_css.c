#include <math.h>
#include <string.h>

#include "base/check.h"
#include "stats/arima_int.h"

enum { MOST = FTH_ARIMA_COEF_MOST, STEPS = 15 };

/* Growth of the damping after a step that was none, its fall after a good one, and where it ends.
 */
static const double harder = 8, softer = 0.2, hardest = 1e6;

/* A step that lowers the sum by less than this share is the last. */
static const double little = 1e-4;

struct css {
    const struct fth_arima_order *order;
    const double *w;
    size_t n, from, nr;
    double *e;        /* errors */
    double *slope[4]; /* of the errors along phi, theta, Phi, Theta: [t] is of lag 0, sign turned */
    const double *column[MOST]; /* of each coefficient, [t] is its slope at t */
};

/* The errors at these coefficients; their sum of squares. */
static double errors(const struct css *s, const double *coef)
{
    struct fth_arma arma;
    double sum = 0;

    if (!fth_arima_roots_beyond(s->order, coef, 1))
        return INFINITY;
    fth_arima_expand(s->order, coef, &arma);
    memset(s->e, 0, arma.p * sizeof(*s->e));
    fth_arma_errors(&arma, s->w, s->n, arma.p, s->e);
    for (size_t t = s->from; t < s->n; t++)
        sum += s->e[t] * s->e[t];
    return isfinite(sum) ? sum : INFINITY;
}

/* out, the errors over 1 - sign sum coef_i B^(i lag). */
static void divide(const struct css *s, const double *coef, size_t nr, size_t lag, double sign,
                   double *out)
{
    for (size_t t = 0; t < s->n; t++) {
        double sum = s->e[t];

        for (size_t i = 0; i < nr && (i + 1) * lag <= t; i++)
            sum += sign * coef[i] * out[t - (i + 1) * lag];
        out[t] = sum;
    }
}

static void set_slopes(struct css *s, const double *coef)
{
    struct fth_arima_part parts[FTH_ARIMA_PARTS];
    size_t at = 0;

    fth_arima_parts(s->order, parts);
    for (size_t k = 0; k < FTH_ARIMA_PARTS; coef += parts[k++].nr) {
        const struct fth_arima_part *part = &parts[k];

        if (part->nr > 0)
            divide(s, coef, part->nr, part->lag, part->turned ? -1 : 1, s->slope[k]);
        for (size_t i = 1; i <= part->nr; i++)
            s->column[at++] = s->slope[k] + s->from - i * part->lag;
    }
}

struct normal {
    double a[MOST][MOST], b[MOST];
};

static double product(const double *x, const double *y, size_t n)
{
    double even = 0, odd = 0;
    size_t i = 0;

    for (; i + 1 < n; i += 2) {
        even += x[i] * y[i];
        odd += x[i + 1] * y[i + 1];
    }
    return even + odd + (i < n ? x[i] * y[i] : 0);
}

static void set_normal(const struct css *s, struct normal *out)
{
    size_t n = s->n - s->from;

    for (size_t i = 0; i < s->nr; i++) {
        for (size_t j = 0; j <= i; j++)
            out->a[i][j] = out->a[j][i] = product(s->column[i], s->column[j], n);
        out->b[i] = product(s->column[i], s->e + s->from, n);
    }
}

/* Solves (A + damping diag A) x = b by Cholesky's factors; false when they do not exist. */
static bool solve(const struct normal *of, size_t nr, double damping, double *x)
{
    double l[MOST][MOST];

    for (size_t i = 0; i < nr; i++) {
        x[i] = of->b[i];
        for (size_t j = 0; j <= i; j++) {
            double sum = of->a[i][j] * (i == j ? 1 + damping : 1);

            for (size_t k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            if (i == j && !(sum > 0))
                return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
        for (size_t k = 0; k < i; k++)
            x[i] -= l[i][k] * x[k];
        x[i] /= l[i][i];
    }
    for (size_t i = nr; i-- > 0;) {
        for (size_t k = i + 1; k < nr; k++)
            x[i] -= l[k][i] * x[k];
        x[i] /= l[i][i];
    }
    return true;
}

/* A step that lowers the sum, damped until it does; what is left of the sum, or what it was. */
static double descend(const struct css *s, const struct normal *normal, double sum, double *damping,
                      double *coef)
{
    while (*damping < hardest) {
        double by[MOST], next[MOST], lower = INFINITY;

        if (solve(normal, s->nr, *damping, by)) {
            for (size_t i = 0; i < s->nr; i++)
                next[i] = coef[i] + by[i];
            lower = errors(s, next);
        }
        if (lower < sum) {
            memcpy(coef, next, s->nr * sizeof(*coef));
            *damping *= softer;
            return lower;
        }
        *damping *= harder;
    }
    return sum;
}

double fth_arima_least_squares(const struct fth_arima_order *order, const double *w, size_t n,
                               size_t from, double *work, double *coef)
{
    struct css s = {.order = order, .w = w, .n = n, .from = from, .e = work};
    double sum, damping = 0.01;

    s.nr = fth_arima_coef_nr(order);
    FTH_CHECK(s.nr <= MOST && from <= n);
    for (size_t k = 0; k < 4; k++)
        s.slope[k] = work + (k + 1) * n;
    sum = errors(&s, coef);
    for (int step = 0; step < STEPS && s.nr > 0 && isfinite(sum) && sum > 0; step++) {
        struct normal normal;
        double before = sum;

        set_slopes(&s, coef);
        set_normal(&s, &normal);
        sum = descend(&s, &normal, before, &damping, coef);
        if (!(before - sum > little * before))
            break;
    }
    return sum;
}
