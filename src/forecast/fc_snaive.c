#include "forecast/model_int.h"

enum fth_rc fc_snaive(const struct fth_series *series, size_t h, struct fth_arena *arena,
                      double *out, const char **declined, struct fth_err *err)
{
    if (series->m < 2)
        *declined = "no season";
    else if (series->n < series->m)
        *declined = "less than one season";
    else
        for (size_t i = 0; i < h; i++)
            out[i] = series->y[series->n - series->m + i % series->m];
    return FTH_OK;
}
