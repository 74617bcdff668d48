/*
 * stl: a series as a season, a trend and the rest, by loess (Cleveland, Cleveland, McRae and
 * Terpenning 1990). The season may change slowly.
 *
 * Thread rule: pure functions; nothing allocates.
 */
#ifndef FTH_STATS_STL_H
#define FTH_STATS_STL_H

#include <stdbool.h>
#include <stddef.h>

struct fth_stl {
    size_t period;      /* steps of a season, at least 2 */
    size_t season_span; /* seasons that each value of the season is drawn from, odd, 7 or more; 0:
                           all of them, the season is the same throughout */
    bool robust; /* outliers count little: fifteen rounds more, each with a bisquare weight of
                    the last one's rest */
};

/* How many numbers `work` holds. */
size_t fth_stl_work(size_t n, size_t period);

/*
 * Parts y (n values, at least two seasons) so that y = season + trend + rest. The trend's span is
 * the smallest odd number from 1.5 period / (1 - 1.5 / season_span), the low pass's the smallest
 * odd one from the period; the season is fitted by lines (by means when it is the same throughout),
 * at each tenth of a span. Two inner rounds, or where it is robust one in each of sixteen, as R's
 * stl() does.
 * season and trend hold n numbers.
 */
void fth_stl(const double *y, size_t n, const struct fth_stl *how, double *work, double *season,
             double *trend);

/* How strong the season is: max(0, 1 - var(rest) / var(season + rest)), from 0 to 1 (Wang, Smith
 * and Hyndman 2006), of parts as fth_stl() makes them. work holds n numbers. */
double fth_stl_strength(const double *y, const double *season, const double *trend, size_t n,
                        double *work);

#endif
