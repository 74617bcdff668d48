/* Requests with an Idempotency-Key: the answer to what was done already, or keeping the one to
 * come. */
#include <string.h>

#include "api/router_int.h"
#include "app/idempotency.h"
#include "base/check.h"
#include "base/fault.h"

struct fth_replay {
    struct fth_call *call;
    struct fth_asked asked;
    struct fth_idempotency idempotency;
};

/* Without the quotes that a structured field has. */
static struct fth_str key_of(const struct fth_call *call)
{
    for (size_t i = 0; i < call->operation->param_nr; i++)
        if (strcmp(call->operation->params[i].name, "Idempotency-Key") == 0) {
            struct fth_str key = call->params[i];

            return key.n > 1 && key.p[0] == '"' ? fth_str_sub(key, 1, key.n - 2) : key;
        }
    return (struct fth_str){0};
}

/* The scope belongs to it: an answer of before must not tell more than one may see now. */
static enum fth_rc read_request(const struct fth_call *call, struct fth_str *out,
                                struct fth_err *err)
{
    const struct fth_http_request *request = call->request;
    struct fth_str scope = fth_who_scope_text(request->who);

    return fth_arena_printf(call->arena, out, err,
                            FTH_STR_F "\n" FTH_STR_F "\n%zu " FTH_STR_F "\n" FTH_STR_F,
                            FTH_STR_A(request->path), FTH_STR_A(request->query), scope.n,
                            FTH_STR_A(scope), FTH_STR_A(request->body));
}

/* A client error says that nothing was done, and so does a store that is busy; not so one that went
 * away. Of any other failure nobody knows. */
static bool is_undone(const struct fth_call *call, int status)
{
    if (call->failure == FTH_E_CANCELLED)
        return false;
    return (status >= 400 && status < 500) || call->failure == FTH_E_BUSY;
}

/* That it cannot be kept is worth a line in the log, not a failure: the key stays taken. */
static void keep(void *ctx, const struct fth_reply *reply, struct fth_str body)
{
    const struct fth_replay *replay = ctx;
    const struct fth_call *call = replay->call;
    struct fth_idempotency_answer answer = {.status = reply->status,
                                            .content_type =
                                                fth_reply_get_header(reply, "Content-Type"),
                                            .location = fth_reply_get_header(reply, "Location"),
                                            .etag = fth_reply_get_header(reply, "ETag")};
    struct fth_err err = {0};

    fth_fault_moment("request-done");
    if (reply->status < 300 && !call->operation->secret)
        answer.body = body.p ? body : FTH_STR("");
    if (is_undone(call, reply->status))
        (void)fth_idempotency_release(&replay->idempotency, &err);
    else
        (void)fth_idempotency_answer(&replay->idempotency, &answer, &err);
    if (err.rc)
        fth_log_err(fth_app_log(call->app), FTH_LOG_WARN, "api", call->request->id, &err);
}

static enum fth_rc send_again(struct fth_call *call, const struct fth_idempotency_answer *answer,
                              struct fth_err *err)
{
    const struct {
        const char *name;
        struct fth_str value;
    } headers[] = {{"Content-Type", answer->content_type},
                   {"Location", answer->location},
                   {"ETag", answer->etag},
                   {"Idempotency-Replayed", FTH_STR("true")}};

    for (size_t i = 0; i < FTH_NR(headers); i++)
        if (headers[i].value.n &&
            fth_reply_header(call->reply, headers[i].name, headers[i].value, err))
            return err->rc;
    return fth_reply_send(call->reply, answer->status, answer->body, err);
}

static enum fth_rc begin(struct fth_replay *replay, struct fth_err *err)
{
    struct fth_call *call = replay->call;
    struct fth_idempotency_answer answer;
    struct fth_err ignored = {0};
    bool running;

    if (fth_idempotency_begin(&replay->idempotency, &answer, &running, err)) {
        if (running)
            (void)fth_reply_header(call->reply, "Retry-After", FTH_STR("2"), &ignored);
        return err->rc;
    }
    if (answer.status)
        return send_again(call, &answer, err);
    fth_fault_moment("request-begun");
    call->reply->keep = keep;
    call->reply->keep_ctx = replay;
    return FTH_OK;
}

enum fth_rc fth_replay(struct fth_call *call, struct fth_err *err)
{
    struct fth_str key = key_of(call), request = {0};
    struct fth_replay *replay;

    if (key.n == 0)
        return FTH_OK;
    replay = FTH_NEW(call->arena, struct fth_replay);
    if (!replay)
        return fth_err_nomem(err);
    *replay = (struct fth_replay){.call = call, .asked = fth_call_asked(call)};
    if (read_request(call, &request, err) ||
        fth_idempotency_init(&replay->idempotency, &replay->asked, fth_str_c(call->operation->id),
                             key, request, err))
        return err->rc;
    return begin(replay, err);
}
