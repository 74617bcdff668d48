/* Handlers of questions about cost, and of dimensions. */
#include "api/call.h"
#include "app/costs.h"
#include "app/metrics.h"
#include "app/origin.h"

static enum fth_rc not_modified(struct fth_call *call, struct fth_err *err)
{
    fth_metrics_count(fth_app_metrics(call->app), FTH_COUNT_NOT_MODIFIED, 1);
    return fth_call_empty(call, 304, err);
}

/* ---- forms ---- */

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static const char *const form_types[] = {"application/json", "text/csv; charset=utf-8",
                                         "application/x-ndjson", "application/vnd.apache.parquet",
                                         XLSX_TYPE};

/* The best of those that Accept allows, JSON among equals. */
static enum fth_form form_of(const struct fth_call *call)
{
    static const char *const types[] = {"application/json", "text/csv", "application/x-ndjson",
                                        "application/vnd.apache.parquet", XLSX_TYPE};
    struct fth_str accept = fth_request_header(call->request, "Accept");
    unsigned best_quality = 0;
    enum fth_form best = FTH_FORM_JSON;

    for (int form = FTH_FORM_JSON; form <= FTH_FORM_XLSX; form++) {
        unsigned quality = fth_accept_quality(accept, fth_str_c(types[form]));

        if (quality > best_quality) {
            best_quality = quality;
            best = (enum fth_form)form;
        }
    }
    return best;
}

/* ---- queries ---- */

struct streamed {
    struct fth_call *call;
    struct fth_question *question;
};

/* The head goes out with the first bytes, so that an error before them is still a problem. */
static enum fth_rc flush(void *ctx, struct fth_str text, struct fth_err *err)
{
    const struct streamed *streamed = ctx;
    struct fth_reply *reply = streamed->call->reply;
    struct fth_str warning = fth_question_warning(streamed->question);

    if (reply->state == FTH_REPLY_NEW &&
        ((warning.n > 0 && fth_reply_header(reply, "X-Farthing-Warning", warning, err)) ||
         fth_reply_start(reply, 200, err)))
        return err->rc;
    return fth_reply_write(reply, text, err);
}

static enum fth_rc stream(struct fth_call *call, struct fth_question *question, enum fth_form form,
                          struct fth_err *err)
{
    struct streamed streamed = {call, question};

    if (fth_call_exported(call, FTH_STR(""), err) ||
        fth_reply_header(call->reply, "Content-Type", fth_str_c(form_types[form]), err) ||
        fth_question_stream(question, form, flush, &streamed, err))
        return err->rc;
    if (call->reply->state == FTH_REPLY_NEW && fth_reply_start(call->reply, 200, err))
        return err->rc;
    fth_reply_end(call->reply, true);
    return FTH_OK;
}

static enum fth_rc page(struct fth_call *call, struct fth_question *question, struct fth_str cursor,
                        struct fth_err *err)
{
    struct fth_str body;
    bool current;

    if (fth_question_answer(question, cursor, &body, &current, err))
        return err->rc;
    /* The answer is a newer one than the tag says: without a tag nobody will mix them up. */
    if (!current)
        fth_reply_unset_header(call->reply, "ETag");
    return fth_call_send(call, 200, form_types[FTH_FORM_JSON], body, err);
}

static enum fth_rc answer(struct fth_call *call, const struct fth_json *plan, enum fth_form form,
                          struct fth_err *err)
{
    struct fth_str cursor = fth_call_param(call, "cursor"), etag;
    struct fth_asked asked = fth_call_asked(call);
    struct fth_question *question;
    bool fresh;

    if (fth_question_new(&asked, plan, &question, err) ||
        fth_question_etag(question, form, cursor, &etag, err) ||
        fth_reply_vary(call->reply, "Accept", err) || fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh)
        return not_modified(call, err);
    if (form != FTH_FORM_JSON)
        return stream(call, question, form, err);
    return page(call, question, cursor, err);
}

enum fth_rc h_costs_query(struct fth_call *call, struct fth_err *err)
{
    return answer(call, call->body, form_of(call), err);
}

