#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http_int.h"
#include "api/listen_int.h"
#include "base/alloc.h"
#include "base/check.h"

/* What the library needs of its memory for each connection beside the request's head: the head of
 * the reply, and room to read and write. */
enum { CONNECTION_EXTRA = 32 * 1024, STREAM_BLOCK = 64 * 1024 };

struct fth_http_conf fth_http_conf_default(void)
{
    return (struct fth_http_conf){.max_head = 32 * 1024,
                                  .max_connections = 512,
                                  .max_per_address = 256,
                                  .io_threads = 2,
                                  .workers = 8,
                                  .max_waiting = 64,
                                  .silence_s = 60,
                                  .head_s = 20,
                                  .run_s = 300,
                                  .grace_ms = 5000,
                                  .arena_cap = 64 * 1024 * 1024};
}

void http_suspend(struct MHD_Connection *connection)
{
    MHD_suspend_connection(connection);
}

void http_resume(struct MHD_Connection *connection)
{
    MHD_resume_connection(connection);
}

/* ---- connections ---- */

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info ? info->connect_fd : -1;
}

static bool is_unix(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info && info->client_addr && info->client_addr->sa_family == AF_UNIX;
}

static void conn_open(struct fth_http_server *server, struct MHD_Connection *connection,
                      void **context)
{
    struct http_conn *conn = fth_calloc(1, sizeof(*conn));

    *context = conn;
    if (!conn)
        return;
    conn->fd = socket_of(connection);
    conn->is_unix = is_unix(connection);
    conn->refused = conn->is_unix && !fth_listen_peer_is_owner(conn->fd);
    conn->head_since_us = fth_clock_mono_us(&server->clock);
    conn->target = fth_buf_max(server->conf.max_head + CONNECTION_EXTRA);
    fth_mutex_lock(&server->mutex);
    conn->next = server->conns;
    if (conn->next)
        conn->next->prev = conn;
    server->conns = conn;
    fth_mutex_unlock(&server->mutex);
}

static void conn_close(struct fth_http_server *server, struct http_conn *conn)
{
    if (!conn)
        return;
    fth_mutex_lock(&server->mutex);
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        server->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    fth_mutex_unlock(&server->mutex);
    fth_buf_release(&conn->target);
    fth_free(conn);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        conn_open(cls, connection, context);
    else
        conn_close(cls, *context);
}

static struct http_conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static void set_head_since(struct fth_http_server *server, struct http_conn *conn, int64_t us)
{
    fth_mutex_lock(&server->mutex);
    conn->head_since_us = us;
    fth_mutex_unlock(&server->mutex);
}

/* Comes with the request line, before the library unescapes anything in it. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct http_conn *conn = conn_of(connection);

    if (conn) {
        fth_buf_clear(&conn->target);
        fth_buf_c(&conn->target, target);
    }
    return NULL;
}

/* Paths and queries are decoded by our own code. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    return strlen(text);
}

/* ---- from the library's request to ours ---- */

struct head_reader {
    struct fth_arena *arena;
    struct fth_header_vec headers;
    struct fth_err *err;
};

static enum MHD_Result read_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   size_t name_len, const char *value, size_t value_len)
{
    struct head_reader *reader = cls;
    struct fth_header header;

    if (fth_arena_str(reader->arena, (struct fth_str){name, name_len}, &header.name, reader->err) ||
        fth_arena_str(reader->arena, (struct fth_str){value, value_len}, &header.value,
                      reader->err) ||
        fth_header_vec_push(&reader->headers, header, reader->err))
        return MHD_NO;
    return MHD_YES;
}

/* The address at the other end, as text: one of IPv4 is written as such, also where a socket of
 * IPv6 took it. */
static enum fth_rc read_address(struct http_exchange *exchange, struct fth_err *err)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "";
    const void *bytes = NULL;
    int family = info && info->client_addr ? info->client_addr->sa_family : AF_UNSPEC;

    if (family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
    else if (family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr;
    if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)bytes)) {
        family = AF_INET;
        bytes = (const unsigned char *)bytes + 12;
    }
    if (bytes && !inet_ntop(family, bytes, text, sizeof(text)))
        text[0] = '\0';
    return fth_arena_str(exchange->arena, fth_str_c(text), &exchange->request.address, err);
}

