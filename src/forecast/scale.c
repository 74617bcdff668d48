#include "forecast/scale.h"

#include <math.h>

#include "stats/order.h"

double fth_scale_of(const double *y, size_t n, double *work)
{
    size_t nr = 0;

    for (size_t i = 0; i < n; i++)
        if (y[i] != 0)
            work[nr++] = fabs(y[i]);
    return nr ? fmax(0.03 * fth_stats_median(work, nr), 1e-100) : 1;
}
