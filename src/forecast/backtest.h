/*
 * backtest: models tried on the past of a series, from several origins.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FORECAST_BACKTEST_H
#define FTH_FORECAST_BACKTEST_H

#include "forecast/forecast.h"

struct fth_backtest {
    size_t h, origin_nr;
    size_t origin[FTH_ORIGINS]; /* values known there; latest first */
    size_t len[FTH_ORIGINS];    /* steps that have come true since, at most h */
    double *at;                 /* forecasts, see fth_backtest_at() */
};

/* What a model forecast from an origin: h values. */
static inline double *fth_backtest_at(const struct fth_backtest *back, size_t model, size_t origin)
{
    return back->at + (model * back->origin_nr + origin) * back->h;
}

/*
 * Tries each model from each origin; a fall-back that answers stands for its model. At least half
 * of the series, three seasons and eight values lie before every origin: shorter series have fewer
 * origins or none. In the arena. FTH_E_NOMEM.
 */
enum fth_rc fth_backtest_run(const struct fth_series *series,
                             const struct fth_forecast_model *const *models, size_t model_nr,
                             size_t h, struct fth_arena *arena, struct fth_backtest *out,
                             struct fth_err *err);

/* Errors of one model's forecasts; sets the trial's mase and total. An error counts at most five
 * times the naive one: an accident that nobody could foresee judges no model. */
void fth_backtest_judge(const struct fth_backtest *back, const struct fth_series *series,
                        size_t model, struct fth_forecast_trial *trial);

#endif
