/*
 * The filter for series with missing values: r states of the ARMA process, then the last values,
 * the latest first. A step is y_t = x_t + sum by_i y_{t-i}; then the process moves on and y_t is
 * put in front of the values. Where y_t is missing the state moves on alone. Beside the values a
 * regressor is filtered, whose coefficient is the constant: 1 for a mean, the time for a drift.
 */
#include <math.h>
#include <string.h>

#include "stats/arima_int.h"

enum { MOST = FTH_ARMA_STATE_MOST + FTH_ARIMA_DIFF_MOST };

/* First variance of a value before the series, in units of s2; an error that is less certain than
 * DIFFUSE says where the series begins and nothing of the model. */
static const double vague = 1e7, diffuse = 1e4;

/* The covariance of two steps differs by no more than this: it will not change any more. */
static const double settled = 1e-9;

struct gaps {
    size_t r, nr;                  /* states of the process, and all */
    double phi[MOST], theta[MOST]; /* theta[0] is 1 */
    struct fth_arma_terms see;     /* y from the states: lag i + 1 is state i */
    double value[MOST + 1], ones[MOST + 1];
    double gain[MOST]; /* covariance of the states with y, before the step */
    double f;
    bool steady;
    double *p, *next, *half; /* the covariance, and room to move it */
    double yy, y1, one_one;
};

static bool start(struct gaps *g, const struct fth_arima_order *order, const struct fth_arma *arma,
                  double *work)
{
    double gamma[FTH_ARMA_STATE_MOST], psi[FTH_ARMA_STATE_MOST], see[MOST] = {1};
    double by[FTH_ARMA_MOST], with[FTH_ARMA_STATE_MOST + 1] = {0};
    size_t lags = fth_arima_integrate_by(order, by);

    memset(g, 0, sizeof(*g));
    if (!fth_arma_moments(arma, gamma, psi))
        return false;
    g->r = fth_arma_states(arma);
    g->nr = g->r + lags;
    memcpy(g->phi, arma->phi, arma->p * sizeof(*arma->phi));
    g->theta[0] = 1;
    memcpy(g->theta + 1, arma->theta, arma->q * sizeof(*arma->theta));
    memcpy(see + g->r, by, lags * sizeof(*by));
    fth_arma_terms(see, g->nr, &g->see);
    g->p = work;
    g->next = work + g->nr * g->nr;
    g->half = g->next + g->nr * g->nr;
    memset(work, 0, 2 * g->nr * g->nr * sizeof(*work));
    /* State i is sum phi_{i+k} x_{t-1-k} + theta_{i+k} e_{t-k}; with[i]: its covariance with x_t.
     */
    for (size_t i = 0; i < g->r; i++) {
        for (size_t k = 0; i + k < arma->p; k++)
            with[i] += g->phi[i + k] * gamma[k + 1];
        for (size_t k = 0; i + k <= arma->q; k++)
            with[i] += g->theta[i + k] * psi[k];
    }
    for (size_t i = g->r; i-- > 0;)
        for (size_t j = g->r; j-- > 0;) {
            double behind = i + 1 < g->r && j + 1 < g->r ? g->p[(i + 1) * g->nr + j + 1] : 0;

            g->p[i * g->nr + j] = g->phi[i] * g->phi[j] * gamma[0] + g->phi[i] * with[j + 1] +
                                  g->phi[j] * with[i + 1] + g->theta[i] * g->theta[j] + behind;
        }
    for (size_t i = g->r; i < g->nr; i++)
        g->p[i * g->nr + i] = vague;
    return true;
}

static double seen(const struct gaps *g, const double *state, size_t stride)
{
    double sum = 0;

    for (size_t k = 0; k < g->see.nr; k++)
        sum += g->see.coef[k] * state[(g->see.lag[k] - 1) * stride];
    return sum;
}

static void set_gain(struct gaps *g)
{
    for (size_t i = 0; i < g->nr; i++)
        g->gain[i] = seen(g, g->p + i * g->nr, 1);
    g->f = seen(g, g->gain, 1);
}

