/* Pages of other origins (http.cors_origins). They never act for who has signed in with a cookie:
 * credentials are not allowed, and a cookie that comes all the same is not looked at (admit.c). */
#include "api/router_int.h"

/* What they may send beside what every page may. */
#define HEADERS                                                                         \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, " \
    "Last-Event-ID, Prefer, Range"
/* What of an answer they may read beside what every page may. */
#define EXPOSED                                                                               \
    "Accept-Ranges, Content-Range, Deprecation, ETag, Idempotency-Replayed, Link, Location, " \
    "RateLimit, "                                                                             \
    "RateLimit-Policy, Retry-After, Sunset, "                                                 \
    "X-Farthing-Warning, X-Request-Id"
#define PREFLIGHT_S "600"

static bool is_origin(struct fth_str text)
{
    struct fth_str host, rest;
    uint16_t port;

    if (fth_str_starts(text, FTH_STR("https://")))
        rest = fth_str_sub(text, 8, text.n);
    else if (fth_str_starts(text, FTH_STR("http://")))
        rest = fth_str_sub(text, 7, text.n);
    else
        return false;
    return fth_http_host(rest, &host, &port);
}

enum fth_rc fth_check_cors(const struct fth_router_conf *conf, struct fth_err *err)
{
    for (size_t i = 0; i < conf->cors_origin_nr; i++)
        if (!is_origin(fth_str_c(conf->cors_origins[i]))) {
            fth_err_set(err, FTH_E_INVALID, "http.cors_origins: \"%s\" is no origin",
                        conf->cors_origins[i]);
            fth_err_hint(err, "One is like https://costs.example.org; \"*\" is not possible.");
            return err->rc;
        }
    return FTH_OK;
}

void fth_cors_headers(const struct fth_router_conf *conf, const struct fth_http_request *request,
                      struct fth_reply *reply)
{
    struct fth_err ignored = {0};

    /* Also for those who are no other origin: a cache must not give them the answer of one. */
    if (conf->cors_origin_nr == 0 || !fth_is_cross_path(request->path))
        return;
    (void)fth_reply_vary(reply, "Origin", &ignored);
    if (request->cross_origin.n == 0)
        return;
    (void)fth_reply_header(reply, "Access-Control-Allow-Origin", request->cross_origin, &ignored);
    (void)fth_reply_header(reply, "Access-Control-Expose-Headers", FTH_STR(EXPOSED), &ignored);
}

enum fth_rc fth_cors_preflight(struct fth_call *call, struct fth_err *err)
{
    if (call->request->cross_origin.n == 0 ||
        !fth_request_has_header(call->request, "Access-Control-Request-Method"))
        return FTH_OK;
    if (fth_reply_header(call->reply, "Access-Control-Allow-Methods", call->allow, err) ||
        fth_reply_header(call->reply, "Access-Control-Allow-Headers", FTH_STR(HEADERS), err))
        return err->rc;
    return fth_reply_header(call->reply, "Access-Control-Max-Age", FTH_STR(PREFLIGHT_S), err);
}
