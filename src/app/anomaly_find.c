/* What is unusual in the costs that a plan asks for. */
#include <inttypes.h>
#include <stdlib.h>

#include "app/anomaly_int.h"
#include "app/forecast_costs_int.h"
#include "app/rates.h"
#include "base/check.h"
#include "detect/detect.h"

enum { KEEP_CAP = 256 << 20, WORK_CAP = 256 << 20 };

struct search {
    const struct fth_asked *asked;
    struct fth_forecast_asked request;
    struct fth_forecast_history history;
    double false_alarms;
    struct fth_arena *keep, *work;
};

/* ---- what is asked ---- */

static enum fth_rc read_request(const struct fth_asked *asked, const struct fth_json *json,
                                struct search *out, struct fth_err *err)
{
    const struct fth_json *rate = fth_json_get(json, "false_alarms_per_year");

    out->false_alarms = FTH_DETECT_FALSE_ALARMS;
    if (fth_forecast_read(asked, json, &out->request, err))
        return err->rc;
    if (out->request.step != FTH_STEP_DAY) {
        fth_err_set(err, FTH_E_INVALID, "/plan/grain: anomalies are found by \"day\"");
        fth_err_at(err, "/plan/grain");
        return err->rc;
    }
    if (rate && (!fth_json_double(rate, &out->false_alarms) ||
                 !(out->false_alarms >= FTH_DETECT_FALSE_ALARMS_LEAST &&
                   out->false_alarms <= FTH_DETECT_FALSE_ALARMS_MOST))) {
        fth_err_set(err, FTH_E_INVALID, "/false_alarms_per_year: expected a number from %g to %g",
                    FTH_DETECT_FALSE_ALARMS_LEAST, FTH_DETECT_FALSE_ALARMS_MOST);
        fth_err_at(err, "/false_alarms_per_year");
    }
    return err->rc;
}

/* ---- a series ---- */

static enum fth_rc put_amounts(const struct fth_forecast_past_of *past,
                               const struct fth_detect_event *event, struct fth_jw *jw,
                               struct fth_err *err)
{
    struct fth_money actual = FTH_MONEY_ZERO, expected, impact;

    for (int32_t day = event->start; day <= event->end; day++)
        if (fth_money_add(&actual, past->amount[day - past->start], err))
            return err->rc;
    if (fth_money_from_double(event->expected, &expected, err))
        return err->rc;
    expected = fth_money_round(expected, fth_currency_decimals(past->currency));
    impact = actual;
    if (fth_money_sub(&impact, expected, err))
        return err->rc;
    fth_jw_kv_money(jw, "actual", actual);
    fth_jw_kv_money(jw, "expected", expected);
    fth_jw_kv_money(jw, "impact", impact);
    return FTH_OK;
}

