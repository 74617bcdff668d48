#include "forecast/forecast.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "forecast/backtest.h"
#include "forecast/band.h"
#include "stats/order.h"

enum { MODELS_MOST = 32 };

/* ---- which models ---- */

static enum fth_rc choose(const char *id, bool dated, const struct fth_forecast_model **models,
                          size_t *nr, struct fth_err *err)
{
    struct fth_nearest nearest = {.text = fth_str_c(id)};
    const struct fth_forecast_model *model = fth_forecast_model(id);
    size_t n = 0;

    if (strcmp(id, "auto") == 0)
        for (size_t i = 0; (model = fth_forecast_model_at(i)) != NULL; i++) {
            if (model->in_auto == FTH_AUTO_ALWAYS ||
                (model->in_auto == FTH_AUTO_UNDATED && !dated)) {
                FTH_CHECK(n < MODELS_MOST);
                models[n++] = model;
            }
        }
    else if (model)
        models[n++] = model;
    if (n > 0) {
        *nr = n;
        return FTH_OK;
    }
    for (size_t i = 0; (model = fth_forecast_model_at(i)) != NULL; i++)
        fth_nearest_offer(&nearest, fth_str_c(model->id));
    fth_err_set(err, FTH_E_INVALID, "no forecasting model \"%s\"", id);
    if (nearest.best.n)
        fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(nearest.best));
    return err->rc;
}

enum fth_rc fth_forecast_check(const char *id, struct fth_err *err)
{
    const struct fth_forecast_model *models[MODELS_MOST];
    size_t nr;

    return choose(id, true, models, &nr, err);
}

/* ---- how much each counts ---- */

/* Those that answer weigh exp(-loss / tau). tau is a tenth of the best loss, more when only a few
 * steps were tried, which say little: models that are about as good as the best speak about as
 * loud, much worse ones are silent. */
static void weigh(struct fth_forecast_trial *trials, size_t nr, size_t steps)
{
    double loss[MODELS_MOST], best = INFINITY, sum = 0;
    double tau = 0.1 + 15 / (1 + (double)steps);

    for (size_t i = 0; i < nr; i++) {
        loss[i] = trials[i].mase + 0.3 * trials[i].total;
        if (!trials[i].declined)
            best = fmin(best, loss[i]);
    }
    for (size_t i = 0; i < nr; i++) {
        if (trials[i].declined)
            trials[i].weight = 0;
        else
            trials[i].weight = best > 0 ? exp((best - loss[i]) / (tau * best)) : loss[i] == 0;
        sum += trials[i].weight;
    }
    for (size_t i = 0; i < nr && sum > 0; i++)
        trials[i].weight /= sum;
}

/* Forecasts of all models: that of model i for a step is at[i * stride + step]. */
struct said {
    const double *at;
    size_t stride;
};

/* The weighted median of what the models say at one step. */
static double agree(const struct fth_forecast_trial *trials, size_t nr, struct said said,
                    size_t step)
{
    double value[MODELS_MOST], weight[MODELS_MOST];
    size_t n = 0;

    for (size_t i = 0; i < nr; i++)
        if (trials[i].weight > 0) {
            value[n] = said.at[i * said.stride + step];
            weight[n++] = trials[i].weight;
        }
    return n ? fth_stats_weighted_median(value, weight, n) : said.at[step];
}

static void join(const struct fth_forecast_trial *trials, size_t nr, struct said said, size_t h,
                 double *out)
{
    for (size_t step = 0; step < h; step++)
        out[step] = agree(trials, nr, said, step);
}

static size_t steps_tried(const struct fth_backtest *back)
{
    size_t steps = 0;

    for (size_t k = 0; k < back->origin_nr; k++)
        steps += back->len[k];
    return steps;
}

/* ---- all together ---- */

struct making {
    const struct fth_series *series;
    const struct fth_forecast_model *models[MODELS_MOST];
    size_t nr, h;
    struct fth_forecast_trial *trials;
    struct fth_backtest back;
};

