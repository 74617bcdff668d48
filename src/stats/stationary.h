/*
 * stationary: differences of a series, and whether it wants them.
 *
 * Thread rule: pure functions; nothing allocates.
 */
#ifndef FTH_STATS_STATIONARY_H
#define FTH_STATS_STATIONARY_H

#include <stddef.h>

/* x_t - x_{t-lag} into out, n - lag values; lag < n. out may be x. */
void fth_stats_difference(const double *x, size_t n, size_t lag, double *out);

/*
 * The statistic of Kwiatkowski, Phillips, Schmidt and Shin (1992) for a level that stays: the sum
 * of squared partial sums of the distances from the mean over n^2 times their long-run variance
 * (Bartlett's window, floor(3 sqrt(n) / 13) lags). 0 for a constant; n > 0.
 */
double fth_stats_kpss(const double *x, size_t n);

/* Where it says no, at 5 % (their table 1). */
#define FTH_STATS_KPSS_LEVEL 0.463

#endif
