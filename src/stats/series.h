/*
 * series: what a series of equally spaced values says about itself.
 *
 * Arrays hold finite numbers unless missing values (NaN) are allowed for; none of these allocates.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_STATS_SERIES_H
#define FTH_STATS_SERIES_H

#include <stdbool.h>
#include <stddef.h>

double fth_stats_mean(const double *x, size_t n); /* n > 0 */

/* Sum of squared distances from the mean; n > 0. */
double fth_stats_squares(const double *x, size_t n);

/* Autocorrelation at a lag < n: the covariance over n, not n - lag, as everywhere (Box and
 * Jenkins); 0 for a constant. */
double fth_stats_acf(const double *x, size_t n, size_t lag);

/* Has it a season of m steps? The test of the M4 competition's Naive2: |r_m| above 1.645 times its
 * standard error when r_1 to r_{m-1} are what they are; false below 3 m values and for m < 2. */
bool fth_stats_seasonal(const double *x, size_t n, size_t m);

/* Mean distance of values m steps apart: what MASE divides by. m = 1 below m + 1 values; 0 when
 * there is no pair. */
double fth_stats_naive_error(const double *x, size_t n, size_t m);

/* Least-squares line through (0, x[0]), (1, x[1]), …; n > 0, slope 0 for n = 1. */
struct fth_line {
    double base, slope;
};
struct fth_line fth_stats_line(const double *x, size_t n);

/*
 * Puts a value in place of each that is missing: on the straight line between the nearest values of
 * the same phase of the season (m; 1: none), before and behind; at the ends the nearest of them; of
 * all values where a phase has none. All missing: 0.
 */
void fth_stats_fill(double *x, size_t n, size_t m);

/* A scale that is like the logarithm for large values, linear at 0 and defined below:
 * asinh(y / 2c), c > 0 (in the unit of y). And back. */
double fth_stats_asinh(double y, double c);
double fth_stats_asinh_back(double x, double c);

#endif
