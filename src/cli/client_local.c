/* The client of a data directory on this machine. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "api/router.h"
#include "api/serve.h"
#include "app/app.h"
#include "cli/client.h"

enum { WAIT_STEPS = 50, WAIT_STEP_MS = 100, REQUEST_MAX = 256 * 1024 * 1024 };

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

static enum fth_rc read_body(int fd, struct fth_arena *arena, struct fth_str *out,
                             struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(REQUEST_MAX);
    enum fth_rc rc;
    ssize_t got;
    char *room;

    do {
        room = fth_buf_room(&text, 64 * 1024);
        got = room ? read(fd, room, 64 * 1024) : -1;
        if (got > 0)
            text.n += (size_t)got;
    } while (got > 0);
    rc = fth_buf_done(&text, err);
    if (rc == FTH_OK && got < 0)
        rc = fth_err_set(err, FTH_E_IO, "cannot read what is to be sent");
    if (rc == FTH_OK)
        rc = fth_arena_str(arena, fth_buf_view(&text), out, err);
    fth_buf_release(&text);
    return rc;
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
    enum fth_rc rc = FTH_OK;

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
    if (call->body_fd >= 0)
        rc = read_body(call->body_fd, arena, &request.body, err);
    if (rc == FTH_OK) {
        fth_request_identify(&request, fth_clock_now_us(fth_app_clock(local->app)));
        fth_reply_init(&reply, arena, &passing, &passage);
        fth_router_call(local->router, &request, &reply);
        rc = err->rc;
    }
    fth_arena_free(arena);
    return rc;
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
    *out = (struct fth_client){
        .call = local_call, .close = local_close, .ctx = local, .local_paths = true};
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
