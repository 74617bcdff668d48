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

struct line {
    double a, b;
};

struct dotm {
    const double *y;
    const struct line *lines; /* lines[t]: through the first t values; the data alone say them */
    size_t n;
    double scale; /* of l_0 in the optimiser, so that all variables are of the order of 1 */
};

struct state {
    double level, fade;   /* fade: (1 - alpha)^t */
    double alpha, weight; /* 1 - 1/theta */
};

static double next(const struct state *s, const struct line *line)
{
    return s->level +
           s->weight * (s->fade * line->a + (1 - s->fade * (1 - s->alpha)) / s->alpha * line->b);
}

static void see(struct state *s, double y)
{
    s->level += s->alpha * (y - s->level);
    s->fade *= 1 - s->alpha;
}

/* The line through t + 1 values from that through t, their mean, and the next value. */
static struct line see_line(struct line line, double t, double *mean, double y)
{
    double before = *mean, n = t + 1;

    *mean += (y - before) / n;
    line.b = n > 1 ? ((n - 2) * line.b + 6 * (y - before) / n) / (n + 1) : 0;
    line.a = *mean - line.b * (n + 1) / 2;
    return line;
}

static double run(const struct dotm *d, const double *x, struct state *s)
{
    double sum = 0;

    *s = (struct state){.level = x[0] * d->scale, .alpha = x[1], .weight = 1 - 1 / x[2], .fade = 1};
    for (size_t i = 0; i < d->n; i++) {
        double error = d->y[i] - next(s, &d->lines[i]);

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
    static const struct fth_simplex how = {.n = 3, .step = step, .tol = 1e-6, .most = 300};
    struct line *lines = FTH_NEW_ARRAY(arena, struct line, series->n + 1);
    double x[3] = {0, 0.5, 2}, mean = 0;
    struct fth_season season;
    struct state state;
    struct line line;
    struct dotm d;

    if (!lines)
        return fth_err_nomem(err);
    if (series->n < 4) {
        *declined = "fewer than four values";
        return FTH_OK;
    }
    if (fth_season_split(series, arena, &season, err))
        return err->rc;
    for (size_t i = 0; i < series->n; i++)
        lines[i + 1] = see_line(lines[i], (double)i, &mean, season.adjusted[i]);
    line = lines[series->n];
    d = (struct dotm){.y = season.adjusted, .lines = lines, .n = series->n};
    d.scale = sqrt(fth_stats_squares(d.y, d.n) / (double)d.n) + fabs(d.y[0]);
    if (d.scale == 0)
        d.scale = 1;
    x[0] = d.y[0] / d.scale / 2;
    fth_stats_minimise(errors_of, &d, &how, x);
    run(&d, x, &state);
    for (size_t i = 0; i < h; i++) {
        out[i] = next(&state, &line);
        see(&state, out[i]);
        line = see_line(line, (double)(series->n + i), &mean, out[i]);
    }
    fth_season_join(&season, series->n, series->m, h, out);
    return FTH_OK;
}
