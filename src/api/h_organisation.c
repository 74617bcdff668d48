/* Handlers of what is set for the organisation. */
#include "api/call.h"
#include "app/organisation.h"

static enum fth_rc put_organisation(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    return fth_organisation_put(ctx, jw, err);
}

static enum fth_rc answer(struct fth_call *call, struct fth_err *err)
{
    struct fth_asked asked = fth_call_asked(call);

    return fth_call_json(call, 200, put_organisation, &asked, err);
}

enum fth_rc h_organisation_get(struct fth_call *call, struct fth_err *err)
{
    return answer(call, err);
}

enum fth_rc h_organisation_patch(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_str currency = fth_json_str(call->body, "currency", (struct fth_str){0});

    if (fth_organisation_set_currency(&asked, currency, fth_str_c(call->request->id), err))
        return err->rc;
    return answer(call, err);
}
