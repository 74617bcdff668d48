/*
 * ets: exponential smoothing with additive errors (Hyndman, Koehler, Ord and Snyder 2008), class 1:
 *     forecast = l + phi b + s,  l' = l + phi b + alpha e,  b' = phi b + beta e,  s' = s + gamma e
 * The forms with multiplicative parts, whose forecasts explode, are not here; the logarithmic scale
 * does their work. Models on both scales are compared by the likelihood of the values themselves.
 */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "forecast/model_int.h"
#include "forecast/scale.h"
#include "stats/minimise.h"
#include "stats/series.h"

enum { SEASON_MOST = 24 };

struct form {
    bool trend, damped, season;
    bool plain_only; /* an undamped trend on a logarithmic scale is exponential growth */
};

static const struct form forms[] = {
    {.season = false},
    {.season = true},
    {.trend = true, .damped = true},
    {.trend = true, .damped = true, .season = true},
    {.trend = true, .plain_only = true},
};

/* What a model starts from, and ends in. */
struct state {
    double level, slope, season[SEASON_MOST];
};

struct ets {
    const double *x;
    size_t n, m;
    struct form form;
    struct state start, end;
    double spread; /* of x; the optimiser moves level and slope in units of it */
};

/* The optimiser's variables, in this order, those that the form lacks left out. */
struct params {
    double alpha, beta, gamma, phi, level, slope;
};

static bool read_params(const struct ets *ets, const double *v, struct params *out)
{
    size_t k = 0;
    double alpha = v[k++], level = v[k++];

    *out =
        (struct params){.alpha = alpha, .phi = 1, .level = ets->start.level + level * ets->spread};
    if (!(alpha > 1e-4 && alpha < 0.9999))
        return false;
    if (ets->form.trend) {
        double share = v[k++];

        if (!(share > 1e-4 && share < 0.9999))
            return false;
        out->beta = alpha * share;
        out->slope = ets->start.slope + v[k++] * ets->spread;
        if (ets->form.damped)
            out->phi = v[k++];
        if (!(out->phi >= 0.8 && (out->phi <= 0.98 || !ets->form.damped)))
            return false;
    }
    if (ets->form.season) {
        double share = v[k];

        if (!(share > 1e-4 && share < 0.9999))
            return false;
        out->gamma = (1 - alpha) * share;
    }
    return true;
}

static double filter(struct ets *ets, const struct params *p)
{
    struct state s = ets->start;
    double sum = 0;
    size_t phase = 0;

    s.level = p->level;
    s.slope = p->slope;
    for (size_t i = 0; i < ets->n; i++) {
        double ahead = s.level + p->phi * s.slope, error = ets->x[i] - ahead - s.season[phase];

        sum += error * error;
        s.level = ahead + p->alpha * error;
        s.slope = p->phi * s.slope + p->beta * error;
        s.season[phase] += p->gamma * error;
        if (++phase == ets->m)
            phase = 0;
    }
    ets->end = s;
    return sum;
}

static double errors_of(void *ctx, const double *v)
{
    struct ets *ets = ctx;
    struct params p;

    return read_params(ets, v, &p) ? filter(ets, &p) : INFINITY;
}

/* The first seasons say where it starts: a line through their means, the mean of each phase. */
static void set_start(struct ets *ets)
{
    size_t seasons = ets->n / ets->m < 3 ? ets->n / ets->m : 3, span = seasons * ets->m;
    struct fth_line line;

    memset(&ets->start, 0, sizeof(ets->start));
    if (!ets->form.season) {
        line = fth_stats_line(ets->x, ets->n < 10 ? ets->n : 10);
        ets->start.level = line.base;
        ets->start.slope = ets->form.trend ? line.slope : 0;
        return;
    }
    line.base = fth_stats_mean(ets->x, span);
    line.slope = 0;
    if (seasons > 1)
        line.slope =
            (fth_stats_mean(ets->x + span - ets->m, ets->m) - fth_stats_mean(ets->x, ets->m)) /
            (double)(span - ets->m);
    for (size_t i = 0; i < span; i++) {
        double around = line.base + line.slope * ((double)i - (double)(span - 1) / 2);

        ets->start.season[i % ets->m] += (ets->x[i] - around) / (double)seasons;
    }
    ets->start.level = line.base - line.slope * (double)(span + 1) / 2;
    ets->start.slope = ets->form.trend ? line.slope : 0;
}

