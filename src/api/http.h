/*
 * http: one request and its reply, without sockets.
 *
 * The server (http_server.h) fills requests from the network, the command line and the tests fill
 * them in memory; handlers cannot tell the difference. A reply is either sent whole
 * (fth_reply_send) or as a stream (fth_reply_start, fth_reply_write …), and leaves through a sink.
 * Everything that a request or reply points to lives in the request's arena, until the reply's sink
 * is done with it.
 *
 * Thread rule: a request and its reply belong to one thread at a time.
 */
#ifndef FTH_HTTP_H
#define FTH_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/vec.h"

struct fth_limited;
struct fth_pass;
struct fth_who;

enum { FTH_REQUEST_ID_MAX = 64 };

struct fth_header {
    struct fth_str name, value;
};
FTH_VEC(fth_header_vec, struct fth_header)

/* Who is asking. The first two run as the user who owns the data. */
enum fth_peer { FTH_PEER_PROCESS, FTH_PEER_SOCKET, FTH_PEER_NETWORK };

struct fth_http_request {
    struct fth_str method; /* "GET" */
    struct fth_str path;   /* as sent: percent-encoded, without the query */
    struct fth_str query;  /* as sent, without '?' */
    const struct fth_header *headers;
    size_t header_nr;
    struct fth_str body; /* whole; empty when the route takes its body as a stream */
    enum fth_peer peer;
    uint16_t port;          /* that was connected to; 0 when not a network */
    struct fth_str address; /* that it came from; empty when not a network */
    bool is_secure;         /* over TLS, as a proxy that is trusted says */
    struct fth_str
        cross_origin; /* of the page that asks, where it may and is not ours; else empty */
    char id[FTH_REQUEST_ID_MAX + 1]; /* given by the client or made, fth_request_identify() */
    struct fth_arena *arena;
    struct fth_cancel *cancel;   /* set when the client is gone or the time is over; may be NULL */
    const struct fth_who *who;   /* who asks, once the router knows it; NULL: the owner */
    const struct fth_pass *pass; /* what they have shown; NULL: nothing that counts */
    const struct fth_limited *limited; /* what is left of their limit; NULL: they have none */
    bool begun;                        /* the router's own */
};

/* The first header of that name (case-folded), empty when there is none. */
struct fth_str fth_request_header(const struct fth_http_request *request, const char *name);
bool fth_request_has_header(const struct fth_http_request *request, const char *name);

/* Takes X-Request-Id if it is 1 to 64 characters of [A-Za-z0-9._-], else makes a UUIDv7. */
void fth_request_identify(struct fth_http_request *request, int64_t now_us);

/* Is it certain where the body ends, whoever reads the head? FTH_E_SYNTAX for more than one
 * Content-Length, one that is no number or comes with Transfer-Encoding, a Transfer-Encoding other
 * than "chunked" alone, and names of headers that are none. */
enum fth_rc fth_request_framing(const struct fth_http_request *request, struct fth_err *err);

/* ---- reading parts of requests; all are fed raw bytes by the fuzzer ---- */

/* Takes "NAME=VALUE" off the front of a query string, percent-decoded, '+' as a blank; values are
 * copied to `arena` when they need decoding. *more is false at the end. FTH_E_SYNTAX for a broken
 * escape, a zero byte or what is not UTF-8. */
enum fth_rc fth_query_next(struct fth_arena *arena, struct fth_str *query, struct fth_str *name,
                           struct fth_str *value, bool *more, struct fth_err *err);

/* Percent-decodes one segment of a path ('+' stays). The same errors. */
enum fth_rc fth_http_decode(struct fth_arena *arena, struct fth_str text, struct fth_str *out,
                            struct fth_err *err);

/* Quality (0 to 1000) that an Accept header gives a media type ("text/csv"), an Accept-Encoding
 * header a coding ("br"). An empty header accepts everything as 1000, but of codings only
 * "identity". The most specific entry decides; what cannot be read is left out. */
unsigned fth_accept_quality(struct fth_str header, struct fth_str media_type);
unsigned fth_encoding_quality(struct fth_str header, struct fth_str coding);

/* Does an If-None-Match (If-Match when `strong`) header name this entity tag (with its quotes)?
 * "*" names all; a weak tag never matches strongly. */
bool fth_etag_matches(struct fth_str header, struct fth_str etag, bool strong);

/* Part of a body of `size` bytes: from `first` on `len`. */
struct fth_http_range {
    uint64_t first, len;
};

/* What a Range header (RFC 9110 14.2) asks of a body of `size` bytes. Several ranges, other units
 * and what is not well-formed ask for the whole, as without the header: so may a server take them.
 * NONE: it begins behind the end. */
enum fth_http_ranges { FTH_RANGE_WHOLE, FTH_RANGE_PART, FTH_RANGE_NONE };
enum fth_http_ranges fth_http_range(struct fth_str header, uint64_t size,
                                    struct fth_http_range *out);

/* The tag of the same thing coded with gzip: "x-gz" of "x" (with their quotes). */
enum fth_rc fth_etag_gzip(struct fth_arena *arena, struct fth_str etag, struct fth_str *out,
                          struct fth_err *err);

/* The value of a preference ("wait" in "respond-async, wait=5"); false when it is not there. */
bool fth_prefer(struct fth_str header, const char *name, struct fth_str *value);

