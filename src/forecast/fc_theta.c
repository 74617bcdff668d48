/* theta: Assimakopoulos and Nikolopoulos (2000), as Hyndman and Billah (2003) wrote it: simple
 * exponential smoothing with a drift of half the slope of the line through all values. */
#include <math.h>

#include "forecast/model_int.h"
#include "forecast/season.h"
#include "stats/minimise.h"
#include "stats/series.h"

struct smooth {
    const double *y;
    size_t n;
    double level;
};

/* Sum of squared one-step errors; leaves the last level. */
static double errors_of(void *ctx, double alpha)
{
    struct smooth *s = ctx;
    double level = s->y[0], sum = 0;

    for (size_t i = 1; i < s->n; i++) {
        double error = s->y[i] - level;

        sum += error * error;
        level += alpha * error;
    }
    s->level = level;
    return sum;
}

enum fth_rc fc_theta(const struct fth_series *series, size_t h, struct fth_arena *arena,
                     double *out, const char **declined, struct fth_err *err)
{
    struct fth_season season;
    struct smooth s;
    double alpha, drift, n = (double)series->n;

    if (series->n < 3) {
        *declined = "fewer than three values";
        return FTH_OK;
    }
    if (fth_season_split(series, arena, &season, err))
        return err->rc;
    s = (struct smooth){.y = season.adjusted, .n = series->n};
    alpha = fth_stats_minimise_line(errors_of, &s, 1e-4, 0.9999, 1e-4);
    errors_of(&s, alpha);
    drift = fth_stats_line(season.adjusted, series->n).slope / 2;
    for (size_t i = 0; i < h; i++)
        out[i] = s.level + drift * ((double)i + (1 - pow(1 - alpha, n)) / alpha);
    fth_season_join(&season, series->n, series->m, h, out);
    return FTH_OK;
}