/* What is known after y_t was seen. */
static void correct(struct gaps *g, double *state, double error)
{
    for (size_t i = 0; i < g->nr; i++)
        state[i] += g->gain[i] * error / g->f;
}

/* One step of time for a vector of states, of which `stride` says how far they are apart. */
static void move(const struct gaps *g, const double *state, double *out, size_t stride)
{
    double first = state[0];

    for (size_t i = 0; i < g->r; i++)
        out[i * stride] = g->phi[i] * first + (i + 1 < g->r ? state[(i + 1) * stride] : 0);
    for (size_t i = g->nr; i-- > g->r + 1;)
        out[i * stride] = state[(i - 1) * stride];
    if (g->nr > g->r)
        out[g->r * stride] = seen(g, state, stride);
}

static void move_state(const struct gaps *g, double *state)
{
    double out[MOST + 1];

    move(g, state, out, 1);
    memcpy(state, out, g->nr * sizeof(*state));
}

/* P becomes T P T' + theta theta', where `saw` without what y_t has told. Steady when that is what
 * it was. */
static void move_covariance(struct gaps *g, bool saw)
{
    size_t nr = g->nr;
    double *half = g->half, *was = g->p, most = 0;

    for (size_t i = 0; saw && i < nr; i++)
        for (size_t j = 0; j < nr; j++)
            g->next[i * nr + j] = g->p[i * nr + j] - g->gain[i] * g->gain[j] / g->f;
    if (!saw)
        memcpy(g->next, g->p, nr * nr * sizeof(*g->p));
    for (size_t i = 0; i < nr; i++)
        move(g, g->next + i * nr, half + i * nr, 1);
    for (size_t j = 0; j < nr; j++)
        move(g, half + j, g->next + j, nr);
    for (size_t i = 0; i < g->r; i++)
        for (size_t j = 0; j < g->r; j++)
            g->next[i * nr + j] += g->theta[i] * g->theta[j];
    for (size_t i = 0; i < nr * nr; i++)
        most = fmax(most, fabs(g->next[i] - was[i]));
    g->p = g->next;
    g->next = was;
    g->steady = saw && most < settled;
}

static void see(struct gaps *g, double y, double one, struct fth_arma_fit *fit)
{
    double error = y - seen(g, g->value, 1), error_of_one = one - seen(g, g->ones, 1);

    correct(g, g->value, error);
    correct(g, g->ones, error_of_one);
    if (g->f > diffuse)
        return;
    g->yy += error * error / g->f;
    g->y1 += error * error_of_one / g->f;
    g->one_one += error_of_one * error_of_one / g->f;
    fit->log_det += log(g->f);
    fit->n++;
}

static double regressor(const struct fth_arima_order *order, size_t t)
{
    if (order->d + order->sd == 0)
        return 1;
    return order->d ? (double)t : (double)t / (double)order->m;
}

bool fth_arima_with_gaps(const struct fth_arima_order *order, const struct fth_arma *arma,
                         const double *y, size_t n, size_t h, double *work, double *out,
                         struct fth_arma_fit *fit)
{
    struct gaps g;

    *fit = (struct fth_arma_fit){0};
    if (!start(&g, order, arma, work))
        return false;
    set_gain(&g);
    for (size_t t = 0; t < n; t++) {
        bool saw = !isnan(y[t]);

        if (saw)
            see(&g, y[t], regressor(order, t), fit);
        if (!saw || !g.steady) {
            move_covariance(&g, saw);
            set_gain(&g);
        }
        move_state(&g, g.value);
        move_state(&g, g.ones);
    }
    if (order->constant && g.one_one > 0)
        fit->mean = g.y1 / g.one_one;
    fit->squares = fmax(g.yy - fit->mean * g.y1, 0);
    for (size_t t = 0; t < h; t++) {
        out[t] = seen(&g, g.value, 1) + fit->mean * (regressor(order, n + t) - seen(&g, g.ones, 1));
        move_state(&g, g.value);
        move_state(&g, g.ones);
    }
    return true;
}
