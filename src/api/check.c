/* Requests, and in debug builds replies, against the document. */
#include <stdio.h>
#include <string.h>

#include "api/router_int.h"
#include "base/check.h"

/* ---- Host and Origin ---- */

static bool is_loopback_name(struct fth_str host)
{
    return fth_str_caseeq(host, FTH_STR("localhost")) || fth_str_eq_c(host, "127.0.0.1") ||
           fth_str_eq_c(host, "[::1]");
}

/* A configured name without port stands for any. */
static bool is_our_host(const struct fth_router_conf *conf, struct fth_str text)
{
    struct fth_str host, ours;
    uint16_t port, our_port;

    if (!fth_http_host(text, &host, &port))
        return false;
    if (is_loopback_name(host))
        return true;
    if (conf->listen && fth_http_host(fth_str_c(conf->listen), &ours, &our_port) &&
        fth_str_caseeq(host, ours))
        return true;
    for (size_t i = 0; i < conf->host_nr; i++)
        if (fth_http_host(fth_str_c(conf->hosts[i]), &ours, &our_port) &&
            fth_str_caseeq(host, ours) && (our_port == 0 || our_port == port))
            return true;
    return false;
}

/* The page must come from where the request goes, whatever proxy is in between, or be configured.
 */
static bool is_our_origin(const struct fth_router_conf *conf, struct fth_str origin,
                          struct fth_str host)
{
    for (size_t i = 0; i < conf->origin_nr; i++)
        if (fth_str_caseeq(origin, fth_str_c(conf->origins[i])))
            return true;
    if (fth_str_starts(origin, FTH_STR("http://")))
        return fth_str_caseeq(fth_str_sub(origin, 7, origin.n), host);
    return fth_str_starts(origin, FTH_STR("https://")) &&
           fth_str_caseeq(fth_str_sub(origin, 8, origin.n), host);
}

bool fth_is_cross_path(struct fth_str path)
{
    return fth_str_starts(path, FTH_STR("/api/"));
}

/* May a page that is not ours ask for this? */
static bool is_cross_origin(const struct fth_router_conf *conf, struct fth_str origin,
                            struct fth_str path)
{
    for (size_t i = 0; i < conf->cors_origin_nr; i++)
        if (fth_str_caseeq(origin, fth_str_c(conf->cors_origins[i])))
            return fth_is_cross_path(path);
    return false;
}

enum fth_rc fth_check_host(const struct fth_router_conf *conf, struct fth_http_request *request,
                           struct fth_err *err)
{
    struct fth_str host = fth_request_header(request, "Host");
    struct fth_str origin = fth_request_header(request, "Origin");

    /* Others than browsers reach the socket and the process itself. */
    if (request->peer != FTH_PEER_NETWORK)
        return FTH_OK;
    if (!is_our_host(conf, host)) {
        fth_err_set(err, FTH_E_DENIED, "host \"" FTH_STR_F "\" is not one that this server serves",
                    FTH_STR_A(fth_str_sub(host, 0, 100)));
        fth_err_hint(err, "Name it in the setting http.hosts.");
        return err->rc;
    }
    if (!fth_request_has_header(request, "Origin") || is_our_origin(conf, origin, host))
        return FTH_OK;
    if (!is_cross_origin(conf, origin, request->path)) {
        fth_err_set(err, FTH_E_DENIED, "origin \"" FTH_STR_F "\" may not use this server",
                    FTH_STR_A(fth_str_sub(origin, 0, 100)));
        fth_err_hint(
            err,
            "Name it in the setting http.origins when it is yours, else in http.cors_origins.");
        return err->rc;
    }
    request->cross_origin = origin;
    return FTH_OK;
}

/* ---- parameters ---- */

/* The value as the JSON that its schema speaks of: parameters arrive as text. */
static struct fth_json as_json(const struct fth_param_info *param, struct fth_str text)
{
    unsigned types = fth_schema_types(param->schema);
    struct fth_json value = {.type = FTH_JSON_STRING, .text = text};
    int64_t number;

