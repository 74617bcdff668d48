#include "forecast/model_int.h"
#include "stats/series.h"

enum fth_rc fc_sma(const struct fth_series *series, size_t h, struct fth_arena *arena, double *out,
                   const char **declined, struct fth_err *err)
{
    size_t span = series->m > 1 ? 4 * series->m : 28;
    double mean;

    if (series->n < span)
        span = series->n;
    mean = fth_stats_mean(series->y + series->n - span, span);
    for (size_t i = 0; i < h; i++)
        out[i] = mean;
    return FTH_OK;
}
