#include "forecast/model.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "forecast/model_int.h"
#include "stats/series.h"

static const struct fth_forecast_model models[] = {
#define FTH_FORECAST(id, title, fallback, in_auto, text) \
    {#id, fallback, FTH_AUTO_##in_auto, fc_##id},
#include "forecast/forecast.def"
#undef FTH_FORECAST
};

const struct fth_forecast_model *fth_forecast_model_at(size_t i)
{
    return i < FTH_NR(models) ? &models[i] : NULL;
}

const struct fth_forecast_model *fth_forecast_model(const char *id)
{
    for (size_t i = 0; i < FTH_NR(models); i++)
        if (strcmp(models[i].id, id) == 0)
            return &models[i];
    return NULL;
}

enum fth_rc fth_series_set(const double *y, size_t n, size_t m, bool dated, int32_t start,
                           struct fth_arena *arena, struct fth_series *out, struct fth_err *err)
{
    double *filled = FTH_NEW_ARRAY(arena, double, n);
    bool *gap = FTH_NEW_ARRAY(arena, bool, n);
    size_t missing = 0;

    if (!filled || !gap)
        return fth_err_nomem(err);
    if (n == 0 || m == 0)
        return fth_err_set(err, FTH_E_INVALID, "a series of %zu values with a season of %zu", n, m);
    for (size_t i = 0; i < n; i++) {
        if (fabs(y[i]) > FTH_SERIES_VALUE_MOST)
            return fth_err_set(err, FTH_E_INVALID, "value %zu is beyond %g", i + 1,
                               FTH_SERIES_VALUE_MOST);
        filled[i] = y[i];
        gap[i] = isnan(y[i]);
        missing += gap[i];
    }
    if (missing == n)
        return fth_err_set(err, FTH_E_INVALID, "no value in %zu", n);
    fth_stats_fill(filled, n, m);
    *out = (struct fth_series){
        .y = filled, .gap = missing ? gap : NULL, .n = n, .m = m, .dated = dated, .start = start};
    return FTH_OK;
}

void fth_forecast_keep_near(const struct fth_series *series, size_t h, double *out)
{
    double lo = series->y[0], hi = lo, room;

    for (size_t i = 1; i < series->n; i++) {
        lo = fmin(lo, series->y[i]);
        hi = fmax(hi, series->y[i]);
    }
    room = 10 * (hi - lo);
    for (size_t i = 0; i < h; i++)
        out[i] =
            isnan(out[i]) ? series->y[series->n - 1] : fmax(lo - room, fmin(hi + room, out[i]));
}

enum fth_rc fth_forecast_run(const struct fth_forecast_model *model,
                             const struct fth_series *series, size_t h, struct fth_arena *arena,
                             double *out, struct fth_forecast_answer *answer, struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    const char *first = NULL;

    for (;;) {
        const char *declined = NULL;
        enum fth_rc rc = model->run(series, h, arena, out, &declined, err);

        fth_arena_rewind(arena, start);
        if (rc)
            return rc;
        if (!declined)
            break;
        if (!first)
            first = declined;
        model = fth_forecast_model(model->fallback);
    }
    fth_forecast_keep_near(series, h, out);
    *answer = (struct fth_forecast_answer){model, first};
    return FTH_OK;
}
