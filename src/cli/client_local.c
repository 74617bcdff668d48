/* The client of a data directory on this machine. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "api/router.h"
#include "api/serve.h"
#include "app/app.h"
#include "cli/client.h"
#include "jobs/jobs.h"

enum { WAIT_STEPS = 50, WAIT_STEP_MS = 100, PIECE = 256 * 1024 };

struct local {
    struct fth_app *app;
    struct fth_router *router;
    struct fth_http_server *server;
};

/* ---- the router as a client ---- */

struct passage {
    const struct fth_client_sink *sink;
    struct fth_err *err;
};

static enum fth_rc pass_head(void *ctx, const struct fth_reply *reply, int64_t length,
                             struct fth_err *err)
{
    const struct passage *passage = ctx;

    (void)length;
    if (!passage->sink->head)
        return FTH_OK;
    return passage->sink->head(passage->sink->ctx, reply->status,
                               fth_reply_get_header(reply, "Content-Type"), err);
}

static enum fth_rc pass_data(void *ctx, struct fth_str bytes, struct fth_err *err)
{
    const struct passage *passage = ctx;

    if (passage->sink->data(passage->sink->ctx, bytes, err) != FTH_OK)
        *passage->err = *err;
    return err->rc;
}

static void pass_end(void *ctx, bool complete)
{
    const struct passage *passage = ctx;

    if (!complete)
        fth_err_set(passage->err, FTH_E_FAILED, "the answer broke off");
}

/* What is sent from a file, a piece at a time. */
struct source {
    int fd;
    struct fth_cancel *cancel;
    char *piece;
};

static enum fth_rc next_piece(void *ctx, struct fth_str *piece, struct fth_err *err)
{
    const struct source *source = ctx;
    ssize_t got;

    do {
        if (source->cancel && fth_cancel_check(source->cancel, err))
            return err->rc;
        got = read(source->fd, source->piece, PIECE);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return fth_err_errno(err, errno, "cannot read what is to be sent");
    *piece = (struct fth_str){source->piece, (size_t)got};
    return FTH_OK;
}

/* A body of a file goes where the server would put it, an upload straight to disk. */
static void run_call(struct local *local, const struct fth_client_call *call,
                     struct fth_http_request *request, struct fth_reply *reply, struct fth_err *err)
{
    struct source source = {call->body_fd, request->cancel, NULL};
    const struct fth_router_body body = {next_piece, &source};

    if (call->body_fd < 0) {
        fth_router_call(local->router, request, reply);
        return;
    }
    source.piece = fth_arena_alloc(request->arena, PIECE);
    if (source.piece)
        fth_router_call_from(local->router, request, &body, reply);
    else
        fth_err_nomem(err);
}

static enum fth_rc local_call(void *ctx, const struct fth_client_call *call,
                              const struct fth_client_sink *sink, struct fth_cancel *cancel,
                              struct fth_err *err)
{
    static const struct fth_http_sink passing = {pass_head, pass_data, pass_end, NULL};
    struct local *local = ctx;
    struct passage passage = {sink, err};
    struct fth_arena *arena = fth_arena_new((size_t)1 << 30);
    struct fth_header headers[3];
    struct fth_http_request request = {.method = fth_str_c(call->method),
                                       .headers = headers,
                                       .peer = FTH_PEER_PROCESS,
                                       .arena = arena,
                                       .cancel = cancel,
                                       .body = call->body};
    struct fth_reply reply;

    if (!arena)
        return fth_err_nomem(err);
    if (!fth_str_split(call->path, '?', &request.path, &request.query))
        request.path = call->path;
    headers[request.header_nr++] = (struct fth_header){
        FTH_STR("Accept"), fth_str_c(call->accept ? call->accept : "application/json")};
    if (call->body.n || call->body_fd >= 0)
        headers[request.header_nr++] = (struct fth_header){
            FTH_STR("Content-Type"),
            fth_str_c(call->content_type ? call->content_type : "application/json")};
    if (call->prefer)
        headers[request.header_nr++] =
            (struct fth_header){FTH_STR("Prefer"), fth_str_c(call->prefer)};
    fth_request_identify(&request, fth_clock_now_us(fth_app_clock(local->app)));
    fth_reply_init(&reply, arena, &passing, &passage);
    run_call(local, call, &request, &reply, err);
    fth_arena_free(arena);
    return err->rc;
}

static bool local_is_busy(void *ctx)
{
    const struct local *local = ctx;
    size_t running = 0, queued = 0;

    fth_jobs_count(fth_app_jobs(local->app), &running, &queued);
    return running + queued > 0;
}

static void local_close(void *ctx)
{
    struct local *local = ctx;

    fth_http_server_stop(local->server);
    fth_router_free(local->router);
    fth_app_close(local->app);
}

static enum fth_rc own(struct fth_arena *arena, const char *dir, const struct fth_app_conf *conf,
                       struct fth_client *out, struct fth_err *err)
{
    struct fth_router_conf *router_conf = FTH_NEW(arena, struct fth_router_conf);
    struct local *local = FTH_NEW(arena, struct local);
    enum fth_rc rc;

    if (!local || !router_conf)
        return fth_err_nomem(err);
    *router_conf = fth_router_conf_default();
    rc = fth_app_open(dir, conf, &local->app, err);
    if (rc == FTH_OK)
        rc = fth_router_new(local->app, router_conf, &local->router, err);
    if (rc == FTH_OK)
        rc = fth_serve_socket(local->app, local->router, &local->server, err);
    if (rc) {
        local_close(local);
        return rc;
    }
    *out = (struct fth_client){.call = local_call,
                               .close = local_close,
                               .is_busy = local_is_busy,
                               .ctx = local,
                               .local_paths = true};
    return FTH_OK;
}

/* ---- who owns the directory? ---- */

static bool answers(const char *socket_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes;

    if (fd < 0)
        return false;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    yes = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return yes;
}

static enum fth_rc busy(const char *dir, struct fth_err *err)
{
    fth_err_set(err, FTH_E_BUSY, "%s: another process owns it and does not answer", dir);
    fth_err_hint(err, "It may be starting or stopping. Try again in a moment.");
    return err->rc;
}

enum fth_rc fth_client_local(struct fth_arena *arena, const char *dir,
                             const struct fth_app_conf *conf, struct fth_client *out,
                             struct fth_err *err)
{
    struct timespec step = {0, WAIT_STEP_MS * 1000000L};
    struct fth_str socket_path;
    enum fth_rc rc;

    rc = fth_arena_printf(arena, &socket_path, err, "%s/farthing.sock", dir);
    if (rc)
        return rc;
    for (int i = 0; i < WAIT_STEPS; i++) {
        struct fth_err tried = {0};

        if (answers(socket_path.p))
            return fth_client_remote(arena, "http://localhost", NULL, socket_path.p, out, err);
        rc = own(arena, dir, conf, out, &tried);
        if (rc != FTH_E_BUSY) {
            if (rc)
                *err = tried;
            return rc;
        }
        nanosleep(&step, NULL);
    }
    return busy(dir, err);
}
