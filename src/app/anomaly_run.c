/* The standing monitors at work: as a job, behind imports, and as a preview. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "app/anomaly_int.h"
#include "app/desk_int.h"
#include "app/own.h"
#include "base/check.h"
#include "detect/detect.h"

enum {
    RESULT_MAX = 256 * 1024,
    WAIT_MS = 200,
    LESSON_DAYS = 1200, /* whose cases still teach */
    PREVIEW_DAYS = 365,
    PREVIEW_DAYS_MOST = 730,
    PREVIEW_MOST = 200
};
#define WORK_ARENA ((size_t)2 << 30)

/* Below the threshold, but near enough that a case is not gone. */
static const double hint_score = 0.5;

/* ---- all that is found ---- */

struct found {
    struct fth_monitor monitor;
    struct fth_monitor_event_vec events; /* from hint_score on */
    struct fth_monitor_event_vec alarms; /* from 1 on */
    struct fth_monitor_case *cases;      /* of these */
    size_t case_nr;
};

static enum fth_rc lessons_of(const struct fth_asked *asked, int32_t until,
                              struct fth_lesson_vec *out, int64_t *revisions, struct fth_err *err)
{
    struct fth_anomaly *cases;
    size_t nr;

    if (fth_anomalies_since(asked, NULL, until - LESSON_DAYS, &cases, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++)
        *revisions += cases[i].revision;
    return fth_anomaly_lessons(cases, nr, asked->arena, out, err);
}

static enum fth_rc detect(const struct fth_asked *asked, double false_alarms, struct found *found,
                          struct fth_err *err)
{
    struct fth_lesson_vec lessons;
    int64_t ignored = 0;

    if (found->monitor.nr == 0)
        return FTH_OK;
    if (lessons_of(asked, found->monitor.until, &lessons, &ignored, err))
        return err->rc;

    const struct fth_monitor_wish wish = {.false_alarms = false_alarms,
                                          .score_least = hint_score,
                                          .lessons = lessons.at,
                                          .lesson_nr = lessons.nr,
                                          .cancel = asked->cancel};

    found->alarms = fth_monitor_event_vec_in(asked->arena);
    if (fth_monitor_detect(&found->monitor, &wish, asked->arena, &found->events, err))
        return err->rc;
    for (size_t i = 0; i < found->events.nr; i++)
        if (found->events.at[i].score >= 1 &&
            fth_monitor_event_vec_push(&found->alarms, found->events.at[i], err))
            return err->rc;
    return fth_monitor_group(&found->monitor, found->alarms.at, found->alarms.nr, asked->arena,
                             &found->cases, &found->case_nr, err);
}

/* ---- the result ---- */

static void put_left_out(struct fth_jw *jw, const struct fth_monitor *monitor)
{
    fth_jw_key(jw, "left_out");
    fth_jw_array(jw);
    for (size_t i = 0; i < monitor->left_nr; i++) {
        fth_jw_object(jw);
        fth_jw_key(jw, "scope");
        fth_monitor_scope_put(jw, &monitor->left[i].scope);
        fth_jw_kv(jw, "currency", monitor->left[i].currency);
        fth_jw_kv_money(jw, "cost", monitor->left[i].cost);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_run(struct fth_jw *jw, const struct found *found,
                    const struct fth_anomaly_changes *changes, int64_t us)
{
    const struct fth_monitor *monitor = &found->monitor;

    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "ledger_version", monitor->version);
    if (monitor->nr) {
        fth_jw_kv_date(jw, "history_end", monitor->until);
    } else {
        fth_jw_key(jw, "history_end");
        fth_jw_null(jw);
    }
    fth_jw_kv_i64(jw, "series", (int64_t)monitor->nr);
    fth_jw_kv_i64(jw, "series_left_out", (int64_t)monitor->left_out_nr);
    put_left_out(jw, monitor);
    fth_jw_kv_i64(jw, "alarms", (int64_t)found->alarms.nr);
    fth_jw_kv_i64(jw, "opened", changes->opened);
    fth_jw_kv_i64(jw, "changed", changes->changed);
    fth_jw_kv_i64(jw, "gone", changes->gone);
    fth_jw_key(jw, "seconds");
    fth_jw_double(jw, round((double)us / 1e4) / 100);
    fth_jw_object_end(jw);
}

static enum fth_rc remember_run(struct fth_app *app, struct fth_str run, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_C("anomalies.last_run"), FTH_VAL_STR(run),
                                   FTH_VAL_I64(fth_clock_now_us(&app->clock))};

    return fth_db_exec(app->db, "state/setting/put", vals, FTH_NR(vals), NULL, err);
}

/* ---- the job ---- */

static enum fth_rc detect_all(const struct fth_asked *asked, struct fth_job *job,
                              struct found *found, struct fth_anomaly_changes *changes,
                              struct fth_err *err)
{
    const struct fth_anomaly_conf *conf = &asked->app->anomalies;
    struct fth_anomaly_found all = {.monitor = &found->monitor};

