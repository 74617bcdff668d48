/* Forecasts of the groups of a plan, and the answer (schema ForecastAnswer). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/forecast_costs_int.h"
#include "app/rates.h"
#include "base/check.h"
#include "forecast/total.h"

enum { KEEP_CAP = 256 << 20, WORK_CAP = 256 << 20, SEED = 1, SENTENCE_MAX = 1024 };

struct band {
    double lo, hi;
};

/* One group with its forecast; kept as long as all of them. */
struct made {
    const struct fth_forecast_past_of *past;
    struct fth_forecast forecast;            /* its own band is the first level's */
    struct band *bands[FTH_FORECAST_LEVELS]; /* h each */
    struct fth_forecast_total total;
    struct fth_money actual; /* of the period so far */
    struct fth_str reason;   /* why the forecast is worth less than others; empty: none */
};

struct work {
    const struct fth_asked *asked;
    const struct fth_forecast_asked *request;
    struct fth_forecast_history history;
    struct fth_arena *keep, *work;
    int32_t start, end; /* of the forecast; the end is not included */
    int32_t period;     /* first day of the month, quarter or year that is forecast to its end */
    size_t h;
    struct made *made;
    size_t nr;
};

/* ---- how far ---- */

static int32_t period_first(enum fth_until until, int32_t date)
{
    switch (until) {
    case FTH_UNTIL_QUARTER:
        return fth_date_quarter(date);
    case FTH_UNTIL_YEAR:
        return fth_date_year(date);
    default:
        return fth_month_first_date(fth_month_of_date(date));
    }
}

static void find_horizon(struct work *w)
{
    static const int months[] = {
        [FTH_UNTIL_MONTH] = 1, [FTH_UNTIL_QUARTER] = 3, [FTH_UNTIL_YEAR] = 12};
    const struct fth_forecast_asked *request = w->request;

    w->start = w->history.until + 1;
    w->h = request->steps;
    if (request->until == FTH_UNTIL_STEPS) {
        w->end = fth_step_after(request->step, w->start, w->h);
        return;
    }
    w->period = period_first(request->until, w->start);
    w->end = fth_date_add_months(w->period, months[request->until]);
    w->h = request->step == FTH_STEP_MONTH
               ? (size_t)(fth_month_of_date(w->end) - fth_month_of_date(w->start))
               : (size_t)(w->end - w->start);
}

/* ---- one group ---- */

/* Steps of a season: a week of days; a year once there are two of them. */
static size_t season_of(enum fth_step step, size_t n)
{
    if (step == FTH_STEP_DAY)
        return 7;
    if (step == FTH_STEP_WEEK)
        return n >= 104 ? 52 : 1;
    return n >= 24 ? 12 : 1;
}

static enum fth_rc series_of(const struct work *w, const struct fth_forecast_past_of *past,
                             struct fth_series *out, struct fth_err *err)
{
    double *y = FTH_NEW_ARRAY(w->work, double, past->n);

    if (!y)
        return fth_err_nomem(err);
    for (size_t i = 0; i < past->n; i++)
        y[i] = fth_money_to_double(past->amount[i]);
    return fth_series_set(y, past->n, season_of(w->request->step, past->n),
                          w->request->step == FTH_STEP_DAY, past->start, w->work, out, err);
}

static enum fth_rc explain(struct work *w, struct made *made, struct fth_err *err)
{
    const struct fth_forecast_trial *first = made->forecast.trials;
    bool alone = made->forecast.trial_nr == 1;

    if (alone && first->declined)
        return fth_arena_printf(w->keep, &made->reason, err,
                                "the model %s does not apply (%s); its fall-back answers",
                                first->model->id, first->declined);
    if (made->forecast.past.origin_nr == 0)
        return fth_arena_printf(w->keep, &made->reason, err,
                                "%zu steps of history are too few to try a model on its past%s",
                                made->past->n, alone ? "" : "; all models that apply count alike");
    return FTH_OK;
}

static enum fth_rc set_bands(struct work *w, const struct fth_series *series, struct made *made,
                             struct fth_err *err)
{
    double *lo = FTH_NEW_ARRAY(w->work, double, w->h), *hi = FTH_NEW_ARRAY(w->work, double, w->h);

    if (!lo || !hi)
        return fth_err_nomem(err);
    for (size_t k = 0; k < w->request->level_nr; k++) {
        made->bands[k] = FTH_NEW_ARRAY(w->keep, struct band, w->h);
        if (!made->bands[k])
            return fth_err_nomem(err);
        if (fth_forecast_band(series, &made->forecast, w->request->levels[k], w->work, lo, hi, err))
            return err->rc;
        for (size_t i = 0; i < w->h; i++)
            made->bands[k][i] = (struct band){lo[i], hi[i]};
    }
    return FTH_OK;
}

