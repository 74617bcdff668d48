#include "app/maintain.h"

#include "app/app_int.h"
#include "app/desk_int.h"
#include "app/idempotency.h"
#include "app/links.h"
#include "base/buf.h"
#include "base/check.h"
#include "ledger/archive.h"
#include "ledger/compact.h"

enum { RESULT_MAX = 64 * 1024, WAIT_MS = 200 };

void fth_maintain_dropped(void *ctx)
{
    struct fth_app *app = ctx;

    fth_mutex_lock(&app->mutex);
    app->to_maintain = false;
    fth_mutex_unlock(&app->mutex);
}

enum fth_rc fth_maintain_submit(struct fth_app *app, struct fth_job_of of, const char *request_id,
                                char id[FTH_JOB_ID_LEN + 1], struct fth_err *err)
{
    bool waits;

    id[0] = '\0';
    fth_mutex_lock(&app->mutex);
    waits = app->to_maintain;
    app->to_maintain = true;
    fth_mutex_unlock(&app->mutex);
    if (waits)
        return FTH_OK;
    if (fth_jobs_submit(app->jobs, "maintain", FTH_STR("{}"), of, request_id, id, err))
        fth_maintain_dropped(app);
    return err->rc;
}

void fth_maintain_due(struct fth_app *app, const char *request_id)
{
    struct fth_err ignored = {0};
    char id[FTH_JOB_ID_LEN + 1];
    bool runs;

    fth_mutex_lock(&app->mutex);
    runs = app->maintaining;
    app->maintain_again |= runs;
    fth_mutex_unlock(&app->mutex);
    if (!runs)
        (void)fth_maintain_submit(app, (struct fth_job_of){0}, request_id, id, &ignored);
}

/* One at a time. What is submitted from now on may find more to do. */
static enum fth_rc begin(struct fth_app *app, struct fth_cancel *cancel, struct fth_err *err)
{
    fth_mutex_lock(&app->mutex);
    app->to_maintain = false;
    while (app->maintaining && !fth_cancel_check(cancel, err))
        fth_cond_wait(&app->maintained, &app->mutex, WAIT_MS);
    if (!err->rc)
        app->maintaining = true;
    fth_mutex_unlock(&app->mutex);
    return err->rc;
}

/* What came due meanwhile is done by another job, behind the imports that wait by now. */
static void end(struct fth_app *app, const char *request_id)
{
    bool again;

    fth_mutex_lock(&app->mutex);
    again = app->maintain_again;
    app->maintaining = app->maintain_again = false;
    fth_cond_signal(&app->maintained);
    fth_mutex_unlock(&app->mutex);
    if (again)
        fth_maintain_due(app, request_id);
}

static enum fth_rc keep_raw(struct fth_app *app, struct fth_job *job, struct fth_jw *jw,
                            struct fth_err *err)
{
    struct fth_raw_kept kept = {0};

    fth_job_phase(job, "keeping files");
    (void)fth_raw_keep(&app->raw, fth_job_cancel(job), &kept, err);
    fth_jw_kv_i64(jw, "files_kept", kept.files);
    fth_jw_kv_i64(jw, "files_kept_bytes", kept.bytes);
    fth_jw_kv_i64(jw, "files_missed", kept.missed);
    fth_jw_kv_i64(jw, "files_removed", kept.swept);
    fth_jw_kv_i64(jw, "files_removed_bytes", kept.swept_bytes);
    return err->rc;
}

static enum fth_rc compact(struct fth_app *app, struct fth_job *job, struct fth_jw *jw,
                           struct fth_err *err)
{
    size_t least = app->compact_segments < 2 ? 2 : app->compact_segments;
    struct fth_compacted done = {0};

    fth_job_phase(job, "merging segments");
    if (app->compact_segments)
        (void)fth_ledger_compact(app->ledger, least, fth_job_cancel(job), &done, err);
    if (done.made)
        fth_app_ledger_moved(app);
    fth_jw_kv_i64(jw, "segments_merged", done.merged);
    fth_jw_kv_i64(jw, "segments_made", done.made);
    return err->rc;
}

static enum fth_rc archive(struct fth_app *app, struct fth_job *job, struct fth_jw *jw,
                           struct fth_err *err)
{
    struct fth_archived done = {0};

    fth_job_phase(job, "archiving");
    (void)fth_ledger_archive(app->ledger, app->archive_keep_us, fth_job_cancel(job), &done, err);
    fth_jw_kv_i64(jw, "segments_archived", done.segments);
    fth_jw_kv_i64(jw, "segments_archived_bytes", done.bytes);
    fth_jw_kv_i64(jw, "segments_dropped", done.dropped);
    fth_jw_kv_i64(jw, "segments_removed", done.removed);
    return err->rc;
}

static enum fth_rc shrink(struct fth_app *app, struct fth_job *job, struct fth_jw *jw,
                          struct fth_err *err)
{
    const struct fth_shrink_conf conf = {.free_percent = app->compact_free_percent,
                                         .free_bytes = app->compact_free_bytes,
                                         .let_go = fth_desk_let_go,
                                         .ctx = app};
    struct fth_shrunk done = {0};

    fth_job_phase(job, "shrinking the ledger file");
    if (app->compact_free_percent)
        (void)fth_ledger_shrink(app->ledger, &conf, fth_job_cancel(job), &done, err);
    fth_jw_kv_i64(jw, "ledger_bytes_before", done.before);
    fth_jw_kv_i64(jw, "ledger_bytes", done.after);
    return err->rc;
}

/* Rows that no longer count, and only take room. */
static enum fth_rc forget(struct fth_app *app, struct fth_job *job, struct fth_jw *jw,
                          struct fth_err *err)
{
    int64_t keys = 0, links = 0;

    fth_job_phase(job, "forgetting what has ended");
    if (!fth_idempotency_prune(app, &keys, err))
        (void)fth_links_prune(app, &links, err);
    fth_jw_kv_i64(jw, "request_keys_ended", keys);
    fth_jw_kv_i64(jw, "links_ended", links);
    return err->rc;
}

enum fth_rc fth_maintain_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                             struct fth_err *err)
{
    static enum fth_rc (*const steps[])(struct fth_app *, struct fth_job *, struct fth_jw *,
                                        struct fth_err *) = {keep_raw, compact, archive, shrink,
                                                             forget};
    struct fth_buf result = fth_buf_max(RESULT_MAX);
    struct fth_err trouble = {0};
    struct fth_app *app = ctx;
    struct fth_jw jw;

    if (begin(app, fth_job_cancel(job), err))
        return err->rc;
    fth_jw_init(&jw, &result);
    fth_jw_object(&jw);
    /* A step that fails does not keep the others from their work; the first error is the job's. */
    for (size_t i = 0; i < FTH_NR(steps); i++) {
        struct fth_err why = {0};

        if (steps[i](app, job, &jw, &why) && !err->rc)
            *err = why;
        if (why.rc == FTH_E_CANCELLED)
            break;
    }
    fth_jw_object_end(&jw);
    end(app, fth_job_request_id(job));
    if (!fth_jw_done(&jw, &trouble))
        (void)fth_job_result(job, fth_buf_view(&result), &trouble);
    fth_buf_release(&result);
    if (!err->rc && trouble.rc)
        *err = trouble;
    return err->rc;
}
