#include "api/call.h"

#include <string.h>

#include "api/router_int.h"
#include "app/costs.h"
#include "app/uploads.h"
#include "auth/people.h"
#include "base/check.h"

enum { REPLY_MAX = 64 << 20 };

static size_t param_index(const struct fth_call *call, const char *name)
{
    for (size_t i = 0; i < call->operation->param_nr; i++)
        if (strcmp(call->operation->params[i].name, name) == 0)
            return i;
    fth_check_failed(__FILE__, __LINE__, name);
}

struct fth_str fth_call_param(const struct fth_call *call, const char *name)
{
    size_t i = param_index(call, name);

    return call->params[i].p ? call->params[i] : call->operation->params[i].or_else;
}

bool fth_call_has_param(const struct fth_call *call, const char *name)
{
    return call->params[param_index(call, name)].p != NULL;
}

int64_t fth_call_int(const struct fth_call *call, const char *name, int64_t or_else)
{
    int64_t value;

    return fth_str_to_i64(fth_call_param(call, name), &value) ? value : or_else;
}

struct fth_asked fth_call_asked(const struct fth_call *call)
{
    return (struct fth_asked){call->app, call->arena, call->request->cancel, call->request->who};
}

struct fth_deed fth_call_deed(const struct fth_call *call)
{
    return (struct fth_deed){fth_app_people(call->app), call->arena, call->request->who,
                             fth_str_c(call->request->id), call->request->address};
}

enum fth_rc fth_call_exported(const struct fth_call *call, struct fth_str job, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);

    return deed.who ? fth_deed_exported(&deed, fth_str_c(call->operation->id), job, err) : FTH_OK;
}

enum fth_rc fth_call_send(struct fth_call *call, int status, const char *type, struct fth_str body,
                          struct fth_err *err)
{
    if (fth_reply_header(call->reply, "Content-Type", fth_str_c(type), err))
        return err->rc;
    return fth_reply_send(call->reply, status, body, err);
}

enum fth_rc fth_call_json(struct fth_call *call, int status,
                          enum fth_rc (*write)(void *ctx, struct fth_jw *jw, struct fth_err *err),
                          void *ctx, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(REPLY_MAX);
    struct fth_str body = {0};
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    if (!write(ctx, &jw, err) && !fth_jw_done(&jw, err))
        (void)fth_arena_str(call->arena, fth_buf_view(&buf), &body, err);
    fth_buf_release(&buf);
    if (err->rc)
        return err->rc;
    return fth_call_send(call, status, "application/json", body, err);
}

enum fth_rc fth_call_json_of_file(struct fth_call *call,
                                  enum fth_rc (*write)(void *file, struct fth_jw *jw,
                                                       struct fth_err *err),
                                  struct fth_err *err)
{
    struct fth_call_file file = {.call = call};
    struct fth_upload_info info;
    struct fth_err ignored = {0};
    struct fth_str id;

    if (fth_upload_finish(call->upload, &info, err))
        return err->rc;
    id = fth_str_c(info.id);
    if (!fth_upload_path(call->app, call->arena, id, &file.path, err) &&
        fth_call_json(call, 200, write, &file, err))
        fth_err_rename(err, file.path, info.name);
    fth_upload_delete(call->app, id, &ignored);
    return err->rc;
}

enum fth_rc fth_call_empty(struct fth_call *call, int status, struct fth_err *err)
{
    return fth_reply_send(call->reply, status, (struct fth_str){0}, err);
}

enum fth_rc fth_call_etag(struct fth_call *call, struct fth_str etag, bool *fresh,
                          struct fth_err *err)
{
    struct fth_str known = fth_request_header(call->request, "If-None-Match"), coded;

    *fresh = known.n > 0 && fth_etag_matches(known, etag, false);
    if (known.n > 0 && !*fresh && call->reply->coding != FTH_CODING_FIXED) {
        if (fth_etag_gzip(call->arena, etag, &coded, err))
            return err->rc;
        *fresh = fth_etag_matches(known, coded, false);
        if (*fresh)
            etag = coded;
    }
    return fth_reply_header(call->reply, "ETag", etag, err);
}

static enum fth_rc answer_options(struct fth_call *call, struct fth_err *err)
{
    if (fth_reply_header(call->reply, "Allow", call->allow, err) || fth_cors_preflight(call, err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

const struct fth_operation fth_options_operation = {
    .id = "options", .how = FTH_HOW_QUICK, .scoped = FTH_SCOPED_OPEN, .run = answer_options};
