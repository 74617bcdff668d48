#include "forecast/band.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "forecast/model_int.h"
#include "forecast/scale.h"
#include "stats/order.h"
#include "stats/series.h"

/* Horizons that share a width, by their last step, and how much wider than the first they are
 * before the series' own errors speak: chosen by hand. */
static const size_t bucket_end[] = {7, 14, 30, 90, SIZE_MAX};
static const double usual[] = {1, 1.1, 1.3, 1.6, 2};
enum { BUCKETS = FTH_NR(usual) };

static size_t bucket_of(size_t step)
{
    size_t b = 0;

    while (step >= bucket_end[b])
        b++;
    return b;
}

struct errors {
    double *at; /* |errors| on the scale, over the usual width of their horizon */
    size_t *bucket;
    size_t nr;
    double sum[BUCKETS];
    size_t count[BUCKETS], origins[BUCKETS];
};

static void collect(struct errors *e, const struct fth_backtest *back, const double *const *at,
                    const struct fth_series *s, double c)
{
    for (size_t k = 0; k < back->origin_nr; k++)
        for (size_t i = 0; i < back->len[k]; i++) {
            size_t t = back->origin[k] + i, b = bucket_of(i);

            if (s->gap && s->gap[t])
                continue;
            e->at[e->nr] =
                fabs(fth_stats_asinh(s->y[t], c) - fth_stats_asinh(at[k][i], c)) / usual[b];
            e->bucket[e->nr++] = b;
        }
}

/* Width of each bucket against the usual: what its own errors say, as far as there are some. */
static void set_width(struct errors *e, const struct fth_backtest *back, double *work,
                      double *width)
{
    double all, most;

    memcpy(work, e->at, e->nr * sizeof(*work));
    all = fth_stats_median(work, e->nr);
    most = 6 * all; /* an accident is no width */
    for (size_t i = 0; i < e->nr; i++) {
        e->sum[e->bucket[i]] += fmin(e->at[i], most);
        e->count[e->bucket[i]]++;
    }
    all = 0;
    for (size_t b = 0; b < BUCKETS; b++)
        all += e->sum[b] / (double)e->nr;
    for (size_t b = 0; b < BUCKETS; b++) {
        double speakers = 0, own = e->count[b] ? e->sum[b] / (double)e->count[b] : all;

        for (size_t k = 0; k < back->origin_nr; k++)
            speakers += back->len[k] > (b ? bucket_end[b - 1] : 0);
        width[b] = usual[b] * (speakers * own + 3 * all) / (speakers + 3);
        if (b > 0)
            width[b] = fmax(width[b], width[b - 1]);
    }
}

static double usual_step(const struct fth_series *s, double c, double *work)
{
    size_t m = s->n > s->m ? s->m : 1;

    if (s->n < 2)
        return 0;
    for (size_t t = m; t < s->n; t++)
        work[t - m] = fabs(fth_stats_asinh(s->y[t], c) - fth_stats_asinh(s->y[t - m], c));
    return fth_stats_mean(work, s->n - m);
}

enum fth_rc fth_band_set(const struct fth_backtest *back, const double *const *at,
                         const struct fth_series *series, double level, struct fth_arena *arena,
                         const double *mean, double *lo, double *hi, struct fth_err *err)
{
    size_t most = FTH_ORIGINS * back->h > series->n ? FTH_ORIGINS * back->h : series->n;
    struct errors e = {.at = FTH_NEW_ARRAY(arena, double, most),
                       .bucket = FTH_NEW_ARRAY(arena, size_t, most)};
    double *work = FTH_NEW_ARRAY(arena, double, most), c, reach, width[BUCKETS];

    if (!e.at || !e.bucket || !work)
        return fth_err_nomem(err);
    c = fth_scale_of(series->y, series->n, work);
    collect(&e, back, at, series, c);
    if (e.nr > 0) {
        set_width(&e, back, work, width);
        for (size_t i = 0; i < e.nr; i++)
            work[i] = e.at[i] * usual[e.bucket[i]] / fmax(width[e.bucket[i]], 1e-12);
        reach = fth_stats_quantile(work, e.nr, fmin(1, level * (1 + 1 / (double)e.nr)));
    } else {
        /* Laplace: in units of the mean distance. */
        reach = -log(1 - level);
        for (size_t b = 0; b < BUCKETS; b++)
            width[b] = usual[b] * usual_step(series, c, work);
    }
    for (size_t i = 0; i < back->h; i++) {
        double x = fth_stats_asinh(mean[i], c), half = reach * width[bucket_of(i)];

        lo[i] = fmin(fth_stats_asinh_back(x - half, c), mean[i]);
        hi[i] = fmax(fth_stats_asinh_back(x + half, c), mean[i]);
    }
    fth_forecast_keep_near(series, back->h, lo);
    fth_forecast_keep_near(series, back->h, hi);
    return FTH_OK;
}
