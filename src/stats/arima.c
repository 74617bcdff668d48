#include "stats/arima.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "stats/arima_int.h"
#include "stats/minimise.h"
#include "stats/stationary.h"

size_t fth_arima_coef_nr(const struct fth_arima_order *order)
{
    return order->p + order->q + order->sp + order->sq;
}

size_t fth_arima_diff_lag(const struct fth_arima_order *order)
{
    return order->d + order->sd * order->m;
}

/* ---- polynomials ---- */

void fth_arima_parts(const struct fth_arima_order *order, struct fth_arima_part *out)
{
    out[0] = (struct fth_arima_part){order->p, 1, false};
    out[1] = (struct fth_arima_part){order->q, 1, true};
    out[2] = (struct fth_arima_part){order->sp, order->m, false};
    out[3] = (struct fth_arima_part){order->sq, order->m, true};
}

/* out, the product of 1 - sum a_i B^i and 1 - sum b_j B^(jm), in the same form; returns its lags.
 */
static size_t multiply(const double *a, size_t a_nr, const double *b, size_t b_nr, size_t m,
                       double *out)
{
    memset(out, 0, FTH_ARMA_MOST * sizeof(*out));
    memcpy(out, a, a_nr * sizeof(*a));
    for (size_t j = 0; j < b_nr; j++) {
        size_t at = (j + 1) * m - 1;

        out[at] += b[j];
        for (size_t i = 0; i < a_nr; i++)
            out[at + 1 + i] -= a[i] * b[j];
    }
    return a_nr + b_nr * m;
}

static void turn(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = -x[i];
}

void fth_arima_expand(const struct fth_arima_order *order, const double *coef, struct fth_arma *out)
{
    const double *theta = coef + order->p, *season = theta + order->q;
    double a[FTH_ARIMA_LAG_MOST], b[FTH_ARIMA_SEASONS_MOST];

    FTH_CHECK(order->p <= FTH_ARIMA_LAG_MOST && order->q <= FTH_ARIMA_LAG_MOST);
    FTH_CHECK(order->sp <= FTH_ARIMA_SEASONS_MOST && order->sq <= FTH_ARIMA_SEASONS_MOST);
    FTH_CHECK(order->m > 0 && order->m <= FTH_ARIMA_PERIOD_MOST);
    out->p = multiply(coef, order->p, season, order->sp, order->m, out->phi);
    memcpy(a, theta, order->q * sizeof(*a));
    memcpy(b, season + order->sp, order->sq * sizeof(*b));
    turn(a, order->q);
    turn(b, order->sq);
    out->q = multiply(a, order->q, b, order->sq, order->m, out->theta);
    turn(out->theta, out->q);
}

bool fth_arima_roots_beyond(const struct fth_arima_order *order, const double *coef, double modulus)
{
    struct fth_arima_part parts[FTH_ARIMA_PARTS];

    fth_arima_parts(order, parts);
    for (size_t k = 0; k < FTH_ARIMA_PARTS; coef += parts[k++].nr) {
        double own[FTH_ARIMA_LAG_MOST];

        memcpy(own, coef, parts[k].nr * sizeof(*own));
        if (parts[k].turned)
            turn(own, parts[k].nr);
        if (!fth_arma_roots_beyond(own, parts[k].nr, pow(modulus, (double)parts[k].lag)))
            return false;
    }
    return true;
}

/* ---- differences ---- */

void fth_arima_difference(const struct fth_arima_order *order, const double *y, size_t n,
                          double *out)
{
    if (out != y)
        memcpy(out, y, n * sizeof(*y));
    for (size_t k = 0; k < order->sd; k++, n -= order->m)
        fth_stats_difference(out, n, order->m, out);
    for (size_t k = 0; k < order->d; k++, n--)
        fth_stats_difference(out, n, 1, out);
}

size_t fth_arima_integrate_by(const struct fth_arima_order *order, double *out)
{
    static const double plain[][2] = {{0}, {1}, {2, -1}};
    static const double one[] = {1};

    FTH_CHECK(order->d <= 2 && order->sd <= 1);
    return multiply(plain[order->d], order->d, one, order->sd, order->m, out);
}

/* Forecasts of the differences become those of y. */
static void integrate(const struct fth_arima_order *order, const double *y, size_t n, size_t h,
                      double *out)
{
    double by[FTH_ARMA_MOST];
    size_t nr = fth_arima_integrate_by(order, by);

    for (size_t t = 0; t < h; t++)
        for (size_t i = 0; i < nr; i++)
            out[t] += by[i] * (i < t ? out[t - 1 - i] : y[n + t - 1 - i]);
}

/* ---- likelihood ---- */

static bool has_gaps(const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(y[i]))
            return true;
    return false;
}