static enum fth_rc parse_plan(struct fth_call *call, const char *param, const struct fth_json **out,
                              struct fth_err *err)
{
    if (fth_json_parse(call->arena, fth_call_param(call, param), NULL, out, err))
        fth_err_prefix(err, "parameter %s", param);
    return err->rc;
}

static enum fth_rc offer_download(struct fth_call *call, struct fth_err *err)
{
    struct fth_str name = fth_call_param(call, "download"), value;

    if (name.n == 0)
        return FTH_OK;
    if (fth_arena_printf(call->arena, &value, err, "attachment; filename=\"" FTH_STR_F "\"",
                         FTH_STR_A(name)))
        return err->rc;
    return fth_reply_header(call->reply, "Content-Disposition", value, err);
}

enum fth_rc h_costs_query_link(struct fth_call *call, struct fth_err *err)
{
    struct fth_str wanted = fth_call_param(call, "format");
    enum fth_form form = form_of(call);
    const struct fth_json *plan;

    if (wanted.n)
        form = fth_str_eq_c(wanted, "csv")       ? FTH_FORM_CSV
               : fth_str_eq_c(wanted, "ndjson")  ? FTH_FORM_NDJSON
               : fth_str_eq_c(wanted, "parquet") ? FTH_FORM_PARQUET
               : fth_str_eq_c(wanted, "xlsx")    ? FTH_FORM_XLSX
                                                 : FTH_FORM_JSON;
    if (parse_plan(call, "plan", &plan, err) || offer_download(call, err))
        return err->rc;
    return answer(call, plan, form, err);
}

static enum fth_rc put_explanation(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    return fth_question_explain(ctx, jw, err);
}

enum fth_rc h_costs_explain(struct fth_call *call, struct fth_err *err)
{
    struct fth_asked asked = fth_call_asked(call);
    struct fth_question *question;

    if (fth_question_new(&asked, call->body, &question, err))
        return err->rc;
    return fth_call_json(call, 200, put_explanation, question, err);
}

enum fth_rc h_costs_summary(struct fth_call *call, struct fth_err *err)
{
    const struct fth_summary_request request = {fth_call_param(call, "metric"),
                                                fth_call_param(call, "currency")};
    struct fth_asked asked = fth_call_asked(call);
    struct fth_str what, etag, body;
    bool fresh;

    if (fth_costs_summary_key(&asked, &request, &what, err) ||
        fth_version_etag(&asked, what, &etag, err) || fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh)
        return not_modified(call, err);
    if (fth_costs_summary(&asked, &request, &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}

enum fth_rc h_charges_origin(struct fth_call *call, struct fth_err *err)
{
    struct fth_asked asked = fth_call_asked(call);
    struct fth_str body;

    if (fth_charge_origin(&asked, fth_call_param(call, "id"), &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}

/* ---- dimensions ---- */

static enum fth_rc put_dimensions(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    return fth_dimensions_put(ctx, jw, err);
}

enum fth_rc h_dimensions_list(struct fth_call *call, struct fth_err *err)
{
    struct fth_asked asked = fth_call_asked(call);
    struct fth_str etag;
    bool fresh;

    if (fth_version_etag(&asked, FTH_STR("dimensions"), &etag, err) ||
        fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh)
        return not_modified(call, err);
    return fth_call_json(call, 200, put_dimensions, &asked, err);
}

enum fth_rc h_dimensions_values(struct fth_call *call, struct fth_err *err)
{
    struct fth_values_request request = {.dimension = fth_call_param(call, "dimension"),
                                         .q = fth_call_param(call, "q"),
                                         .cursor = fth_call_param(call, "cursor"),
                                         .limit = (size_t)fth_call_int(call, "limit", 50)};
    struct fth_asked asked = fth_call_asked(call);
    struct fth_str etag, body;
    bool fresh;

    if (fth_call_has_param(call, "plan") && parse_plan(call, "plan", &request.within, err))
        return err->rc;
    if (fth_version_etag(&asked, call->request->query, &etag, err) ||
        fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh)
        return not_modified(call, err);
    if (fth_dimension_values_put(&asked, &request, &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}
