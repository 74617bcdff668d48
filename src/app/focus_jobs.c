#include "app/focus_jobs.h"

#include "app/desk_int.h"
#include "app/job_files.h"
#include "app/own.h"
#include "app/uploads.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "base/file_copy.h"
#include "focus/export.h"
#include "focus/folder.h"

enum { PARAMS_MAX = 16 << 20, RESULT_MAX = 64 << 20, REPORT_MAX = 256 << 20 };
#define WORK_ARENA ((size_t)1 << 30)

static enum fth_rc submit(const struct fth_asked *asked, const char *kind,
                          const struct fth_json *params, const char *request_id,
                          char id[FTH_JOB_ID_LEN + 1], struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(PARAMS_MAX);

    fth_json_put_canonical(&text, params);
    if (!fth_buf_done(&text, err))
        (void)fth_jobs_submit(asked->app->jobs, kind, fth_buf_view(&text), fth_own_jobs(asked),
                              request_id, id, err);
    fth_buf_release(&text);
    return err->rc;
}

/* ---- export ---- */

/* The schema has checked forms, not what they mean together. */
static enum fth_rc read_scope(const struct fth_json *params, struct fth_focus_export_request *out,
                              struct fth_err *err)
{
    struct fth_str from = fth_json_str(params, "from", FTH_STR(""));
    struct fth_str to = fth_json_str(params, "to", FTH_STR(""));
    int32_t month;

    out->where = fth_json_str(params, "where", FTH_STR(""));
    out->period = fth_json_str(params, "period", FTH_STR(""));
    if (out->period.n && !fth_month_parse(out->period, &month)) {
        fth_err_at(err, "/period");
        return fth_err_set(err, FTH_E_USAGE, "\"" FTH_STR_F "\" is no month like 2025-01",
                           FTH_STR_A(out->period));
    }
    out->has_time = from.n || to.n;
    if (!out->has_time)
        return FTH_OK;
    if (!fth_date_parse(from, &out->from) || !fth_date_parse(to, &out->to)) {
        fth_err_at(err, fth_date_parse(from, &out->from) ? "/to" : "/from");
        return fth_err_set(err, FTH_E_USAGE,
                           "a range has a first day and the day after the last, like 2025-01-31");
    }
    if (out->to <= out->from)
        return fth_err_set(err, FTH_E_USAGE, "the range is empty: its end is not included");
    return FTH_OK;
}

static enum fth_rc read_request(const struct fth_json *params, struct fth_focus_export_request *out,
                                struct fth_err *err)
{
    struct fth_str form = fth_json_str(params, "format", FTH_STR(""));

    *out = (struct fth_focus_export_request){.generator = fth_version()};
    if (!fth_focus_version_parse(fth_json_str(params, "version", FTH_STR("")).p, &out->version) ||
        (form.n && !fth_focus_form_parse(form, &out->form)))
        return fth_err_set(err, FTH_E_USAGE, "no version or no format of FOCUS");
    return read_scope(params, out, err);
}

enum fth_rc fth_focus_export_submit(const struct fth_asked *asked, const struct fth_json *params,
                                    const char *request_id, char id[FTH_JOB_ID_LEN + 1],
                                    struct fth_err *err)
{
    struct fth_focus_export_request ignored;

    if (read_request(params, &ignored, err))
        return err->rc;
    return submit(asked, "focus_export", params, request_id, id, err);
}

static void on_rows(void *ctx, const char *phase, uint64_t rows)
{
    fth_job_phase(ctx, phase);
    fth_job_progress(ctx, (int64_t)rows, -1, 0, -1, 0);
}

static enum fth_rc put_file(struct fth_jw *jw, const char *dir, struct fth_str name,
                            struct fth_arena *arena, struct fth_err *err)
{
    struct fth_file_digest digest;
    struct fth_str path;

