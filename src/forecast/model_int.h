/* model: the functions behind the rows of forecast.def. Private to forecast/. */
#ifndef FTH_FORECAST_MODEL_INT_H
#define FTH_FORECAST_MODEL_INT_H

#include "forecast/model.h"

#define FTH_FORECAST(id, title, fallback, in_auto, text)                                    \
    enum fth_rc fc_##id(const struct fth_series *series, size_t h, struct fth_arena *arena, \
                        double *out, const char **declined, struct fth_err *err);
#include "forecast/forecast.def"
#undef FTH_FORECAST

/* A value further from the history than ten times its range is no forecast, whoever makes it: takes
 * the nearest that is allowed; the last of the history instead of one that is no number. */
void fth_forecast_keep_near(const struct fth_series *series, size_t h, double *out);

#endif
