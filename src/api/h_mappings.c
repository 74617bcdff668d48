/* Handlers of mappings. */
#include "api/call.h"
#include "app/mappings.h"

static enum fth_rc put_preview(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_call *call = ctx;

    return fth_mappings_preview(call->app, call->arena, call->body,
                                call->request->peer != FTH_PEER_NETWORK, jw, err);
}

enum fth_rc h_mappings_preview(struct fth_call *call, struct fth_err *err)
{
    return fth_call_json(call, 200, put_preview, call, err);
}
