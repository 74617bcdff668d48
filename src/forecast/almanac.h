/*
 * almanac: what of a series comes of the calendar, and what is left.
 *
 * Cost follows the calendar more than its own past: weekends, charges on the first of the month or
 * its last business day, prices per month that make a day of February dearer than one of March. All
 * of it is learned from the series, none assumed. On the scale of forecast/scale.h a value is
 *     y = back(z + effect) + fee
 * with z the level that is left: without season, calendar and outliers, for a model of levels to
 * extrapolate.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FORECAST_ALMANAC_H
#define FTH_FORECAST_ALMANAC_H

#include "forecast/model.h"

struct fth_almanac {
    size_t n, h;
    double c;       /* of the scale */
    double *z;      /* n levels; outliers are replaced by the local median */
    double *level;  /* n: the local median of z */
    double *effect; /* n + h, added on the scale: season, month length, repeating dates */
    double *fee;    /* n + h, added to the value, in its unit: charges on repeating dates */
};

/* Learns it, for the series and h steps behind it. A series without dates has a season only. In the
 * arena. FTH_E_NOMEM. */
enum fth_rc fth_almanac_fit(const struct fth_series *series, size_t h, struct fth_arena *arena,
                            struct fth_almanac *out, struct fth_err *err);

/* The value at step t (from 0, below n + h) if the level is z. */
double fth_almanac_value(const struct fth_almanac *almanac, size_t t, double z);

#endif
