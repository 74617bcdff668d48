/* Who asks, and may they do this? Before parameters and body are looked at. */
#include "api/router_int.h"
#include "auth/pass.h"
#include "crypt/secret.h"

/* ---- what a proxy says ---- */

static bool is_proxy(const struct fth_router_conf *conf, struct fth_str address)
{
    for (size_t i = 0; i < conf->proxy_nr; i++)
        if (fth_str_eq_c(address, conf->proxies[i]))
            return true;
    return false;
}

/* Of several headers of a name the last is the one that the nearest proxy has added. */
static struct fth_str last_header(const struct fth_http_request *request, const char *name)
{
    struct fth_str found = {0};

    for (size_t i = 0; i < request->header_nr; i++)
        if (fth_str_caseeq(request->headers[i].name, fth_str_c(name)))
            found = request->headers[i].value;
    return found;
}

/* The last address of X-Forwarded-For that is not one of our own proxies: what stands before it
 * anybody may have written. */
void fth_believe_proxy(const struct fth_router_conf *conf, struct fth_http_request *request)
{
    struct fth_str list = last_header(request, "X-Forwarded-For");

    if (!is_proxy(conf, request->address))
        return;
    request->is_secure =
        fth_str_caseeq(fth_str_trim(last_header(request, "X-Forwarded-Proto")), FTH_STR("https"));
    while (list.n > 0) {
        size_t comma = fth_str_rfind(list, ',');
        size_t from = comma == SIZE_MAX ? 0 : comma + 1;

        request->address = fth_str_trim(fth_str_sub(list, from, list.n));
        if (comma == SIZE_MAX || !is_proxy(conf, request->address))
            return;
        list = fth_str_sub(list, 0, comma);
    }
}

/* ---- what is shown ---- */

const char *fth_cookie_name(const struct fth_http_request *request)
{
    return request->is_secure ? "__Host-farthing_session" : "farthing_session";
}

struct fth_str fth_session_cookie(const struct fth_http_request *request)
{
    struct fth_str rest = fth_request_header(request, "Cookie"), piece, name, value;

    if (request->cross_origin.n)
        return (struct fth_str){0};
    while (fth_str_next(&rest, ';', &piece))
        if (fth_str_split(fth_str_trim(piece), '=', &name, &value) &&
            fth_str_eq_c(name, fth_cookie_name(request)))
            return value;
    return (struct fth_str){0};
}

static bool bearer_of(const struct fth_http_request *request, struct fth_str *out)
{
    struct fth_str header = fth_request_header(request, "Authorization"), scheme;

    if (!fth_str_split(header, ' ', &scheme, out) || !fth_str_caseeq(scheme, FTH_STR("Bearer")))
        return false;
    *out = fth_str_trim(*out);
    return true;
}

/* What was shown and counts becomes the request's. Nothing shown, or nothing that counts, is
 * FTH_E_UNAUTHENTICATED. */
static enum fth_rc find_pass(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_pass *pass = FTH_NEW(call->arena, struct fth_pass);
    struct fth_str shown;

    if (!pass)
        return fth_err_nomem(err);
    if (bearer_of(call->request, &shown))
        (void)fth_pass_bearer(&deed, shown, pass, err);
    else
        (void)fth_pass_session(&deed, fth_session_cookie(call->request), pass, err);
    if (err->rc)
        return err->rc;
    call->request->pass = pass;
    call->request->who = &pass->who;
    return FTH_OK;
}

/* ---- forgeries ---- */

static bool is_safe(struct fth_str method)
{
    return fth_str_eq_c(method, "GET") || fth_str_eq_c(method, "HEAD");
}

/* A cookie goes with whatever page makes the browser send it. So what changes something has to come
 * from a page of ours, by what the browser says (Origin was compared by fth_check_host()), and to
 * carry what only such a page can have read. */
static enum fth_rc check_forgery(const struct fth_call *call, struct fth_err *err)
{
    const struct fth_http_request *request = call->request;
    struct fth_str site = fth_request_header(request, "Sec-Fetch-Site");
    struct fth_str token = fth_request_header(request, "X-CSRF-Token");
    bool same_site = fth_str_eq_c(site, "same-origin") || fth_str_eq_c(site, "none");

    if (!request->pass->csrf[0] || is_safe(request->method))
        return FTH_OK;
    if (!fth_request_has_header(request, "Origin") && !same_site)
        return fth_err_set(err, FTH_E_DENIED,
                           "a request with a cookie has to say where it comes from");
    if (!fth_secret_same(token, fth_str_c(request->pass->csrf))) {
        fth_err_set(err, FTH_E_DENIED, "a request with a cookie needs its X-CSRF-Token");
        fth_err_hint(err, "It is csrf_token of GET /api/v1/session.");
    }
    return err->rc;
}

/* ---- */

static enum fth_rc check_permission(const struct fth_call *call, struct fth_err *err)
{
    const struct fth_operation *operation = call->operation;
    const struct fth_http_request *request = call->request;

    if (operation->wanted != FTH_WANTED_PERMISSION ||
        fth_who_may(request->who, operation->permission))
        return FTH_OK;
    if (request->pass && request->pass->user.must_change) {
        fth_err_set(err, FTH_E_DENIED, "the password has to be changed first");
        fth_err_hint(err, "POST /api/v1/auth/password does it.");
        return err->rc;
    }
    return fth_err_set(err, FTH_E_DENIED, "permission " FTH_STR_F " is needed",
                       FTH_STR_A(operation->permission));
}

enum fth_rc fth_admit(struct fth_call *call, struct fth_err *err)
{
    struct fth_http_request *request = call->request;
    bool needed = true;

    if (request->peer != FTH_PEER_NETWORK)
        return FTH_OK;
    request->who = &fth_nobody;
    /* Files of the web application and OPTIONS, which no document describes, are for everybody and
     * need no look at the store. */
    if (!call->operation->responses)
        return FTH_OK;
    if (fth_people_needed(fth_app_people(call->app), &needed, err))
        return err->rc;
    if (!needed) {
        request->who = NULL;
        return FTH_OK;
    }
    if (find_pass(call, err)) {
        if (err->rc == FTH_E_UNAUTHENTICATED && call->operation->wanted == FTH_WANTED_NOTHING)
            fth_err_clear(err);
        return err->rc;
    }
    if (call->operation->wanted == FTH_WANTED_NOTHING)
        return FTH_OK;
    if (check_forgery(call, err))
        return err->rc;
    return check_permission(call, err);
}

/* ---- denials ---- */

static enum fth_rc answer_denied(struct fth_call *call, struct fth_err *err)
{
    *err = *call->denial;
    return err->rc;
}

const struct fth_operation fth_denied_operation = {
    .id = "denied", .how = FTH_HOW_STORE, .run = answer_denied};
