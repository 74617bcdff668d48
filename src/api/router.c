#include "api/router.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/limit.h"
#include "api/openapi_int.h"
#include "api/pump.h"
#include "api/router_int.h"
#include "api/web.h"
#include "app/metrics.h"
#include "app/uploads.h"
#include "auth/pass.h"
#include "auth/who.h"
#include "base/alloc.h"
#include "base/check.h"

/* CALLERS_MAX: whose use of a limit is remembered at once; about 340 bytes each. */
enum { ROUTER_ARENA = 16 << 20, JSON_BODY_MAX = 1 << 20, CALLERS_MAX = 8192 };

struct fth_router_conf fth_router_conf_default(void)
{
    return (struct fth_router_conf){.max_body = JSON_BODY_MAX,
                                    .max_upload = (uint64_t)64 << 30,
                                    .web = fth_embedded_web,
                                    .web_nr = fth_embedded_web_nr};
}

enum fth_rc fth_router_new(struct fth_app *app, const struct fth_router_conf *conf,
                           struct fth_router **out, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(ROUTER_ARENA);
    struct fth_router *router;

    if (!arena)
        return fth_err_nomem(err);
    router = FTH_NEW(arena, struct fth_router);
    if (!router) {
        fth_arena_free(arena);
        return fth_err_nomem(err);
    }
    router->arena = arena;
    router->app = app;
    router->conf = conf;
    if (fth_check_cors(conf, err) || fth_openapi_load(arena, &router->api, err) ||
        fth_collections_read(arena, router->api->json, &router->collections, &router->collection_nr,
                             err) ||
        fth_quota_new(fth_app_clock(app), CALLERS_MAX, &router->quota, err) ||
        fth_pump_new(fth_app_events(app), fth_app_metrics(app), &router->pump, err)) {
        fth_quota_free(router->quota);
        fth_arena_free(arena);
        return err->rc;
    }
    *out = router;
    return FTH_OK;
}

void fth_router_free(struct fth_router *router)
{
    if (!router)
        return;
    fth_pump_free(router->pump);
    fth_quota_free(router->quota);
    fth_arena_free(router->arena);
}

/* ---- the head ---- */

static enum fth_rc no_such_path(const struct fth_http_request *request, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_NOTFOUND, "no such path: " FTH_STR_F,
                       FTH_STR_A(fth_str_sub(request->path, 0, 200)));
}

/* Keeps variables of the path in `call`, in the order of the path's own parameters. */
static enum fth_rc take_vars(struct fth_call *call, struct fth_str *params,
                             const struct fth_str *vars, size_t var_nr, struct fth_err *err)
{
    size_t v = 0;

    for (size_t i = 0; i < call->operation->param_nr && v < var_nr; i++)
        if (call->operation->params[i].in == FTH_IN_PATH &&
            fth_http_decode(call->arena, vars[v++], &params[i], err))
            return err->rc;
    return FTH_OK;
}

static bool is_get(const struct fth_http_request *request)
{
    return fth_str_eq_c(request->method, "GET") || fth_str_eq_c(request->method, "HEAD");
}

/* What is no path of the API may be one of the web application, whose queries are its own affair.
 */
static enum fth_rc find_web(struct fth_call *call, struct fth_err *err)
{
    if (!fth_web_owns(call->request->path) || !is_get(call->request))
        return no_such_path(call->request, err);
    call->operation = call->router->conf->web_dir ? &fth_web_dir_operation : &fth_web_operation;
    return FTH_OK;
}

static bool is_web(const struct fth_operation *operation)
{
    return operation == &fth_web_operation || operation == &fth_web_dir_operation;
}

static enum fth_rc find_operation(struct fth_call *call, struct fth_err *err)
{
    const struct fth_http_request *request = call->request;
    struct fth_str vars[8], *params;
    size_t var_nr;
    const struct fth_path *path =
        fth_openapi_match(call->router->api, request->path, vars, &var_nr);

    if (!path)
        return find_web(call, err);
    call->operation = fth_path_operation(path, request->method);
    if (!call->operation && fth_str_eq_c(request->method, "OPTIONS")) {
        call->operation = &fth_options_operation;
        call->allow = path->allow;
        return FTH_OK;
    }
    if (!call->operation) {
        fth_err_set(err, FTH_E_METHOD, FTH_STR_F " is not a method of " FTH_STR_F,
                    FTH_STR_A(fth_str_sub(request->method, 0, 40)), FTH_STR_A(path->text));
        fth_err_hint(err, "Allowed are " FTH_STR_F ".", FTH_STR_A(path->allow));
        return err->rc;
    }
    params = FTH_NEW_ARRAY(call->arena, struct fth_str, call->operation->param_nr);
    if (!params)
        return fth_err_nomem(err);
    call->params = params;
    return take_vars(call, params, vars, var_nr, err);
}

