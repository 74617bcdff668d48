#include <string.h>

#include "api/http_int.h"
#include "base/alloc.h"
#include "base/check.h"

struct http_exchange *http_exchange_new(struct fth_http_server *server, struct http_conn *conn,
                                        struct MHD_Connection *connection)
{
    struct http_exchange *exchange = fth_calloc(1, sizeof(*exchange));

    if (!exchange)
        return NULL;
    exchange->arena = fth_arena_new(server->conf.arena_cap);
    if (!exchange->arena) {
        fth_free(exchange);
        return NULL;
    }
    exchange->server = server;
    exchange->conn = conn;
    exchange->connection = connection;
    exchange->start_us = fth_clock_mono_us(&server->clock);
    exchange->sending = fth_buf_max(STREAM_BACKLOG_MAX + SENDING_MAX);
    exchange->stream.exchange = exchange;
    atomic_init(&exchange->refs, 1);
    fth_mutex_init(&exchange->mutex, FTH_LOCK_REPLY);
    fth_cond_init(&exchange->room);
    fth_reply_init(&exchange->reply, exchange->arena, &http_exchange_sink, exchange);

    fth_mutex_lock(&server->mutex);
    exchange->next = server->exchanges;
    if (exchange->next)
        exchange->next->prev = exchange;
    server->exchanges = exchange;
    fth_mutex_unlock(&server->mutex);
    return exchange;
}

static void unlink_exchange(struct http_exchange *exchange)
{
    struct fth_http_server *server = exchange->server;

    fth_mutex_lock(&server->mutex);
    if (exchange->prev)
        exchange->prev->next = exchange->next;
    else
        server->exchanges = exchange->next;
    if (exchange->next)
        exchange->next->prev = exchange->prev;
    if (!server->exchanges)
        fth_cond_broadcast(&server->empty);
    fth_mutex_unlock(&server->mutex);
}

void http_exchange_unref(struct http_exchange *exchange)
{
    struct fth_http_server *server = exchange->server;

    if (atomic_fetch_sub(&exchange->refs, 1) != 1)
        return;
    server->handler.done(server->handler.ctx, &exchange->request, &exchange->reply,
                         fth_clock_mono_us(&server->clock) - exchange->start_us);
    fth_buf_release(&exchange->body);
    fth_buf_release(&exchange->sending);
    fth_arena_free(exchange->arena);
    /* Last, because a server that is being stopped waits for the list to be empty. */
    unlink_exchange(exchange);
    fth_cond_release(&exchange->room);
    fth_mutex_release(&exchange->mutex);
    fth_free(exchange);
}

void http_exchange_wake(struct http_exchange *exchange)
{
    if (exchange->suspended && !exchange->gone) {
        exchange->suspended = false;
        http_resume(exchange->connection);
    }
}

void http_exchange_gone(struct http_exchange *exchange)
{
    fth_mutex_lock(&exchange->mutex);
    exchange->gone = true;
    if (!exchange->ended)
        fth_cancel_set(&exchange->cancel, "the client went away");
    fth_cond_broadcast(&exchange->room);
    fth_mutex_unlock(&exchange->mutex);
}

void http_exchange_leave(struct http_exchange *exchange, const char *why)
{
    fth_mutex_lock(&exchange->mutex);
    if (!exchange->ended) {
        fth_cancel_set(&exchange->cancel, why);
        /* A stream that nobody reads ends here; a request that is being worked on ends when its
         * worker has noticed. */
        if (exchange->ready && exchange->length < 0) {
            exchange->ended = true;
            http_exchange_wake(exchange);
        }
        fth_cond_broadcast(&exchange->room);
    }
    fth_mutex_unlock(&exchange->mutex);
}

/* ---- the writing side ---- */

static enum fth_rc sink_head(void *ctx, const struct fth_reply *reply, int64_t length,
                             struct fth_err *err)
{
    struct http_exchange *exchange = ctx;

    fth_mutex_lock(&exchange->mutex);
    exchange->length = length;
    /* A whole reply is ready when its body is there too, at its end. */
    if (length < 0) {
        exchange->ready = true;
        http_exchange_wake(exchange);
    }
    fth_mutex_unlock(&exchange->mutex);
    return FTH_OK;
}

