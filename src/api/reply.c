#include "api/http.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"

void fth_reply_init(struct fth_reply *reply, struct fth_arena *arena,
                    const struct fth_http_sink *sink, void *ctx)
{
    *reply = (struct fth_reply){.arena = arena,
                                .sink = sink,
                                .sink_ctx = ctx,
                                .headers = fth_header_vec_in(arena),
                                .stream_len = -1,
                                .operation = "none"};
}

static bool is_field_value(struct fth_str value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 && value.p[i] != '\t')
            return false;
    return true;
}

enum fth_rc fth_reply_header(struct fth_reply *reply, const char *name, struct fth_str value,
                             struct fth_err *err)
{
    struct fth_str name_copy, value_copy;

    FTH_CHECK(reply->state == FTH_REPLY_NEW && is_field_value(value));
    if (fth_arena_str(reply->arena, fth_str_c(name), &name_copy, err) ||
        fth_arena_str(reply->arena, value, &value_copy, err))
        return err->rc;
    for (size_t i = 0; i < reply->headers.nr; i++)
        if (fth_str_caseeq(reply->headers.at[i].name, name_copy)) {
            reply->headers.at[i].value = value_copy;
            return FTH_OK;
        }
    return fth_header_vec_push(&reply->headers, (struct fth_header){name_copy, value_copy}, err);
}

void fth_reply_unset_header(struct fth_reply *reply, const char *name)
{
    size_t kept = 0;

    for (size_t i = 0; i < reply->headers.nr; i++)
        if (!fth_str_caseeq(reply->headers.at[i].name, fth_str_c(name)))
            reply->headers.at[kept++] = reply->headers.at[i];
    reply->headers.nr = kept;
}

struct fth_str fth_reply_get_header(const struct fth_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->headers.nr; i++)
        if (fth_str_caseeq(reply->headers.at[i].name, fth_str_c(name)))
            return reply->headers.at[i].value;
    return (struct fth_str){0};
}

enum fth_rc fth_reply_vary(struct fth_reply *reply, const char *name, struct fth_err *err)
{
    struct fth_str others = fth_reply_get_header(reply, "Vary"), value;

    if (others.n == 0)
        return fth_reply_header(reply, "Vary", fth_str_c(name), err);
    if (fth_arena_printf(reply->arena, &value, err, FTH_STR_F ", %s", FTH_STR_A(others), name))
        return err->rc;
    return fth_reply_header(reply, "Vary", value, err);
}

enum fth_rc fth_reply_send(struct fth_reply *reply, int status, struct fth_str body,
                           struct fth_err *err)
{
    enum fth_rc rc;

    FTH_CHECK(reply->state == FTH_REPLY_NEW);
    reply->status = status;
    if (reply->inspect)
        reply->inspect(reply->inspect_ctx, reply, body);
    if (reply->keep)
        reply->keep(reply->keep_ctx, reply, body);
    fth_reply_encode(reply, &body);
    reply->state = FTH_REPLY_ENDED;
    rc = reply->sink->head(reply->sink_ctx, reply, (int64_t)body.n, err);
    if (!rc && body.n > 0 && !reply->head_only) {
        rc = reply->sink->data(reply->sink_ctx, body, err);
        reply->body_len = rc ? 0 : (int64_t)body.n;
    }
    reply->sink->end(reply->sink_ctx, rc == FTH_OK);
    return rc;
}

enum fth_rc fth_reply_start(struct fth_reply *reply, int status, struct fth_err *err)
{
    return fth_reply_start_len(reply, status, -1, err);
}

enum fth_rc fth_reply_start_len(struct fth_reply *reply, int status, int64_t len,
                                struct fth_err *err)
{
    FTH_CHECK(reply->state == FTH_REPLY_NEW);
    reply->state = FTH_REPLY_STREAM;
    reply->stream_len = len;
    reply->status = status;
    return reply->sink->head(reply->sink_ctx, reply, -1, err);
}

enum fth_rc fth_reply_write(struct fth_reply *reply, struct fth_str bytes, struct fth_err *err)
{
    FTH_CHECK(reply->state == FTH_REPLY_STREAM);
    if (reply->head_only)
        return fth_err_set(err, FTH_E_CANCELLED, "only the head was asked for");
    if (bytes.n == 0)
        return FTH_OK;
    if (reply->sink->data(reply->sink_ctx, bytes, err))
        return err->rc;
    reply->body_len += (int64_t)bytes.n;
    return FTH_OK;
}

void fth_reply_end(struct fth_reply *reply, bool complete)
{
    FTH_CHECK(reply->state == FTH_REPLY_STREAM);
    reply->state = FTH_REPLY_ENDED;
    reply->sink->end(reply->sink_ctx, complete || reply->head_only);
}

struct fth_reply_stream *fth_reply_detach(struct fth_reply *reply)
{
    struct fth_reply_stream *stream;

    FTH_CHECK(reply->state == FTH_REPLY_STREAM);
    stream = reply->sink->detach ? reply->sink->detach(reply->sink_ctx) : NULL;
    if (stream)
        reply->state = FTH_REPLY_DETACHED;
    return stream;
}

/* ---- problems ---- */

