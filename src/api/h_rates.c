/* Handlers of exchange rates. */
#include "api/call.h"
#include "app/rates.h"

static enum fth_rc put_rates(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(ctx);

    return fth_rates_put(&asked, jw, err);
}

enum fth_rc h_rates_list(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_rates, call, err);
}

static enum fth_rc put_import(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call_file *file = ctx;
    const struct fth_call *call = file->call;
    const struct fth_asked asked = fth_call_asked(call);

    return fth_rates_import(&asked, file->path, fth_call_param(call, "name"),
                            fth_call_param(call, "from"), fth_str_c(call->request->id), jw, err);
}

enum fth_rc h_rates_import(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json_of_file(call, put_import, err);
}