static enum fth_rc add_actual(const struct work *w, struct made *made, struct fth_err *err)
{
    for (size_t i = 0; i < made->past->n; i++)
        if (fth_step_after(w->request->step, made->past->start, i) >= w->period &&
            fth_money_add(&made->actual, made->past->amount[i], err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc forecast_one(struct work *w, struct made *made, struct fth_err *err)
{
    const struct fth_forecast_asked *request = w->request;
    struct fth_series series;

    fth_arena_clear(w->work);
    if (series_of(w, made->past, &series, err) ||
        fth_forecast_make(&series, request->model, w->h, request->levels[0], w->keep,
                          &made->forecast, err) ||
        set_bands(w, &series, made, err) ||
        fth_forecast_total(&series, &made->forecast, request->levels, request->level_nr, SEED,
                           w->keep, &made->total, err) ||
        explain(w, made, err))
        return err->rc;
    return request->until == FTH_UNTIL_STEPS ? FTH_OK : add_actual(w, made, err);
}

static int by_total(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    int order = fth_str_cmp(x->past->currency, y->past->currency);

    if (!order)
        order = (x->total.mean < y->total.mean) - (x->total.mean > y->total.mean);
    for (size_t k = 0; k < FTH_FORECAST_KEYS && !order; k++) {
        struct fth_str s = x->past->key[k], t = y->past->key[k];

        order = s.p && t.p ? fth_str_cmp(s, t) : (s.p != NULL) - (t.p != NULL);
    }
    return order;
}

static enum fth_rc forecast_all(struct work *w, const struct fth_cancel *cancel,
                                struct fth_err *err)
{
    const struct fth_forecast_past_vec *groups = &w->history.groups;

    find_horizon(w);
    w->made = FTH_NEW_ARRAY(w->keep, struct made, groups->nr);
    if (!w->made)
        return fth_err_nomem(err);
    for (size_t i = 0; i < groups->nr; i++) {
        if (groups->at[i].n == 0)
            continue;
        w->made[w->nr].past = &groups->at[i];
        if (fth_cancel_check(cancel, err) || forecast_one(w, &w->made[w->nr++], err))
            return err->rc;
    }
    qsort(w->made, w->nr, sizeof(*w->made), by_total);
    return FTH_OK;
}

/* ---- a sentence ---- */

static void say_amount(struct fth_buf *buf, struct fth_str currency, double value)
{
    struct fth_err ignored = {0};
    struct fth_money money;

    if (fth_money_from_double(value, &money, &ignored))
        fth_buf_printf(buf, "%.0f", value);
    else
        fth_money_put_fixed(buf, money, fth_currency_decimals(currency), ',');
}

static void say_day(struct fth_buf *buf, int32_t date)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct fth_civil civil = fth_date_to_civil(date);

    fth_buf_printf(buf, "%d %.3s %d", civil.day, months + (size_t)(3 * (civil.month - 1)),
                   civil.year);
}

/* By the highest level, which is what a careful reader plans with. */
static void say_band(const struct work *w, const struct made *made, double before,
                     struct fth_buf *buf)
{
    size_t k = w->request->level_nr - 1;

    if (!made->total.has_band)
        return;
    fth_buf_c(buf, ", between ");
    say_amount(buf, made->past->currency, before + made->total.lo[k]);
    fth_buf_c(buf, " and ");
    say_amount(buf, made->past->currency, before + made->total.hi[k]);
    fth_buf_printf(buf, " (%.3g %%)", 100 * w->request->levels[k]);
}

static void say(const struct work *w, const struct made *made, struct fth_buf *buf)
{
    static const char *const names[] = {
        [FTH_UNTIL_MONTH] = "month", [FTH_UNTIL_QUARTER] = "quarter", [FTH_UNTIL_YEAR] = "year"};
    struct fth_str currency = made->past->currency;
    double actual = fth_money_to_double(made->actual);

    fth_buf_c(buf, "Forecast to ");
    say_day(buf, w->end - 1);
    fth_buf_c(buf, ": ");
    say_amount(buf, currency, made->total.mean);
    fth_buf_printf(buf, " " FTH_STR_F, FTH_STR_A(currency));
    say_band(w, made, 0, buf);
    if (w->request->until == FTH_UNTIL_STEPS || w->period >= w->start)
        return;
    fth_buf_printf(buf, "; the whole %s: ", names[w->request->until]);
    say_amount(buf, currency, actual + made->total.mean);
    fth_buf_printf(buf, " " FTH_STR_F, FTH_STR_A(currency));
    say_band(w, made, actual, buf);
}

/* ---- the answer ---- */

static void put_double(struct fth_jw *jw, const char *key, double value)
{
    fth_jw_key(jw, key);
    fth_jw_double(jw, value);
}

/* 80 for 0.8, as it was asked for. */
static double percent(double level)
{
    return round(level * 1e6) / 1e4;
}

static void put_band(struct fth_jw *jw, double level, double lo, double hi)
{
    fth_jw_object(jw);
    put_double(jw, "level", percent(level));
    put_double(jw, "lo", lo);
    put_double(jw, "hi", hi);
    fth_jw_object_end(jw);
}

static void put_total_bands(const struct work *w, const struct made *made, double before,
                            struct fth_jw *jw)
{
    fth_jw_key(jw, "bands");
    fth_jw_array(jw);
    for (size_t k = 0; k < w->request->level_nr && made->total.has_band; k++)
        put_band(jw, w->request->levels[k], before + made->total.lo[k], before + made->total.hi[k]);
    fth_jw_array_end(jw);
}

static void put_past(const struct work *w, const struct made *made, struct fth_jw *jw)
{
    fth_jw_key(jw, "history");
    fth_jw_array(jw);
    for (size_t i = 0; i < made->past->n; i++) {
        fth_jw_object(jw);
        fth_jw_kv_date(jw, "time", fth_step_after(w->request->step, made->past->start, i));
        fth_jw_kv_money(jw, "amount", made->past->amount[i]);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_steps(const struct work *w, const struct made *made, struct fth_jw *jw)
{
    fth_jw_key(jw, "forecast");
    fth_jw_array(jw);
    for (size_t i = 0; i < w->h; i++) {
        fth_jw_object(jw);
        fth_jw_kv_date(jw, "time", fth_step_after(w->request->step, w->start, i));
        put_double(jw, "mean", made->forecast.mean[i]);
        fth_jw_key(jw, "bands");
        fth_jw_array(jw);
        for (size_t k = 0; k < w->request->level_nr; k++)
            put_band(jw, w->request->levels[k], made->bands[k][i].lo, made->bands[k][i].hi);
        fth_jw_array_end(jw);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_period(const struct work *w, const struct made *made, struct fth_jw *jw)
{
    double actual = fth_money_to_double(made->actual);

    fth_jw_key(jw, "period");
    if (w->request->until == FTH_UNTIL_STEPS) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", w->period);
    fth_jw_kv_date(jw, "end", w->end);
    fth_jw_kv_money(jw, "actual", made->actual);
    put_double(jw, "expected", actual + made->total.mean);
    put_total_bands(w, made, actual, jw);
    fth_jw_object_end(jw);
}

static void put_models(const struct made *made, struct fth_jw *jw)
{
    fth_jw_key(jw, "models");
    fth_jw_array(jw);
    for (size_t i = 0; i < made->forecast.trial_nr; i++) {
        const struct fth_forecast_trial *trial = &made->forecast.trials[i];

        fth_jw_object(jw);
        fth_jw_kv_c(jw, "id", trial->model->id);
        fth_jw_kv_c(jw, "declined", trial->declined);
        fth_jw_kv_i64(jw, "origins", (int64_t)trial->origin_nr);
        put_double(jw, "mase", trial->origin_nr ? trial->mase : NAN);
        put_double(jw, "total_error", trial->origin_nr ? trial->total : NAN);
        put_double(jw, "weight", trial->weight);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static enum fth_rc put_series(const struct work *w, const struct made *made, struct fth_jw *jw,
                              struct fth_err *err)
{
    struct fth_buf sentence = fth_buf_max(SENTENCE_MAX);

    fth_jw_object(jw);
    fth_jw_key(jw, "group");
    fth_jw_object(jw);
    for (size_t k = 0; k < w->request->key_nr; k++) {
        fth_jw_key_str(jw, w->request->by[k]);
        if (made->past->key[k].p)
            fth_jw_str(jw, made->past->key[k]);
        else
            fth_jw_null(jw);
    }
    fth_jw_object_end(jw);
    fth_jw_kv(jw, "currency", made->past->currency);
    say(w, made, &sentence);
    if (!fth_buf_done(&sentence, err))
        fth_jw_kv(jw, "sentence", fth_buf_view(&sentence));
    fth_buf_release(&sentence);
    fth_jw_kv_opt(jw, "reason", made->reason);
    fth_jw_key(jw, "total");
    fth_jw_object(jw);
    put_double(jw, "mean", made->total.mean);
    put_total_bands(w, made, 0, jw);
    fth_jw_object_end(jw);
    put_period(w, made, jw);
    put_models(made, jw);
    put_past(w, made, jw);
    put_steps(w, made, jw);
    fth_jw_object_end(jw);
    return err->rc;
}

static void put_history_end(const struct work *w, struct fth_jw *jw)
{
    static const struct {
        const char *id, *text;
    } reasons[] = {
        {"last_charge", "the last day with charges"},
        {"loaded", "the bills were loaded on the day after, which they know in part"},
        {"today", "today is not over"},
        {"partial_day", "a bill ends in the middle of the next day"},
        {"range", "the plan's time ends there"},
        {"whole_step", "the last whole week or month"},
    };

    fth_jw_key(jw, "history_end");
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "date", w->history.until);
    fth_jw_kv_c(jw, "reason", w->history.reason);
    for (size_t i = 0; i < FTH_NR(reasons); i++)
        if (strcmp(reasons[i].id, w->history.reason) == 0)
            fth_jw_kv_c(jw, "text", reasons[i].text);
    fth_jw_object_end(jw);
}

static void put_head(const struct work *w, struct fth_jw *jw)
{
    static const char *const untils[] = {[FTH_UNTIL_STEPS] = NULL,
                                         [FTH_UNTIL_MONTH] = "month_end",
                                         [FTH_UNTIL_QUARTER] = "quarter_end",
                                         [FTH_UNTIL_YEAR] = "year_end"};
    const struct fth_forecast_asked *request = w->request;

    fth_jw_key(jw, "plan");
    fth_jw_raw(jw, request->canonical);
    fth_jw_kv(jw, "measure", request->measure);
    fth_jw_kv_c(jw, "model", request->model);
    fth_jw_key(jw, "levels");
    fth_jw_array(jw);
    for (size_t k = 0; k < request->level_nr; k++)
        fth_jw_double(jw, percent(request->levels[k]));
    fth_jw_array_end(jw);
    put_history_end(w, jw);
    fth_jw_key(jw, "horizon");
    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "steps", (int64_t)w->h);
    fth_jw_kv_c(jw, "until", untils[request->until]);
    fth_jw_kv_date(jw, "start", w->start);
    fth_jw_kv_date(jw, "end", w->end);
    fth_jw_object_end(jw);
}

static enum fth_rc put_answer(const struct work *w, struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    put_head(w, jw);
    fth_jw_key(jw, "series");
    fth_jw_array(jw);
    for (size_t i = 0; i < w->nr; i++)
        if (put_series(w, &w->made[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_i64(jw, "ledger_version", w->history.version);
    fth_jw_key(jw, "warnings");
    fth_jw_array(jw);
    for (size_t i = 0; i < w->history.warnings.nr; i++)
        fth_jw_str(jw, w->history.warnings.at[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* ---- all together ---- */

/* The place is kept while models run: it is what bounds how much of such work there is at a time.
 */
static enum fth_rc work_out(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct work *w = ctx;
    struct fth_seat seat;

    if (fth_desk_take(w->asked, true, &seat, err))
        return err->rc;
    /* A run takes its arena back row by row, so what is kept lies in another. */
    seat.run.arena = w->work;
    if (!fth_desk_rates(w->asked, w->request->plan, &seat, err) &&
        !fth_forecast_history(&seat, &w->history, err) && !forecast_all(w, seat.run.cancel, err))
        (void)put_answer(w, jw, err);
    fth_desk_give(&seat);
    return err->rc;
}

/* All that the answer depends on. */
static enum fth_rc key_of(const struct work *w, int64_t version, struct fth_str *out,
                          struct fth_err *err)
{
    const struct fth_forecast_asked *request = w->request;
    char levels[128] = "";
    int64_t rates = 0;
    size_t used = 0;

    for (size_t k = 0; k < request->level_nr; k++)
        used +=
            (size_t)snprintf(levels + used, sizeof(levels) - used, " %.17g", request->levels[k]);
    if (fth_plan_currency(request->plan).n && fth_rates_version(w->asked, &rates, err))
        return err->rc;
    return fth_arena_printf(
        w->asked->arena, out, err,
        "forecast %" PRId64 " %" PRId64 " %" PRId32 " %s " FTH_STR_F " %d %zu%s " FTH_STR_F,
        version, rates, w->history.today, request->model, FTH_STR_A(request->measure),
        (int)request->until, request->steps, levels, FTH_STR_A(request->canonical));
}

enum fth_rc fth_forecast_costs(const struct fth_asked *asked, const struct fth_json *request,
                               struct fth_str *out, struct fth_err *err)
{
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct fth_forecast_asked read;
    struct work w = {.asked = asked, .request = &read};
    struct fth_str key = {0};

    if (fth_forecast_read(asked, request, &read, err))
        return err->rc;
    w.keep = fth_arena_new(KEEP_CAP);
    w.work = fth_arena_new(WORK_CAP);
    if (!w.keep || !w.work)
        fth_err_nomem(err);
    w.history = (struct fth_forecast_history){
        .keep = w.keep,
        .request = &read,
        .today = fth_instant_date(fth_clock_now_us(&asked->app->clock))};
    if (!err->rc && !key_of(&w, version, &key, err))
        (void)fth_desk_cached(asked, key, version, work_out, &w, out, NULL, err);
    fth_arena_free(w.keep);
    fth_arena_free(w.work);
    return err->rc;
}
