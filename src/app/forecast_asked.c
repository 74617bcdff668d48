/* What a request for a forecast asks, checked. */
#include <stdlib.h>
#include <string.h>

#include "app/forecast_costs_int.h"
#include "app/organisation.h"
#include "base/check.h"
#include "forecast/forecast.h"

enum { PLAN_TEXT_MAX = 1 << 20, USUAL_STEPS = 30 };

static enum fth_rc refuse(struct fth_err *err, const char *pointer, const char *what)
{
    fth_err_set(err, FTH_E_INVALID, "%s: %s", pointer, what);
    fth_err_at(err, "%s", pointer);
    return err->rc;
}

/* The plan's own errors point into the plan. */
static void point_into_plan(struct fth_err *err)
{
    char inner[sizeof(err->pointer)];

    if (!err->rc || err->rc == FTH_E_NOMEM)
        return;
    memcpy(inner, err->pointer, sizeof(inner));
    err->pointer[0] = 0;
    fth_err_at(err, "/plan%.*s", (int)sizeof(inner) - 6, inner);
    fth_err_prefix(err, "plan");
}

/* ---- the plan ---- */

static bool is_text(const struct fth_json *plan, const char *key, const char *text)
{
    return fth_str_eq_c(fth_json_str(plan, key, FTH_STR("")), text);
}

static bool is_given(const struct fth_json *plan, const char *key)
{
    const struct fth_json *value = fth_json_get(plan, key);

    return value && value->type != FTH_JSON_NULL &&
           !(value->type == FTH_JSON_ARRAY && value->nr == 0) &&
           !(value->type == FTH_JSON_BOOL && !value->boolean);
}

/* `plan` is canonical: every field is there. */
static enum fth_rc check_plan(const struct fth_json *plan, struct fth_forecast_asked *out,
                              struct fth_err *err)
{
    static const char *const none[] = {"rows", "compare", "trend", "having", "assert", "limit"};
    static const char *const pointers[] = {"/plan/rows",   "/plan/compare", "/plan/trend",
                                           "/plan/having", "/plan/assert",  "/plan/limit"};
    const struct fth_json *by = fth_json_get(plan, "group_by");

    for (size_t i = 0; i < FTH_NR(none); i++)
        if (is_given(plan, none[i]))
            return refuse(err, pointers[i], "series take no such thing");
    if (!is_text(plan, "analysis", "none"))
        return refuse(err, "/plan/analysis", "series take no such thing");
    if (!is_text(plan, "time_basis", "charge"))
        return refuse(err, "/plan/time_basis", "series are made from the days of the charges");
    if (by->nr > FTH_FORECAST_KEYS)
        return refuse(err, "/plan/group_by", "series take at most two dimensions");
    for (out->key_nr = 0; out->key_nr < by->nr; out->key_nr++)
        out->by[out->key_nr] = by->items[out->key_nr].text;
    if (is_text(plan, "grain", "day"))
        out->step = FTH_STEP_DAY;
    else if (is_text(plan, "grain", "week"))
        out->step = FTH_STEP_WEEK;
    else if (is_text(plan, "grain", "month"))
        out->step = FTH_STEP_MONTH;
    else
        return refuse(err, "/plan/grain", "series take \"day\", \"week\" or \"month\"");
    return FTH_OK;
}

static bool is_cost(struct fth_str measure)
{
    static const char *const costs[] = {"effective_cost",  "billed_cost",   "list_cost",
                                        "contracted_cost", "credit_amount", "untagged_cost"};

    for (size_t i = 0; i < FTH_NR(costs); i++)
        if (fth_str_eq_c(measure, costs[i]))
            return true;
    return false;
}

static enum fth_rc choose_measure(const struct fth_json *request, const struct fth_json *plan,
                                  struct fth_forecast_asked *out, struct fth_err *err)
{
    const struct fth_json *measures = fth_json_get(plan, "measures");

    out->measure = fth_json_str(request, "measure", FTH_STR(""));
    if (out->measure.n)
        return is_cost(out->measure)
                   ? FTH_OK
                   : refuse(err, "/measure", "expected a cost, such as \"effective_cost\"");
    for (size_t i = 0; i < measures->nr && !out->measure.n; i++)
        if (is_cost(measures->items[i].text))
            out->measure = measures->items[i].text;
    if (!out->measure.n)
        return refuse(err, "/plan/measures", "expected a cost, such as \"effective_cost\"");
    return FTH_OK;
}

static void read_range(const struct fth_json *plan, struct fth_forecast_asked *out)
{
    const struct fth_json *time = fth_json_get(plan, "time");

    if (!fth_date_parse(fth_json_str(time, "start", FTH_STR("")), &out->first))
        out->first = INT32_MIN;
    if (!fth_date_parse(fth_json_str(time, "end", FTH_STR("")), &out->end))
        out->end = INT32_MAX;
}

/* The same question by day, of one measure, in no order. */
static void put_daily(const struct fth_json *plan, struct fth_str measure, struct fth_buf *buf)
{
    struct fth_jw jw;

    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    for (size_t i = 0; i < plan->nr; i++) {
        struct fth_str key = plan->members[i].key;

        if (fth_str_eq_c(key, "order"))
            continue;
        fth_jw_key_str(&jw, key);
        if (fth_str_eq_c(key, "grain")) {
            fth_jw_c(&jw, "day");
        } else if (fth_str_eq_c(key, "labels")) {
            fth_jw_bool(&jw, false);
        } else if (fth_str_eq_c(key, "measures")) {
            fth_jw_array(&jw);
            fth_jw_str(&jw, measure);
            fth_jw_array_end(&jw);
        } else {
            fth_jw_json(&jw, &plan->members[i].value);
        }
    }
    fth_jw_object_end(&jw);
}

