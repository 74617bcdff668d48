/* Handlers of uploads, jobs with what they leave, and events. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/pump.h"
#include "api/router_int.h"
#include "app/focus_jobs.h"
#include "app/ingest.h"
#include "app/job_files.h"
#include "app/maintain.h"
#include "app/own.h"
#include "app/uploads.h"
#include "base/sha256.h"
#include "jobs/jobs.h"

enum { WAIT_MAX_S = 60, PIECE = 256 * 1024 };

/* ---- uploads ---- */

static enum fth_rc put_upload(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_upload_info *info = ctx;

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "id", info->id);
    fth_jw_kv_c(jw, "name", info->name);
    fth_jw_kv_i64(jw, "bytes", info->bytes);
    fth_jw_kv_c(jw, "sha256", info->sha256);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_uploads_create(struct fth_call *call, struct fth_err *err)
{
    struct fth_upload_info info;
    struct fth_str location;

    if (fth_upload_finish(call->upload, &info, err) ||
        fth_arena_printf(call->arena, &location, err, "/api/v1/uploads/%s", info.id) ||
        fth_reply_header(call->reply, "Location", location, err))
        return err->rc;
    return fth_call_json(call, 201, put_upload, &info, err);
}

enum fth_rc h_uploads_delete(struct fth_call *call, struct fth_err *err)
{
    if (fth_upload_delete(call->app, fth_call_param(call, "id"), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

/* ---- jobs ---- */

struct job_list {
    const struct fth_job_info *at;
    size_t nr;
};

static enum fth_rc put_jobs(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct job_list *list = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < list->nr; i++)
        fth_job_put(jw, &list->at[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_job(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    fth_job_put(jw, ctx);
    return FTH_OK;
}

enum fth_rc h_jobs_list(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_job_info *at;
    struct job_list list;

    if (fth_jobs_list(fth_app_jobs(call->app), call->arena, (size_t)fth_call_int(call, "limit", 50),
                      (struct fth_str){0}, fth_own_jobs(&asked), &at, &list.nr, err))
        return err->rc;
    list.at = at;
    return fth_call_json(call, 200, put_jobs, &list, err);
}

/* The job of the path, if the caller may know of it. */
static enum fth_rc find_job(struct fth_call *call, struct fth_str *id, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);

    *id = fth_call_param(call, "id");
    return fth_own_job(&asked, *id, err);
}

/* Seconds that the client is willing to wait, at most a minute; 0 when it says nothing. */
static int64_t willing_ms(const struct fth_call *call)
{
    struct fth_str value;
    uint64_t seconds;

    if (!fth_prefer(fth_call_param(call, "Prefer"), "wait", &value) ||
        !fth_str_to_u64(value, &seconds))
        return 0;
    return (int64_t)(seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S) * 1000;
}

static enum fth_rc read_job(struct fth_call *call, struct fth_str id, struct fth_job_info *out,
                            struct fth_err *err)
{
    int64_t wait_ms = willing_ms(call);

    if (wait_ms > 0)
        return fth_jobs_wait(fth_app_jobs(call->app), call->arena, id, wait_ms,
                             call->request->cancel, out, err);
    return fth_jobs_get(fth_app_jobs(call->app), call->arena, id, out, err);
}

enum fth_rc fth_call_job(struct fth_call *call, const char *id, struct fth_err *err)
{
    struct fth_job_info job;
    struct fth_str location;

    if (read_job(call, fth_str_c(id), &job, err) ||
        fth_arena_printf(call->arena, &location, err, "/api/v1/jobs/%s", id) ||
        fth_reply_header(call->reply, "Location", location, err))
        return err->rc;
    return fth_call_json(call, fth_job_has_ended(job.state) ? 200 : 202, put_job, &job, err);
}

/* Maintenance that waits already is not queued again. */
static enum fth_rc submit(struct fth_call *call, char id[FTH_JOB_ID_LEN + 1], struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    bool may_open = call->request->peer != FTH_PEER_NETWORK;

    if (!fth_str_eq_c(fth_json_str(call->body, "kind", FTH_STR("")), "maintain"))
        return fth_ingest_submit(&asked, call->body, may_open, call->request->id, id, err);
    if (!fth_maintain_submit(call->app, fth_own_jobs(&asked), call->request->id, id, err) && !id[0])
        fth_err_set(err, FTH_E_CONFLICT, "maintenance is queued already");
    return err->rc;
}

enum fth_rc h_jobs_create(struct fth_call *call, struct fth_err *err)
{
    char id[FTH_JOB_ID_LEN + 1];

    if (submit(call, id, err))
        return err->rc;
    return fth_call_job(call, id, err);
}

enum fth_rc h_focus_export(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_err ignored = {0};
    char id[FTH_JOB_ID_LEN + 1];

    if (fth_focus_export_submit(&asked, call->body, call->request->id, id, err))
        return err->rc;
    if (fth_call_exported(call, fth_str_c(id), err)) {
        (void)fth_jobs_cancel(fth_app_jobs(call->app), fth_str_c(id), &ignored);
        return err->rc;
    }
    return fth_call_job(call, id, err);
}

enum fth_rc h_focus_validate(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    char id[FTH_JOB_ID_LEN + 1];

    if (fth_focus_validate_submit(&asked, call->body, call->request->id, id, err))
        return err->rc;
    return fth_call_job(call, id, err);
}

enum fth_rc h_jobs_get(struct fth_call *call, struct fth_err *err)
{
    struct fth_job_info job;
    struct fth_str id;

    if (find_job(call, &id, err) || read_job(call, id, &job, err))
        return err->rc;
    return fth_call_json(call, 200, put_job, &job, err);
}

enum fth_rc h_jobs_cancel(struct fth_call *call, struct fth_err *err)
{
    struct fth_job_info job;
    struct fth_str id;

    if (find_job(call, &id, err) || fth_jobs_cancel(fth_app_jobs(call->app), id, err) ||
        fth_jobs_get(fth_app_jobs(call->app), call->arena, id, &job, err))
        return err->rc;
    return fth_call_json(call, 202, put_job, &job, err);
}

/* ---- files of jobs ---- */

static enum fth_rc send_pieces(struct fth_call *call, int fd, const char *name,
                               struct fth_http_range part, struct fth_err *err)
{
    char *piece = fth_arena_alloc(call->arena, PIECE);
    uint64_t at = part.first, left = part.len;

    if (!piece)
        return fth_err_nomem(err);
    if (fth_reply_start_len(call->reply, call->reply->status, (int64_t)left, err))
        return err->rc;
    while (left > 0 && !err->rc) {
        ssize_t got = pread(fd, piece, left < PIECE ? (size_t)left : PIECE, (off_t)at);

        if (got < 0)
            fth_err_errno(err, errno, "%s", name);
        else if (got == 0)
            fth_err_set(err, FTH_E_IO, "%s: shorter than it was", name);
        else if (!fth_reply_write(call->reply, (struct fth_str){piece, (size_t)got}, err)) {
            at += (uint64_t)got;
            left -= (uint64_t)got;
        }
    }
    if (!err->rc)
        fth_reply_end(call->reply, true);
    return err->rc;
}

/* A job writes a file once; its size and the moment are in the tag all the same. */
static enum fth_rc tag_file(struct fth_call *call, struct fth_str id, struct fth_str name,
                            const struct stat *stat, struct fth_str *out, struct fth_err *err)
{
    char hex[FTH_SHA256_HEX];
    struct fth_str key;

    if (fth_arena_printf(call->arena, &key, err, FTH_STR_F " " FTH_STR_F " %lld %lld.%09ld",
                         FTH_STR_A(id), FTH_STR_A(name), (long long)stat->st_size,
                         (long long)stat->st_mtim.tv_sec, stat->st_mtim.tv_nsec) ||
        fth_sha256_text(key, hex, err))
        return err->rc;
    return fth_arena_printf(call->arena, out, err, "\"%.32s\"", hex);
}

/* The part that is asked for, and its status; the whole when If-Range names another version. */
static enum fth_rc choose_part(struct fth_call *call, uint64_t size, struct fth_str etag,
                               struct fth_http_range *out, struct fth_err *err)
{
    struct fth_str range = fth_call_param(call, "Range"), value;
    bool same =
        !fth_call_has_param(call, "If-Range") || fth_str_eq(fth_call_param(call, "If-Range"), etag);

    *out = (struct fth_http_range){0, size};
    call->reply->status = 200;
    if (call->reply->head_only || !same)
        return FTH_OK;
    switch (fth_http_range(range, size, out)) {
    case FTH_RANGE_WHOLE:
        return FTH_OK;
    case FTH_RANGE_NONE:
        if (fth_arena_printf(call->arena, &value, err, "bytes */%llu", (unsigned long long)size) ||
            fth_reply_header(call->reply, "Content-Range", value, err))
            return err->rc;
        return fth_err_set(err, FTH_E_NORANGE, "the file has %llu bytes; range \"" FTH_STR_F "\"",
                           (unsigned long long)size, FTH_STR_A(range));
    case FTH_RANGE_PART:
        call->reply->status = 206;
        if (fth_arena_printf(
                call->arena, &value, err, "bytes %llu-%llu/%llu", (unsigned long long)out->first,
                (unsigned long long)(out->first + out->len - 1), (unsigned long long)size))
            return err->rc;
        return fth_reply_header(call->reply, "Content-Range", value, err);
    }
    return FTH_OK;
}

static enum fth_rc send_file(struct fth_call *call, struct fth_str id, int fd, const char *path,
                             struct fth_err *err)
{
    struct fth_http_range part;
    struct stat stat;
    struct fth_str etag = {0};
    bool fresh;

    if (fstat(fd, &stat))
        return fth_err_errno(err, errno, "%s", path);
    if (tag_file(call, id, fth_call_param(call, "name"), &stat, &etag, err) ||
        fth_call_etag(call, etag, &fresh, err) ||
        fth_reply_header(call->reply, "Accept-Ranges", FTH_STR("bytes"), err))
        return err->rc;
    if (fresh)
        return fth_call_empty(call, 304, err);
    if (choose_part(call, (uint64_t)stat.st_size, etag, &part, err) ||
        (!call->reply->head_only && fth_call_exported(call, id, err)))
        return err->rc;
    return send_pieces(call, fd, path, part, err);
}

/* Always to be kept, never to be shown: a report quotes what others wrote. */
enum fth_rc h_jobs_file(struct fth_call *call, struct fth_err *err)
{
    struct fth_str name = fth_call_param(call, "name"), value, id;
    const char *path;
    int fd;

    if (find_job(call, &id, err) ||
        fth_job_file_path(call->app, call->arena, id, name, &path, err) ||
        fth_arena_printf(call->arena, &value, err, "attachment; filename=\"" FTH_STR_F "\"",
                         FTH_STR_A(fth_str_sub(name, fth_str_rfind(name, '/') + 1, SIZE_MAX))) ||
        fth_reply_header(call->reply, "Content-Disposition", value, err) ||
        fth_reply_header(call->reply, "Cache-Control", FTH_STR("no-store"), err) ||
        fth_reply_header(call->reply, "Content-Type", FTH_STR("application/octet-stream"), err))
        return err->rc;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fth_err_errno(err, errno, FTH_STR_F, FTH_STR_A(name));
    (void)send_file(call, id, fd, path, err);
    close(fd);
    return err->rc;
}

enum fth_rc h_jobs_files_drop(struct fth_call *call, struct fth_err *err)
{
    struct fth_str id;

    if (find_job(call, &id, err) || fth_job_folder_drop(call->app, id, err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

/* ---- events ---- */

/* The pattern of the parameter has been checked. */
static unsigned topics_of(struct fth_str text)
{
    unsigned topics = 0;
    struct fth_str piece;

    while (fth_str_next(&text, ',', &piece))
        topics |= fth_str_eq_c(piece, "jobs")     ? FTH_TOPIC_JOBS
                  : fth_str_eq_c(piece, "ledger") ? FTH_TOPIC_LEDGER
                                                  : FTH_TOPIC_ANOMALIES;
    return topics;
}

enum fth_rc h_events_stream(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_events_wish wish = {.topics = topics_of(fth_call_param(call, "topics"))};
    uint64_t after;

    if (!fth_who_may(asked.who, FTH_STR("anomalies.read")))
        wish.topics &= ~(unsigned)FTH_TOPIC_ANOMALIES;
    if (fth_own_events(call->arena, fth_own_jobs(&asked), &wish.of, err))
        return err->rc;
    if (!fth_str_to_u64(fth_call_param(call, "Last-Event-ID"), &after))
        after = fth_events_last(fth_app_events(call->app));
    if (fth_reply_header(call->reply, "Content-Type", FTH_STR("text/event-stream"), err) ||
        fth_reply_header(call->reply, "Cache-Control", FTH_STR("no-store"), err) ||
        fth_reply_header(call->reply, "X-Accel-Buffering", FTH_STR("no"), err))
        return err->rc;
    return fth_pump_serve(call->router->pump, call->reply, call->request, after, &wish, err);
}
