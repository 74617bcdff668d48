#include "forecast/season.h"

#include <math.h>
#include <string.h>

#include "stats/series.h"

/* Centred average of one season around value i; half a season away from both ends. */
static double centred(const double *y, size_t i, size_t m)
{
    size_t half = m / 2, from = i - half;
    double sum = 0;

    for (size_t k = 0; k <= 2 * half; k++)
        sum += y[from + k];
    if (m % 2 == 0)
        sum -= (y[from] + y[from + m]) / 2;
    return sum / (double)m;
}

/* The mean of each phase against the moving average, made neutral. False when a factor is needed
 * that is near zero or has no meaning. */
static bool set_index(const struct fth_series *s, bool factor, double *index)
{
    size_t half = s->m / 2;
    double mean = 0;

    for (size_t phase = 0; phase < s->m; phase++) {
        double sum = 0;
        size_t nr = 0;

        for (size_t i = phase; i + half < s->n; i += s->m) {
            double trend;

            if (i < half)
                continue;
            trend = centred(s->y, i, s->m);
            if (factor && !(trend > 0))
                return false;
            sum += factor ? s->y[i] / trend : s->y[i] - trend;
            nr++;
        }
        index[phase] = sum / (double)nr;
        mean += index[phase] / (double)s->m;
    }
    for (size_t phase = 0; phase < s->m; phase++) {
        index[phase] = factor ? index[phase] / mean : index[phase] - mean;
        if (factor && !(index[phase] > 0.05))
            return false;
    }
    return true;
}

enum fth_rc fth_season_split(const struct fth_series *series, struct fth_arena *arena,
                             struct fth_season *out, struct fth_err *err)
{
    size_t n = series->n, m = series->m;
    double *adjusted = FTH_NEW_ARRAY(arena, double, n), *index = FTH_NEW_ARRAY(arena, double, m);
    bool factor;

    if (!adjusted || !index)
        return fth_err_nomem(err);
    memcpy(adjusted, series->y, n * sizeof(*adjusted));
    *out = (struct fth_season){.adjusted = adjusted, .index = index};
    if (!fth_stats_seasonal(series->y, n, m))
        return FTH_OK;
    factor = set_index(series, true, index);
    if (!factor)
        set_index(series, false, index);
    for (size_t i = 0; i < n; i++)
        adjusted[i] = factor ? series->y[i] / index[i % m] : series->y[i] - index[i % m];
    out->factor = factor;
    return FTH_OK;
}

void fth_season_join(const struct fth_season *season, size_t n, size_t m, size_t h, double *out)
{
    for (size_t i = 0; i < h; i++) {
        double index = season->index[(n + i) % m];

        out[i] = season->factor ? out[i] * index : out[i] + index;
    }
}
