/*
 * arima: the seasonal ARIMA model that arima_choice.h finds, its forecasts by a filter that skips
 * what is missing. The choice is made on the values and on their logarithmic scale; the better of
 * the two by AICc a value forecasts, both as models of the values themselves.
 */
#include <math.h>

#include "base/check.h"
#include "forecast/arima_choice.h"
#include "forecast/model_int.h"
#include "forecast/scale.h"
#include "stats/series.h"

/* What one value of a series with gaps costs in the likelihood grows with the square of the states;
 * so many of them are worth the wait, and no search is with fewer calls. */
static const double gap_work = 2e7;
enum { GAP_CALLS_LEAST = 20, GAP_CALLS_MOST = 200 };

/* The series on a scale (c = 0: its own), moved to mean 0 and spread 1, and its model. */
struct scaled {
    double c, mean, spread;
    double *x;
    struct fth_arima_choice choice;
    double aicc; /* a value, infinity without a model */
};

static enum fth_rc choose(const struct fth_series *series, double c, struct fth_arena *arena,
                          struct scaled *out, struct fth_err *err)
{
    size_t n = series->n, m = series->m <= FTH_ARIMA_PERIOD_MOST ? series->m : 1;
    double jacobian = 0;
    bool found;

    *out = (struct scaled){.c = c, .x = FTH_NEW_ARRAY(arena, double, n), .aicc = INFINITY};
    if (!out->x)
        return fth_err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        out->x[i] = c > 0 ? fth_stats_asinh(series->y[i], c) : series->y[i];
        if (c > 0)
            jacobian += log(series->y[i] * series->y[i] + 4 * c * c) / (double)n;
    }
    out->mean = fth_stats_mean(out->x, n);
    out->spread = sqrt(fth_stats_squares(out->x, n) / (double)n);
    if (!(out->spread > 0))
        return FTH_OK;
    for (size_t i = 0; i < n; i++)
        out->x[i] = (out->x[i] - out->mean) / out->spread;
    if (fth_arima_choose(out->x, n, m, arena, &out->choice, &found, err))
        return err->rc;
    if (found)
        out->aicc = out->choice.aicc / (double)(n - fth_arima_diff_lag(&out->choice.order)) +
                    2 * log(out->spread) + jacobian;
    return FTH_OK;
}

static size_t seen_nr(const struct fth_series *series)
{
    size_t nr = series->n;

    for (size_t i = 0; i < series->n && series->gap; i++)
        nr -= series->gap[i];
    return nr;
}

static bool all_above(const struct fth_series *series, double least)
{
    for (size_t i = 0; i < series->n; i++)
        if (!(series->y[i] > least))
            return false;
    return true;
}

static unsigned gap_calls(const struct fth_arima_order *order, size_t n)
{
    double squares = (double)fth_arima_work(order, 0) / 3;
    double calls = gap_work / (squares * (double)n + 1);

    return calls < GAP_CALLS_MOST ? (unsigned)calls : GAP_CALLS_MOST;
}

/* The choice was made with the missing values filled in; the coefficients are refined, and the
 * forecasts made, without them. */
static enum fth_rc say(const struct fth_series *series, struct scaled *by, size_t h,
                       struct fth_arena *arena, double *out, bool *said, struct fth_err *err)
{
    const struct fth_arima_order *order = &by->choice.order;
    double *work = FTH_NEW_ARRAY(arena, double, fth_arima_work(order, series->n));
    unsigned calls = gap_calls(order, series->n);
    struct fth_arima_fit fit;

    if (!work)
        return fth_err_nomem(err);
    for (size_t i = 0; i < series->n && series->gap; i++)
        if (series->gap[i])
            by->x[i] = NAN;
    if (series->gap && calls >= GAP_CALLS_LEAST)
        fth_arima_maximise(order, by->x, series->n, FTH_ARIMA_ROOTS, calls, work, by->choice.coef);
    *said = fth_arima_evaluate(order, by->choice.coef, by->x, series->n, h, work, out, &fit);
    for (size_t i = 0; i < h && *said; i++) {
        out[i] = by->mean + by->spread * out[i];
        if (by->c > 0)
            out[i] = fth_stats_asinh_back(out[i], by->c);
    }
    return FTH_OK;
}

enum fth_rc fc_arima(const struct fth_series *series, size_t h, struct fth_arena *arena,
                     double *out, const char **declined, struct fth_err *err)
{
    double *work = FTH_NEW_ARRAY(arena, double, series->n), c;
    struct scaled plain, log_like;
    bool said = false;

    if (!work)
        return fth_err_nomem(err);
    if (seen_nr(series) < FTH_ARIMA_VALUES) {
        *declined = "fewer than ten values";
        return FTH_OK;
    }
    if (!(fth_stats_squares(series->y, series->n) > 0)) {
        *declined = "all values are the same";
        return FTH_OK;
    }
    if (choose(series, 0, arena, &plain, err))
        return err->rc;
    c = fth_scale_of(series->y, series->n, work);
    if (isfinite(plain.aicc) && all_above(series, c)) {
        if (choose(series, c, arena, &log_like, err))
            return err->rc;
        if (log_like.aicc < plain.aicc)
            plain = log_like;
    }
    if (isfinite(plain.aicc) && say(series, &plain, h, arena, out, &said, err))
        return err->rc;
    if (!said)
        *declined = "no model fits";
    return FTH_OK;
}