size_t fth_arima_work(const struct fth_arima_order *order, size_t n)
{
    size_t p = order->p + order->sp * order->m, q = order->q + order->sq * order->m;
    size_t states = (p > q + 1 ? p : q + 1) + fth_arima_diff_lag(order);
    size_t dense = 3 * states * states;

    return dense > 3 * n ? dense : 3 * n;
}

static bool without_gaps(const struct fth_arima_order *order, const struct fth_arma *arma,
                         const double *y, size_t n, size_t h, double *work, double *out,
                         struct fth_arma_fit *fit)
{
    size_t lag = fth_arima_diff_lag(order);

    fth_arima_difference(order, y, n, work);
    if (!fth_arma_filter(arma, work, n - lag, order->constant, work + n, fit))
        return false;
    if (h > 0) {
        fth_arma_forecast(arma, fit, h, out);
        integrate(order, y, n, h, out);
    }
    return true;
}

bool fth_arima_evaluate(const struct fth_arima_order *order, const double *coef, const double *y,
                        size_t n, size_t h, double *work, double *out, struct fth_arima_fit *fit)
{
    struct fth_arma arma;
    struct fth_arma_fit filtered;
    bool ok;

    fth_arima_expand(order, coef, &arma);
    ok = has_gaps(y, n) ? fth_arima_with_gaps(order, &arma, y, n, h, work, out, &filtered)
                        : without_gaps(order, &arma, y, n, h, work, out, &filtered);
    if (!ok || filtered.n == 0 || !(filtered.squares > 0))
        return false;
    *fit = (struct fth_arima_fit){.log_likelihood = fth_arma_log_likelihood(&filtered),
                                  .variance = filtered.squares / (double)filtered.n,
                                  .constant = filtered.mean,
                                  .n = filtered.n};
    return isfinite(fit->log_likelihood);
}

/* ---- the greatest likelihood ---- */

struct search {
    const struct fth_arima_order *order;
    const double *y;
    size_t n;
    double modulus;
    double *work;
};

/* The optimiser's variables are the inverse hyperbolic tangents of the partial autocorrelations of
 * each part: any number is a stationary and invertible model. */
static void coef_of(const struct fth_arima_order *order, const double *x, double *coef)
{
    struct fth_arima_part parts[FTH_ARIMA_PARTS];

    fth_arima_parts(order, parts);
    for (size_t k = 0; k < FTH_ARIMA_PARTS; x += parts[k].nr, coef += parts[k].nr, k++) {
        double partial[FTH_ARIMA_LAG_MOST];

        for (size_t i = 0; i < parts[k].nr; i++)
            partial[i] = tanh(x[i]);
        fth_arma_from_partial(partial, parts[k].nr, coef);
        if (parts[k].turned)
            turn(coef, parts[k].nr);
    }
}

static bool variables_of(const struct fth_arima_order *order, const double *coef, double *x)
{
    struct fth_arima_part parts[FTH_ARIMA_PARTS];

    fth_arima_parts(order, parts);
    for (size_t k = 0; k < FTH_ARIMA_PARTS; x += parts[k].nr, coef += parts[k].nr, k++) {
        double own[FTH_ARIMA_LAG_MOST];

        memcpy(own, coef, parts[k].nr * sizeof(*own));
        if (parts[k].turned)
            turn(own, parts[k].nr);
        if (!fth_arma_partial(own, parts[k].nr, x))
            return false;
        for (size_t i = 0; i < parts[k].nr; i++)
            x[i] = atanh(x[i]);
    }
    return true;
}

static double unlikelihood(void *ctx, const double *x)
{
    struct search *s = ctx;
    double coef[FTH_ARIMA_COEF_MOST];
    struct fth_arima_fit fit;

    coef_of(s->order, x, coef);
    if (!fth_arima_roots_beyond(s->order, coef, s->modulus) ||
        !fth_arima_evaluate(s->order, coef, s->y, s->n, 0, s->work, NULL, &fit))
        return INFINITY;
    return -fit.log_likelihood;
}

bool fth_arima_maximise(const struct fth_arima_order *order, const double *y, size_t n,
                        double modulus, unsigned calls, double *work, double *coef)
{
    struct search search = {.order = order, .y = y, .n = n, .modulus = modulus};
    double x[FTH_ARIMA_COEF_MOST], step[FTH_ARIMA_COEF_MOST];
    struct fth_simplex how = {
        .n = fth_arima_coef_nr(order), .step = step, .tol = 1e-7, .most = calls};

    FTH_CHECK(how.n <= FTH_ARIMA_COEF_MOST);
    search.work = work;
    if (!variables_of(order, coef, x) || isinf(unlikelihood(&search, x)))
        return false;
    for (size_t i = 0; i < how.n; i++)
        step[i] = x[i] > 0 ? -0.1 : 0.1;
    if (how.n > 0)
        fth_stats_minimise(unlikelihood, &search, &how, x);
    coef_of(order, x, coef);
    return true;
}
