/* Handlers of the process itself: alive, ready, measured, described. */
#include "api/router_int.h"
#include "app/metrics.h"

enum { METRICS_MAX = 4 << 20 };

static enum fth_rc put_ok(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "status", "ok");
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_system_health(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_ok, NULL, err);
}

enum fth_rc h_system_ready(struct fth_call *call, struct fth_err *err)
{
    if (fth_app_ready(call->app, err))
        return err->rc;
    return fth_call_json(call, 200, put_ok, NULL, err);
}

enum fth_rc h_system_metrics(struct fth_call *call, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(METRICS_MAX);
    struct fth_str body = {0};

    fth_metrics_put(fth_app_metrics(call->app), &buf);
    if (!fth_buf_done(&buf, err))
        (void)fth_arena_str(call->arena, fth_buf_view(&buf), &body, err);
    fth_buf_release(&buf);
    if (err->rc)
        return err->rc;
    return fth_call_send(call, 200, "text/plain; version=0.0.4; charset=utf-8", body, err);
}

enum fth_rc h_system_openapi(struct fth_call *call, struct fth_err *err)
{
    const struct fth_openapi *api = call->router->api;
    bool fresh;

    if (fth_call_etag(call, api->etag, &fresh, err))
        return err->rc;
    if (fresh)
        return fth_call_empty(call, 304, err);
    return fth_call_send(call, 200, "application/json", api->text, err);
}

static enum fth_rc put_version(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_app_version *version = ctx;

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "name", "farthing");
    fth_jw_kv_c(jw, "version", version->version);
    fth_jw_kv_c(jw, "engine", version->engine);
    fth_jw_kv_c(jw, "state", version->state);
    fth_jw_kv_i64(jw, "schema_version", version->schema_version);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_system_version(struct fth_call *call, struct fth_err *err)
{
    struct fth_app_version version = fth_app_version(call->app);

    return fth_call_json(call, 200, put_version, &version, err);
}