static enum fth_rc put_event(const struct fth_forecast_past_of *past,
                             const struct fth_detect_event *event, struct fth_jw *jw,
                             struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", event->start);
    fth_jw_kv_date(jw, "end", event->end);
    fth_jw_kv_date(jw, "detected", event->detected);
    fth_jw_key(jw, "score");
    fth_jw_double(jw, event->score);
    fth_jw_kv_c(jw, "channel", event->by->id);
    fth_jw_kv_c(jw, "direction", event->up ? "up" : "down");
    if (put_amounts(past, event, jw, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

static void put_group(const struct search *s, const struct fth_forecast_past_of *past,
                      struct fth_jw *jw)
{
    fth_jw_key(jw, "group");
    fth_jw_object(jw);
    for (size_t k = 0; k < s->request.key_nr; k++) {
        fth_jw_key_str(jw, s->request.by[k]);
        if (past->key[k].p)
            fth_jw_str(jw, past->key[k]);
        else
            fth_jw_null(jw);
    }
    fth_jw_object_end(jw);
}

static enum fth_rc put_series(const struct search *s, const struct fth_forecast_past_of *past,
                              struct fth_jw *jw, struct fth_err *err)
{
    struct fth_detection found;
    double *y;

    fth_arena_clear(s->work);
    y = FTH_NEW_ARRAY(s->work, double, past->n);
    if (!y)
        return fth_err_nomem(err);
    for (size_t i = 0; i < past->n; i++)
        y[i] = fth_money_to_double(past->amount[i]);
    if (fth_detect_replay(y, past->n, past->start, s->false_alarms, s->work, &found, err))
        return err->rc;
    fth_jw_object(jw);
    put_group(s, past, jw);
    fth_jw_kv(jw, "currency", past->currency);
    fth_jw_kv_i64(jw, "days", (int64_t)past->n);
    fth_jw_key(jw, "events");
    fth_jw_array(jw);
    for (size_t i = 0; i < found.event_nr; i++)
        if (put_event(past, &found.events[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct fth_forecast_past_of *x = a, *y = b;
    int order = fth_str_cmp(x->currency, y->currency);

    for (size_t k = 0; k < FTH_FORECAST_KEYS && !order; k++)
        order = x->key[k].p && y->key[k].p ? fth_str_cmp(x->key[k], y->key[k])
                                           : (x->key[k].p != NULL) - (y->key[k].p != NULL);
    return order;
}

/* ---- the answer ---- */

static enum fth_rc put_answer(struct search *s, const struct fth_cancel *cancel, struct fth_jw *jw,
                              struct fth_err *err)
{
    struct fth_forecast_past_vec *groups = &s->history.groups;

    qsort(groups->at, groups->nr, sizeof(*groups->at), by_name);
    fth_jw_object(jw);
    fth_jw_key(jw, "plan");
    fth_jw_raw(jw, s->request.canonical);
    fth_jw_kv(jw, "measure", s->request.measure);
    fth_jw_key(jw, "false_alarms_per_year");
    fth_jw_double(jw, s->false_alarms);
    fth_jw_kv_date(jw, "history_end", s->history.until);
    fth_jw_key(jw, "series");
    fth_jw_array(jw);
    for (size_t i = 0; i < groups->nr; i++)
        if (groups->at[i].n &&
            (fth_cancel_check(cancel, err) || put_series(s, &groups->at[i], jw, err)))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_i64(jw, "ledger_version", s->history.version);
    fth_jw_key(jw, "warnings");
    fth_jw_array(jw);
    for (size_t i = 0; i < s->history.warnings.nr; i++)
        fth_jw_str(jw, s->history.warnings.at[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* The place is kept while series are replayed: it is what bounds how much of such work there is. */
static enum fth_rc work_out(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct search *s = ctx;
    struct fth_seat seat;

    if (fth_desk_take(s->asked, true, &seat, err))
        return err->rc;
    seat.run.arena = s->work;
    if (!fth_desk_rates(s->asked, s->request.plan, &seat, err) &&
        !fth_forecast_history(&seat, &s->history, err))
        (void)put_answer(s, seat.run.cancel, jw, err);
    fth_desk_give(&seat);
    return err->rc;
}

static enum fth_rc key_of(const struct search *s, int64_t version, struct fth_str *out,
                          struct fth_err *err)
{
    int64_t rates = 0;

    if (fth_plan_currency(s->request.plan).n && fth_rates_version(s->asked, &rates, err))
        return err->rc;
    return fth_arena_printf(s->asked->arena, out, err,
                            "find anomalies %" PRId64 " %" PRId64 " %" PRId32 " %.17g " FTH_STR_F
                            " " FTH_STR_F,
                            version, rates, s->history.today, s->false_alarms,
                            FTH_STR_A(s->request.measure), FTH_STR_A(s->request.canonical));
}

enum fth_rc fth_anomalies_find(const struct fth_asked *asked, const struct fth_json *request,
                               struct fth_str *out, struct fth_err *err)
{
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct search s = {.asked = asked};
    struct fth_str key = {0};

    if (read_request(asked, request, &s, err))
        return err->rc;
    s.keep = fth_arena_new(KEEP_CAP);
    s.work = fth_arena_new(WORK_CAP);
    if (!s.keep || !s.work)
        fth_err_nomem(err);
    s.history = (struct fth_forecast_history){
        .keep = s.keep,
        .request = &s.request,
        .today = fth_instant_date(fth_clock_now_us(&asked->app->clock))};
    if (!err->rc && !key_of(&s, version, &key, err))
        (void)fth_desk_cached(asked, key, version, work_out, &s, out, NULL, err);
    fth_arena_free(s.keep);
    fth_arena_free(s.work);
    return err->rc;
}
