/* model: the functions behind the rows of forecast.def. Private to forecast/. */
#ifndef FTH_FORECAST_MODEL_INT_H
#define FTH_FORECAST_MODEL_INT_H

#include "forecast/model.h"

#define FTH_FORECAST(id, title, fallback, in_auto, text)                                    \
    enum fth_rc fc_##id(const struct fth_series *series, size_t h, struct fth_arena *arena, \
                        double *out, const char **declined, struct fth_err *err);
#include "forecast/forecast.def"
#undef FTH_FORECAST

#endif