static enum fth_rc read_head(struct http_exchange *exchange, const char *method,
                             struct fth_err *err)
{
    struct fth_http_request *request = &exchange->request;
    struct head_reader reader = {exchange->arena, fth_header_vec_in(exchange->arena), err};
    struct fth_str target;

    request->arena = exchange->arena;
    request->cancel = &exchange->cancel;
    request->peer = exchange->conn->is_unix ? FTH_PEER_SOCKET : FTH_PEER_NETWORK;
    request->port = exchange->conn->is_unix ? 0 : exchange->server->port;
    if (read_address(exchange, err) ||
        fth_arena_str(exchange->arena, fth_str_c(method), &request->method, err) ||
        fth_arena_str(exchange->arena, fth_buf_view(&exchange->conn->target), &target, err))
        return err->rc;
    if (!fth_str_split(target, '?', &request->path, &request->query))
        request->path = target;
    if (MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, read_header, &reader) <
            0 ||
        err->rc)
        return err->rc;
    request->headers = reader.headers.at;
    request->header_nr = reader.headers.nr;
    exchange->reply.head_only = fth_str_eq_c(request->method, "HEAD");
    fth_request_identify(request, fth_clock_now_us(&exchange->server->clock));
    return FTH_OK;
}

static enum fth_rc check_head(struct http_exchange *exchange, struct fth_err *err)
{
    struct fth_http_server *server = exchange->server;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    if (exchange->conn->refused)
        return fth_err_set(err, FTH_E_DENIED, "the socket belongs to another user");
    if (info && info->header_size > server->conf.max_head)
        return fth_err_set(err, FTH_E_HEADLIMIT, "head of %zu bytes; the most is %zu",
                           info->header_size, server->conf.max_head);
    return fth_request_framing(&exchange->request, err);
}

static enum fth_rc check_body_len(const struct http_exchange *exchange, uint64_t len,
                                  struct fth_err *err)
{
    if (len > exchange->plan.max_body)
        return fth_err_set(err, FTH_E_LIMIT, "body of more than %llu bytes",
                           (unsigned long long)exchange->plan.max_body);
    return FTH_OK;
}

static enum fth_rc begin(struct http_exchange *exchange, const char *method, struct fth_err *err)
{
    struct fth_http_server *server = exchange->server;
    uint64_t announced;

    if (read_head(exchange, method, err) || check_head(exchange, err) ||
        server->handler.begin(server->handler.ctx, &exchange->request, &exchange->plan, err))
        return err->rc;
    if (exchange->plan.unread)
        return FTH_OK;
    if (exchange->plan.write == NULL)
        exchange->body = fth_buf_max((size_t)exchange->plan.max_body);
    if (fth_str_to_u64(fth_request_header(&exchange->request, "Content-Length"), &announced))
        return check_body_len(exchange, announced, err);
    return FTH_OK;
}

/* ---- from our reply to the library's ---- */

static ssize_t on_read(void *cls, uint64_t pos, char *out, size_t max)
{
    int64_t taken = http_exchange_take(cls, out, max);

    if (taken == -1)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (taken == -2)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    return (ssize_t)taken;
}

static struct MHD_Response *make_response(struct http_exchange *exchange)
{
    int64_t len = exchange->reply.stream_len;
    void *body;

