/*
 * serve: the process that owns a data directory and answers for it.
 *
 * Thread rule: fth_serve_run() is called once, from the main thread.
 */
#ifndef FTH_SERVE_H
#define FTH_SERVE_H

#include "api/http_server.h"
#include "api/router.h"
#include "app/app.h"

struct fth_serve_conf {
    struct fth_http_conf http; /* unix_path is set from the data directory when NULL */
    struct fth_router_conf router;
    int ready_fd; /* one line with the address is written here when ready; -1: none */
};

struct fth_serve_conf fth_serve_conf_default(void);

/* Opens the directory, serves it until SIGTERM or SIGINT, closes it. Requests that run then have
 * conf.http.grace_ms to finish. */
enum fth_rc fth_serve_run(const char *dir, const struct fth_app_conf *app,
                          const struct fth_serve_conf *conf, struct fth_err *err);

/* Serves DIR/farthing.sock of an application that is open in this process already, for commands
 * that do not serve but own the directory while they run. Both must outlive the server. */
enum fth_rc fth_serve_socket(struct fth_app *app, struct fth_router *router,
                             struct fth_http_server **out, struct fth_err *err);

#endif
