/*
 * band: how far a forecast may be off, learned from how far earlier ones were.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FORECAST_BAND_H
#define FTH_FORECAST_BAND_H

#include "forecast/backtest.h"

/*
 * Sets lo and hi around `mean` (h values each) from the errors that forecasts at[k] (h values, one
 * array an origin of `back`) had, on the scale of forecast/scale.h: split conformal prediction by
 * horizon, each horizon's width drawn to the usual growth as long as few origins speak for it.
 * Without origins the series' own steps say it. `arena` is for work; FTH_E_NOMEM.
 */
enum fth_rc fth_band_set(const struct fth_backtest *back, const double *const *at,
                         const struct fth_series *series, double level, struct fth_arena *arena,
                         const double *mean, double *lo, double *hi, struct fth_err *err);

#endif