    if (!(types & (1u << FTH_JSON_STRING)) &&
        types & (FTH_SCHEMA_INTEGER | 1u << FTH_JSON_NUMBER) && fth_str_to_i64(text, &number))
        value.type = FTH_JSON_NUMBER;
    if (!(types & (1u << FTH_JSON_STRING)) && types & (1u << FTH_JSON_BOOL) &&
        (fth_str_eq_c(text, "true") || fth_str_eq_c(text, "false"))) {
        value.type = FTH_JSON_BOOL;
        value.boolean = fth_str_eq_c(text, "true");
    }
    return value;
}

static enum fth_rc check_param(const struct fth_param_info *param, struct fth_str text,
                               struct fth_err *err)
{
    struct fth_json value = as_json(param, text);

    if (fth_schema_check(param->schema, &value, err)) {
        /* A pointer is into the body, and this is not there. */
        err->pointer[0] = '\0';
        fth_err_prefix(err, "parameter %s", param->name);
    }
    return err->rc;
}

static const char *nearest_param(const struct fth_operation *operation, struct fth_str name)
{
    const char *best = NULL;
    size_t least = 3;

    for (size_t i = 0; i < operation->param_nr; i++) {
        size_t distance = fth_str_distance(name, fth_str_c(operation->params[i].name));

        if (operation->params[i].in == FTH_IN_QUERY && distance < least) {
            least = distance;
            best = operation->params[i].name;
        }
    }
    return best;
}

static enum fth_rc unknown_param(const struct fth_operation *operation, struct fth_str name,
                                 struct fth_err *err)
{
    const char *nearest = nearest_param(operation, name);

    fth_err_set(err, FTH_E_USAGE, "unknown parameter \"" FTH_STR_F "\"",
                FTH_STR_A(fth_str_sub(name, 0, 100)));
    if (nearest)
        fth_err_hint(err, "Did you mean \"%s\"?", nearest);
    return err->rc;
}

static enum fth_rc take_query(struct fth_call *call, struct fth_str *params, struct fth_err *err)
{
    const struct fth_operation *operation = call->operation;
    struct fth_str rest = call->request->query, name, value;
    bool more;

    while (!fth_query_next(call->arena, &rest, &name, &value, &more, err) && more) {
        size_t i = 0;

        while (i < operation->param_nr && !(operation->params[i].in == FTH_IN_QUERY &&
                                            fth_str_eq_c(name, operation->params[i].name)))
            i++;
        if (i == operation->param_nr)
            return unknown_param(operation, name, err);
        if (params[i].p)
            return fth_err_set(err, FTH_E_USAGE, "parameter \"%s\" is given twice",
                               operation->params[i].name);
        params[i] = value;
    }
    return err->rc;
}

static void take_headers(struct fth_call *call, struct fth_str *params)
{
    for (size_t i = 0; i < call->operation->param_nr; i++)
        if (call->operation->params[i].in == FTH_IN_HEADER &&
            fth_request_has_header(call->request, call->operation->params[i].name))
            params[i] = fth_request_header(call->request, call->operation->params[i].name);
}

static enum fth_rc check_params(struct fth_call *call, struct fth_err *err)
{
    for (size_t i = 0; i < call->operation->param_nr; i++) {
        const struct fth_param_info *param = &call->operation->params[i];

        if (call->params[i].p && check_param(param, call->params[i], err))
            return err->rc;
        if (!call->params[i].p && param->required)
            return fth_err_set(err, FTH_E_USAGE, "parameter \"%s\" is missing", param->name);
    }
    return FTH_OK;
}

/* ---- media types ---- */

static struct fth_str bare_type(struct fth_str header)
{
    return fth_str_trim(fth_str_sub(header, 0, fth_str_find(header, ';')));
}

static bool can_answer(const struct fth_operation *operation, struct fth_str accept)
{
    bool any = false;

    for (size_t i = 0; i < operation->response_nr; i++) {
        const struct fth_response *response = &operation->responses[i];

        if (response->status == 0 || response->status >= 300)
            continue;
        for (size_t k = 0; k < response->media_nr; k++) {
            any = true;
            if (fth_accept_quality(accept, response->media[k].type) > 0)
                return true;
        }
    }
    return !any;
}

/* A file may be empty, but then its request says so: nothing at all is no file. */
static enum fth_rc check_sent(const struct fth_call *call, struct fth_err *err)
{
    struct fth_str length = fth_request_header(call->request, "Content-Length");

