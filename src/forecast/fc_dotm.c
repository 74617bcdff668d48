/*
 * dotm: the dynamic optimised theta model of Fiorucci and others (2016).
 *
 * Level l, running mean, and the line A + B t through the values seen so far; the one-step forecast
 *     mu_t = l_{t-1} + (1 - 1/theta) ((1-alpha)^{t-1} A_{t-1} + (1 - (1-alpha)^t) / alpha B_{t-1})
 * with l_0, alpha and theta >= 1 by least squares. Forecasts feed mu back as the value seen.
 */
#include <math.h>

#include "forecast/model_int.h"
#include "forecast/season.h"
#include "stats/minimise.h"
#include "stats/series.h"

struct dotm {
    const double *y;
    size_t n;
    double scale; /* of l_0 in the optimiser, so that all variables are of the order of 1 */
};

struct state {
    double level, mean, a, b, fade; /* fade: (1 - alpha)^t */
    double alpha, weight;           /* 1 - 1/theta */
    double t;                       /* values seen */
};

static double next(const struct state *s)
{
    return s->level +
           s->weight * (s->fade * s->a + (1 - s->fade * (1 - s->alpha)) / s->alpha * s->b);
}

static void see(struct state *s, double y)
{
    double t = s->t + 1, before = s->mean;

    s->level = s->alpha * y + (1 - s->alpha) * s->level;
    s->mean += (y - before) / t;
    s->b = ((t - 2) * s->b + 6 * (y - before) / t) / (t + 1);
    if (t == 1)
        s->b = 0;
    s->a = s->mean - s->b * (t + 1) / 2;
    s->fade *= 1 - s->alpha;
    s->t = t;
}

static double run(const struct dotm *d, const double *x, struct state *s)
{
    double sum = 0;

    *s = (struct state){.level = x[0] * d->scale, .alpha = x[1], .weight = 1 - 1 / x[2], .fade = 1};
    for (size_t i = 0; i < d->n; i++) {
        double error = d->y[i] - next(s);

        /* The first two have no line yet: they would pull l_0 to themselves. */
        if (i >= 2)
            sum += error * error;
        see(s, d->y[i]);
    }
    return sum;
}

static double errors_of(void *ctx, const double *x)
{
    struct state end;

    if (!(x[1] >= 0.1 && x[1] <= 0.99 && x[2] >= 1))
        return INFINITY;
    return run(ctx, x, &end);
}

enum fth_rc fc_dotm(const struct fth_series *series, size_t h, struct fth_arena *arena, double *out,
                    const char **declined, struct fth_err *err)
{
    static const double step[] = {0.2, 0.2, 1};
    static const struct fth_simplex how = {.n = 3, .step = step, .tol = 1e-7, .most = 300};
    struct fth_season season;
    double x[3] = {0, 0.5, 2};
    struct state state;
    struct dotm d;

    if (series->n < 4) {
        *declined = "fewer than four values";
        return FTH_OK;
    }
    if (fth_season_split(series, arena, &season, err))
        return err->rc;
    d = (struct dotm){.y = season.adjusted, .n = series->n};
    d.scale = sqrt(fth_stats_squares(d.y, d.n) / (double)d.n) + fabs(d.y[0]);
    if (d.scale == 0)
        d.scale = 1;
    x[0] = d.y[0] / d.scale / 2;
    fth_stats_minimise(errors_of, &d, &how, x);
    run(&d, x, &state);
    for (size_t i = 0; i < h; i++) {
        out[i] = next(&state);
        see(&state, out[i]);
    }
    fth_season_join(&season, series->n, series->m, h, out);
    return FTH_OK;
}