    fth_job_phase(job, "reading");
    if (fth_monitor_read(asked, conf->series_most, false, &found->monitor, err))
        return err->rc;
    fth_job_phase(job, "detecting");
    if (detect(asked, conf->false_alarms, found, err))
        return err->rc;
    fth_job_phase(job, "writing");
    all.cases = found->cases;
    all.case_nr = found->case_nr;
    all.hints = found->events.at;
    all.hint_nr = found->events.nr;
    return fth_anomaly_sync(asked, &all, changes, err);
}

/* One at a time. What is due from now on may find more. */
static enum fth_rc begin(struct fth_app *app, struct fth_cancel *cancel, struct fth_err *err)
{
    fth_mutex_lock(&app->mutex);
    app->to_detect = false;
    while (app->detecting && !fth_cancel_check(cancel, err))
        fth_cond_wait(&app->maintained, &app->mutex, WAIT_MS);
    if (!err->rc)
        app->detecting = true;
    fth_mutex_unlock(&app->mutex);
    return err->rc;
}

static void end(struct fth_app *app, const char *request_id)
{
    bool again;

    fth_mutex_lock(&app->mutex);
    again = app->detect_again;
    app->detecting = app->detect_again = false;
    fth_cond_broadcast(&app->maintained);
    fth_mutex_unlock(&app->mutex);
    if (again)
        fth_anomalies_due(app, request_id);
}

static enum fth_rc run_it(struct fth_app *app, struct fth_job *job, struct fth_buf *text,
                          struct fth_err *err)
{
    struct fth_asked asked = {
        .app = app, .arena = fth_arena_new(WORK_ARENA), .cancel = fth_job_cancel(job)};
    int64_t started = fth_clock_mono_us(&app->clock);
    struct fth_anomaly_changes changes = {0};
    struct found found = {0};
    struct fth_jw jw;

    if (!asked.arena)
        return fth_err_nomem(err);
    if (!fth_anomalies_wake(&asked, err) && !detect_all(&asked, job, &found, &changes, err)) {
        fth_jw_init(&jw, text);
        put_run(&jw, &found, &changes, fth_clock_mono_us(&app->clock) - started);
        (void)fth_jw_done(&jw, err);
    }
    fth_arena_free(asked.arena);
    return err->rc;
}

enum fth_rc fth_anomalies_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                              struct fth_err *err)
{
    struct fth_app *app = ctx;
    struct fth_buf text = fth_buf_max(RESULT_MAX);

    (void)params;
    if (begin(app, fth_job_cancel(job), err))
        return err->rc;
    if (!run_it(app, job, &text, err) && !remember_run(app, fth_buf_view(&text), err))
        (void)fth_job_result(job, fth_buf_view(&text), err);
    fth_buf_release(&text);
    end(app, fth_job_request_id(job));
    return err->rc;
}

/* ---- when it runs ---- */

void fth_anomalies_dropped(void *ctx)
{
    struct fth_app *app = ctx;

    fth_mutex_lock(&app->mutex);
    app->to_detect = false;
    fth_mutex_unlock(&app->mutex);
}

static enum fth_rc submit(struct fth_app *app, struct fth_job_of of, const char *request_id,
                          char id[FTH_JOB_ID_LEN + 1], struct fth_err *err)
{
    bool waits;

    fth_mutex_lock(&app->mutex);
    waits = app->to_detect;
    app->to_detect = true;
    fth_mutex_unlock(&app->mutex);
    if (waits)
        return fth_err_set(err, FTH_E_CONFLICT, "a run of the monitors is queued already");
    if (fth_jobs_submit(app->jobs, "detect", FTH_STR("{}"), of, request_id, id, err))
        fth_anomalies_dropped(app);
    return err->rc;
}

enum fth_rc fth_anomalies_submit(const struct fth_asked *asked, const char *request_id,
                                 char id[FTH_JOB_ID_LEN + 1], struct fth_err *err)
{
    return submit(asked->app, fth_own_jobs(asked), request_id, id, err);
}