    if (!call->operation->body_required || fth_request_has_header(call->request, "Content-Type") ||
        fth_request_has_header(call->request, "Transfer-Encoding") ||
        call->request->peer == FTH_PEER_PROCESS || (length.n && !fth_str_eq_c(length, "0")))
        return FTH_OK;
    return fth_err_set(err, FTH_E_USAGE, "the request has no body");
}

static enum fth_rc check_media(const struct fth_call *call, struct fth_err *err)
{
    const struct fth_operation *operation = call->operation;
    struct fth_str type = bare_type(fth_request_header(call->request, "Content-Type"));
    struct fth_str accept = fth_request_header(call->request, "Accept");

    if (!can_answer(operation, accept))
        return fth_err_set(err, FTH_E_NOTACCEPTABLE, "cannot answer as \"" FTH_STR_F "\"",
                           FTH_STR_A(fth_str_sub(accept, 0, 100)));
    if (operation->has_body && operation->how == FTH_HOW_UPLOAD)
        return check_sent(call, err);
    if (!operation->has_body)
        return FTH_OK;
    for (size_t i = 0; i < operation->body_nr; i++)
        if (fth_str_caseeq(operation->body[i].type, type))
            return FTH_OK;
    if (type.n == 0 && !operation->body_required)
        return FTH_OK;
    fth_err_set(err, FTH_E_MEDIATYPE, "cannot read a body of type \"" FTH_STR_F "\"",
                FTH_STR_A(fth_str_sub(type, 0, 100)));
    fth_err_hint(err, "Send " FTH_STR_F ".", FTH_STR_A(operation->body[0].type));
    return err->rc;
}

enum fth_rc fth_check_head(struct fth_call *call, struct fth_err *err)
{
    struct fth_str *params;

    if (call->operation->param_nr == 0 && call->request->query.n == 0)
        return check_media(call, err);
    params = FTH_NEW_ARRAY(call->arena, struct fth_str, call->operation->param_nr);
    if (!params)
        return fth_err_nomem(err);
    for (size_t i = 0; i < call->operation->param_nr; i++)
        params[i] = call->params[i];
    call->params = params;
    if (take_query(call, params, err))
        return err->rc;
    take_headers(call, params);
    if (check_params(call, err))
        return err->rc;
    return check_media(call, err);
}

/* ---- bodies ---- */

enum fth_rc fth_check_body(struct fth_call *call, struct fth_err *err)
{
    const struct fth_operation *operation = call->operation;
    struct fth_str type = bare_type(fth_request_header(call->request, "Content-Type"));

    if (!operation->has_body || operation->how == FTH_HOW_UPLOAD)
        return FTH_OK;
    if (call->request->body.n == 0)
        return operation->body_required ? fth_err_set(err, FTH_E_USAGE, "the request has no body")
                                        : FTH_OK;
    if (fth_json_parse(call->arena, call->request->body, NULL, &call->body, err))
        return err->rc;
    for (size_t i = 0; i < operation->body_nr; i++)
        if (operation->body[i].schema && fth_str_caseeq(operation->body[i].type, type))
            return fth_schema_check(operation->body[i].schema, call->body, err);
    return FTH_OK;
}

/* ---- replies ---- */

#ifndef NDEBUG
static void inspect(void *ctx, const struct fth_reply *reply, struct fth_str body)
{
    const struct fth_call *call = ctx;
    struct fth_str media = fth_reply_get_header(reply, "Content-Type");
    const struct fth_schema *schema = fth_operation_response(call->operation, reply->status, media);
    struct fth_arena *arena;
    const struct fth_json *json;
    struct fth_err err = {0};

    if (!schema || reply->head_only)
        return;
    arena = fth_arena_new((size_t)256 << 20);
    if (!arena)
        return;
    if (fth_json_parse(arena, body, NULL, &json, &err) || fth_schema_check(schema, json, &err)) {
        /* Memory may run out here as everywhere; all else is a broken promise. */
        if (err.rc != FTH_E_NOMEM)
            fprintf(stderr, "%s %d: reply is not what the document says: %s\n", call->operation->id,
                    reply->status, err.msg);
        FTH_CHECK(err.rc == FTH_E_NOMEM);
    }
    fth_arena_free(arena);
}
#endif

void fth_inspect_replies(struct fth_call *call)
{
#ifndef NDEBUG
    call->reply->inspect = inspect;
    call->reply->inspect_ctx = call;
#else
    (void)call;
#endif
}
