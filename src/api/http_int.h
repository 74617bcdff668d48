/*
 * http_int: the insides of the server, shared by http_mhd.c (connections), http_reply.c (replies
 * between threads) and http_work.c (workers and the watcher). Nobody else includes it.
 *
 * An exchange is one request with its reply. It is made on an I/O thread when a head has been read,
 * and goes when all who refer to it are through: the library's connection, the worker that runs it,
 * the owner of a detached stream.
 *
 * Locks: server->mutex (HTTP) guards lists and queue; exchange->mutex (REPLY) the reply's state.
 */
#ifndef FTH_HTTP_INT_H
#define FTH_HTTP_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/http_server.h"
#include "base/buf.h"

struct MHD_Connection;
struct MHD_Daemon;

enum {
    SENDING_MAX = 256 * 1024,         /* a writer waits while so much is not sent */
    STREAM_BACKLOG_MAX = 1024 * 1024, /* a detached reader so far behind is given up */
    SWALLOW_MAX = 1024 * 1024         /* of a body that is refused, before the connection is cut */
};

/* One connection, from accept to close. */
struct http_conn {
    struct http_conn *prev, *next;
    int fd;
    bool is_unix, refused;
    int64_t head_since_us; /* waiting for a head since then; 0: it is in */
    struct fth_buf target; /* request line's target of the request that is coming in */
};

struct fth_reply_stream {
    struct http_exchange *exchange;
};

struct http_exchange {
    struct http_exchange *prev, *next; /* of all that live */
    struct http_exchange *queued;      /* the next that waits for a worker */
    struct fth_http_server *server;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    struct fth_arena *arena;
    struct fth_http_request request;
    struct fth_exchange plan;
    struct fth_reply reply;
    struct fth_cancel cancel;
    struct fth_reply_stream stream;
    struct fth_buf body;
    struct fth_err err; /* why it will not be run; sent when the body is over */
    uint64_t body_len;
    int64_t start_us;
    bool body_over; /* handed to run() or fail() */
    bool inline_run;
    atomic_int refs;

    /* Guarded by `mutex`. */
    struct fth_mutex mutex;
    struct fth_cond room;
    struct fth_buf sending; /* bytes of a stream; those before `sent` are sent */
    size_t sent;
    struct fth_str whole; /* body of a reply that is no stream */
    int64_t length;       /* of the body, -1: stream */
    bool ready;           /* the head can be sent */
    bool ended, complete;
    bool suspended; /* the library sleeps until it is woken */
    bool gone;      /* nobody is there to read */
};

struct fth_http_server {
    struct fth_http_conf conf;
    struct fth_http_handler handler;
    struct fth_clock clock;
    struct fth_log *log;
    char *unix_path;
    int tcp_fd, unix_fd;
    uint16_t port;
    struct MHD_Daemon *tcp, *unix_daemon;
    pthread_t *workers;
    unsigned worker_nr;
    pthread_t watcher;
    bool watching;

    /* Guarded by `mutex`. */
    struct fth_mutex mutex;
    struct fth_cond work;  /* there is something in the queue, or it is over */
    struct fth_cond over;  /* it is over */
    struct fth_cond idle;  /* nothing is queued or being run */
    struct fth_cond empty; /* the last exchange has gone */
    struct http_conn *conns;
    struct http_exchange *exchanges;
    struct http_exchange *queue_head, *queue_tail;
    unsigned waiting, running;
    bool stopping;
};

/* ---- http_reply.c ---- */

/* Joins the lists; NULL without memory. The caller holds one reference. */
struct http_exchange *http_exchange_new(struct fth_http_server *server, struct http_conn *conn,
                                        struct MHD_Connection *connection);
void http_exchange_unref(struct http_exchange *exchange);
/* The connection is through with it: wakes whoever writes. */
void http_exchange_gone(struct http_exchange *exchange);
/* The client has left while the library sleeps: cancels, and lets the connection find out. */
void http_exchange_leave(struct http_exchange *exchange, const char *why);
/* Wakes the library's connection if it sleeps. With exchange->mutex held. */
void http_exchange_wake(struct http_exchange *exchange);
/* For the library's reader: bytes into `out`, 0: none now and the connection sleeps, -1: the end,
 * -2: broken off. */
int64_t http_exchange_take(struct http_exchange *exchange, char *out, size_t max);
extern const struct fth_http_sink http_exchange_sink;

/* ---- http_mhd.c ---- */

void http_suspend(struct MHD_Connection *connection);
void http_resume(struct MHD_Connection *connection);

/* ---- http_work.c ---- */

/* FTH_E_BUSY when too many wait already. */
enum fth_rc http_enqueue(struct http_exchange *exchange, struct fth_err *err);
/* Runs it in this thread, whichever it is. */
void http_run(struct http_exchange *exchange);
enum fth_rc http_work_start(struct fth_http_server *server, struct fth_err *err);
/* Lets what runs finish for at most `grace_ms`, cancels the rest, ends the threads. */
void http_work_stop(struct fth_http_server *server, int64_t grace_ms);

#endif
