/* Handlers of sources and deliveries. */
#include "api/call.h"
#include "app/sources.h"

static enum fth_rc put_sources(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    const struct fth_asked asked = fth_call_asked(call);

    return fth_sources_put(&asked, fth_str_eq_c(fth_call_param(call, "removed"), "true"), jw, err);
}

enum fth_rc h_sources_list(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_sources, call, err);
}

static enum fth_rc put_source(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    const struct fth_asked asked = fth_call_asked(call);

    return fth_source_put(&asked, fth_call_param(call, "id"), jw, err);
}

enum fth_rc h_sources_get(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_source, call, err);
}

static enum fth_rc put_new_source(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    struct fth_asked asked = fth_call_asked(call);
    const struct fth_source_wish wish = {
        .name = fth_json_str(call->body, "name", FTH_STR("")),
        .provider = fth_json_str(call->body, "provider", FTH_STR("")),
        .billing_account = fth_json_str(call->body, "billing_account", FTH_STR("")),
        .dataset = fth_json_str(call->body, "dataset", FTH_STR("")),
        .format = fth_json_str(call->body, "format", FTH_STR("")),
    };

    return fth_source_add(&asked, &wish, fth_str_c(call->request->id), jw, err);
}

enum fth_rc h_sources_create(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 201, put_new_source, call, err);
}

static enum fth_rc put_removal(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    struct fth_asked asked = fth_call_asked(call);
    bool with_charges = fth_str_eq_c(fth_call_param(call, "with_charges"), "true");

    return fth_source_remove(&asked, fth_call_param(call, "id"), with_charges,
                             fth_str_c(call->request->id), jw, err);
}

enum fth_rc h_sources_remove(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_removal, call, err);
}

static enum fth_rc put_deliveries(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    const struct fth_deliveries_wish wish = {.source = fth_call_param(call, "source"),
                                             .period = fth_call_param(call, "period"),
                                             .cursor = fth_call_param(call, "cursor"),
                                             .limit = (size_t)fth_call_int(call, "limit", 50)};

    return fth_deliveries_put(call->app, call->arena, &wish, jw, err);
}

enum fth_rc h_deliveries_list(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_deliveries, call, err);
}

static enum fth_rc put_delivery(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;

    return fth_delivery_put(call->app, call->arena, fth_call_param(call, "id"), jw, err);
}

enum fth_rc h_deliveries_get(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_delivery, call, err);
}

static enum fth_rc put_diff(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    struct fth_asked asked = fth_call_asked(call);

    return fth_delivery_diff_put(&asked, fth_call_param(call, "id"),
                                 fth_call_param(call, "against"), jw, err);
}

enum fth_rc h_deliveries_diff(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_diff, call, err);
}

static enum fth_rc put_reconciliation(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;
    struct fth_asked asked = fth_call_asked(call);

    return fth_reconcile_put(&asked, fth_call_param(call, "source"), fth_call_param(call, "period"),
                             jw, err);
}

enum fth_rc h_reconciliation_get(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_reconciliation, call, err);
}

/* ---- invoices ---- */

static enum fth_rc put_invoices(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call_file *file = ctx;
    const struct fth_call *call = file->call;
    struct fth_asked asked = fth_call_asked(call);
    const struct fth_invoices_wish wish = {.source = fth_call_param(call, "source"),
                                           .period = fth_call_param(call, "period"),
                                           .path = file->path,
                                           .name = fth_call_param(call, "name")};

    return fth_invoices_put(&asked, &wish, jw, err);
}

enum fth_rc h_reconciliation_invoices(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json_of_file(call, put_invoices, err);
}