void fth_anomalies_due(struct fth_app *app, const char *request_id)
{
    struct fth_err ignored = {0};
    char id[FTH_JOB_ID_LEN + 1];
    bool runs, watches;

    fth_mutex_lock(&app->mutex);
    watches = app->watches;
    runs = app->detecting;
    app->detect_again |= watches && runs;
    fth_mutex_unlock(&app->mutex);
    if (watches && !runs)
        (void)submit(app, (struct fth_job_of){0}, request_id, id, &ignored);
}

/* The version that was looked at last; -1: none. */
static int64_t last_version(struct fth_app *app)
{
    const struct fth_val name = FTH_VAL_C("anomalies.last_run");
    struct fth_arena *arena = fth_arena_new(RESULT_MAX * 4);
    const struct fth_json *json;
    struct fth_err ignored = {0};
    struct fth_table table;
    int64_t version = -1;

    if (arena && !fth_db_read(app->db, "state/setting/one", &name, 1, arena, 1, &table, &ignored) &&
        table.row_nr &&
        !fth_json_parse(arena, fth_table_val(&table, 0, 0)->text, NULL, &json, &ignored))
        (void)fth_json_i64(fth_json_get(json, "ledger_version"), &version);
    fth_arena_free(arena);
    return version;
}

void fth_anomalies_watch(struct fth_app *app)
{
    if (!app->anomalies.after_import)
        return;
    fth_mutex_lock(&app->mutex);
    app->watches = true;
    fth_mutex_unlock(&app->mutex);
    if (fth_ledger_version(app->ledger) > 0 && last_version(app) != fth_ledger_version(app->ledger))
        fth_anomalies_due(app, NULL);
}

/* ---- what would have been ---- */

struct preview {
    const struct fth_asked *asked;
    double false_alarms, min_impact;
    int32_t days;
};

struct month {
    int32_t month;
    int64_t cases;
};
FTH_VEC(month_vec, struct month)
FTH_VEC(case_vec, const struct fth_monitor_case *)

static enum fth_rc read_preview(const struct fth_json *request, struct preview *out,
                                struct fth_err *err)
{
    const struct fth_json *rate = fth_json_get(request, "false_alarms_per_year");
    const struct fth_json *impact = fth_json_get(request, "min_impact");
    const struct fth_json *days = fth_json_get(request, "days");
    int64_t nr = PREVIEW_DAYS;
    const char *wrong = NULL;

    if (rate && (!fth_json_double(rate, &out->false_alarms) ||
                 !(out->false_alarms >= FTH_DETECT_FALSE_ALARMS_LEAST &&
                   out->false_alarms <= FTH_DETECT_FALSE_ALARMS_MOST)))
        wrong = "/false_alarms_per_year";
    else if (impact && (!fth_json_double(impact, &out->min_impact) || !(out->min_impact >= 0)))
        wrong = "/min_impact";
    else if (days && (!fth_json_i64(days, &nr) || nr < 1 || nr > PREVIEW_DAYS_MOST))
        wrong = "/days";
    out->days = (int32_t)nr;
    if (!wrong)
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID, "%s: not a number that is allowed here", wrong);
    fth_err_at(err, "%s", wrong);
    return err->rc;
}

static enum fth_rc count_month(struct month_vec *months, int32_t month, struct fth_err *err)
{
    size_t at = 0;

    while (at < months->nr && months->at[at].month < month)
        at++;
    if (at == months->nr || months->at[at].month != month) {
        if (month_vec_push(months, (struct month){0}, err))
            return err->rc;
        memmove(months->at + at + 1, months->at + at, (months->nr - 1 - at) * sizeof(*months->at));
        months->at[at] = (struct month){.month = month};
    }
    months->at[at].cases++;
    return FTH_OK;
}

