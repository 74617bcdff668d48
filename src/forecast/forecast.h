/*
 * forecast: the next values of a series, with a band, by one model or by all of them.
 *
 * Every model asked is tried on the series' own past first: from up to FTH_ORIGINS steps of its end
 * it forecasts what came behind them. Those errors say how wide the band has to be (split
 * conformal prediction, by horizon), and, for `auto`, how much each model's word counts in the
 * weighted median of all.
 *
 * Thread rule: pure; any number of threads, one arena each.
 */
#ifndef FTH_FORECAST_FORECAST_H
#define FTH_FORECAST_FORECAST_H

#include "forecast/model.h"

enum { FTH_ORIGINS = 5 };

/* How a model did on the series' past. */
struct fth_forecast_trial {
    const struct fth_forecast_model *model;
    const char *declined; /* why it does not apply to the whole series; NULL: it does */
    size_t origin_nr;     /* how often it was tried; 0: the series is too short */
    double mase;   /* mean error, in units of the seasonal naive one's inside of the series */
    double total;  /* mean error of the total over the horizon, as a share of that total */
    double weight; /* in `auto`, 0 to 1; 1 for a model that was asked for */
};

/* What was forecast from earlier origins: len[k] steps behind origin[k] have come true since. */
struct fth_forecast_past {
    size_t origin_nr;
    size_t origin[FTH_ORIGINS], len[FTH_ORIGINS];
    const double *at[FTH_ORIGINS]; /* h each */
};

struct fth_forecast {
    size_t h;
    double *mean, *lo, *hi; /* h each; a band holds the value with probability `level` */
    double level;
    const struct fth_forecast_trial *trials;
    size_t trial_nr;
    struct fth_forecast_past past; /* of the same models, at their weights */
};

/* Is there a model of this id, or is it "auto"? FTH_E_INVALID, the hint names the nearest. */
enum fth_rc fth_forecast_check(const char *id, struct fth_err *err);

/*
 * Forecasts h > 0 steps by the model `id`, or by all when it is "auto"; the band holds with
 * probability 0 < level < 1. Results live as long as the arena.
 * FTH_E_INVALID: no such model. FTH_E_NOMEM.
 */
enum fth_rc fth_forecast_make(const struct fth_series *series, const char *id, size_t h,
                              double level, struct fth_arena *arena, struct fth_forecast *out,
                              struct fth_err *err);

/* The band at another level, h values each into lo and hi. `arena` is for work. FTH_E_NOMEM. */
enum fth_rc fth_forecast_band(const struct fth_series *series, const struct fth_forecast *forecast,
                              double level, struct fth_arena *arena, double *lo, double *hi,
                              struct fth_err *err);

#endif
