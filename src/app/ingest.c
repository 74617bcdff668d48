#include "app/ingest.h"

#include "app/anomalies.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "app/maintain.h"
#include "app/own.h"
#include "app/uploads.h"
#include "base/buf.h"
#include "import/import.h"
#include "state/audit.h"

enum { PARAMS_MAX = 16 << 20, REPORT_MAX = 64 << 20, PATH_LEN_MAX = 4096, DETAIL_MAX = 16 << 10 };

/* ---- submitting ---- */

/* Answers at once what would otherwise fail in a minute. */
static enum fth_rc check_uploads(struct fth_app *app, struct fth_arena *arena,
                                 const struct fth_json *uploads, struct fth_err *err)
{
    for (size_t i = 0; uploads && i < uploads->nr; i++) {
        const char *path;

        if (fth_upload_path(app, arena, uploads->items[i].text, &path, err)) {
            fth_err_at(err, "/uploads/%zu", i);
            return err->rc;
        }
    }
    return FTH_OK;
}

static enum fth_rc check_paths(const struct fth_json *paths, bool may_open, struct fth_err *err)
{
    if (!paths || paths->nr == 0)
        return FTH_OK;
    if (!may_open) {
        fth_err_set(err, FTH_E_DENIED, "a server opens no paths that a remote caller names");
        fth_err_hint(err, "Upload the files with POST /api/v1/uploads and name the uploads.");
        fth_err_at(err, "/paths");
        return err->rc;
    }
    for (size_t i = 0; i < paths->nr; i++)
        if (paths->items[i].text.p[0] != '/') {
            fth_err_set(err, FTH_E_USAGE, "path \"" FTH_STR_F "\" is not absolute",
                        FTH_STR_A(paths->items[i].text));
            fth_err_at(err, "/paths/%zu", i);
            return err->rc;
        }
    return FTH_OK;
}

static enum fth_rc put_audit(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    return fth_audit_add(tx, ctx, err);
}

/* {"source", "files"} */
static enum fth_rc put_detail(const struct fth_json *params, struct fth_buf *out,
                              struct fth_err *err)
{
    const struct fth_json *uploads = fth_json_get(params, "uploads");
    const struct fth_json *paths = fth_json_get(params, "paths");
    struct fth_jw jw;

    fth_jw_init(&jw, out);
    fth_jw_object(&jw);
    fth_jw_kv_opt(&jw, "source", fth_json_str(params, "source", FTH_STR("")));
    fth_jw_kv_i64(&jw, "files", (int64_t)((uploads ? uploads->nr : 0) + (paths ? paths->nr : 0)));
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* One that could not be written down does not run, or not to its end. */
static enum fth_rc write_down(const struct fth_asked *asked, const struct fth_json *params,
                              const char *request_id, const char *id, struct fth_err *err)
{
    struct fth_app *app = asked->app;
    struct fth_buf detail = fth_buf_max(DETAIL_MAX);
    struct fth_audit audit = {.at_us = fth_clock_now_us(&app->clock),
                              .actor = fth_who_id(asked->who),
                              .action = FTH_STR("delivery.import"),
                              .request_id = fth_str_c(request_id)};
    struct fth_err ignored = {0};

    if (!put_detail(params, &detail, err) &&
        !fth_arena_printf(asked->arena, &audit.object, err, "job:%s", id)) {
        audit.detail = fth_buf_view(&detail);
        (void)fth_db_in_tx(app->db, put_audit, &audit, err);
    }
    if (err->rc)
        (void)fth_jobs_cancel(app->jobs, fth_str_c(id), &ignored);
    fth_buf_release(&detail);
    return err->rc;
}

enum fth_rc fth_ingest_submit(const struct fth_asked *asked, const struct fth_json *params,
                              bool may_open, const char *request_id, char id[FTH_JOB_ID_LEN + 1],
                              struct fth_err *err)
{
    bool dry_run = fth_json_bool(fth_json_get(params, "dry_run"), false);
    const struct fth_json *uploads = fth_json_get(params, "uploads");
    const struct fth_json *paths = fth_json_get(params, "paths");
    struct fth_buf text = fth_buf_max(PARAMS_MAX);

    if ((!uploads || uploads->nr == 0) && (!paths || paths->nr == 0))
        return fth_err_set(err, FTH_E_USAGE, "neither uploads nor paths to import");
    if (check_paths(paths, may_open, err) || check_uploads(asked->app, asked->arena, uploads, err))
        return err->rc;
    fth_json_put_canonical(&text, params);
    if (!fth_buf_done(&text, err) &&
        !fth_jobs_submit(asked->app->jobs, "ingest", fth_buf_view(&text), fth_own_jobs(asked),
                         request_id, id, err) &&
        !dry_run)
        (void)write_down(asked, params, request_id, id, err);
    fth_buf_release(&text);
    return err->rc;
}

/* ---- running ---- */

/* Texts of parameters end with a zero byte, and so do upload paths. */
static enum fth_rc collect_paths(struct fth_app *app, struct fth_arena *arena,
                                 const struct fth_json *params, struct fth_import_request *request,
                                 struct fth_err *err)
{
    const struct fth_json *uploads = fth_json_get(params, "uploads");
    const struct fth_json *paths = fth_json_get(params, "paths");
    size_t upload_nr = uploads ? uploads->nr : 0, path_nr = paths ? paths->nr : 0;
    const char **all = FTH_NEW_ARRAY(arena, const char *, upload_nr + path_nr);
    struct fth_import_alias *aliases = FTH_NEW_ARRAY(arena, struct fth_import_alias, upload_nr + 1);