/* Host (and port) of a Host header or an origin "http://host:port"; port 0 when none is given.
 * false for what is neither a name, an IPv4 nor a bracketed IPv6 address. */
bool fth_http_host(struct fth_str text, struct fth_str *host, uint16_t *port);

/* ---- replies ---- */

struct fth_reply;
struct fth_reply_stream;

/* Where a reply goes. */
struct fth_http_sink {
    /* Called once, first. `length` is that of the body, -1 when it is a stream. */
    enum fth_rc (*head)(void *ctx, const struct fth_reply *reply, int64_t length,
                        struct fth_err *err);
    /* Bytes of the body. May wait for a slow reader; FTH_E_CANCELLED once he is gone. A whole body
     * comes in one call and stays valid until the request's arena goes. */
    enum fth_rc (*data)(void *ctx, struct fth_str bytes, struct fth_err *err);
    /* Called once, last. Not complete: the stream broke, the reader must be able to tell. */
    void (*end)(void *ctx, bool complete);
    /* Makes the running stream writable from any thread after the handler has returned; NULL when
     * this sink cannot. */
    struct fth_reply_stream *(*detach)(void *ctx);
};

enum fth_reply_state { FTH_REPLY_NEW, FTH_REPLY_STREAM, FTH_REPLY_ENDED, FTH_REPLY_DETACHED };

/* What becomes of a whole body that has no Content-Encoding yet: sent as it is; sent as it is, but
 * another client would get it coded; with gzip when it is worth it. Streams are never coded. */
enum fth_coding { FTH_CODING_FIXED, FTH_CODING_PLAIN, FTH_CODING_GZIP };

struct fth_reply {
    struct fth_arena *arena;
    const struct fth_http_sink *sink;
    void *sink_ctx;
    int status;
    struct fth_header_vec headers;
    enum fth_reply_state state;
    enum fth_coding coding;
    bool head_only;        /* HEAD: no body is to be sent */
    int64_t stream_len;    /* of a stream, once it has begun; -1: not known */
    int64_t body_len;      /* bytes sent so far */
    const char *operation; /* for metrics and log: operationId or a fixed word */
    /* Sees each whole body before it is sent; NULL: nobody. For checks in debug builds. */
    void (*inspect)(void *ctx, const struct fth_reply *reply, struct fth_str body);
    void *inspect_ctx;
    /* The same, before anybody else has seen it. For answers that are kept. */
    void (*keep)(void *ctx, const struct fth_reply *reply, struct fth_str body);
    void *keep_ctx;
};

void fth_reply_init(struct fth_reply *reply, struct fth_arena *arena,
                    const struct fth_http_sink *sink, void *ctx);

/* Sets a header, once per name; not after the head has been sent. Values with control characters
 * are a broken invariant: what comes from outside is checked before. Copied. */
enum fth_rc fth_reply_header(struct fth_reply *reply, const char *name, struct fth_str value,
                             struct fth_err *err);
void fth_reply_unset_header(struct fth_reply *reply, const char *name);
struct fth_str fth_reply_get_header(const struct fth_reply *reply, const char *name);

/* Adds a name to Vary. */
enum fth_rc fth_reply_vary(struct fth_reply *reply, const char *name, struct fth_err *err);

/* From now on a whole body is coded as this Accept-Encoding allows, says so in Vary, and its ETag
 * is that of its coding. */
void fth_reply_offer_gzip(struct fth_reply *reply, struct fth_str accept_encoding);
/* For fth_reply_send() alone: codes *body and sets the headers. */
void fth_reply_encode(struct fth_reply *reply, struct fth_str *body);

/* Sends status, headers and this body; `body` must live as long as the arena. */
enum fth_rc fth_reply_send(struct fth_reply *reply, int status, struct fth_str body,
                           struct fth_err *err);

/* Streams. After FTH_REPLY_STREAM every path must come to fth_reply_end(). For HEAD, writing ends
 * with FTH_E_CANCELLED so that the handler stops. */
enum fth_rc fth_reply_start(struct fth_reply *reply, int status, struct fth_err *err);
/* The same for a stream of which `len` bytes will come; one that ends before is broken. */
enum fth_rc fth_reply_start_len(struct fth_reply *reply, int status, int64_t len,
                                struct fth_err *err);
enum fth_rc fth_reply_write(struct fth_reply *reply, struct fth_str bytes, struct fth_err *err);
void fth_reply_end(struct fth_reply *reply, bool complete);

/* Hands a started stream to other threads (fth_stream_* of http_server.h); NULL when the sink
 * cannot: then the handler goes on writing itself. */
struct fth_reply_stream *fth_reply_detach(struct fth_reply *reply);

/* The body of a 503 for which there is no memory. */
extern const char fth_problem_nomem[];

/* Sends `err` as application/problem+json (RFC 9457): type, title, status, detail, instance,
 * request_id, hint, errors. Retryable ones get Retry-After. Never fails: without memory it sends a
 * fixed text. */
void fth_reply_problem(struct fth_reply *reply, const struct fth_http_request *request,
                       const struct fth_err *err);

/* A sink that keeps the whole reply in memory, for tests and calls within the process. */
struct fth_reply_memory {
    struct fth_buf *body;
    bool ended, complete;
};
struct fth_http_sink fth_reply_to_memory(void);

#endif
