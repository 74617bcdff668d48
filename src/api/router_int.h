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
    struct fth_quota *quota; /* of limits */
};

/* What answers OPTIONS on every path. */
extern const struct fth_operation fth_options_operation;

/* What answers GET for paths that are not of the API: from memory, from a folder. */
extern const struct fth_operation fth_web_operation, fth_web_dir_operation;
/* May this path be a file or a page of the web application? */
bool fth_web_owns(struct fth_str path);

/* Is the name that was asked for ours, and the page that asks, or one that may? Sets
 * request->cross_origin. FTH_E_DENIED. */
enum fth_rc fth_check_host(const struct fth_router_conf *conf, struct fth_http_request *request,
                           struct fth_err *err);
/* Paths that pages of other origins may ask for. */
bool fth_is_cross_path(struct fth_str path);
/* FTH_E_INVALID for an entry of conf->cors_origins that is no origin. */
enum fth_rc fth_check_cors(const struct fth_router_conf *conf, struct fth_err *err);
/* What an answer says to pages of other origins; and what it says of a request to come, where that
 * is what is asked (cors.c). What cannot be set for want of memory is left out. */
void fth_cors_headers(const struct fth_router_conf *conf, const struct fth_http_request *request,
                      struct fth_reply *reply);
enum fth_rc fth_cors_preflight(struct fth_call *call, struct fth_err *err);
/* Takes from a proxy that is trusted whom it asks for and whether by TLS (admit.c). */
void fth_believe_proxy(const struct fth_router_conf *conf, struct fth_http_request *request);
/* Who asks, and may they do this? Sets request->who and request->pass. FTH_E_UNAUTHENTICATED,
 * FTH_E_DENIED (admit.c). */
enum fth_rc fth_admit(struct fth_call *call, struct fth_err *err);
/* The cookie of a session goes by another name under TLS, one that a browser keeps from pages of
 * other hosts and other schemes. Its value as it came, empty when there is none, or a page of
 * another origin asks. */
const char *fth_cookie_name(const struct fth_http_request *request);
struct fth_str fth_session_cookie(const struct fth_http_request *request);
/* What answers, and writes down, that somebody who is known may not do it. */
extern const struct fth_operation fth_denied_operation;

/* Parameters, and the media types of body and answer. */
enum fth_rc fth_check_head(struct fth_call *call, struct fth_err *err);
/* Parses and checks a JSON body. */
enum fth_rc fth_check_body(struct fth_call *call, struct fth_err *err);
/* Of a request with an Idempotency-Key: sends the answer that it has had, or sees to it that the
 * one to come is kept (replay.c). FTH_E_INVALID, FTH_E_CONFLICT (app/idempotency.h). */
enum fth_rc fth_replay(struct fth_call *call, struct fth_err *err);
/* In debug builds: from now on what is sent must keep to the document. */
void fth_inspect_replies(struct fth_call *call);

#endif