/* Fits; returns n log of the mean squared error plus the AICc penalty, smaller is better. */
static double fit(struct ets *ets, struct params *best)
{
    double v[6], step[6], n = (double)ets->n, sum;
    double free = 1 + (ets->form.season ? (double)ets->m - 1 : 0);
    struct fth_simplex how = {.step = step, .tol = 1e-5, .most = 180};
    size_t nr = 0;

    set_start(ets);
    step[nr] = 0.2, v[nr++] = 0.3;
    step[nr] = 0.3, v[nr++] = 0;
    if (ets->form.trend) {
        step[nr] = 0.1, v[nr++] = 0.1;
        step[nr] = 0.05, v[nr++] = 0;
        if (ets->form.damped)
            step[nr] = -0.05, v[nr++] = 0.95;
    }
    if (ets->form.season)
        step[nr] = 0.1, v[nr++] = 0.1;
    how.n = nr;
    free += (double)nr;
    if (n - free - 1 <= 0)
        return INFINITY;
    sum = fth_stats_minimise(errors_of, ets, &how, v);
    read_params(ets, v, best);
    filter(ets, best);
    return n * log(sum / n + 1e-300) + 2 * free * n / (n - free - 1);
}

static void forecast(const struct ets *ets, const struct params *p, size_t h, double *out)
{
    double level = ets->end.level, slope = ets->end.slope;

    for (size_t i = 0; i < h; i++) {
        slope *= p->phi;
        level += slope;
        out[i] = level + (ets->form.season ? ets->end.season[(ets->n + i) % ets->m] : 0);
    }
}

/* Tries every form on values x = asinh(y / 2c) (c = 0: the values themselves). */
static double try_forms(const struct fth_series *series, const double *x, double c, size_t h,
                        double best, double *out)
{
    double spread = sqrt(fth_stats_squares(x, series->n) / (double)series->n), jacobian = 0;

    for (size_t i = 0; i < series->n && c > 0; i++)
        jacobian += log(series->y[i] * series->y[i] + 4 * c * c);
    for (size_t f = 0; f < FTH_NR(forms); f++) {
        struct ets ets = {.x = x, .n = series->n, .m = 1, .form = forms[f], .spread = spread};
        struct params p = {0};
        double value;

        if (forms[f].season) {
            if (series->m < 2 || series->m > SEASON_MOST || series->n < 2 * series->m)
                continue;
            ets.m = series->m;
        }
        if (forms[f].plain_only && c > 0)
            continue;
        value = fit(&ets, &p) + jacobian;
        if (!(value < best))
            continue;
        best = value;
        forecast(&ets, &p, h, out);
        for (size_t i = 0; i < h && c > 0; i++)
            out[i] = fth_stats_asinh_back(out[i], c);
    }
    return best;
}

enum fth_rc fc_ets(const struct fth_series *series, size_t h, struct fth_arena *arena, double *out,
                   const char **declined, struct fth_err *err)
{
    double *x = FTH_NEW_ARRAY(arena, double, series->n), c, best;

    if (!x)
        return fth_err_nomem(err);
    if (series->n < 6) {
        *declined = "fewer than six values";
        return FTH_OK;
    }
    if (!(fth_stats_squares(series->y, series->n) > 0)) {
        *declined = "all values are the same";
        return FTH_OK;
    }
    c = fth_scale_of(series->y, series->n, x);
    for (size_t i = 0; i < series->n; i++)
        x[i] = fth_stats_asinh(series->y[i], c);
    best = try_forms(series, series->y, 0, h, INFINITY, out);
    best = try_forms(series, x, c, h, best, out);
    if (isinf(best))
        *declined = "too few values for any form";
    return FTH_OK;
}
