/*
 * loess: locally weighted regression over equally spaced points (Cleveland 1979).
 *
 * Thread rule: pure functions; nothing allocates.
 */
#ifndef FTH_STATS_LOESS_H
#define FTH_STATS_LOESS_H

#include <stddef.h>

struct fth_loess {
    size_t span;          /* how many points each line is drawn through, at least 2; may exceed n */
    int degree;           /* 0: a mean, 1: a line */
    size_t jump;          /* fitted at each jump-th point, on a straight line between; at least 1 */
    const double *weight; /* n of them, none negative, beside those of distance; NULL: all one */
};

/*
 * The curve through y (n > 0 values at 0, 1, …, n - 1) at x, inside or outside of them: the
 * weighted regression over the `span` points nearest to x that lie in [from, to], with tricube
 * weights of distance. Where all of them weigh nothing, y at the nearest.
 */
double fth_loess_at(const double *y, size_t n, const struct fth_loess *how, double x, size_t from,
                    size_t to);

/* The curve at every point. y and out may not overlap. O(n span / jump). */
void fth_loess(const double *y, size_t n, const struct fth_loess *how, double *out);

/* Before the first point (at -1) and behind the last (at n). */
double fth_loess_before(const double *y, size_t n, const struct fth_loess *how);
double fth_loess_behind(const double *y, size_t n, const struct fth_loess *how);

#endif
