/*
 * model: what every forecasting model is given and gives.
 *
 * Models are rows of forecast.def, each in a file fc_<id>.c. A model sees one series and forecasts
 * its next values; nothing else (no clock, no file, no state from call to call), so the same series
 * gives the same forecast. A model that cannot say anything about a series says why it declines,
 * and the model that its row names as fall-back is asked instead; `naive`, the end of every such
 * chain, answers any series.
 *
 * Thread rule: pure; any number of threads, one arena each.
 */
#ifndef FTH_FORECAST_MODEL_H
#define FTH_FORECAST_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* A series as models read it. Made by fth_series_set(). */
struct fth_series {
    const double *y; /* none missing: what was is filled (stats/series.h) */
    const bool *gap; /* which were missing; NULL: none */
    size_t n;        /* at least 1 */
    size_t m;        /* steps a season has; 1: none */
    bool dated;      /* a step is a day, the first is `start`, a date of base/date.h */
    int32_t start;
};

/* Whether a model is a member of the ensemble: for series of days there are quicker ones. */
enum fth_forecast_auto { FTH_AUTO_NEVER, FTH_AUTO_UNDATED, FTH_AUTO_ALWAYS };

struct fth_forecast_model {
    const char *id; /* "theta" */
    const char
        *fallback; /* id of the model that answers when this one declines; naive's is its own */
    enum fth_forecast_auto in_auto;
    /*
     * Forecasts the h steps behind the series into out. *declined is NULL on entry and set to a
     * reason (a literal, "fewer than two seasons") when the model does not apply; out is then
     * without meaning. What it allocates it takes from `arena`; the caller rewinds. FTH_E_NOMEM.
     */
    enum fth_rc (*run)(const struct fth_series *series, size_t h, struct fth_arena *arena,
                       double *out, const char **declined, struct fth_err *err);
};

/* All models in the order of forecast.def; NULL for an index beyond the last, an unknown id. */
const struct fth_forecast_model *fth_forecast_model_at(size_t i);
const struct fth_forecast_model *fth_forecast_model(const char *id);

/*
 * A series of n values, NaN where one is missing, that lives as long as the arena. Missing values
 * at both ends are kept, too. `start` counts where `dated` is true. FTH_E_INVALID: no value at all,
 * or one beyond FTH_SERIES_VALUE_MOST, whose square is still a number; n or m is 0. FTH_E_NOMEM.
 */
#define FTH_SERIES_VALUE_MOST 1e100

enum fth_rc fth_series_set(const double *y, size_t n, size_t m, bool dated, int32_t start,
                           struct fth_arena *arena, struct fth_series *out, struct fth_err *err);

/* Who answered, and why not the one that was asked. */
struct fth_forecast_answer {
    const struct fth_forecast_model *by;
    const char *declined; /* the reason of the model that was asked; NULL: it answered */
};

/*
 * Runs a model, and its fall-backs as long as they decline. out has room for h > 0 values, all
 * finite: one that is not, or that is further from the history than ten times its range, is
 * replaced by the nearest that is allowed. The arena is as before. FTH_E_NOMEM.
 */
enum fth_rc fth_forecast_run(const struct fth_forecast_model *model,
                             const struct fth_series *series, size_t h, struct fth_arena *arena,
                             double *out, struct fth_forecast_answer *answer, struct fth_err *err);

#endif
