/*
 * call: what a handler sees: its request, checked, and its reply.
 *
 * A handler reads parameters and body, calls one function of app/, and sends. When it returns an
 * error and has sent nothing, the router sends the problem; a stream that it started is broken off.
 *
 * Thread rule: a call belongs to the thread that runs its handler.
 */
#ifndef FTH_CALL_H
#define FTH_CALL_H

#include "api/http.h"
#include "api/openapi.h"
#include "api/router.h"
#include "base/json.h"

struct fth_asked;
struct fth_deed;
struct fth_upload;

struct fth_call {
    struct fth_router *router;
    struct fth_app *app;
    struct fth_http_request *request;
    struct fth_reply *reply;
    struct fth_arena *arena; /* the request's */
    const struct fth_operation *operation;
    const struct fth_str *params;       /* one a parameter of the operation; p NULL: not given */
    const struct fth_json *body;        /* NULL: none */
    struct fth_upload *upload;          /* of an UPLOAD route */
    struct fth_str allow;               /* of the path, for OPTIONS */
    const struct fth_operation *wished; /* of one that was denied */
    struct fth_err *denial;             /* and why */
    enum fth_rc failure;                /* that it ended with, once that is known */
    bool written_down;                  /* a denial is in the audit already */
};

/* A parameter by name: as given, else its default, else empty. A name that the operation does not
 * have is a broken invariant. */
struct fth_str fth_call_param(const struct fth_call *call, const char *name);
bool fth_call_has_param(const struct fth_call *call, const char *name);
/* Of one whose schema is an integer. */
int64_t fth_call_int(const struct fth_call *call, const char *name, int64_t or_else);

/* What the use cases of app/ want to know of a request. */
struct fth_asked fth_call_asked(const struct fth_call *call);

/* What auth/ wants to know of it. */
struct fth_deed fth_call_deed(const struct fth_call *call);

/* Sends JSON: `write` fills the writer. Buffered whole. */
enum fth_rc fth_call_json(struct fth_call *call, int status,
                          enum fth_rc (*write)(void *ctx, struct fth_jw *jw, struct fth_err *err),
                          void *ctx, struct fth_err *err);
/* The same about the file that came as the body of an UPLOAD route: `write` gets it, and once all
 * is sent the file is gone. */
struct fth_call_file {
    const struct fth_call *call;
    const char *path;
};
enum fth_rc fth_call_json_of_file(struct fth_call *call,
                                  enum fth_rc (*write)(void *file, struct fth_jw *jw,
                                                       struct fth_err *err),
                                  struct fth_err *err);
/* Writes down that somebody who has signed in takes data out; `job` (may be empty): of that job. */
enum fth_rc fth_call_exported(const struct fth_call *call, struct fth_str job, struct fth_err *err);
/* Sends bytes that live as long as the request's arena. */
enum fth_rc fth_call_send(struct fth_call *call, int status, const char *type, struct fth_str body,
                          struct fth_err *err);
/* An answer without a body: 204, 304. */
enum fth_rc fth_call_empty(struct fth_call *call, int status, struct fth_err *err);

/* Answers with the job that was just submitted, after as long as Prefer asks to wait (h_jobs.c). */
enum fth_rc fth_call_job(struct fth_call *call, const char *id, struct fth_err *err);

/* Sets ETag and says whether the client has this answer already; then the handler sends 304. */
enum fth_rc fth_call_etag(struct fth_call *call, struct fth_str etag, bool *fresh,
                          struct fth_err *err);

#define FTH_ROUTE(id, function, how) \
    enum fth_rc function(struct fth_call *call, struct fth_err *err);
#include "api/route.def"
#undef FTH_ROUTE

#endif
