/* Handlers of anomalies. */
#include "api/call.h"
#include "api/cursor_int.h"
#include "app/anomalies.h"

/* ---- lists ---- */

struct list {
    const struct fth_asked *asked;
    struct fth_anomalies_request request;
    struct fth_anomaly_page page;
    struct fth_str cursor;
};

static enum fth_rc put_list(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct list *list = ctx;

    return fth_anomalies_put(list->asked, &list->request, &list->page, list->cursor, jw, err);
}

enum fth_rc h_anomalies_list(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct list list = {
        .asked = &asked,
        .request = {.states = fth_call_param(call, "state"),
                    .severities = fth_call_param(call, "severity"),
                    .level = fth_call_param(call, "level"),
                    .account = fth_call_param(call, "account"),
                    .service = fth_call_param(call, "service"),
                    .direction = fth_call_param(call, "direction"),
                    .from = fth_call_param(call, "from"),
                    .to = fth_call_param(call, "to"),
                    .by_start = fth_str_eq_c(fth_call_param(call, "sort"), "-start"),
                    .limit = (size_t)fth_call_int(call, "limit", 50)}};
    struct fth_str cursor = fth_call_param(call, "cursor");

    if (cursor.n && fth_cursor_read(call->arena, cursor, &list.request.after_key,
                                    &list.request.after_number, err))
        return err->rc;
    if (fth_anomalies_page(&asked, &list.request, &list.page, err))
        return err->rc;
    if (list.page.more &&
        fth_cursor_make(call->arena, list.page.key, list.page.number, &list.cursor, err))
        return err->rc;
    return fth_call_json(call, 200, put_list, &list, err);
}

/* ---- one ---- */

struct one {
    const struct fth_asked *asked;
    const struct fth_anomaly *anomaly;
};

static enum fth_rc put_detail(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct one *one = ctx;

    return fth_anomaly_put_detail(one->asked, one->anomaly, jw, err);
}

static enum fth_rc put_one(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct one *one = ctx;

    return fth_anomaly_put(one->asked, one->anomaly, jw, err);
}

static enum fth_rc find(struct fth_call *call, const struct fth_asked *asked, struct one *out,
                        struct fth_err *err)
{
    out->asked = asked;
    return fth_anomaly_find(asked, fth_call_param(call, "id"), &out->anomaly, err);
}

static enum fth_rc set_etag(struct fth_call *call, const struct one *one, struct fth_err *err)
{
    struct fth_str etag;

    if (fth_anomaly_etag(one->asked, one->anomaly, &etag, err))
        return err->rc;
    return fth_reply_header(call->reply, "ETag", etag, err);
}

enum fth_rc h_anomalies_get(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct one one;

    if (find(call, &asked, &one, err) || set_etag(call, &one, err))
        return err->rc;
    return fth_call_json(call, 200, put_detail, &one, err);
}

/* Is it what the caller has seen? */
static enum fth_rc check_match(struct fth_call *call, const struct one *one, struct fth_err *err)
{
    struct fth_str wanted = fth_request_header(call->request, "If-Match"), etag, coded;

    if (!wanted.n)
        return FTH_OK;
    if (fth_anomaly_etag(one->asked, one->anomaly, &etag, err) ||
        fth_etag_gzip(call->arena, etag, &coded, err))
        return err->rc;
    if (fth_etag_matches(wanted, etag, true) || fth_etag_matches(wanted, coded, true))
        return FTH_OK;
    fth_err_set(err, FTH_E_PRECONDITION, "it has changed since: its ETag is " FTH_STR_F,
                FTH_STR_A(etag));
    fth_err_hint(err, "Read it again, then change that.");
    return err->rc;
}

enum fth_rc h_anomalies_patch(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct one one;

    if (find(call, &asked, &one, err) || check_match(call, &one, err) ||
        fth_anomaly_decide(&asked, one.anomaly, call->body, fth_str_c(call->request->id),
                           &one.anomaly, err) ||
        set_etag(call, &one, err))
        return err->rc;
    return fth_call_json(call, 200, put_one, &one, err);
}

static enum fth_rc put_comment(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_call *call = ctx;
    const struct fth_asked asked = fth_call_asked(call);
    struct one one;

    if (find(call, &asked, &one, err))
        return err->rc;
    return fth_anomaly_comment(&asked, one.anomaly, fth_json_str(call->body, "text", FTH_STR("")),
                               jw, err);
}

enum fth_rc h_anomalies_comment(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 201, put_comment, call, err);
}

/* ---- finding ---- */

enum fth_rc h_anomalies_preview(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_str body;

    if (fth_anomalies_preview(&asked, call->body, &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}

enum fth_rc h_anomalies_find(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_str body;

    if (fth_anomalies_find(&asked, call->body, &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}

enum fth_rc h_anomalies_detect(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    char id[FTH_JOB_ID_LEN + 1];

    if (fth_anomalies_submit(&asked, call->request->id, id, err))
        return err->rc;
    return fth_call_job(call, id, err);
}
