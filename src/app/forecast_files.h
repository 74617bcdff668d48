/*
 * forecast_files: forecasts every series of a file, several at a time.
 *
 * Thread rule: one call by one thread; it starts threads of its own and joins them.
 */
#ifndef FTH_APP_FORECAST_FILES_H
#define FTH_APP_FORECAST_FILES_H

#include "app/series_file.h"
#include "base/thread.h"
#include "forecast/forecast.h"

struct fth_forecast_files {
    const char *path, *meta; /* series_file.h; meta may be NULL */
    const char *model;       /* id of a model, or "auto" */
    size_t h, m;             /* 0: the second file's, else 30 steps, and what series_file.h says */
    double level;            /* of the bands, 0 to 1 */
    unsigned threads;        /* 0: one a core */
    const struct fth_cancel *cancel; /* may be NULL */
};

struct fth_forecast_row {
    struct fth_str id;
    size_t m;
    struct fth_forecast forecast;
};

/*
 * Results in the order of the file; they live as long as the arena. What fth_series_file_read()
 * gives; FTH_E_INVALID: no such model, or a series without any value (named); FTH_E_CANCELLED,
 * FTH_E_TIMEOUT, FTH_E_NOMEM.
 */
enum fth_rc fth_forecast_files(const struct fth_forecast_files *request, struct fth_arena *arena,
                               const struct fth_forecast_row **out, size_t *nr,
                               struct fth_err *err);

#endif