    if (!all || !aliases)
        return fth_err_nomem(err);
    for (size_t i = 0; i < path_nr; i++)
        all[i] = paths->items[i].text.p;
    for (size_t i = 0; i < upload_nr; i++) {
        struct fth_str path;

        if (fth_upload_path(app, arena, uploads->items[i].text, &all[path_nr + i], err))
            return err->rc;
        path = fth_str_c(all[path_nr + i]);
        aliases[i] = (struct fth_import_alias){
            path, fth_str_sub(path, fth_str_rfind(path, '/') + 1, SIZE_MAX)};
    }
    request->aliases = aliases;
    request->alias_nr = upload_nr;
    request->paths = all;
    request->path_nr = path_nr + upload_nr;
    return FTH_OK;
}

static enum fth_import_mode mode_of(const struct fth_json *params)
{
    struct fth_str mode = fth_json_str(params, "mode", FTH_STR(""));

    if (fth_str_eq_c(mode, "replace"))
        return FTH_IMPORT_REPLACE;
    return fth_str_eq_c(mode, "append") ? FTH_IMPORT_APPEND : FTH_IMPORT_DECIDE;
}

static void on_progress(void *ctx, const struct fth_import_progress *progress)
{
    struct fth_job *job = ctx;

    fth_job_phase(job, progress->step);
    fth_job_progress(job, progress->rows, -1, progress->bytes, progress->bytes_all, progress->us);
}

static enum fth_rc fill_request(struct fth_app *app, struct fth_job *job,
                                const struct fth_json *params, struct fth_import_request *out,
                                struct fth_err *err)
{
    struct fth_arena *arena = fth_job_arena(job);
    struct fth_str rejects;
    char dir[PATH_MAX];

    *out = (struct fth_import_request){
        .ledger = app->ledger,
        .clock = &app->clock,
        .source = fth_json_str(params, "source", (struct fth_str){0}),
        .format = fth_json_str(params, "format", (struct fth_str){0}),
        .period = fth_json_str(params, "period", (struct fth_str){0}),
        .mapping = fth_json_str(params, "mapping", (struct fth_str){0}),
        .mapping_name = fth_json_str(params, "mapping_name", FTH_STR("mapping")).p,
        .mode = mode_of(params),
        .dry_run = fth_json_bool(fth_json_get(params, "dry_run"), false),
        .cancel = fth_job_cancel(job),
        .progress = on_progress,
        .progress_ctx = job};
    (void)fth_json_i64(fth_json_get(params, "tolerate"), &out->tolerate);
    /* The report names what is kept there: a path that means something elsewhere too. */
    if (!realpath(app->dir, dir))
        return fth_err_errno(err, errno, "%s", app->dir);
    if (fth_arena_printf(arena, &rejects, err, "%s/rejects", dir))
        return err->rc;
    out->rejects = rejects.p;
    return collect_paths(app, arena, params, out, err);
}

/* Uploads have served their purpose when their content is in the ledger: they are kept as they
 * came, or thrown away. */
static void put_uploads_away(struct fth_app *app, struct fth_arena *arena,
                             const struct fth_json *params)
{
    const struct fth_json *uploads = fth_json_get(params, "uploads");

    for (size_t i = 0; uploads && i < uploads->nr; i++) {
        struct fth_err ignored = {0};
        const char *path = NULL;

        if (app->raw.keep && !fth_upload_path(app, arena, uploads->items[i].text, &path, &ignored))
            (void)fth_raw_take(&app->raw, path, &ignored);
        fth_err_clear(&ignored);
        (void)fth_upload_delete(app, uploads->items[i].text, &ignored);
    }
}

/* What the import leaves to be done is done by a job of its own, which must not fail this one. */
static void tidy_up(struct fth_app *app, struct fth_job *job, const struct fth_json *params)
{
    put_uploads_away(app, fth_job_arena(job), params);
    fth_maintain_due(app, fth_job_request_id(job));
    fth_anomalies_due(app, fth_job_request_id(job));
}

static void count(struct fth_app *app, enum fth_rc rc, struct fth_str report,
                  struct fth_arena *arena)
{
    const struct fth_json *json, *deliveries;
    struct fth_err ignored = {0};
    int64_t rows = 0, one;

    fth_metrics_count(app->metrics, rc ? FTH_COUNT_IMPORT_FAILED : FTH_COUNT_IMPORT_DONE, 1);
    if (fth_json_parse(arena, report, NULL, &json, &ignored))
        return;
    deliveries = fth_json_get(json, "deliveries");
    for (size_t i = 0; deliveries && i < deliveries->nr; i++)
        if (fth_json_i64(fth_json_get(&deliveries->items[i], "rows_read"), &one))
            rows += one;
    fth_metrics_count(app->metrics, FTH_COUNT_IMPORT_ROWS, rows);
}

enum fth_rc fth_ingest_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                           struct fth_err *err)
{
    struct fth_app *app = ctx;
    struct fth_buf report = fth_buf_max(REPORT_MAX);
    struct fth_import_request request;
    struct fth_err trouble = {0};

    if (fill_request(app, job, params, &request, err))
        return err->rc;
    (void)fth_import_run(&request, &report, err);
    if (report.n > 0 && !fth_buf_done(&report, &trouble)) {
        count(app, err->rc, fth_buf_view(&report), fth_job_arena(job));
        (void)fth_job_result(job, fth_buf_view(&report), &trouble);
    }
    fth_buf_release(&report);
    fth_app_ledger_moved(app);
    /* Some deliveries were refused, the others are in: the report says which. */
    if (err->rc == FTH_E_PARTIAL)
        fth_err_clear(err);
    if (!err->rc && !request.dry_run)
        tidy_up(app, job, params);
    if (!err->rc && trouble.rc)
        *err = trouble;
    return err->rc;
}
