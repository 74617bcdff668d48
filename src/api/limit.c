#include "api/limit.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/router_int.h"
#include "app/metrics.h"
#include "auth/pass.h"
#include "auth/who.h"
#include "base/address.h"

enum limited_by { BY_USER, BY_PLACE };

static const struct {
    const char *name;
    uint32_t window_s;
    enum limited_by by;
} limits[FTH_LIMIT_NR] = {
#define FTH_LIMIT(id, name, window_s, by, what) {name, window_s, BY_##by},
#include "app/limit.def"
#undef FTH_LIMIT
};

bool fth_limit_named(struct fth_str name, enum fth_limit *out)
{
    *out = FTH_LIMIT_NR;
    for (size_t i = 0; i < FTH_LIMIT_NR; i++)
        if (fth_str_eq_c(name, limits[i].name))
            *out = (enum fth_limit)i;
    return *out != FTH_LIMIT_NR || fth_str_eq_c(name, "none");
}

/* "u:" and the user's id, or "a:" and where the request came from. */
static struct fth_str caller_of(const struct fth_call *call, char text[FTH_PLACE_MAX + 2])
{
    const struct fth_http_request *request = call->request;
    char place[FTH_PLACE_MAX];

    if (request->pass && limits[call->operation->limit].by == BY_USER) {
        snprintf(text, FTH_PLACE_MAX + 2, "u:" FTH_STR_F,
                 FTH_STR_A(fth_str_sub(request->pass->who.id, 0, FTH_PLACE_MAX - 1)));
    } else {
        fth_address_place(request->address, place);
        snprintf(text, FTH_PLACE_MAX + 2, "a:%s", place);
    }
    return fth_str_c(text);
}

static enum fth_rc refuse(struct fth_call *call, const struct fth_limited *limited,
                          struct fth_err *err)
{
    fth_metrics_count(fth_app_metrics(call->app),
                      (enum fth_counter)(FTH_COUNT_LIMITED + limited->limit), 1);
    fth_err_set(err, FTH_E_QUOTA, "more than %" PRIu32 " in %" PRIu32 " seconds (limit \"%s\")",
                limited->most, limited->window_s, limits[limited->limit].name);
    fth_err_hint(err, "Wait %" PRIu32 " seconds, then try again.", limited->state.retry_s);
    return err->rc;
}

enum fth_rc fth_limit_count(struct fth_call *call, struct fth_err *err)
{
    /* Files of the web application and OPTIONS, which no document describes, cost nothing. */
    enum fth_limit limit = call->operation->responses ? call->operation->limit : FTH_LIMIT_NR;
    uint32_t most = limit == FTH_LIMIT_NR ? 0 : call->router->conf->limits[limit];
    char text[FTH_PLACE_MAX + 2];
    struct fth_limited *limited;
    struct fth_quota_rule rule;

    if (most == 0 || call->request->peer != FTH_PEER_NETWORK || !call->request->who)
        return FTH_OK;
    limited = FTH_NEW(call->arena, struct fth_limited);
    if (!limited)
        return fth_err_nomem(err);
    rule = (struct fth_quota_rule){(uint8_t)limit, most, limits[limit].window_s};
    *limited = (struct fth_limited){
        limit, most, rule.window_s,
        fth_quota_take(call->router->quota, &rule, caller_of(call, text), call->operation->cost)};
    call->request->limited = limited;
    return limited->state.granted ? FTH_OK : refuse(call, limited, err);
}

void fth_limit_headers(struct fth_reply *reply, const struct fth_limited *limited)
{
    const char *name = limits[limited->limit].name;
    struct fth_err ignored = {0};
    char text[100];

    snprintf(text, sizeof(text), "\"%s\";q=%" PRIu32 ";w=%" PRIu32, name, limited->most,
             limited->window_s);
    (void)fth_reply_header(reply, "RateLimit-Policy", fth_str_c(text), &ignored);
    snprintf(text, sizeof(text), "\"%s\";r=%" PRIu32 ";t=%" PRIu32, name, limited->state.left,
             limited->state.reset_s);
    (void)fth_reply_header(reply, "RateLimit", fth_str_c(text), &ignored);
    if (limited->state.granted)
        return;
    snprintf(text, sizeof(text), "%" PRIu32, limited->state.retry_s);
    (void)fth_reply_header(reply, "Retry-After", fth_str_c(text), &ignored);
}
