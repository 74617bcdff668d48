/*
 * http_server: connections to the outside. The only file that knows the HTTP library is
 * http_mhd.c; another one could take its place.
 *
 * One server listens on a TCP address, on a Unix socket, or on both. I/O threads read
 * requests and write replies and never touch a store: a request whose exchange does not say `quick`
 * is run by a pool of workers. When a client goes away, or a request takes too long, its cancel
 * token is set.
 *
 * Limits: bytes of head and body, connections, connections per address, requests that wait for a
 * worker (then 503 with Retry-After), seconds of silence and seconds until a head must be complete.
 *
 * Thread rule: the handler's functions are called from many threads at once.
 */
#ifndef FTH_HTTP_SERVER_H
#define FTH_HTTP_SERVER_H

#include "api/http.h"
#include "base/clock.h"
#include "base/log.h"

struct fth_http_server;

/* What is to be done with a request whose head has been read. */
struct fth_exchange {
    bool quick;        /* run on the I/O thread: touches memory only */
    bool unread;       /* run before the body is read, which it never is: the connection closes */
    uint64_t max_body; /* bytes; more is 413 */
    /* Where the body goes as it comes in, on an I/O thread. NULL: into request->body. */
    enum fth_rc (*write)(void *ctx, struct fth_str bytes, struct fth_err *err);
    void *write_ctx;
    void *route; /* the handler's own */
};

struct fth_http_handler {
    void *ctx;
    /* The head is in. An error is sent without reading the body. */
    enum fth_rc (*begin)(void *ctx, struct fth_http_request *request, struct fth_exchange *exchange,
                         struct fth_err *err);
    /* The body is in. Must end or detach the reply. */
    void (*run)(void *ctx, struct fth_http_request *request, struct fth_exchange *exchange,
                struct fth_reply *reply);
    /* The reply to a request that did not get as far as run(). */
    void (*fail)(void *ctx, struct fth_http_request *request, struct fth_reply *reply,
                 const struct fth_err *err);
    /* All is over, also when the client left early: account for it. Then the arena goes. */
    void (*done)(void *ctx, struct fth_http_request *request, struct fth_reply *reply,
                 int64_t duration_us);
    /* The server is about to stop: what was detached must end. NULL: nothing ever is. */
    void (*stopping)(void *ctx);
};

struct fth_http_conf {
    const char *listen;    /* "127.0.0.1:8642", "[::1]:0", NULL: no TCP. Port 0 takes a free one */
    bool beyond_loopback;  /* `listen` may be any address: people have to sign in */
    const char *unix_path; /* NULL: none. An old socket file there is replaced */
    size_t max_head;       /* bytes of request line and headers */
    unsigned max_connections, max_per_address;
    unsigned io_threads, workers, max_waiting;
    int64_t silence_s; /* a connection on which nothing moves is closed */
    int64_t head_s;    /* a head must be complete by then */
    int64_t run_s;     /* then the request's cancel token is set; 0: never */
    int64_t grace_ms;  /* that running requests get when the server stops */
    size_t arena_cap;  /* bytes a request may use */
};

/* What a server on one machine needs; listens nowhere. */
struct fth_http_conf fth_http_conf_default(void);

/* Starts listening. FTH_E_INVALID for an address that is none; FTH_E_DENIED for one that is not
 * loopback and may not be; FTH_E_BUSY when it is taken; FTH_E_NOMEM, FTH_E_IO. */
enum fth_rc fth_http_server_start(const struct fth_http_conf *conf,
                                  const struct fth_http_handler *handler,
                                  const struct fth_clock *clock, struct fth_log *log,
                                  struct fth_http_server **out, struct fth_err *err);
/* Do only programs of this machine reach it? Also true of what is no address. */
bool fth_http_is_loopback(const char *address);
/* The TCP port that is listened on, 0 when none. */
uint16_t fth_http_server_port(const struct fth_http_server *server);
/* Takes no new connections, gives what runs conf.grace_ms to finish, cancels the rest, closes.
 * Detached streams must be closed by their owners meanwhile. NULL is allowed. */
void fth_http_server_stop(struct fth_http_server *server);

/* ---- replies that were detached ---- */

/* Queues bytes without waiting. false when the client is gone or more than 1 MiB behind; the stream
 * must be closed then too. Any thread. */
bool fth_stream_push(struct fth_reply_stream *stream, struct fth_str bytes);
/* Ends the reply; the stream must not be used after it. */
void fth_stream_close(struct fth_reply_stream *stream);

#endif
