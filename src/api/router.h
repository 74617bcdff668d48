/*
 * router: from a request to its handler, as the API's own document says.
 *
 * The operations come from the embedded docs/ref/openapi.json (bundled from src/api/spec/);
 * route.def ties each operationId to a C function. Host and Origin, path, method, who asks and
 * what they may do, parameters and body are checked against the document before a handler runs; in
 * debug builds every JSON response is checked too. Errors are problem+json.
 *
 * Thread rule: immutable once made; any thread may call it.
 */
#ifndef FTH_ROUTER_H
#define FTH_ROUTER_H

#include "api/http_server.h"
#include "api/limit.h"
#include "app/app.h"

struct fth_router;
struct fth_web_file;

struct fth_router_conf {
    /* Names that Host may carry beside localhost, 127.0.0.1 and [::1], and origins beside those of
     * the same names, each "http://name:port". */
    const char *const *hosts;
    size_t host_nr;
    const char *const *origins;
    size_t origin_nr;
    /* Origins whose pages may call the API beside those, without a cookie, and read its answers. */
    const char *const *cors_origins;
    size_t cors_origin_nr;
    const char *listen; /* an address whose own name Host may carry too; or NULL */
    /* Addresses of proxies that are believed whom they ask for, and whether by TLS. */
    const char *const *proxies;
    size_t proxy_nr;
    int64_t hsts_s; /* that browsers shall come by TLS alone, told under TLS; 0: nothing is told */
    uint32_t limits[FTH_LIMIT_NR];  /* units in the window of each; 0: no limit */
    uint64_t max_body;              /* bytes of a JSON body */
    uint64_t max_upload;            /* bytes of a body that goes to disk */
    const struct fth_web_file *web; /* files of the web application, sorted by path */
    size_t web_nr;
    const char *web_dir; /* serve them from this folder instead; or NULL */
};

struct fth_router_conf fth_router_conf_default(void);

/* FTH_E_CORRUPT when document and route.def do not name the same operations, or a schema of the
 * document cannot be used; FTH_E_INVALID for cors_origins that are none. `app` and `conf` must
 * outlive it. */
enum fth_rc fth_router_new(struct fth_app *app, const struct fth_router_conf *conf,
                           struct fth_router **out, struct fth_err *err);
void fth_router_free(struct fth_router *router);

/* Runs a whole request in this thread; the reply has ended when it returns. request->path may have
 * its query behind a '?'. For the command line within the owning process, and for tests. */
void fth_router_call(struct fth_router *router, struct fth_http_request *request,
                     struct fth_reply *reply);

/* A body that is not in memory: `next` gives its pieces, each valid until the next, then an empty
 * one. What it fails with becomes the reply. */
struct fth_router_body {
    enum fth_rc (*next)(void *ctx, struct fth_str *piece, struct fth_err *err);
    void *ctx;
};

/* The same for a request whose body is read piece by piece: one that goes to disk is never in
 * memory whole, any other at most max_body bytes of it. */
void fth_router_call_from(struct fth_router *router, struct fth_http_request *request,
                          const struct fth_router_body *body, struct fth_reply *reply);

/* The router as the handler of a server. */
struct fth_http_handler fth_router_handler(struct fth_router *router);

#endif