static enum fth_rc choose_cases(const struct preview *preview, const struct found *found,
                                struct case_vec *cases, struct month_vec *months,
                                struct fth_err *err)
{
    *cases = case_vec_in(preview->asked->arena);
    *months = month_vec_in(preview->asked->arena);
    for (size_t i = 0; i < found->case_nr; i++) {
        const struct fth_monitor_event *root = found->cases[i].root;

        if (root->weight < preview->min_impact ||
            root->detected <= found->monitor.until - preview->days)
            continue;
        if (case_vec_push(cases, &found->cases[i], err) ||
            count_month(months, fth_month_of_date(root->detected), err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc put_case(const struct preview *preview, const struct fth_monitor_case *found,
                            struct fth_jw *jw, struct fth_err *err)
{
    struct fth_app *app = preview->asked->app;
    int32_t today = fth_instant_date(fth_clock_now_us(&app->clock));
    struct fth_anomaly anomaly;

    if (fth_anomaly_of_found(app, found, preview->asked->arena, &anomaly, err))
        return err->rc;
    fth_jw_object(jw);
    if (fth_anomaly_put_finding(jw, &anomaly, fth_date_to_civil(today).year, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

static void put_day_or_null(struct fth_jw *jw, const char *key, bool is, int32_t date)
{
    if (is) {
        fth_jw_kv_date(jw, key, date);
        return;
    }
    fth_jw_key(jw, key);
    fth_jw_null(jw);
}

static void put_head(const struct preview *preview, const struct found *found, struct fth_jw *jw)
{
    const struct fth_monitor *monitor = &found->monitor;

    fth_jw_key(jw, "false_alarms_per_year");
    fth_jw_double(jw, preview->false_alarms);
    fth_jw_key(jw, "min_impact");
    fth_jw_double(jw, preview->min_impact);
    put_day_or_null(jw, "start", monitor->nr > 0, monitor->until - preview->days + 1);
    put_day_or_null(jw, "end", monitor->nr > 0, monitor->until);
    fth_jw_kv_i64(jw, "series", (int64_t)monitor->nr);
    fth_jw_kv_i64(jw, "series_left_out", (int64_t)monitor->left_out_nr);
    fth_jw_kv_i64(jw, "alarms", (int64_t)found->alarms.nr);
}

static enum fth_rc put_preview(const struct preview *preview, const struct found *found,
                               struct fth_jw *jw, struct fth_err *err)
{
    struct month_vec months;
    struct case_vec cases;
    char text[FTH_MONTH_TEXT];

    if (choose_cases(preview, found, &cases, &months, err))
        return err->rc;
    fth_jw_object(jw);
    put_head(preview, found, jw);
    fth_jw_kv_i64(jw, "cases", (int64_t)cases.nr);
    fth_jw_key(jw, "months");
    fth_jw_array(jw);
    for (size_t i = 0; i < months.nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "month", fth_month_text(months.at[i].month, text));
        fth_jw_kv_i64(jw, "cases", months.at[i].cases);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < cases.nr && i < PREVIEW_MOST; i++)
        if (put_case(preview, cases.at[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_bool(jw, "truncated", cases.nr > PREVIEW_MOST);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* A place is kept while series are replayed: it is what bounds how much of such work there is. */
static enum fth_rc preview_it(const struct preview *preview, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_asked *asked = preview->asked;
    struct found found = {0};
    struct fth_seat seat;

    if (fth_monitor_read(asked, asked->app->anomalies.series_most, true, &found.monitor, err) ||
        fth_desk_take(asked, true, &seat, err))
        return err->rc;
    (void)detect(asked, preview->false_alarms, &found, err);
    fth_desk_give(&seat);
    return err->rc ? err->rc : put_preview(preview, &found, jw, err);
}

static enum fth_rc work_out(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct preview inner = *(const struct preview *)ctx;
    struct fth_asked asked = *inner.asked;

    asked.arena = fth_arena_new(WORK_ARENA);
    if (!asked.arena)
        return fth_err_nomem(err);
    inner.asked = &asked;
    (void)preview_it(&inner, jw, err);
    fth_arena_free(asked.arena);
    return err->rc;
}

enum fth_rc fth_anomalies_preview(const struct fth_asked *asked, const struct fth_json *request,
                                  struct fth_str *out, struct fth_err *err)
{
    struct preview preview = {.asked = asked,
                              .false_alarms = asked->app->anomalies.false_alarms,
                              .min_impact = (double)asked->app->anomalies.min_impact};
    int64_t version = fth_ledger_version(asked->app->ledger), revisions = 0;
    int32_t today = fth_instant_date(fth_clock_now_us(&asked->app->clock));
    struct fth_lesson_vec ignored;
    struct fth_str key;

    if (read_preview(request, &preview, err) ||
        lessons_of(asked, today, &ignored, &revisions, err) ||
        fth_arena_printf(asked->arena, &key, err,
                         "preview %" PRId64 " %" PRId64 " %" PRId32 " %.17g %.17g %" PRId32,
                         version, revisions, today, preview.false_alarms, preview.min_impact,
                         preview.days))
        return err->rc;
    return fth_desk_cached(asked, key, version, work_out, &preview, out, NULL, err);
}
