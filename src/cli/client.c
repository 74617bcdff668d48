#include "cli/client.h"

#include <time.h>
#include <unistd.h>

#include "net/http.h"

/* A server that says to come again is asked again so often, when that is so soon. */
enum { AGAIN_MAX = 10, WAIT_MOST_S = 90, STEP_MS = 100 };

/* ---- over the network or a socket ---- */

struct remote {
    const char *url, *token, *socket_path;
};

/* One of the times that a request is sent. */
struct attempt {
    const struct fth_client_sink *sink;
    int64_t retry_s; /* of Retry-After */
    bool may_again;  /* the body can be sent once more, and it was not tried too often */
    bool again;      /* the server was asked too much: its answer is nobody's */
};

static enum fth_rc take_header(void *ctx, struct fth_str name, struct fth_str value,
                               struct fth_err *err)
{
    struct attempt *attempt = ctx;

    if (fth_str_caseeq(name, FTH_STR("Retry-After")))
        (void)fth_str_to_i64(value, &attempt->retry_s);
    return FTH_OK;
}

static enum fth_rc take_head(void *ctx, int status, struct fth_str content_type,
                             struct fth_err *err)
{
    struct attempt *attempt = ctx;
    const struct fth_client_sink *sink = attempt->sink;

    attempt->again = attempt->may_again && status == fth_rc_info(FTH_E_QUOTA)->http_status &&
                     attempt->retry_s > 0 && attempt->retry_s <= WAIT_MOST_S;
    return attempt->again || !sink->head ? FTH_OK
                                         : sink->head(sink->ctx, status, content_type, err);
}

static enum fth_rc take_data(void *ctx, struct fth_str piece, struct fth_err *err)
{
    struct attempt *attempt = ctx;
    const struct fth_client_sink *sink = attempt->sink;

    return attempt->again ? FTH_OK : sink->data(sink->ctx, piece, err);
}

static enum fth_rc send_once(const struct remote *remote, const struct fth_client_call *request,
                             struct attempt *attempt, struct fth_cancel *cancel,
                             struct fth_err *err)
{
    struct fth_buf url = fth_buf_max(1024 * 1024), bearer = fth_buf_max(16 * 1024);
    struct fth_net_header headers[4];
    struct fth_net_call call = {.method = request->method,
                                .unix_socket = remote->socket_path,
                                .headers = headers,
                                .body = request->body,
                                .body_fd = request->body_fd,
                                .cancel = cancel,
                                .ctx = attempt,
                                .head = take_head,
                                .data = take_data,
                                .header = take_header};
    enum fth_rc rc;

    fth_buf_printf(&url, "%s" FTH_STR_F, remote->url, FTH_STR_A(request->path));
    fth_buf_char(&url, '\0');
    headers[call.header_nr++] = (struct fth_net_header){
        FTH_STR("Accept"), fth_str_c(request->accept ? request->accept : "application/json")};
    if (request->body.n || request->body_fd >= 0)
        headers[call.header_nr++] = (struct fth_net_header){
            FTH_STR("Content-Type"),
            fth_str_c(request->content_type ? request->content_type : "application/json")};
    if (request->prefer)
        headers[call.header_nr++] =
            (struct fth_net_header){FTH_STR("Prefer"), fth_str_c(request->prefer)};
    if (remote->token) {
        fth_buf_printf(&bearer, "Bearer %s", remote->token);
        headers[call.header_nr++] =
            (struct fth_net_header){FTH_STR("Authorization"), fth_buf_view(&bearer)};
    }
    rc = fth_buf_done(&url, err);
    if (rc == FTH_OK)
        rc = fth_buf_done(&bearer, err);
    if (rc == FTH_OK) {
        call.url = url.p;
        rc = fth_net_perform(&call, err);
    }
    fth_buf_release(&url);
    fth_buf_release(&bearer);
    return rc;
}

static enum fth_rc wait_s(int64_t seconds, const struct fth_cancel *cancel, struct fth_err *err)
{
    const struct timespec step = {0, STEP_MS * 1000000L};

    for (int64_t ms = 0; ms < seconds * 1000; ms += STEP_MS) {
        if (fth_cancel_check(cancel, err))
            return err->rc;
        nanosleep(&step, NULL);
    }
    return FTH_OK;
}

/* What was refused for being too much was not done: an import of very many files goes on when it
 * may. A body that comes from a pipe is gone once it was sent. */
static enum fth_rc remote_call(void *ctx, const struct fth_client_call *request,
                               const struct fth_client_sink *sink, struct fth_cancel *cancel,
                               struct fth_err *err)
{
    off_t start = request->body_fd < 0 ? 0 : lseek(request->body_fd, 0, SEEK_CUR);

    for (int i = 0;; i++) {
        struct attempt attempt = {.sink = sink, .may_again = start >= 0 && i < AGAIN_MAX};

        if (send_once(ctx, request, &attempt, cancel, err) || !attempt.again ||
            wait_s(attempt.retry_s, cancel, err))
            return err->rc;
        if (request->body_fd >= 0 && lseek(request->body_fd, start, SEEK_SET) != start)
            return fth_err_set(err, FTH_E_IO, "the file cannot be read a second time");
    }
}

static void remote_close(void *ctx)
{
    (void)ctx;
}