static enum fth_rc write_upload(void *ctx, struct fth_str bytes, struct fth_err *err)
{
    return fth_upload_write(ctx, bytes, err);
}

static void free_upload(void *object)
{
    fth_upload_free(object);
}

/* The file is there before the first byte of the body, and goes with the request's arena unless the
 * handler has finished it. */
static enum fth_rc begin_upload(struct fth_call *call, struct fth_exchange *exchange,
                                struct fth_err *err)
{
    if (fth_upload_begin(call->app, fth_call_param(call, "name"), &call->upload, err))
        return err->rc;
    if (fth_arena_hook(call->arena, free_upload, call->upload, err)) {
        fth_upload_free(call->upload);
        return err->rc;
    }
    exchange->write = write_upload;
    exchange->write_ctx = call->upload;
    exchange->max_body = call->router->conf->max_upload;
    return FTH_OK;
}

static enum fth_rc check_scope(const struct fth_call *call, struct fth_err *err)
{
    FTH_CHECK(call->operation != NULL);
    if (!fth_who_scope(call->request->who) || call->operation->scoped != FTH_SCOPED_REFUSED)
        return FTH_OK;
    return fth_err_set(err, FTH_E_DENIED,
                       "%s is for those who may see all charges, and you may see some",
                       call->operation->id);
}

/* Who was not let in counts, too: by who they are, else by where they come from. */
static enum fth_rc let_in(struct fth_call *call, struct fth_err *err)
{
    struct fth_err denied = {0};

    (void)fth_admit(call, &denied);
    if (fth_limit_count(call, err))
        return err->rc;
    *err = denied;
    return err->rc ? err->rc : check_scope(call, err);
}

static enum fth_rc discard(void *ctx, struct fth_str bytes, struct fth_err *err)
{
    return FTH_OK;
}

/* A short body is read, so that who sends it gets to read the answer; a file is not. */
static bool is_short(const struct fth_call *call)
{
    uint64_t announced = 0;
    struct fth_str length = fth_request_header(call->request, "Content-Length");

    return fth_str_to_u64(length, &announced) && announced <= call->router->conf->max_body;
}

/* That somebody who is known may not do it is written down, which an I/O thread does not do: a
 * worker answers. Who is not known is refused at once. */
static enum fth_rc begin_denial(struct fth_call *call, struct fth_exchange *exchange,
                                struct fth_err *err)
{
    const struct fth_operation *wished = call->operation;

    if (err->rc != FTH_E_DENIED || !call->request->pass)
        return err->rc;
    call->denial = FTH_NEW(call->arena, struct fth_err);
    if (!call->denial)
        return err->rc;
    *call->denial = *err;
    fth_err_clear(err);
    call->wished = wished;
    call->operation = &fth_denied_operation;
    exchange->write = discard;
    exchange->max_body = call->router->conf->max_body;
    exchange->unread = wished->how == FTH_HOW_UPLOAD && !is_short(call);
    return FTH_OK;
}

static enum fth_rc begin_call(struct fth_router *router, struct fth_http_request *request,
                              struct fth_exchange *exchange, struct fth_err *err)
{
    struct fth_call *call = FTH_NEW(request->arena, struct fth_call);

    if (!call)
        return fth_err_nomem(err);
    *call = (struct fth_call){
        .router = router, .app = router->app, .request = request, .arena = request->arena};
    exchange->route = call;
    if (request->peer == FTH_PEER_NETWORK)
        fth_believe_proxy(router->conf, request);
    if (fth_check_host(router->conf, request, err) || find_operation(call, err))
        return err->rc;
    if (let_in(call, err))
        return begin_denial(call, exchange, err);
    /* What no document describes has no parameters: files of the web application, and OPTIONS,
     * whose query is that of the request to come. */
    if (call->operation->responses && fth_check_head(call, err))
        return err->rc;
    exchange->quick = call->operation->how == FTH_HOW_QUICK;
    exchange->max_body = call->operation->has_body ? router->conf->max_body : 0;
    return call->operation->how == FTH_HOW_UPLOAD ? begin_upload(call, exchange, err) : FTH_OK;
}

