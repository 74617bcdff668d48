/*
 * http: one HTTP request to somebody else, over TCP or a Unix socket.
 *
 * The answer is streamed: `head` once when the header is complete, `data` for each piece of the
 * body. Redirects are not followed. A proxy of the environment is used for the outside, never for a
 * socket or a loopback address. TLS certificates are checked; there is no way to turn that off.
 *
 * Thread rule: any thread, one call each; fth_net_start() once before the first.
 */
#ifndef FTH_NET_HTTP_H
#define FTH_NET_HTTP_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/thread.h"

struct fth_net_header {
    struct fth_str name, value;
};

struct fth_net_call {
    const char *method;      /* "GET" */
    const char *url;         /* "http://127.0.0.1:8642/api/v1/sources" */
    const char *unix_socket; /* path of a socket to speak through, or NULL */
    const struct fth_net_header *headers;
    size_t header_nr;
    struct fth_str body;        /* sent when body_fd is -1 and it is not empty */
    int body_fd;                /* -1, or a descriptor that is read to its end (chunked) */
    int64_t connect_timeout_ms; /* 0: 5 s */
    int64_t timeout_ms;         /* of the whole call; 0: none */
    struct fth_cancel *cancel;  /* may be NULL */
    void *ctx;
    /* May be NULL. `content_type` lives until it returns. */
    enum fth_rc (*head)(void *ctx, int status, struct fth_str content_type, struct fth_err *err);
    enum fth_rc (*data)(void *ctx, struct fth_str piece, struct fth_err *err);
    /* A header of the answer, for those who want more than the type; may be NULL. */
    enum fth_rc (*header)(void *ctx, struct fth_str name, struct fth_str value,
                          struct fth_err *err);
};

/* Once in a process, before the first call. FTH_E_FAILED. */
enum fth_rc fth_net_start(struct fth_err *err);

/*
 * FTH_E_NET    cannot connect, cut, TLS refused; the message names host or socket and why
 * FTH_E_BUSY   nobody listens at the Unix socket
 * FTH_E_TIMEOUT, FTH_E_CANCELLED, and whatever a callback returns. A status of 400 and above is not
 * an error here.
 */
enum fth_rc fth_net_perform(const struct fth_net_call *call, struct fth_err *err);

#endif