enum fth_rc fth_client_remote(struct fth_arena *arena, const char *url, const char *token,
                              const char *socket_path, struct fth_client *out, struct fth_err *err)
{
    struct remote *remote = FTH_NEW(arena, struct remote);

    if (!remote)
        return fth_err_nomem(err);
    *remote = (struct remote){url, token, socket_path};
    *out = (struct fth_client){.call = remote_call,
                               .close = remote_close,
                               .ctx = remote,
                               .local_paths = socket_path != NULL};
    return fth_net_start(err);
}

/* ---- answers ---- */

/* The first code of the table with that status: problems carry their own type for the rest. */
static enum fth_rc rc_of_status(int status, struct fth_str type)
{
    enum fth_rc by_status = status >= 500 ? FTH_E_FAILED : FTH_E_INVALID;
    bool found = false;

    for (int rc = FTH_OK + 1; rc < FTH_RC_NR; rc++) {
        const struct fth_rc_info *info = fth_rc_info((enum fth_rc)rc);

        if (type.n && fth_str_ends(type, fth_str_c(info->type)))
            return (enum fth_rc)rc;
        if (!found && info->http_status == status) {
            by_status = (enum fth_rc)rc;
            found = true;
        }
    }
    return by_status;
}

enum fth_rc fth_client_problem(int status, const struct fth_json *problem, struct fth_err *err)
{
    struct fth_str type = fth_json_str(problem, "type", FTH_STR(""));
    struct fth_str detail = fth_json_str(problem, "detail", FTH_STR(""));
    struct fth_str hint = fth_json_str(problem, "hint", FTH_STR(""));
    struct fth_str pointer =
        fth_json_str(fth_json_at(problem, FTH_STR("/errors/0")), "pointer", FTH_STR(""));

    if (detail.n == 0)
        detail = fth_json_str(problem, "title", FTH_STR("the server gave no reason"));
    fth_err_set(err, rc_of_status(status, type), FTH_STR_F, FTH_STR_A(detail));
    if (hint.n)
        fth_err_hint(err, FTH_STR_F, FTH_STR_A(hint));
    if (pointer.n)
        fth_err_at(err, FTH_STR_F, FTH_STR_A(pointer));
    return err->rc;
}

/* Collects an answer when it is bad, or hands it on when it is good. */
struct receiver {
    int status;
    struct fth_buf text;
    const struct fth_client_sink *good; /* NULL: collect those too */
};

static enum fth_rc receive_head(void *ctx, int status, struct fth_str content_type,
                                struct fth_err *err)
{
    struct receiver *receiver = ctx;

    receiver->status = status;
    if (status < 400 && receiver->good && receiver->good->head)
        return receiver->good->head(receiver->good->ctx, status, content_type, err);
    return FTH_OK;
}

static enum fth_rc receive_data(void *ctx, struct fth_str piece, struct fth_err *err)
{
    struct receiver *receiver = ctx;

    if (receiver->status < 400 && receiver->good)
        return receiver->good->data(receiver->good->ctx, piece, err);
    fth_buf_str(&receiver->text, piece);
    return fth_buf_done(&receiver->text, err);
}

/* Calls; a bad status has become the error. */
static enum fth_rc exchange(const struct fth_client *client, const struct fth_client_call *request,
                            struct fth_cancel *cancel, struct fth_arena *arena,
                            struct receiver *receiver, const struct fth_json **out,
                            struct fth_err *err)
{
    const struct fth_client_sink sink = {receive_head, receive_data, receiver};
    const struct fth_json_limits limits = {.max_len = receiver->text.max};
    const struct fth_json *json = NULL;
    struct fth_err ignored = {0};
    enum fth_rc rc;

    rc = client->call(client->ctx, request, &sink, cancel, err);
    if (rc)
        return rc;
    if (receiver->status >= 400) {
        if (fth_json_parse(arena, fth_buf_view(&receiver->text), &limits, &json, &ignored))
            return fth_err_set(err, rc_of_status(receiver->status, FTH_STR("")),
                               "the server answered with status %d", receiver->status);
        return fth_client_problem(receiver->status, json, err);
    }
    if (!receiver->good && receiver->text.n) {
        rc = fth_json_parse(arena, fth_buf_view(&receiver->text), &limits, &json, err);
        if (rc) {
            fth_err_prefix(err, "the server's answer");
            rc = err->rc = rc == FTH_E_SYNTAX ? FTH_E_NET : rc;
        }
    }
    if (rc == FTH_OK && out)
        *out = json;
    return rc;
}

enum fth_rc fth_client_json(const struct fth_client *client, const struct fth_client_call *request,
                            struct fth_cancel *cancel, struct fth_arena *arena, size_t max_len,
                            const struct fth_json **out, struct fth_err *err)
{
    struct receiver receiver = {.text = fth_buf_max(max_len)};
    enum fth_rc rc = exchange(client, request, cancel, arena, &receiver, out, err);

    fth_buf_release(&receiver.text);
    return rc;
}

enum fth_rc fth_client_stream(const struct fth_client *client,
                              const struct fth_client_call *request, struct fth_cancel *cancel,
                              const struct fth_client_sink *sink, struct fth_err *err)
{
    struct receiver receiver = {.text = fth_buf_max(1024 * 1024), .good = sink};
    struct fth_arena *arena = fth_arena_new(4 * 1024 * 1024);
    enum fth_rc rc =
        arena ? exchange(client, request, cancel, arena, &receiver, NULL, err) : fth_err_nomem(err);

    fth_arena_free(arena);
    fth_buf_release(&receiver.text);
    return rc;
}