static void put_problem(struct fth_buf *buf, const struct fth_http_request *request,
                        const struct fth_err *err)
{
    const struct fth_rc_info *info = fth_rc_info(err->rc);
    struct fth_jw jw;
    struct fth_err ignored = {0};

    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "type");
    {
        struct fth_buf type = fth_buf_max(100);

        fth_buf_printf(&type, "/problems/%s", info->type);
        fth_jw_str(&jw, fth_buf_view(&type));
        fth_buf_release(&type);
    }
    fth_jw_kv_c(&jw, "title", info->title);
    fth_jw_kv_i64(&jw, "status", info->http_status);
    fth_jw_kv_c(&jw, "detail", err->msg);
    fth_jw_kv(&jw, "instance", request->path);
    fth_jw_kv_c(&jw, "request_id", request->id);
    if (err->hint[0])
        fth_jw_kv_c(&jw, "hint", err->hint);
    fth_jw_kv_bool(&jw, "retryable", info->retryable);
    if (err->pointer[0]) {
        fth_jw_key(&jw, "errors");
        fth_jw_array(&jw);
        fth_jw_object(&jw);
        fth_jw_kv_c(&jw, "pointer", err->pointer);
        fth_jw_kv_c(&jw, "code", info->type);
        fth_jw_kv_c(&jw, "detail", err->msg);
        fth_jw_object_end(&jw);
        fth_jw_array_end(&jw);
    }
    fth_jw_object_end(&jw);
    if (fth_jw_done(&jw, &ignored))
        buf->failed = true;
}

/* Whoever asks from another origin reads the problem, too, so that stays; it is always the first.
 */
static bool is_kept_vary(const struct fth_header *header)
{
    return fth_str_caseeq(header->name, FTH_STR("Vary")) &&
           fth_str_starts(header->value, FTH_STR("Origin"));
}

/* What there is of a thing of which a part was asked for that it has not. */
static bool is_size_alone(const struct fth_header *header)
{
    return fth_str_caseeq(header->name, FTH_STR("Content-Range")) &&
           fth_str_starts(header->value, FTH_STR("bytes */"));
}

/* Forgets the headers that belong to the answer that did not come about; Allow, the request's id
 * and the like stay. */
static void drop_content_headers(struct fth_reply *reply)
{
    size_t kept = 0;

    for (size_t i = 0; i < reply->headers.nr; i++) {
        struct fth_str name = reply->headers.at[i].name;

        bool of_content = fth_str_caseeq(fth_str_sub(name, 0, 8), FTH_STR("Content-")) &&
                          !fth_str_caseeq(name, FTH_STR("Content-Security-Policy")) &&
                          !is_size_alone(&reply->headers.at[i]);

        if (is_kept_vary(&reply->headers.at[i]))
            reply->headers.at[kept++] = (struct fth_header){name, FTH_STR("Origin")};
        else if (!of_content && !fth_str_caseeq(name, FTH_STR("ETag")) &&
                 !fth_str_caseeq(name, FTH_STR("Vary")) &&
                 !fth_str_caseeq(name, FTH_STR("Location")))
            reply->headers.at[kept++] = reply->headers.at[i];
    }
    reply->headers.nr = kept;
}

const char fth_problem_nomem[] =
    "{\"type\":\"/problems/out-of-memory\",\"title\":\"Memory limit reached\",\"status\":503,"
    "\"detail\":\"out of memory\",\"instance\":\"\",\"request_id\":\"\",\"retryable\":true}";

void fth_reply_problem(struct fth_reply *reply, const struct fth_http_request *request,
                       const struct fth_err *err)
{
    const struct fth_rc_info *info = fth_rc_info(err->rc == FTH_OK ? FTH_E_FAILED : err->rc);
    struct fth_buf buf = fth_buf_max(16 * 1024);
    struct fth_str body;
    struct fth_err trouble = {0};
    int status = info->http_status;

    FTH_CHECK(reply->state == FTH_REPLY_NEW);
    put_problem(&buf, request, err);
    if (buf.failed || fth_arena_str(reply->arena, fth_buf_view(&buf), &body, &trouble)) {
        body = fth_str_c(fth_problem_nomem);
        status = 503;
    }
    fth_buf_release(&buf);
    drop_content_headers(reply);
    (void)fth_reply_header(reply, "Content-Type", FTH_STR("application/problem+json"), &trouble);
    (void)fth_reply_header(reply, "Cache-Control", FTH_STR("no-store"), &trouble);
    if (info->http_status == 401)
        (void)fth_reply_header(reply, "WWW-Authenticate", FTH_STR("Bearer realm=\"farthing\""),
                               &trouble);
    if (info->retryable && fth_reply_get_header(reply, "Retry-After").n == 0)
        (void)fth_reply_header(reply, "Retry-After", FTH_STR("2"), &trouble);
    fth_err_clear(&trouble);
    (void)fth_reply_send(reply, status, body, &trouble);
}

/* ---- memory ---- */

static enum fth_rc memory_head(void *ctx, const struct fth_reply *reply, int64_t length,
                               struct fth_err *err)
{
    return FTH_OK;
}

static enum fth_rc memory_data(void *ctx, struct fth_str bytes, struct fth_err *err)
{
    struct fth_reply_memory *memory = ctx;

    fth_buf_str(memory->body, bytes);
    return fth_buf_done(memory->body, err);
}

static void memory_end(void *ctx, bool complete)
{
    struct fth_reply_memory *memory = ctx;

    memory->ended = true;
    memory->complete = complete;
}

struct fth_http_sink fth_reply_to_memory(void)
{
    return (struct fth_http_sink){.head = memory_head, .data = memory_data, .end = memory_end};
}
