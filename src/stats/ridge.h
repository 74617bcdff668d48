/*
 * ridge: linear regression drawn towards zero, as far as the data want it.
 *
 * Thread rule: pure functions; nothing allocates.
 */
#ifndef FTH_STATS_RIDGE_H
#define FTH_STATS_RIDGE_H

#include <stddef.h>

enum { FTH_STATS_RIDGE_MOST = 16 };

/*
 * Eigenvalues (descending) and vectors of a symmetric p x p matrix, p <= FTH_STATS_RIDGE_MOST, by
 * Jacobi's rotations: `a`, row-major, is destroyed; column k of `vectors` belongs to values[k].
 */
void fth_stats_eigen(double *a, size_t p, double *values, double *vectors);

/*
 * Coefficients (p) of y (n) on the rows of x (n x p, row-major), without an intercept: the mean of
 * ridge regressions with 25 penalties from 1e-4 to 1e4 times the mean eigenvalue, each weighed with
 * the normal likelihood of its exact leave-one-out errors, r_i / (1 - h_ii) (Golub, Heath and Wahba
 * 1979). p <= FTH_STATS_RIDGE_MOST, n > 0; `work` holds n * p numbers.
 */
void fth_stats_ridge(const double *x, const double *y, size_t n, size_t p, double *work,
                     double *coef);

#endif
