/* router_int: what router.c and check.c share. Nobody else includes it. */
#ifndef FTH_ROUTER_INT_H
#define FTH_ROUTER_INT_H

#include "api/call.h"
#include "api/collection.h"
#include "api/openapi.h"

struct fth_pump;

struct fth_router {
    struct fth_arena *arena;
    struct fth_app *app;
    const struct fth_router_conf *conf;
    const struct fth_openapi *api;
    const struct fth_collection *collections;
    size_t collection_nr;
    struct fth_pump *pump;
};

/* What answers OPTIONS on every path. */
extern const struct fth_operation fth_options_operation;

/* What answers GET for paths that are not of the API: from memory, from a folder. */
extern const struct fth_operation fth_web_operation, fth_web_dir_operation;
/* May this path be a file or a page of the web application? */
bool fth_web_owns(struct fth_str path);

/* Is the name that was asked for ours, and the page that asks? FTH_E_DENIED. */
enum fth_rc fth_check_host(const struct fth_router_conf *conf,
                           const struct fth_http_request *request, struct fth_err *err);
/* Who asks, and may they do this? Sets request->who and request->pass. FTH_E_UNAUTHENTICATED,
 * FTH_E_DENIED (admit.c). */
enum fth_rc fth_admit(struct fth_call *call, struct fth_err *err);
/* The cookie of a session goes by another name under TLS, one that a browser keeps from pages of
 * other hosts and other schemes. Its value as it came, empty when there is none. */
const char *fth_cookie_name(const struct fth_http_request *request);
struct fth_str fth_session_cookie(const struct fth_http_request *request);
/* What answers, and writes down, that somebody who is known may not do it. */
extern const struct fth_operation fth_denied_operation;

/* Parameters, and the media types of body and answer. */
enum fth_rc fth_check_head(struct fth_call *call, struct fth_err *err);
/* Parses and checks a JSON body. */
enum fth_rc fth_check_body(struct fth_call *call, struct fth_err *err);
/* In debug builds: from now on what is sent must keep to the document. */
void fth_inspect_replies(struct fth_call *call);

#endif