    if (exchange->length < 0)
        return MHD_create_response_from_callback(len < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)len,
                                                 STREAM_BLOCK, on_read, exchange, NULL);
    /* Only its length is told, the reader is never called. */
    if (exchange->reply.head_only)
        return MHD_create_response_from_callback((uint64_t)exchange->length, 1, on_read, exchange,
                                                 NULL);
    /* The library takes it as non-const, and with this mode only reads it. */
    memcpy(&body, &exchange->whole.p, sizeof(body));
    return MHD_create_response_from_buffer(exchange->whole.n, body, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result queue_reply(struct http_exchange *exchange)
{
    struct MHD_Response *response = make_response(exchange);
    enum MHD_Result result = MHD_YES;

    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < exchange->reply.headers.nr && result == MHD_YES; i++) {
        const struct fth_header *header = &exchange->reply.headers.at[i];

        /* The library refuses empty values. */
        if (header->value.n > 0)
            result = MHD_add_response_header(response, header->name.p, header->value.p);
    }
    if (result == MHD_YES)
        result =
            MHD_queue_response(exchange->connection, (unsigned)exchange->reply.status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result fail(struct http_exchange *exchange, const struct fth_err *err)
{
    struct fth_http_server *server = exchange->server;

    exchange->inline_run = true;
    exchange->body_over = true;
    server->handler.fail(server->handler.ctx, &exchange->request, &exchange->reply, err);
    return queue_reply(exchange);
}

static bool is_ready(struct http_exchange *exchange)
{
    bool ready;

    fth_mutex_lock(&exchange->mutex);
    ready = exchange->ready;
    fth_mutex_unlock(&exchange->mutex);
    return ready;
}

static enum MHD_Result run(struct http_exchange *exchange)
{
    struct fth_err err = {0};

    exchange->body_over = true;
    exchange->request.body = fth_buf_view(&exchange->body);
    if (exchange->plan.quick) {
        exchange->inline_run = true;
        http_run(exchange);
        /* From here on the stream is written by other threads, which may wait. */
        exchange->inline_run = false;
        return queue_reply(exchange);
    }
    fth_mutex_lock(&exchange->mutex);
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
    fth_mutex_unlock(&exchange->mutex);
    if (http_enqueue(exchange, &err)) {
        fth_mutex_lock(&exchange->mutex);
        http_exchange_wake(exchange);
        fth_mutex_unlock(&exchange->mutex);
        exchange->err = err;
        exchange->body_over = false;
    }
    return MHD_YES;
}

/* A body that is refused is read on for a while, so that the client gets to read the answer. */
static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t *n)
{
    struct fth_str bytes = {data, *n};

    *n = 0;
    exchange->body_len += bytes.n;
    if (exchange->err.rc)
        return exchange->body_len > exchange->plan.max_body + SWALLOW_MAX ? MHD_NO : MHD_YES;
    if (check_body_len(exchange, exchange->body_len, &exchange->err))
        return MHD_YES;
    if (exchange->plan.write) {
        (void)exchange->plan.write(exchange->plan.write_ctx, bytes, &exchange->err);
    } else {
        fth_buf_str(&exchange->body, bytes);
        (void)fth_buf_done(&exchange->body, &exchange->err);
    }
    return MHD_YES;
}

/* There is not even memory for a request: what needs none of ours is said, not nothing. */
static enum MHD_Result refuse_unheard(struct MHD_Connection *connection)
{
    struct MHD_Response *response;
    enum MHD_Result result;
    void *body;
    const char *text = fth_problem_nomem;

    memcpy(&body, &text, sizeof(body));
    response = MHD_create_response_from_buffer(strlen(text), body, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", "application/problem+json");
    MHD_add_response_header(response, "Retry-After", "2");
    MHD_add_response_header(response, "Connection", "close");
    result = MHD_queue_response(connection, 503, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result first_call(struct fth_http_server *server, struct MHD_Connection *connection,
                                  const char *method, void **context)
{
    struct http_conn *conn = conn_of(connection);
    struct http_exchange *exchange;
    struct fth_err err = {0};

    if (!conn || conn->target.failed)
        return refuse_unheard(connection);
    set_head_since(server, conn, 0);
    exchange = http_exchange_new(server, conn, connection);
    if (!exchange)
        return refuse_unheard(connection);
    *context = exchange;
    if (begin(exchange, method, &err))
        return fail(exchange, &err);
    /* A reply that is queued before the body makes the library close instead of reading it. */
    return exchange->plan.unread ? run(exchange) : MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **context)
{
    struct http_exchange *exchange = *context;

    if (!exchange)
        return first_call(cls, connection, method, context);
    if (*n > 0)
        return take_body(exchange, data, n);
    if (exchange->err.rc && !exchange->body_over)
        return fail(exchange, &exchange->err);
    if (!exchange->body_over)
        return run(exchange);
    return is_ready(exchange) ? queue_reply(exchange) : MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct fth_http_server *server = cls;
    struct http_exchange *exchange = *context;

    *context = NULL;
    if (!exchange)
        return;
    set_head_since(server, exchange->conn, fth_clock_mono_us(&server->clock));
    http_exchange_gone(exchange);
    http_exchange_unref(exchange);
}

/* ---- start and stop ---- */

static void on_library_log(void *cls, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void on_library_log(void *cls, const char *format, va_list args)
{
    struct fth_http_server *server = cls;
    char text[512];

    vsnprintf(text, sizeof(text), format, args);
    FTH_LOG(server->log, FTH_LOG_DEBUG, "http", NULL, "library",
            FTH_LF_STR("text", fth_str_trim(fth_str_c(text))));
}

static struct MHD_Daemon *start_daemon(struct fth_http_server *server, int fd, unsigned threads)
{
    const struct fth_http_conf *conf = &server->conf;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)conf->max_connections, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)conf->silence_s, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(2 * conf->max_head + CONNECTION_EXTRA),
         NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL}};

    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server, MHD_OPTION_ARRAY, options,
        MHD_OPTION_END);
}