static enum fth_rc wait_for_room(struct http_exchange *exchange, struct fth_err *err)
{
    while (exchange->sending.n - exchange->sent >= SENDING_MAX && !exchange->gone &&
           !exchange->ended) {
        /* A quick handler runs on the thread that would have to make the room. */
        if (exchange->inline_run)
            return fth_err_set(err, FTH_E_LIMIT, "reply of a quick handler is too large");
        if (fth_cancel_check(&exchange->cancel, err))
            return err->rc;
        fth_cond_wait(&exchange->room, &exchange->mutex, 1000);
    }
    if (exchange->gone || exchange->ended)
        return fth_err_set(err, FTH_E_CANCELLED, "the client went away");
    return FTH_OK;
}

static void append(struct http_exchange *exchange, struct fth_str bytes)
{
    struct fth_buf *sending = &exchange->sending;

    if (exchange->sent > 0) {
        memmove(sending->p, sending->p + exchange->sent, sending->n - exchange->sent);
        sending->n -= exchange->sent;
        exchange->sent = 0;
    }
    fth_buf_str(sending, bytes);
}

/* At most SENDING_MAX bytes. */
static enum fth_rc send_piece(struct http_exchange *exchange, struct fth_str piece,
                              struct fth_err *err)
{
    fth_mutex_lock(&exchange->mutex);
    if (!wait_for_room(exchange, err)) {
        append(exchange, piece);
        (void)fth_buf_done(&exchange->sending, err);
        http_exchange_wake(exchange);
    }
    fth_mutex_unlock(&exchange->mutex);
    return err->rc;
}

static enum fth_rc sink_data(void *ctx, struct fth_str bytes, struct fth_err *err)
{
    struct http_exchange *exchange = ctx;

    if (exchange->length >= 0) {
        exchange->whole = bytes;
        return FTH_OK;
    }
    while (bytes.n > 0) {
        struct fth_str piece = fth_str_sub(bytes, 0, SENDING_MAX);

        if (send_piece(exchange, piece, err))
            return err->rc;
        bytes = fth_str_sub(bytes, piece.n, bytes.n);
    }
    return FTH_OK;
}

static void sink_end(void *ctx, bool complete)
{
    struct http_exchange *exchange = ctx;

    fth_mutex_lock(&exchange->mutex);
    if (!exchange->ended)
        exchange->complete = complete;
    exchange->ended = true;
    exchange->ready = true;
    http_exchange_wake(exchange);
    fth_mutex_unlock(&exchange->mutex);
}

static struct fth_reply_stream *sink_detach(void *ctx)
{
    struct http_exchange *exchange = ctx;

    atomic_fetch_add(&exchange->refs, 1);
    return &exchange->stream;
}

const struct fth_http_sink http_exchange_sink = {
    .head = sink_head, .data = sink_data, .end = sink_end, .detach = sink_detach};

bool fth_stream_push(struct fth_reply_stream *stream, struct fth_str bytes)
{
    struct http_exchange *exchange = stream->exchange;
    bool good;

    fth_mutex_lock(&exchange->mutex);
    good = !exchange->gone && !exchange->ended &&
           exchange->sending.n - exchange->sent + bytes.n <= STREAM_BACKLOG_MAX;
    if (good) {
        append(exchange, bytes);
        good = !exchange->sending.failed;
        exchange->reply.body_len += (int64_t)bytes.n;
        http_exchange_wake(exchange);
    }
    fth_mutex_unlock(&exchange->mutex);
    return good;
}

void fth_stream_close(struct fth_reply_stream *stream)
{
    sink_end(stream->exchange, true);
    http_exchange_unref(stream->exchange);
}

/* ---- the sending side ---- */

int64_t http_exchange_take(struct http_exchange *exchange, char *out, size_t max)
{
    int64_t taken = 0;

    fth_mutex_lock(&exchange->mutex);
    if (exchange->sending.failed) {
        taken = -2;
    } else if (exchange->sending.n > exchange->sent) {
        size_t n = exchange->sending.n - exchange->sent;

        n = n < max ? n : max;
        memcpy(out, exchange->sending.p + exchange->sent, n);
        exchange->sent += n;
        taken = (int64_t)n;
        fth_cond_signal(&exchange->room);
    } else if (exchange->ended) {
        taken = exchange->complete ? -1 : -2;
    } else {
        exchange->suspended = true;
        http_suspend(exchange->connection);
    }
    fth_mutex_unlock(&exchange->mutex);
    return taken;
}
