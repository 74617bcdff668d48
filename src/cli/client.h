/*
 * client: how a command reaches the API.
 *
 * Three ways, the same answers: a remote server (--server), the process that owns the data
 * directory through its Unix socket, or the router in this process when nobody owns it. Which one
 * it is, a command does not see, except that a server never opens a path that a remote caller
 * names: `local_paths` says whether paths may be sent or files have to be uploaded.
 *
 * Thread rule: one thread.
 */
#ifndef FTH_CLIENT_H
#define FTH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/thread.h"

struct fth_client_call {
    const char *method;       /* "POST" */
    struct fth_str path;      /* "/api/v1/costs/query?cursor=…" */
    const char *accept;       /* NULL: application/json */
    const char *content_type; /* of the body; NULL: application/json */
    const char *prefer;       /* the Prefer header, or NULL */
    struct fth_str body;
    int body_fd; /* -1, or read to its end */
};

/* Takes an answer apart. `head` may be NULL; a failing callback ends the call with its error. */
struct fth_client_sink {
    enum fth_rc (*head)(void *ctx, int status, struct fth_str content_type, struct fth_err *err);
    enum fth_rc (*data)(void *ctx, struct fth_str piece, struct fth_err *err);
    void *ctx;
};

struct fth_client {
    enum fth_rc (*call)(void *ctx, const struct fth_client_call *request,
                        const struct fth_client_sink *sink, struct fth_cancel *cancel,
                        struct fth_err *err);
    void (*close)(void *ctx);
    /* Does this process have something left to do, like keeping the files of an import? NULL: it
     * never has. What is left when the client is closed is made up for by the next process. */
    bool (*is_busy)(void *ctx);
    void *ctx;
    bool local_paths;
};

/* A client of `url` ("http://…"), with a bearer token or NULL, or of the socket at `socket_path`
 * when that is not NULL. Nothing is sent yet. What is refused with 429 is sent again when
 * the server says, if that is within 90 seconds. */
enum fth_rc fth_client_remote(struct fth_arena *arena, const char *url, const char *token,
                              const char *socket_path, struct fth_client *out, struct fth_err *err);

/*
 * Calls and reads the whole answer, at most `max_len` bytes, as JSON into `arena`. A status of 400
 * and above becomes the error that its problem+json says: code by status, message, hint, pointer.
 */
enum fth_rc fth_client_json(const struct fth_client *client, const struct fth_client_call *request,
                            struct fth_cancel *cancel, struct fth_arena *arena, size_t max_len,
                            const struct fth_json **out, struct fth_err *err);

/* The same for an answer that is streamed to `data` once its status is known to be good. */
enum fth_rc fth_client_stream(const struct fth_client *client,
                              const struct fth_client_call *request, struct fth_cancel *cancel,
                              const struct fth_client_sink *sink, struct fth_err *err);

/* The client of `dir` on this machine: the process that owns it through its socket, or this
 * process, which then opens it and serves the socket for as long as the client is open. FTH_E_BUSY
 * when the owner does not answer for five seconds. `conf` is what opening needs. */
struct fth_app_conf;
enum fth_rc fth_client_local(struct fth_arena *arena, const char *dir,
                             const struct fth_app_conf *conf, struct fth_client *out,
                             struct fth_err *err);

/* The error that a problem+json object of this status means. */
enum fth_rc fth_client_problem(int status, const struct fth_json *problem, struct fth_err *err);

#endif
