/* stl: the season by loess (stats/stl.h), as it was last; the rest by exponential smoothing. */
#include "forecast/model_int.h"
#include "stats/stl.h"

/* How many seasons one is drawn from: as forecast::stlf() has it (Hyndman et al.). */
enum { SEASON_SPAN = 11 };

enum fth_rc fc_stl(const struct fth_series *series, size_t h, struct fth_arena *arena, double *out,
                   const char **declined, struct fth_err *err)
{
    const struct fth_stl how = {series->m, SEASON_SPAN, false};
    size_t n = series->n, m = series->m;
    struct fth_series adjusted = *series;
    double *work, *season, *rest;

    if (m < 2 || n < 2 * m + 1) {
        *declined = m < 2 ? "no season" : "fewer than two seasons and a value";
        return FTH_OK;
    }
    work = FTH_NEW_ARRAY(arena, double, fth_stl_work(n, m));
    season = FTH_NEW_ARRAY(arena, double, n);
    rest = FTH_NEW_ARRAY(arena, double, n);
    if (!work || !season || !rest)
        return fth_err_nomem(err);
    fth_stl(series->y, n, &how, work, season, rest);
    for (size_t i = 0; i < n; i++)
        rest[i] = series->y[i] - season[i];
    adjusted.y = rest;
    adjusted.m = 1;
    if (fc_ets(&adjusted, h, arena, out, declined, err))
        return err->rc;
    for (size_t i = 0; i < h; i++)
        out[i] += season[n - m + i % m];
    return FTH_OK;
}