/* The plan in its canonical form, in the organisation's currency where it says nothing of one. */
static enum fth_rc canonical_of(const struct fth_asked *asked, const struct fth_json *json,
                                struct fth_buf *buf, const struct fth_json **out,
                                struct fth_str *text, struct fth_err *err)
{
    const struct fth_plan *parsed = NULL, *plan = NULL;
    struct fth_str currency = {0};

    if (fth_plan_parse(asked->arena, json, &parsed, err) ||
        fth_organisation_currency(asked, &currency, err) ||
        fth_plan_in(asked->arena, parsed, currency, &plan, err))
        return err->rc;
    fth_plan_put(buf, plan);
    if (fth_buf_done(buf, err) || fth_arena_str(asked->arena, fth_buf_view(buf), text, err))
        return err->rc;
    return fth_json_parse(asked->arena, *text, NULL, out, err);
}

static enum fth_rc read_plan(const struct fth_asked *asked, const struct fth_json *request,
                             struct fth_forecast_asked *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(PLAN_TEXT_MAX);
    const struct fth_json *plan = NULL, *daily = NULL;
    struct fth_str text = {0};

    if (canonical_of(asked, fth_json_get(request, "plan"), &buf, &plan, &out->canonical, err) ||
        !plan)
        point_into_plan(err);
    else if (!check_plan(plan, out, err) && !choose_measure(request, plan, out, err)) {
        read_range(plan, out);
        fth_buf_clear(&buf);
        put_daily(plan, out->measure, &buf);
        if (!fth_buf_done(&buf, err) &&
            !fth_arena_str(asked->arena, fth_buf_view(&buf), &text, err) &&
            !fth_json_parse(asked->arena, text, NULL, &daily, err) &&
            fth_plan_parse(asked->arena, daily, &out->plan, err))
            point_into_plan(err);
    }
    fth_buf_release(&buf);
    return err->rc;
}

/* ---- the rest ---- */

static enum fth_rc read_until(struct fth_str text, struct fth_forecast_asked *out,
                              struct fth_err *err)
{
    static const char *const ends[] = {
        [FTH_UNTIL_MONTH] = "month_end",
        [FTH_UNTIL_QUARTER] = "quarter_end",
        [FTH_UNTIL_YEAR] = "year_end",
    };

    for (int i = FTH_UNTIL_MONTH; i <= FTH_UNTIL_YEAR; i++)
        if (fth_str_eq_c(text, ends[i]))
            out->until = (enum fth_until)i;
    if (out->until == FTH_UNTIL_STEPS)
        return refuse(err, "/horizon/until",
                      "expected \"month_end\", \"quarter_end\" or \"year_end\"");
    if (out->step == FTH_STEP_WEEK)
        return refuse(err, "/horizon/until", "weeks do not end with months: say \"steps\"");
    return FTH_OK;
}

static enum fth_rc read_horizon(const struct fth_json *json, struct fth_forecast_asked *out,
                                struct fth_err *err)
{
    const struct fth_json *until = fth_json_get(json, "until"),
                          *steps = fth_json_get(json, "steps");
    int64_t nr = 0;

    out->steps = USUAL_STEPS;
    if (!json)
        return FTH_OK;
    if (until && steps)
        return refuse(err, "/horizon", "expected either \"steps\" or \"until\"");
    if (until)
        return read_until(until->text, out, err);
    if (!fth_json_i64(steps, &nr) || nr < 1 || nr > FTH_FORECAST_STEPS_MOST)
        return refuse(err, "/horizon/steps", "expected a whole number from 1 to 366");
    out->steps = (size_t)nr;
    return FTH_OK;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static enum fth_rc read_levels(const struct fth_json *json, struct fth_forecast_asked *out,
                               struct fth_err *err)
{
    out->levels[0] = 0.8;
    out->levels[1] = 0.95;
    out->level_nr = 2;
    if (!json)
        return FTH_OK;
    if (json->nr < 1 || json->nr > FTH_FORECAST_LEVELS)
        return refuse(err, "/levels", "expected one to four levels");
    for (out->level_nr = 0; out->level_nr < json->nr; out->level_nr++) {
        double level = 0;

        if (!fth_json_double(&json->items[out->level_nr], &level) ||
            !(level >= 1 && level <= 99.9)) {
            fth_err_set(err, FTH_E_INVALID, "/levels/%zu: expected a number from 1 to 99.9",
                        out->level_nr);
            fth_err_at(err, "/levels/%zu", out->level_nr);
            return err->rc;
        }
        out->levels[out->level_nr] = level / 100;
    }
    qsort(out->levels, out->level_nr, sizeof(*out->levels), by_size);
    return FTH_OK;
}

enum fth_rc fth_forecast_read(const struct fth_asked *asked, const struct fth_json *request,
                              struct fth_forecast_asked *out, struct fth_err *err)
{
    struct fth_forecast_asked read = {0};

    read.model = fth_json_str(request, "model", FTH_STR("auto")).p;
    if (!fth_json_is(fth_json_get(request, "plan"), FTH_JSON_OBJECT))
        return refuse(err, "/plan", "expected a plan");
    if (fth_forecast_check(read.model, err)) {
        fth_err_at(err, "/model");
        return err->rc;
    }
    if (read_plan(asked, request, &read, err) ||
        read_horizon(fth_json_get(request, "horizon"), &read, err) ||
        read_levels(fth_json_get(request, "levels"), &read, err))
        return err->rc;
    *out = read;
    return FTH_OK;
}
