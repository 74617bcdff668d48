#include "api/serve.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/anomalies.h"
#include "app/maintain.h"
#include "auth/sign_in.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/file.h"

enum { SOCKET_WORKERS = 4, ADDRESS_MAX = 512, SETUP_ARENA = 1 << 20 };

struct fth_serve_conf fth_serve_conf_default(void)
{
    struct fth_serve_conf conf = {.http = fth_http_conf_default(),
                                  .router = fth_router_conf_default(),
                                  .ready_fd = STDOUT_FILENO};

    conf.http.listen = "127.0.0.1:8642";
    return conf;
}

/* DIR/farthing.sock, zero-terminated in `buf`. */
static enum fth_rc socket_path(const struct fth_app *app, struct fth_buf *buf, struct fth_err *err)
{
    fth_buf_printf(buf, "%s/farthing.sock%c", fth_app_dir(app), '\0');
    return fth_buf_done(buf, err);
}

static enum fth_rc start(struct fth_app *app, struct fth_router *router,
                         const struct fth_http_conf *given, struct fth_http_server **out,
                         struct fth_err *err)
{
    struct fth_http_handler handler = fth_router_handler(router);
    struct fth_http_conf conf = *given;
    struct fth_buf path = fth_buf_max(4096);

    if (!socket_path(app, &path, err)) {
        if (!conf.unix_path)
            conf.unix_path = path.p;
        (void)fth_http_server_start(&conf, &handler, fth_app_clock(app), fth_app_log(app), out,
                                    err);
    }
    fth_buf_release(&path);
    return err->rc;
}

enum fth_rc fth_serve_socket(struct fth_app *app, struct fth_router *router,
                             struct fth_http_server **out, struct fth_err *err)
{
    struct fth_http_conf conf = fth_http_conf_default();

    conf.workers = SOCKET_WORKERS;
    return start(app, router, &conf, out, err);
}

/* ---- the process ---- */

static enum fth_rc say_ready(const struct fth_serve_conf *conf,
                             const struct fth_http_server *server, struct fth_err *err)
{
    struct fth_buf line = fth_buf_max(ADDRESS_MAX);
    struct fth_str listen = fth_str_c(conf->http.listen);

    if (conf->ready_fd < 0)
        return FTH_OK;
    if (conf->http.listen)
        fth_buf_printf(&line, "Farthing is at http://" FTH_STR_F ":%u\n",
                       FTH_STR_A(fth_str_sub(listen, 0, fth_str_rfind(listen, ':'))),
                       fth_http_server_port(server));
    else
        fth_buf_c(&line, "Farthing is ready\n");
    if (!fth_buf_done(&line, err))
        (void)fth_file_write_all(conf->ready_fd, "standard output", fth_buf_view(&line), err);
    fth_buf_release(&line);
    return err->rc;
}

/* Where people have to sign in and there is nobody, the first one comes in by a secret that only
 * who started the server reads. It is not logged. */
static enum fth_rc offer_setup(struct fth_app *app, const struct fth_serve_conf *conf,
                               const struct fth_http_server *server, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SETUP_ARENA);
    const struct fth_deed deed = {.people = fth_app_people(app), .arena = arena};
    struct fth_str listen = fth_str_c(conf->http.listen);
    struct fth_buf line = fth_buf_max(ADDRESS_MAX);
    struct fth_one_time once = {0};
    bool needed = false, any = true;

    if (!arena)
        return fth_err_nomem(err);
    if (conf->ready_fd < 0 || !conf->http.listen || fth_people_needed(deed.people, &needed, err) ||
        !needed || fth_people_any(deed.people, &any, err) || any ||
        fth_once_setup(&deed, &once, err))
        goto out;
    fth_buf_printf(&line,
                   "Nobody can sign in yet. The first administrator does so within a day at "
                   "http://" FTH_STR_F ":%u/setup#" FTH_STR_F "\n",
                   FTH_STR_A(fth_str_sub(listen, 0, fth_str_rfind(listen, ':'))),
                   fth_http_server_port(server), FTH_STR_A(once.secret));
    if (!fth_buf_done(&line, err))
        (void)fth_file_write_all(conf->ready_fd, "standard output", fth_buf_view(&line), err);
out:
    fth_buf_release(&line);
    fth_arena_free(arena);
    return err->rc;
}

/* Beyond this machine only who has signed in is served. A proxy listens there for us: what it
 * passes on comes from loopback, and from anywhere. */
static enum fth_rc look_at_listen(struct fth_app *app, const struct fth_serve_conf *conf,
                                  struct fth_http_conf *http, struct fth_err *err)
{
    struct fth_people *people = fth_app_people(app);
    bool off = fth_people_login(people) == FTH_LOGIN_OFF, proxied = conf->router.proxy_nr > 0;

    if (off && proxied) {
        fth_err_set(err, FTH_E_DENIED, "behind a proxy (http.proxies) people have to sign in");
        fth_err_hint(err, "Take back auth.login=off, or http.proxies.");
        return err->rc;
    }
    http->beyond_loopback = !off;
    if (proxied || (http->listen && !fth_http_is_loopback(http->listen)))
        fth_people_expose(people);
    return FTH_OK;
}

static void ending_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGINT);
    sigaddset(out, SIGTERM);
}

static enum fth_rc serve_open(struct fth_app *app, const struct fth_serve_conf *conf,
                              const sigset_t *until, struct fth_err *err)
{
    struct fth_http_server *server = NULL;
    struct fth_router *router = NULL;
    struct fth_http_conf http = conf->http;
    int got = 0;

    if (look_at_listen(app, conf, &http, err) || fth_router_new(app, &conf->router, &router, err) ||
        start(app, router, &http, &server, err))
        goto out;
    FTH_LOG(fth_app_log(app), FTH_LOG_INFO, "serve", NULL, "ready",
            FTH_LF_C("dir", fth_app_dir(app)), FTH_LF_I64("port", fth_http_server_port(server)));
    fth_maintain_due(app, NULL); /* what an earlier process was killed over */
    fth_anomalies_watch(app);
    if (say_ready(conf, server, err) || offer_setup(app, conf, server, err))
        goto out;
    while (sigwait(until, &got) != 0)
        ;
    FTH_LOG(fth_app_log(app), FTH_LOG_INFO, "serve", NULL, "stopping", FTH_LF_I64("signal", got));
out:
    fth_http_server_stop(server);
    fth_router_free(router);
    return err->rc;
}

enum fth_rc fth_serve_run(const char *dir, const struct fth_app_conf *app_conf,
                          const struct fth_serve_conf *conf, struct fth_err *err)
{
    struct fth_app *app = NULL;
    sigset_t ending, before;

    /* Blocked before the first thread starts, so that the signal comes to sigwait() alone. */
    ending_signals(&ending);
    pthread_sigmask(SIG_BLOCK, &ending, &before);
    if (!fth_app_open(dir, app_conf, &app, err))
        (void)serve_open(app, conf, &ending, err);
    fth_app_close(app);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err->rc;
}
