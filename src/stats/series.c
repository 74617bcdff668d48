#include "stats/series.h"

#include <math.h>

double fth_stats_mean(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

double fth_stats_squares(const double *x, size_t n)
{
    double mean = fth_stats_mean(x, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

/* The same when mean and squares are known. */
static double acf(const double *x, size_t n, size_t lag, double mean, double all)
{
    double sum = 0;

    for (size_t i = lag; i < n; i++)
        sum += (x[i] - mean) * (x[i - lag] - mean);
    return all > 0 ? sum / all : 0;
}

double fth_stats_acf(const double *x, size_t n, size_t lag)
{
    return acf(x, n, lag, fth_stats_mean(x, n), fth_stats_squares(x, n));
}

bool fth_stats_seasonal(const double *x, size_t n, size_t m)
{
    double mean, all, sum = 0;

    if (m < 2 || n < 3 * m)
        return false;
    mean = fth_stats_mean(x, n);
    all = fth_stats_squares(x, n);
    for (size_t lag = 1; lag < m; lag++) {
        double r = acf(x, n, lag, mean, all);

        sum += r * r;
    }
    return fabs(acf(x, n, m, mean, all)) > 1.645 * sqrt((1 + 2 * sum) / (double)n);
}

double fth_stats_naive_error(const double *x, size_t n, size_t m)
{
    double sum = 0;

    if (n <= m)
        m = 1;
    for (size_t i = m; i < n; i++)
        sum += fabs(x[i] - x[i - m]);
    return n > m ? sum / (double)(n - m) : 0;
}

struct fth_line fth_stats_line(const double *x, size_t n)
{
    double mean = fth_stats_mean(x, n), middle = (double)(n - 1) / 2, xy = 0, xx = 0, slope;

    for (size_t i = 0; i < n; i++) {
        double at = (double)i - middle;

        xy += at * (x[i] - mean);
        xx += at * at;
    }
    slope = xx > 0 ? xy / xx : 0;
    return (struct fth_line){mean - slope * middle, slope};
}

/* Fills the phase of the season that begins at `first`; nothing when all of it is missing. */
static void fill_phase(double *x, size_t n, size_t m, size_t first)
{
    size_t before = n; /* n: none */

    for (size_t i = first; i < n; i += m) {
        size_t behind = i;

        while (behind < n && isnan(x[behind]))
            behind += m;
        if (behind >= n && before == n)
            return;
        for (size_t j = i; j < n && j < behind; j += m)
            if (before == n)
                x[j] = x[behind];
            else if (behind >= n)
                x[j] = x[before];
            else
                x[j] = x[before] +
                       (x[behind] - x[before]) * (double)(j - before) / (double)(behind - before);
        before = i; /* known, or known by now */
    }
}

void fth_stats_fill(double *x, size_t n, size_t m)
{
    for (size_t phase = 0; phase < m && phase < n; phase++)
        fill_phase(x, n, m, phase);
    fill_phase(x, n, 1, 0);
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            x[i] = 0;
}

double fth_stats_asinh(double y, double c)
{
    return asinh(y / (2 * c));
}

double fth_stats_asinh_back(double x, double c)
{
    return 2 * c * sinh(x);
}
