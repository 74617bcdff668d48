#include "forecast/model_int.h"

enum fth_rc fc_naive(const struct fth_series *series, size_t h, struct fth_arena *arena,
                     double *out, const char **declined, struct fth_err *err)
{
    for (size_t i = 0; i < h; i++)
        out[i] = series->y[series->n - 1];
    return FTH_OK;
}
