/*
 * order: order statistics and robust location and scale.
 *
 * Arrays hold finite numbers. Functions that say so reorder their array; none allocates.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_STATS_ORDER_H
#define FTH_STATS_ORDER_H

#include <stddef.h>

/* Puts the k-th smallest (k from 0, k < n) at x[k], what is not larger before it, what is not
 * smaller behind it, and returns it. Expected O(n); Hoare's quickselect, median of three. */
double fth_stats_select(double *x, size_t n, size_t k);

/* The median, the mean of the middle two when n is even; n > 0. Reorders x. */
double fth_stats_median(double *x, size_t n);

/* The p-quantile, 0 <= p <= 1, by linear interpolation between order statistics (Hyndman and Fan
 * 1996, type 7, what R and NumPy do by default); n > 0. Reorders x. */
double fth_stats_quantile(double *x, size_t n, double p);

/* 1.4826 times the median distance from `centre`: estimates the standard deviation of normal data,
 * whatever less than half of the points do; n > 0. Overwrites x. */
double fth_stats_mad(double *x, size_t n, double centre);

/* The value at which half of the weight lies below and half above; weights are not negative, their
 * sum is positive, n > 0. Reorders both arrays. O(n log n). */
double fth_stats_weighted_median(double *x, double *weight, size_t n);

/* Centred running median of `span` (odd) points into out; at the ends the window is cut. `work`
 * holds span numbers. x and out may not overlap. O(n span). */
void fth_stats_running_median(const double *x, size_t n, size_t span, double *work, double *out);

#endif
