/* croston: the size of what comes and the time between, smoothed apart (Croston 1972), their
 * quotient made smaller by half the weight, since it is too large on average (Syntetos and Boylan
 * 2005). */
#include "forecast/intermittent.h"
#include "forecast/model_int.h"

#define ALPHA 0.1

enum fth_rc fc_croston(const struct fth_series *series, size_t h, struct fth_arena *arena,
                       double *out, const char **declined, struct fth_err *err)
{
    double size = 0, between = 0;
    size_t last = 0, nr = 0;

    (void)arena;
    *declined = fth_not_intermittent(series);
    if (*declined)
        return err->rc;
    for (size_t i = 0; i < series->n; i++) {
        double y = series->y[i], steps = (double)(i + 1 - last);

        if (!(y < 0 || y > 0))
            continue;
        size = nr ? size + ALPHA * (y - size) : y;
        between = nr ? between + ALPHA * (steps - between) : steps;
        last = i + 1;
        nr++;
    }
    for (size_t i = 0; i < h; i++)
        out[i] = (1 - ALPHA / 2) * size / between;
    return FTH_OK;
}