    if (fth_arena_printf(arena, &path, err, "%s/" FTH_STR_F, dir, FTH_STR_A(name)) ||
        fth_file_copy(path.p, NULL, NULL, &digest, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv(jw, "name", name);
    fth_jw_kv_i64(jw, "bytes", digest.bytes);
    fth_jw_kv_c(jw, "sha256", digest.sha256);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* {"manifest": what focus-export.json says, "files": all that there are, "warning"} */
static enum fth_rc put_export(struct fth_jw *jw, const char *dir,
                              const struct fth_focus_exported *done, struct fth_arena *arena,
                              struct fth_err *err)
{
    static const char *const metadata[] = {
        "metadata/focus-schema.json", "metadata/focus-data-generator.json", FTH_FOCUS_MANIFEST};
    struct fth_str path, manifest;

    if (fth_arena_printf(arena, &path, err, "%s/" FTH_FOCUS_MANIFEST, dir) ||
        fth_file_read(arena, path.p, RESULT_MAX, &manifest, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "manifest");
    fth_jw_raw(jw, fth_str_trim(manifest));
    fth_jw_key(jw, "files");
    fth_jw_array(jw);
    for (size_t i = 0; i < done->file_nr; i++) {
        const struct fth_focus_export_file *file = &done->files[i];

        fth_jw_object(jw);
        fth_jw_kv(jw, "name", file->name);
        fth_jw_kv_i64(jw, "bytes", (int64_t)file->bytes);
        fth_jw_kv_c(jw, "sha256", file->sha256);
        fth_jw_object_end(jw);
    }
    for (size_t i = 0; i < FTH_NR(metadata); i++)
        if (put_file(jw, dir, fth_str_c(metadata[i]), arena, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_c(jw, "warning", done->warning);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* In the scope that they had when they asked. */
static enum fth_rc who_asked(const struct fth_job *job, struct fth_arena *arena,
                             const struct fth_who **out, struct fth_err *err)
{
    struct fth_job_of of = fth_job_of(job);
    struct fth_who *who;

    if (!of.user.n)
        return FTH_OK;
    who = FTH_NEW(arena, struct fth_who);
    if (!who)
        return fth_err_nomem(err);
    *who = (struct fth_who){.id = of.user, .scope_text = of.scope};
    if (of.scope.n && fth_filter_parse(arena, of.scope, &who->scope, err))
        return err->rc;
    *out = who;
    return FTH_OK;
}

static enum fth_rc export_here(struct fth_app *app, struct fth_job *job, struct fth_arena *arena,
                               struct fth_focus_export_request *request, struct fth_jw *jw,
                               struct fth_err *err)
{
    struct fth_asked asked = {.app = app, .arena = arena, .cancel = fth_job_cancel(job)};
    const struct fth_focus_exported *done;
    struct fth_seat seat;

    if (who_asked(job, arena, &asked.who, err) || fth_desk_take(&asked, false, &seat, err))
        return err->rc;
    request->run = &seat.run;
    (void)fth_focus_export(request, &done, err);
    fth_desk_give(&seat);
    if (!err->rc)
        put_export(jw, request->dir, done, arena, err);
    return err->rc;
}

enum fth_rc fth_focus_export_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                                 struct fth_err *err)
{
    struct fth_app *app = ctx;
    struct fth_arena *arena = fth_arena_new(WORK_ARENA);
    struct fth_buf text = fth_buf_max(RESULT_MAX);
    struct fth_focus_export_request request;
    struct fth_err ignored = {0};
    struct fth_jw jw;

    if (!arena)
        return fth_err_nomem(err);
    fth_jw_init(&jw, &text);
    if (!read_request(params, &request, err) &&
        !fth_job_folder_make(app, job, arena, &request.dir, err)) {
        request.progress = on_rows;
        request.progress_ctx = job;
        if (!export_here(app, job, arena, &request, &jw, err) && !fth_jw_done(&jw, err))
            (void)fth_job_result(job, fth_buf_view(&text), err);
        if (err->rc)
            fth_job_folder_drop(app, fth_job_id(job), &ignored);
    }
    fth_buf_release(&text);
    fth_arena_free(arena);
    return err->rc;
}

/* ---- validation ---- */

static enum fth_rc find_uploads(struct fth_app *app, struct fth_arena *arena,
                                const struct fth_json *params, const char ***out, size_t *nr,
                                struct fth_err *err)
{
    const struct fth_json *uploads = fth_json_get(params, "uploads");
    const char **paths = FTH_NEW_ARRAY(arena, const char *, uploads->nr);

    if (!paths)
        return fth_err_nomem(err);
    for (size_t i = 0; i < uploads->nr; i++)
        if (fth_upload_path(app, arena, uploads->items[i].text, &paths[i], err)) {
            fth_err_at(err, "/uploads/%zu", i);
            return err->rc;
        }
    *out = paths;
    *nr = uploads->nr;
    return FTH_OK;
}

/* Answers at once what would otherwise fail later. */
enum fth_rc fth_focus_validate_submit(const struct fth_asked *asked, const struct fth_json *params,
                                      const char *request_id, char id[FTH_JOB_ID_LEN + 1],
                                      struct fth_err *err)
{
    const char **paths;
    size_t nr;

    if (find_uploads(asked->app, asked->arena, params, &paths, &nr, err))
        return err->rc;
    return submit(asked, "focus_validate", params, request_id, id, err);
}

static void on_validated(void *ctx, uint64_t rows, int64_t bytes, int64_t bytes_all)
{
    fth_job_progress(ctx, (int64_t)rows, -1, bytes, bytes_all, 0);
}

static enum fth_rc write_report(const char *dir, const char *name,
                                void (*put)(struct fth_buf *, const struct fth_focus_report *),
                                const struct fth_focus_report *report, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(REPORT_MAX), path = fth_buf_max(1 << 13);

    put(&text, report);
    fth_buf_printf(&path, "%s/%s%c", dir, name, '\0');
    if (!fth_buf_done(&text, err) && !fth_buf_done(&path, err))
        fth_file_write(path.p, fth_buf_view(&text), err);
    fth_buf_release(&path);
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc report_it(struct fth_job *job, const char *dir,
                             const struct fth_focus_report *report, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(RESULT_MAX);

    if (!write_report(dir, "report.json", fth_focus_put_json, report, err) &&
        !write_report(dir, "report.xml", fth_focus_put_junit, report, err) &&
        !write_report(dir, "report.html", fth_focus_put_html, report, err)) {
        fth_focus_put_json(&text, report);
        if (!fth_buf_done(&text, err))
            (void)fth_job_result(job, fth_buf_view(&text), err);
    }
    fth_buf_release(&text);
    return err->rc;
}

static void drop_uploads(struct fth_app *app, const struct fth_json *params)
{
    const struct fth_json *uploads = fth_json_get(params, "uploads");

    for (size_t i = 0; i < uploads->nr; i++) {
        struct fth_err ignored = {0};

        (void)fth_upload_delete(app, uploads->items[i].text, &ignored);
    }
}

enum fth_rc fth_focus_validate_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                                   struct fth_err *err)
{
    struct fth_app *app = ctx;
    struct fth_arena *arena = fth_arena_new(WORK_ARENA);
    const struct fth_focus_report *report = NULL;
    struct fth_focus_request request = {.cancel = fth_job_cancel(job),
                                        .base_names = true,
                                        .progress = on_validated,
                                        .progress_ctx = job};
    struct fth_err ignored = {0};
    struct fth_str tmp, version = fth_json_str(params, "version", (struct fth_str){0});
    struct fth_str criteria = fth_json_str(params, "applicability", (struct fth_str){0});
    const char **paths = NULL, *dir = NULL;

    if (!arena)
        return fth_err_nomem(err);
    request.version = version.p;
    request.criteria = criteria.p;
    request.as_official = fth_json_bool(fth_json_get(params, "as_official"), false);
    fth_job_phase(job, "reading");
    if (!find_uploads(app, arena, params, &paths, &request.path_nr, err) &&
        !fth_arena_printf(arena, &tmp, err, "%s/tmp", app->dir) &&
        !fth_job_folder_make(app, job, arena, &dir, err)) {
        request.paths = paths;
        request.tmp = tmp.p;
        if (!fth_focus_validate(&request, arena, &report, err))
            report_it(job, dir, report, err);
        if (err->rc)
            fth_job_folder_drop(app, fth_job_id(job), &ignored);
    }
    drop_uploads(app, params);
    fth_arena_free(arena);
    return err->rc;
}