static enum fth_rc start_tcp(struct fth_http_server *server, struct fth_err *err)
{
    if (!server->conf.listen)
        return FTH_OK;
    if (fth_listen_tcp(server->conf.listen, server->conf.beyond_loopback, &server->tcp_fd,
                       &server->port, err))
        return err->rc;
    server->tcp = start_daemon(server, server->tcp_fd, server->conf.io_threads);
    if (!server->tcp)
        return fth_err_set(err, FTH_E_IO, "cannot serve %s", server->conf.listen);
    return FTH_OK;
}

static enum fth_rc start_unix(struct fth_http_server *server, struct fth_err *err)
{
    if (!server->conf.unix_path)
        return FTH_OK;
    server->unix_path = fth_strdup(server->conf.unix_path);
    if (!server->unix_path)
        return fth_err_nomem(err);
    if (fth_listen_unix(server->unix_path, &server->unix_fd, err))
        return err->rc;
    server->unix_daemon = start_daemon(server, server->unix_fd, 1);
    if (!server->unix_daemon)
        return fth_err_set(err, FTH_E_IO, "cannot serve %s", server->unix_path);
    return FTH_OK;
}

enum fth_rc fth_http_server_start(const struct fth_http_conf *conf,
                                  const struct fth_http_handler *handler,
                                  const struct fth_clock *clock, struct fth_log *log,
                                  struct fth_http_server **out, struct fth_err *err)
{
    struct fth_http_server *server = fth_calloc(1, sizeof(*server));

    if (!server)
        return fth_err_nomem(err);
    server->conf = *conf;
    server->handler = *handler;
    server->clock = *clock;
    server->log = log;
    server->tcp_fd = server->unix_fd = -1;
    fth_mutex_init(&server->mutex, FTH_LOCK_HTTP);
    fth_cond_init(&server->work);
    fth_cond_init(&server->over);
    fth_cond_init(&server->idle);
    fth_cond_init(&server->empty);
    if (http_work_start(server, err) || start_tcp(server, err) || start_unix(server, err)) {
        server->conf.grace_ms = 0;
        fth_http_server_stop(server);
        return err->rc;
    }
    *out = server;
    return FTH_OK;
}

uint16_t fth_http_server_port(const struct fth_http_server *server)
{
    return server->port;
}

static void wait_until_empty(struct fth_http_server *server)
{
    fth_mutex_lock(&server->mutex);
    while (server->exchanges)
        fth_cond_wait(&server->empty, &server->mutex, -1);
    fth_mutex_unlock(&server->mutex);
}

void fth_http_server_stop(struct fth_http_server *server)
{
    if (!server)
        return;
    if (server->tcp)
        (void)MHD_quiesce_daemon(server->tcp);
    if (server->unix_daemon)
        (void)MHD_quiesce_daemon(server->unix_daemon);
    if (server->handler.stopping)
        server->handler.stopping(server->handler.ctx);
    http_work_stop(server, server->conf.grace_ms);
    if (server->tcp)
        MHD_stop_daemon(server->tcp);
    if (server->unix_daemon)
        MHD_stop_daemon(server->unix_daemon);
    wait_until_empty(server);
    if (server->tcp_fd >= 0)
        close(server->tcp_fd);
    if (server->unix_fd >= 0) {
        (void)unlink(server->unix_path);
        close(server->unix_fd);
    }
    fth_free(server->unix_path);
    fth_cond_release(&server->work);
    fth_cond_release(&server->over);
    fth_cond_release(&server->idle);
    fth_cond_release(&server->empty);
    fth_mutex_release(&server->mutex);
    fth_free(server);
}
