/*
 * minimise: the smallest value of a function of a few variables, without derivatives.
 *
 * The function is called with a context of the caller's and may return infinity where it is not
 * defined, but no NaN. Nothing here allocates.
 *
 * Thread rule: pure functions, as far as the callback is.
 */
#ifndef FTH_STATS_MINIMISE_H
#define FTH_STATS_MINIMISE_H

#include <stddef.h>

/* Where a function of one variable is smallest in [lo, hi]: golden section until the bracket is
 * narrower than `tol`. Finds a minimum of a function with one, else some local one. */
double fth_stats_minimise_line(double (*f)(void *ctx, double x), void *ctx, double lo, double hi,
                               double tol);

enum { FTH_STATS_SIMPLEX_MOST = 12 };

struct fth_simplex {
    size_t n;           /* variables, 1 to FTH_STATS_SIMPLEX_MOST */
    const double *step; /* first size of the simplex along each, not 0 */
    double tol;         /* stop when values differ by less than this share of the best */
    unsigned most;      /* calls of the function */
};

/*
 * Nelder-Mead (1965) with the usual coefficients 1, 2, 1/2, 1/2. `x` holds the start and gets the
 * best point seen; returns its value. Bounds are the function's affair (return infinity outside, or
 * transform): the start has to have a finite value.
 */
double fth_stats_minimise(double (*f)(void *ctx, const double *x), void *ctx,
                          const struct fth_simplex *how, double *x);

#endif
