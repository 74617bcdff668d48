/* Handlers of exchange rates. */
#include "api/call.h"
#include "app/rates.h"
#include "app/uploads.h"

static struct fth_asked asked_by(const struct fth_call *call)
{
    return (struct fth_asked){call->app, call->arena, call->request->cancel};
}

static enum fth_rc put_rates(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_asked asked = asked_by(ctx);

    return fth_rates_put(&asked, jw, err);
}

enum fth_rc h_rates_list(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_rates, call, err);
}

struct brought {
    const struct fth_call *call;
    const char *path;
};

static enum fth_rc put_import(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct brought *brought = ctx;
    const struct fth_call *call = brought->call;
    const struct fth_asked asked = asked_by(call);

    return fth_rates_import(&asked, brought->path, fth_call_param(call, "name"),
                            fth_call_param(call, "from"), fth_str_c(call->request->id), jw, err);
}

enum fth_rc h_rates_import(struct fth_call *call, struct fth_err *err)
{
    struct brought brought = {.call = call};
    struct fth_upload_info info;
    struct fth_err ignored = {0};
    struct fth_str id;

    if (fth_upload_finish(call->upload, &info, err))
        return err->rc;
    id = fth_str_c(info.id);
    if (!fth_upload_path(call->app, call->arena, id, &brought.path, err))
        (void)fth_call_json(call, 200, put_import, &brought, err);
    fth_upload_delete(call->app, id, &ignored);
    return err->rc;
}