/* Forecasts of all models from the end of the series, m->h values each. */
static enum fth_rc run_all(struct making *m, struct fth_arena *arena, double *out,
                           struct fth_err *err)
{
    for (size_t i = 0; i < m->nr; i++) {
        struct fth_forecast_answer answer;

        if (fth_forecast_run(m->models[i], m->series, m->h, arena, out + i * m->h, &answer, err))
            return err->rc;
        m->trials[i] = (struct fth_forecast_trial){
            .model = m->models[i], .declined = answer.declined, .weight = 1};
        fth_backtest_judge(&m->back, m->series, i, &m->trials[i]);
    }
    return FTH_OK;
}

/* What the models at their weights said from each origin. The arrays are there already. */
static void join_past(const struct making *m, double *joined, struct fth_forecast_past *past)
{
    past->origin_nr = m->back.origin_nr;
    for (size_t k = 0; k < m->back.origin_nr; k++) {
        struct said said = {fth_backtest_at(&m->back, 0, k), m->back.origin_nr * m->h};

        past->origin[k] = m->back.origin[k];
        past->len[k] = m->back.len[k];
        past->at[k] = joined + k * m->h;
        join(m->trials, m->nr, said, m->h, joined + k * m->h);
    }
}

enum fth_rc fth_forecast_band(const struct fth_series *series, const struct fth_forecast *forecast,
                              double level, struct fth_arena *arena, double *lo, double *hi,
                              struct fth_err *err)
{
    const struct fth_forecast_past *past = &forecast->past;
    struct fth_backtest back = {.h = forecast->h, .origin_nr = past->origin_nr};
    struct fth_arena_mark work = fth_arena_mark(arena);

    memcpy(back.origin, past->origin, sizeof(back.origin));
    memcpy(back.len, past->len, sizeof(back.len));
    (void)fth_band_set(&back, past->at, series, level, arena, forecast->mean, lo, hi, err);
    fth_arena_rewind(arena, work);
    return err->rc;
}

enum fth_rc fth_forecast_make(const struct fth_series *series, const char *id, size_t h,
                              double level, struct fth_arena *arena, struct fth_forecast *out,
                              struct fth_err *err)
{
    struct making m = {.series = series, .h = h};
    struct fth_forecast made = {.h = h, .level = level};
    struct fth_arena_mark work;
    double *ends, *joined;

    if (choose(id, series->dated, m.models, &m.nr, err))
        return err->rc;
    made.mean = FTH_NEW_ARRAY(arena, double, h);
    made.lo = FTH_NEW_ARRAY(arena, double, h);
    made.hi = FTH_NEW_ARRAY(arena, double, h);
    m.trials = FTH_NEW_ARRAY(arena, struct fth_forecast_trial, m.nr);
    joined = FTH_NEW_ARRAY(arena, double, FTH_ORIGINS *h);
    if (!made.mean || !made.lo || !made.hi || !m.trials || !joined)
        return fth_err_nomem(err);
    work = fth_arena_mark(arena);
    ends = FTH_NEW_ARRAY(arena, double, m.nr *h);
    if (!ends) {
        fth_err_nomem(err);
        goto out;
    }
    if (fth_backtest_run(series, m.models, m.nr, h, arena, &m.back, err) ||
        run_all(&m, arena, ends, err))
        goto out;
    if (m.nr > 1)
        weigh(m.trials, m.nr, steps_tried(&m.back));
    join(m.trials, m.nr, (struct said){ends, h}, h, made.mean);
    join_past(&m, joined, &made.past);
    if (fth_forecast_band(series, &made, level, arena, made.lo, made.hi, err))
        goto out;
    made.trials = m.trials;
    made.trial_nr = m.nr;
    *out = made;
out:
    fth_arena_rewind(arena, work);
    return err->rc;
}
