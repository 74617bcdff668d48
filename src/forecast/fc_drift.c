#include "forecast/model_int.h"

enum fth_rc fc_drift(const struct fth_series *series, size_t h, struct fth_arena *arena,
                     double *out, const char **declined, struct fth_err *err)
{
    double last = series->y[series->n - 1], slope;

    if (series->n < 2) {
        *declined = "a single value has no drift";
        return FTH_OK;
    }
    slope = (last - series->y[0]) / (double)(series->n - 1);
    for (size_t i = 0; i < h; i++)
        out[i] = last + slope * (double)(i + 1);
    return FTH_OK;
}