static enum fth_rc begin(void *ctx, struct fth_http_request *request, struct fth_exchange *exchange,
                         struct fth_err *err)
{
    struct fth_router *router = ctx;

    fth_metrics_add(fth_app_metrics(router->app), FTH_GAUGE_IN_FLIGHT, 1);
    request->begun = true;
    return begin_call(router, request, exchange, err);
}

/* ---- the reply ---- */

/* What every reply carries: an answer that a browser opens as a page runs nothing and is in no
 * frame; the web application says its own (web.c). Without memory for a header the reply itself
 * will fail soon enough. */
static void set_common_headers(const struct fth_router_conf *conf, struct fth_reply *reply,
                               const struct fth_http_request *request)
{
    static const char *const headers[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"X-Frame-Options", "DENY"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "same-origin"},
        {"Cache-Control", "private, no-cache"},
    };
    struct fth_err ignored = {0};
    struct fth_str hsts;

    (void)fth_reply_header(reply, "X-Request-Id", fth_str_c(request->id), &ignored);
    for (size_t i = 0; i < FTH_NR(headers); i++)
        (void)fth_reply_header(reply, headers[i][0], fth_str_c(headers[i][1]), &ignored);
    fth_cors_headers(conf, request, reply);
    if (request->is_secure && conf->hsts_s > 0 &&
        !fth_arena_printf(reply->arena, &hsts, &ignored, "max-age=%" PRId64, conf->hsts_s))
        (void)fth_reply_header(reply, "Strict-Transport-Security", hsts, &ignored);
    if (request->limited)
        fth_limit_headers(reply, request->limited);
}

static void fail(void *ctx, struct fth_http_request *request, struct fth_reply *reply,
                 const struct fth_err *err)
{
    struct fth_router *router = ctx;
    struct fth_str vars[8];
    struct fth_err ignored = {0};
    const struct fth_operation *operation;
    const struct fth_path *path;
    size_t var_nr;

    set_common_headers(router->conf, reply, request);
    path = fth_openapi_match(router->api, request->path, vars, &var_nr);
    if (path && err->rc == FTH_E_METHOD)
        (void)fth_reply_header(reply, "Allow", path->allow, &ignored);
    operation = path ? fth_path_operation(path, request->method) : NULL;
    if (operation)
        fth_deprecation_headers(operation, reply);
    fth_reply_problem(reply, request, err);
}

/* Before they are told: who is known and was denied something shall find no gap to ask in. */
static void write_denial(const struct fth_call *call, struct fth_err *err)
{
    const struct fth_operation *operation = call->wished ? call->wished : call->operation;
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_err trouble = {0};

    if (err->rc == FTH_E_DENIED && call->request->pass && !call->written_down &&
        fth_deed_denied(&deed, fth_str_c(operation->id), fth_str_c(err->msg), &trouble))
        *err = trouble;
}

static void settle(struct fth_call *call, struct fth_err *err)
{
    struct fth_reply *reply = call->reply;

    write_denial(call, err);
    call->failure = err->rc;
    if (reply->state == FTH_REPLY_NEW) {
        FTH_CHECK(err->rc != FTH_OK);
        if (fth_rc_info(err->rc)->http_status == 500)
            fth_log_err(fth_app_log(call->app), FTH_LOG_ERROR, "api", call->request->id, err);
        fth_reply_problem(reply, call->request, err);
    } else if (reply->state == FTH_REPLY_STREAM) {
        if (err->rc && err->rc != FTH_E_CANCELLED)
            fth_log_err(fth_app_log(call->app), FTH_LOG_ERROR, "api", call->request->id, err);
        fth_reply_end(reply, err->rc == FTH_OK);
    }
}

/* That it was used is worth a line in the log when it cannot be kept, not a failure. */
static void remember_use(const struct fth_call *call)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_err err = {0};

    if (call->request->pass && call->operation->how != FTH_HOW_QUICK &&
        fth_pass_used(&deed, call->request->pass, &err))
        fth_log_err(fth_app_log(call->app), FTH_LOG_WARN, "auth", call->request->id, &err);
}

static void run(void *ctx, struct fth_http_request *request, struct fth_exchange *exchange,
                struct fth_reply *reply)
{
    struct fth_call *call = exchange->route;
    struct fth_err err = {0};

