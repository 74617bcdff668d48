#include "net/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"

/* What the callbacks of one call share. */
struct exchange {
    const struct fth_net_call *call;
    struct fth_err *err;
    CURL *curl;
    bool headed;
};

enum fth_rc fth_net_start(struct fth_err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fth_err_set(err, FTH_E_FAILED, "cannot start the HTTP client");
    return FTH_OK;
}

static enum fth_rc tell_head(struct exchange *exchange)
{
    const struct fth_net_call *call = exchange->call;
    const char *type = NULL;
    long status = 0;

    if (exchange->headed)
        return FTH_OK;
    exchange->headed = true;
    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange->curl, CURLINFO_CONTENT_TYPE, &type);
    return call->head ? call->head(call->ctx, (int)status, fth_str_c(type), exchange->err) : FTH_OK;
}

/* Not const: this is curl's type of a callback. NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t on_data(char *bytes, size_t size, size_t nr, void *ctx)
{
    struct exchange *exchange = ctx;
    const struct fth_net_call *call = exchange->call;
    struct fth_str piece = {bytes, size * nr};

    if (tell_head(exchange) || call->data(call->ctx, piece, exchange->err))
        return CURL_WRITEFUNC_ERROR;
    return piece.n;
}

/* NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t on_header(char *bytes, size_t size, size_t nr, void *ctx)
{
    struct exchange *exchange = ctx;
    const struct fth_net_call *call = exchange->call;
    struct fth_str name, value, line = {bytes, size * nr};

    if (call->header && fth_str_split(line, ':', &name, &value) &&
        call->header(call->ctx, name, fth_str_trim(value), exchange->err))
        return CURL_WRITEFUNC_ERROR;
    return line.n;
}

static size_t on_read(char *bytes, size_t size, size_t nr, void *ctx)
{
    struct exchange *exchange = ctx;
    ssize_t got;

    do
        got = read(exchange->call->body_fd, bytes, size * nr);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        fth_err_errno(exchange->err, errno, "cannot read what is to be sent");
        return CURL_READFUNC_ABORT;
    }
    return (size_t)got;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    struct exchange *exchange = ctx;

    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    return fth_cancel_check(exchange->call->cancel, exchange->err) != FTH_OK;
}

static enum fth_rc add_header(struct curl_slist **list, struct fth_str name, struct fth_str value,
                              struct fth_err *err)
{
    struct fth_buf line = fth_buf_max(64 * 1024);
    struct curl_slist *longer;
    enum fth_rc rc;

    fth_buf_str(&line, name);
    fth_buf_c(&line, ": ");
    fth_buf_str(&line, value);
    fth_buf_char(&line, '\0');
    rc = fth_buf_done(&line, err);
    if (rc == FTH_OK) {
        longer = curl_slist_append(*list, line.p);
        if (longer)
            *list = longer;
        else
            rc = fth_err_nomem(err);
    }
    fth_buf_release(&line);
    return rc;
}

static void set_body(CURL *curl, const struct fth_net_call *call, struct exchange *exchange)
{
    if (call->body_fd >= 0) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(curl, CURLOPT_READDATA, exchange);
    } else if (call->body.n) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.p);
    } else if (strcmp(call->method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (strcmp(call->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

/* A proxy of the environment is for the outside. What is on this machine is reached straight, even
 * when nobody thought of no_proxy: the proxy's "localhost" is another one. */
static bool on_this_machine(const struct fth_net_call *call)
{
    CURLU *url = curl_url();
    char *host = NULL;
    bool local = call->unix_socket != NULL;

    if (!local && url && curl_url_set(url, CURLUPART_URL, call->url, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        local = fth_str_caseeq(fth_str_c(host), FTH_STR("localhost")) ||
                strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
    curl_free(host);
    curl_url_cleanup(url);
    return local;
}

static void set_options(CURL *curl, const struct fth_net_call *call, struct exchange *exchange,
                        struct curl_slist *headers)
{
    int64_t connect_ms = call->connect_timeout_ms ? call->connect_timeout_ms : 5000;

    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    if (call->unix_socket)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->unix_socket);
    if (on_this_machine(call))
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
    set_body(curl, call, exchange);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
}

static enum fth_rc explain(CURLcode code, const char *detail, const struct fth_net_call *call,
                           struct fth_err *err)
{
    const char *where = call->unix_socket ? call->unix_socket : call->url;
    const char *why = detail[0] ? detail : curl_easy_strerror(code);

    switch (code) {
    case CURLE_COULDNT_CONNECT:
        /* A socket belongs to a process that may be starting; elsewhere it is the network. */
        return fth_err_set(err, call->unix_socket ? FTH_E_BUSY : FTH_E_NET,
                           "%s: nobody answers: %s", where, why);
    case CURLE_OPERATION_TIMEDOUT:
        return fth_err_set(err, FTH_E_TIMEOUT, "%s: %s", where, why);
    case CURLE_OUT_OF_MEMORY:
        return fth_err_nomem(err);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return fth_err_set(err, FTH_E_USAGE, "%s: not an http or https address", where);
    default:
        return fth_err_set(err, FTH_E_NET, "%s: %s", where, why);
    }
}

enum fth_rc fth_net_perform(const struct fth_net_call *call, struct fth_err *err)
{
    struct exchange exchange = {.call = call, .err = err};
    struct curl_slist *headers = NULL;
    char detail[CURL_ERROR_SIZE] = "";
    enum fth_rc rc = FTH_OK;
    CURLcode code;

    if (fth_fault_hit(FTH_FAULT_NET))
        return fth_err_set(err, FTH_E_NET, "%s: connection cut", call->url);
    exchange.curl = curl_easy_init();
    if (!exchange.curl)
        return fth_err_nomem(err);
    /* Without this curl waits a second for a "100 Continue" that our servers do not owe. */
    rc = add_header(&headers, FTH_STR("Expect"), FTH_STR(""), err);
    for (size_t i = 0; rc == FTH_OK && i < call->header_nr; i++)
        rc = add_header(&headers, call->headers[i].name, call->headers[i].value, err);
    if (rc)
        goto out;
    set_options(exchange.curl, call, &exchange, headers);
    curl_easy_setopt(exchange.curl, CURLOPT_ERRORBUFFER, detail);
    code = curl_easy_perform(exchange.curl);
    if (code == CURLE_OK)
        rc = tell_head(&exchange);
    else
        rc = err->rc ? err->rc : explain(code, detail, call, err);
out:
    curl_slist_free_all(headers);
    curl_easy_cleanup(exchange.curl);
    return rc;
}
