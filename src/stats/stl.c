#include "stats/stl.h"

#include <math.h>
#include <string.h>

#include "stats/loess.h"
#include "stats/order.h"

enum { ROBUST_ROUNDS = 15, INNER = 2, INNER_ROBUST = 1 };

struct parting {
    const double *y;
    size_t n, period, season_span, trend_span, low_span;
    int season_degree;
    double *season, *trend;
    const double *weight; /* of points; NULL: all one */
    /* Room, see fth_stl(). */
    double *cycle, *passed, *plain, *low, *weights, *phase;
};

size_t fth_stl_work(size_t n, size_t period)
{
    return 7 * n + 4 * period + 8;
}

static size_t odd_from(double x)
{
    size_t n = (size_t)ceil(x);

    return n % 2 ? n : n + 1;
}

static size_t jump_of(size_t span)
{
    return (span + 9) / 10;
}

/* Smooths what is one phase of the season, with one value more before and behind: n + 2 period. */
static void smooth_phases(struct parting *p, const double *from)
{
    double *phase = p->phase, *weights = p->phase + p->n / p->period + 1;
    double *smooth = weights + p->n / p->period + 1;

    for (size_t k = 0; k < p->period; k++) {
        size_t nr = (p->n - k - 1) / p->period + 1;
        const struct fth_loess how = {p->season_span, p->season_degree, jump_of(p->season_span),
                                      p->weight ? weights : NULL};

        for (size_t i = 0; i < nr; i++) {
            phase[i] = from[k + i * p->period];
            if (p->weight)
                weights[i] = p->weight[k + i * p->period];
        }
        fth_loess(phase, nr, &how, smooth);
        p->cycle[k] = fth_loess_before(phase, nr, &how);
        for (size_t i = 0; i < nr; i++)
            p->cycle[k + (i + 1) * p->period] = smooth[i];
        p->cycle[k + (nr + 1) * p->period] = fth_loess_behind(phase, nr, &how);
    }
}

/* Means of `span` neighbours: n - span + 1 of them. */
static void average(const double *x, size_t n, size_t span, double *out)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        if (i + 1 < span)
            continue;
        out[i + 1 - span] = sum / (double)span;
        sum -= x[i + 1 - span];
    }
}

/* What the phases together have of a trend, which is not the season's. */
static void take_low_pass(struct parting *p)
{
    const struct fth_loess how = {p->low_span, 1, jump_of(p->low_span), NULL};
    size_t n = p->n + 2 * p->period;

    average(p->cycle, n, p->period, p->passed);
    average(p->passed, n - p->period + 1, p->period, p->low);
    average(p->low, n - 2 * p->period + 2, 3, p->passed);
    fth_loess(p->passed, p->n, &how, p->low);
    for (size_t i = 0; i < p->n; i++)
        p->season[i] = p->cycle[p->period + i] - p->low[i];
}

static void round_of(struct parting *p)
{
    const struct fth_loess how = {p->trend_span, 1, jump_of(p->trend_span), p->weight};

    for (size_t i = 0; i < p->n; i++)
        p->plain[i] = p->y[i] - p->trend[i];
    smooth_phases(p, p->plain);
    take_low_pass(p);
    for (size_t i = 0; i < p->n; i++)
        p->plain[i] = p->y[i] - p->season[i];
    fth_loess(p->plain, p->n, &how, p->trend);
}

/* Bisquare weights of what is left, in units of six times its median size. */
static void weigh(struct parting *p)
{
    double most;

    for (size_t i = 0; i < p->n; i++)
        p->plain[i] = p->weights[i] = fabs(p->y[i] - p->season[i] - p->trend[i]);
    most = 6 * fth_stats_median(p->plain, p->n);
    for (size_t i = 0; i < p->n; i++) {
        double r = most > 0 ? p->weights[i] / most : p->weights[i] > 0;

        p->weights[i] = r <= 0.001 ? 1 : r > 0.999 ? 0 : (1 - r * r) * (1 - r * r);
    }
    p->weight = p->weights;
}

/* The season is the mean of each of its phases. */
static void level_phases(struct parting *p)
{
    for (size_t k = 0; k < p->period; k++) {
        double sum = 0;
        size_t nr = 0;

        for (size_t i = k; i < p->n; i += p->period, nr++)
            sum += p->season[i];
        for (size_t i = k; i < p->n; i += p->period)
            p->season[i] = sum / (double)nr;
    }
}

void fth_stl(const double *y, size_t n, const struct fth_stl *how, double *work, double *season,
             double *trend)
{
    bool fixed = how->season_span == 0;
    size_t span = fixed ? 10 * n + 1 : how->season_span, longer = n + 2 * how->period;
    struct parting p = {
        .y = y,
        .n = n,
        .period = how->period,
        .season_span = span,
        .trend_span = odd_from(1.5 * (double)how->period / (1 - 1.5 / (double)span)),
        .low_span = odd_from((double)how->period),
        .season_degree = fixed ? 0 : 1,
    };

    p.season = season;
    p.trend = trend;
    p.cycle = work;
    p.passed = p.cycle + longer;
    p.plain = p.passed + longer;
    p.low = p.plain + n;
    p.weights = p.low + n + 2;
    p.phase = p.weights + n;
    memset(trend, 0, n * sizeof(*trend));
    for (int round = 0; round <= (how->robust ? ROBUST_ROUNDS : 0); round++) {
        if (round)
            weigh(&p);
        for (int i = 0; i < (how->robust ? INNER_ROBUST : INNER); i++)
            round_of(&p);
    }
    if (fixed)
        level_phases(&p);
}

static double variance(const double *y, const double *without, size_t n)
{
    double mean = 0, sum = 0;

    for (size_t i = 0; i < n; i++)
        mean += (y[i] - without[i]) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = y[i] - without[i] - mean;

        sum += d * d;
    }
    return sum;
}

double fth_stl_strength(const double *y, const double *season, const double *trend, size_t n,
                        double *work)
{
    double seasonal = variance(y, trend, n), rest;

    for (size_t i = 0; i < n; i++)
        work[i] = season[i] + trend[i];
    rest = variance(y, work, n);
    return seasonal > 0 && rest < seasonal ? 1 - rest / seasonal : 0;
}
