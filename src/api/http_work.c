#include <poll.h>
#include <sys/socket.h>

#include "api/http_int.h"
#include "base/alloc.h"
#include "base/check.h"

enum { WATCH_MS = 250 };

enum fth_rc http_enqueue(struct http_exchange *exchange, struct fth_err *err)
{
    struct fth_http_server *server = exchange->server;

    fth_mutex_lock(&server->mutex);
    if (server->stopping || server->waiting >= server->conf.max_waiting) {
        fth_err_set(err, FTH_E_BUSY,
                    server->stopping ? "the server is stopping" : "too many requests wait already");
    } else {
        atomic_fetch_add(&exchange->refs, 1);
        if (server->queue_tail)
            server->queue_tail->queued = exchange;
        else
            server->queue_head = exchange;
        server->queue_tail = exchange;
        server->waiting++;
        fth_cond_signal(&server->work);
    }
    fth_mutex_unlock(&server->mutex);
    return err->rc;
}

void http_run(struct http_exchange *exchange)
{
    struct fth_http_server *server = exchange->server;

    server->handler.run(server->handler.ctx, &exchange->request, &exchange->plan, &exchange->reply);
    FTH_CHECK(exchange->reply.state == FTH_REPLY_ENDED ||
              exchange->reply.state == FTH_REPLY_DETACHED);
}

/* The next that waits; NULL when it is over. */
static struct http_exchange *dequeue(struct fth_http_server *server)
{
    struct http_exchange *exchange;

    fth_mutex_lock(&server->mutex);
    while (!server->queue_head && !server->stopping)
        fth_cond_wait(&server->work, &server->mutex, -1);
    exchange = server->queue_head;
    if (exchange) {
        server->queue_head = exchange->queued;
        if (!server->queue_head)
            server->queue_tail = NULL;
        server->waiting--;
        server->running++;
    }
    fth_mutex_unlock(&server->mutex);
    return exchange;
}

static void finished(struct fth_http_server *server)
{
    fth_mutex_lock(&server->mutex);
    server->running--;
    if (server->running == 0 && server->waiting == 0)
        fth_cond_broadcast(&server->idle);
    fth_mutex_unlock(&server->mutex);
}

static void *work(void *arg)
{
    struct fth_http_server *server = arg;
    struct http_exchange *exchange;

    while ((exchange = dequeue(server))) {
        if (server->conf.run_s > 0)
            atomic_store(&exchange->cancel.deadline_mono_us,
                         fth_clock_mono_us(&server->clock) + server->conf.run_s * 1000000);
        http_run(exchange);
        http_exchange_unref(exchange);
        finished(server);
    }
    return NULL;
}

/* ---- the watcher: clients that leave, heads that never come ---- */

static bool has_left(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLRDHUP};

    return poll(&poller, 1, 0) > 0 && (poller.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* The library does not look at a connection that sleeps, so somebody else has to. */
static void watch_exchanges(struct fth_http_server *server)
{
    struct http_exchange *exchange;

    for (exchange = server->exchanges; exchange; exchange = exchange->next) {
        bool sleeps;

        fth_mutex_lock(&exchange->mutex);
        sleeps = exchange->suspended && !exchange->gone;
        fth_mutex_unlock(&exchange->mutex);
        if (sleeps && has_left(exchange->conn->fd))
            http_exchange_leave(exchange, "the client went away");
    }
}

/* Silence is the library's to notice; a head that trickles in byte by byte is not silent. */
static void watch_heads(struct fth_http_server *server, int64_t now_us)
{
    for (struct http_conn *conn = server->conns; conn; conn = conn->next)
        if (conn->head_since_us && now_us - conn->head_since_us > server->conf.head_s * 1000000)
            (void)shutdown(conn->fd, SHUT_RDWR);
}

static void *watch(void *arg)
{
    struct fth_http_server *server = arg;

    fth_mutex_lock(&server->mutex);
    while (!server->stopping) {
        watch_exchanges(server);
        watch_heads(server, fth_clock_mono_us(&server->clock));
        fth_cond_wait(&server->over, &server->mutex, WATCH_MS);
    }
    fth_mutex_unlock(&server->mutex);
    return NULL;
}

/* ---- start and stop ---- */

enum fth_rc http_work_start(struct fth_http_server *server, struct fth_err *err)
{
    server->workers = fth_calloc(server->conf.workers, sizeof(*server->workers));
    if (!server->workers)
        return fth_err_nomem(err);
    for (unsigned i = 0; i < server->conf.workers; i++) {
        if (fth_thread_start(&server->workers[i], work, server, err))
            return err->rc;
        server->worker_nr++;
    }
    if (fth_thread_start(&server->watcher, watch, server, err))
        return err->rc;
    server->watching = true;
    return FTH_OK;
}

static void wait_until_idle(struct fth_http_server *server, int64_t grace_ms)
{
    int64_t until_us = fth_clock_mono_us(&server->clock) + grace_ms * 1000;

    fth_mutex_lock(&server->mutex);
    while (server->running + server->waiting > 0) {
        int64_t left_ms = (until_us - fth_clock_mono_us(&server->clock)) / 1000;

        if (left_ms <= 0)
            break;
        fth_cond_wait(&server->idle, &server->mutex, left_ms);
    }
    fth_mutex_unlock(&server->mutex);
}

static void cancel_all(struct fth_http_server *server)
{
    fth_mutex_lock(&server->mutex);
    server->stopping = true;
    for (struct http_exchange *exchange = server->exchanges; exchange; exchange = exchange->next)
        http_exchange_leave(exchange, "the server is stopping");
    fth_cond_broadcast(&server->work);
    fth_cond_broadcast(&server->over);
    fth_mutex_unlock(&server->mutex);
}

void http_work_stop(struct fth_http_server *server, int64_t grace_ms)
{
    wait_until_idle(server, grace_ms);
    cancel_all(server);
    for (unsigned i = 0; i < server->worker_nr; i++)
        pthread_join(server->workers[i], NULL);
    if (server->watching)
        pthread_join(server->watcher, NULL);
    server->worker_nr = 0;
    server->watching = false;
    fth_free(server->workers);
    server->workers = NULL;
}