    FTH_CHECK(call != NULL && call->operation != NULL);
    call->reply = reply;
    reply->operation = call->operation->id;
    set_common_headers(call->router->conf, reply, request);
    fth_deprecation_headers(call->wished ? call->wished : call->operation, reply);
    if (!is_web(call->operation))
        fth_reply_offer_gzip(reply, fth_request_header(request, "Accept-Encoding"));
    fth_inspect_replies(call);
    remember_use(call);
    if (!fth_check_body(call, &err) && !fth_replay(call, &err) && reply->state == FTH_REPLY_NEW)
        (void)call->operation->run(call, &err);
    settle(call, &err);
}

static void log_access(struct fth_router *router, const struct fth_http_request *request,
                       const struct fth_reply *reply, int64_t duration_us)
{
    static const char *const peers[] = {"process", "socket", "network"};

    FTH_LOG(fth_app_log(router->app), FTH_LOG_INFO, "http", request->id, "request",
            FTH_LF_STR("method", request->method), FTH_LF_STR("path", request->path),
            FTH_LF_I64("status", reply->status), FTH_LF_I64("bytes", reply->body_len),
            FTH_LF_F64("ms", (double)duration_us / 1000), FTH_LF_C("operation", reply->operation),
            FTH_LF_C("peer", peers[request->peer]));
}

static void done(void *ctx, struct fth_http_request *request, struct fth_reply *reply,
                 int64_t duration_us)
{
    struct fth_router *router = ctx;

    if (request->begun)
        fth_metrics_add(fth_app_metrics(router->app), FTH_GAUGE_IN_FLIGHT, -1);
    fth_metrics_request(fth_app_metrics(router->app), reply->operation, reply->status, duration_us);
    log_access(router, request, reply, duration_us);
}

static void stopping(void *ctx)
{
    struct fth_router *router = ctx;

    fth_pump_stop(router->pump);
}

struct fth_http_handler fth_router_handler(struct fth_router *router)
{
    return (struct fth_http_handler){router, begin, run, fail, done, stopping};
}

/* ---- calls within the process ---- */

static enum fth_rc too_long(const struct fth_exchange *exchange, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_LIMIT, "body of more than %llu bytes",
                       (unsigned long long)exchange->max_body);
}

static enum fth_rc take_pieces(const struct fth_router_body *body, struct fth_exchange *exchange,
                               struct fth_buf *whole, struct fth_err *err)
{
    uint64_t taken = 0;
    struct fth_str piece;

    while (!body->next(body->ctx, &piece, err) && piece.n) {
        if (piece.n > exchange->max_body - taken)
            return too_long(exchange, err);
        taken += piece.n;
        if (!exchange->write)
            fth_buf_str(whole, piece);
        else if (exchange->write(exchange->write_ctx, piece, err))
            return err->rc;
    }
    return err->rc;
}

static enum fth_rc take_body(struct fth_http_request *request, const struct fth_router_body *body,
                             struct fth_exchange *exchange, struct fth_err *err)
{
    struct fth_buf whole = fth_buf_max(exchange->max_body);

    if (!body->next) {
        struct fth_str text = request->body;

        if (text.n > exchange->max_body)
            return too_long(exchange, err);
        if (!exchange->write)
            return FTH_OK;
        request->body = (struct fth_str){0};
        return text.n ? exchange->write(exchange->write_ctx, text, err) : FTH_OK;
    }
    if (!take_pieces(body, exchange, &whole, err) && !fth_buf_done(&whole, err))
        (void)fth_arena_str(request->arena, fth_buf_view(&whole), &request->body, err);
    fth_buf_release(&whole);
    return err->rc;
}

void fth_router_call_from(struct fth_router *router, struct fth_http_request *request,
                          const struct fth_router_body *body, struct fth_reply *reply)
{
    const struct fth_clock *clock = fth_app_clock(router->app);
    int64_t start_us = fth_clock_mono_us(clock);
    struct fth_exchange exchange = {0};
    struct fth_str path, query;
    struct fth_err err = {0};

    if (fth_str_split(request->path, '?', &path, &query)) {
        request->path = path;
        request->query = query;
    }
    if (!request->id[0])
        fth_request_identify(request, fth_clock_now_us(clock));
    reply->head_only = fth_str_eq_c(request->method, "HEAD");
    if (begin(router, request, &exchange, &err) || take_body(request, body, &exchange, &err))
        fail(router, request, reply, &err);
    else
        run(router, request, &exchange, reply);
    done(router, request, reply, fth_clock_mono_us(clock) - start_us);
}

void fth_router_call(struct fth_router *router, struct fth_http_request *request,
                     struct fth_reply *reply)
{
    static const struct fth_router_body in_memory = {NULL, NULL};

    fth_router_call_from(router, request, &in_memory, reply);
}
