/*
 * total: how far the sum of a forecast may be off.
 *
 * Days are not wrong one by one: a forecast that is too low on Monday is on Tuesday, too, so the
 * band of a sum is neither the sum of the bands (as if all days were wrong by the most, and all the
 * same way) nor their root (as if each were wrong for itself). It is drawn from what the forecasts
 * from earlier origins missed, week by week: a moving block bootstrap (Künsch 1989; Politis and
 * Romano 1994 for blocks that go on), in which a week is followed by the next one of the same
 * origin three times out of four, else by that week of another. A drawn sum counts with either
 * sign, and is divided by the spread that so few origins might have shown by chance, as in a t
 * statistic (Student 1908): five origins are no certainty.
 *
 * Thread rule: pure functions; the same seed gives the same band.
 */
#ifndef FTH_FORECAST_TOTAL_H
#define FTH_FORECAST_TOTAL_H

#include "forecast/forecast.h"

struct fth_forecast_total {
    double mean;     /* of the sum of all h steps */
    bool has_band;   /* false: there is a single step of history, which tells nothing of it */
    double *lo, *hi; /* one a level */
};

/*
 * Sets the sum of `forecast`, made of `series`, and its bands at `levels` (0 to 1, level_nr of
 * them). Without origins the series' own steps from season to season stand for errors. A series
 * that never was below zero has no band that is. In the arena. FTH_E_NOMEM.
 */
enum fth_rc fth_forecast_total(const struct fth_series *series, const struct fth_forecast *forecast,
                               const double *levels, size_t level_nr, uint64_t seed,
                               struct fth_arena *arena, struct fth_forecast_total *out,
                               struct fth_err *err);

#endif
