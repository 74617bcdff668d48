#include "stats/stationary.h"

#include <math.h>

#include "stats/series.h"

void fth_stats_difference(const double *x, size_t n, size_t lag, double *out)
{
    for (size_t i = 0; i + lag < n; i++)
        out[i] = x[i + lag] - x[i];
}

double fth_stats_kpss(const double *x, size_t n)
{
    size_t lags = (size_t)(3 * sqrt((double)n) / 13);
    double mean = fth_stats_mean(x, n), sum = 0, squares = 0, variance = 1;

    for (size_t i = 0; i < n; i++) {
        sum += x[i] - mean;
        squares += sum * sum;
    }
    for (size_t k = 1; k <= lags; k++)
        variance += 2 * (1 - (double)k / (double)(lags + 1)) * fth_stats_acf(x, n, k);
    variance *= fth_stats_squares(x, n) / (double)n;
    return variance > 0 ? squares / (variance * (double)n * (double)n) : 0;
}
