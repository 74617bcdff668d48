/* Handlers of who asks: signing in and out, sessions, passwords, second factors, access tokens. */
#include <inttypes.h>

#include "api/people_int.h"
#include "api/router_int.h"
#include "auth/pass.h"
#include "auth/sign_in.h"

enum { COOKIE_S = 12 * 3600 };

/* ---- what all of them need ---- */

void fth_put_names(struct fth_jw *jw, const char *key, const struct fth_str *names, size_t nr)
{
    fth_jw_key(jw, key);
    fth_jw_array(jw);
    for (size_t i = 0; i < nr; i++)
        fth_jw_str(jw, names[i]);
    fth_jw_array_end(jw);
}

const struct fth_pass *fth_need_session(const struct fth_call *call, struct fth_err *err)
{
    const struct fth_pass *pass = call->request->pass;

    if (pass && pass->shown == FTH_SHOWN_SESSION && !pass->by_access_token)
        return pass;
    if (pass)
        fth_err_set(err, FTH_E_DENIED, "only in a session, not with a token");
    else
        fth_err_set(err, FTH_E_CONFLICT,
                    "nobody is signed in: the owner of the data directory asks");
    return NULL;
}

static void set_retry(const struct fth_call *call, int64_t retry_s)
{
    struct fth_err ignored = {0};
    struct fth_str text;

    if (retry_s > 0 && !fth_arena_printf(call->arena, &text, &ignored, "%" PRId64, retry_s))
        (void)fth_reply_header(call->reply, "Retry-After", text, &ignored);
}

/* ---- the session ---- */

struct session_view {
    bool needed, any;
    const struct fth_who *who;
    const struct fth_pass *pass;
};

static void put_user(struct fth_jw *jw, const struct fth_user *user)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "id", user->id);
    fth_jw_kv(jw, "email", user->email);
    fth_jw_kv(jw, "name", user->name);
    fth_jw_kv(jw, "role", user->role_name);
    fth_jw_kv_bool(jw, "totp", user->totp_secret.n > 0);
    fth_jw_kv_bool(jw, "must_change_password", user->must_change);
    fth_jw_object_end(jw);
}

static const char *shown_name(const struct session_view *view)
{
    if (!view->pass)
        return view->who ? NULL : "owner";
    if (view->pass->by_access_token)
        return "access_token";
    return view->pass->shown == FTH_SHOWN_SESSION ? "session" : "token";
}

static void put_permissions(struct fth_jw *jw, const struct fth_who *who)
{
    fth_jw_key(jw, "permissions");
    fth_jw_array(jw);
    for (size_t i = 0; i < fth_permission_nr(); i++)
        if (fth_who_may(who, fth_permission_at(i)->name))
            fth_jw_str(jw, fth_permission_at(i)->name);
    fth_jw_array_end(jw);
}

static enum fth_rc put_session(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct session_view *view = ctx;
    const struct fth_pass *pass = view->pass;

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "login", view->needed ? "required" : "open");
    fth_jw_kv_bool(jw, "setup", view->needed && !view->any);
    fth_jw_key(jw, "user");
    if (pass)
        put_user(jw, &pass->user);
    else
        fth_jw_null(jw);
    put_permissions(jw, view->who);
    fth_jw_kv_opt(jw, "scope", fth_who_scope_text(view->who));
    fth_jw_kv_c(jw, "by", shown_name(view));
    fth_jw_kv_opt(jw, "csrf_token", pass ? fth_str_c(pass->csrf) : FTH_STR(""));
    fth_jw_kv_instant(jw, "expires_at", pass ? pass->expires_us : 0);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc send_session(struct fth_call *call, const struct fth_pass *pass,
                                struct fth_err *err)
{
    struct fth_people *people = fth_app_people(call->app);
    struct session_view view = {.pass = pass, .who = pass ? &pass->who : call->request->who};

    if (fth_people_needed(people, &view.needed, err) || fth_people_any(people, &view.any, err))
        return err->rc;
    return fth_call_json(call, 200, put_session, &view, err);
}

enum fth_rc h_session_get(struct fth_call *call, struct fth_err *err)
{
    return send_session(call, call->request->pass, err);
}

static enum fth_rc set_cookie(struct fth_call *call, struct fth_str secret, struct fth_err *err)
{
    const struct fth_http_request *request = call->request;
    struct fth_str text;

    if (fth_arena_printf(call->arena, &text, err,
                         "%s=" FTH_STR_F "; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
                         fth_cookie_name(request), FTH_STR_A(secret), secret.n ? COOKIE_S : 0,
                         request->is_secure ? "; Secure" : ""))
        return err->rc;
    return fth_reply_header(call->reply, "Set-Cookie", text, err);
}

static enum fth_rc put_code_wanted(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_kv_bool(jw, "code_wanted", true);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* A session that was there before ends: nobody goes on under a name that somebody else has given
 * their browser. */
static enum fth_rc send_opened(struct fth_call *call, const struct fth_opened *opened,
                               struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_pass *before = call->request->pass;
    struct fth_pass *pass = FTH_NEW(call->arena, struct fth_pass);
    struct fth_err gone = {0};

    if (!pass)
        return fth_err_nomem(err);
    if (opened->secret.n == 0)
        return fth_call_json(call, 202, put_code_wanted, NULL, err);
    if (before && before->shown == FTH_SHOWN_SESSION && !before->by_access_token)
        (void)fth_session_end(&deed, before->user.id, before->id, &gone);
    if (fth_pass_session(&deed, opened->secret, pass, err) || set_cookie(call, opened->secret, err))
        return err->rc;
    return send_session(call, pass, err);
}

enum fth_rc h_session_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_sign_in with = {.email = fth_body_text(call, "email"),
                                     .password = fth_body_text(call, "password"),
                                     .code = fth_body_text(call, "code"),
                                     .agent = fth_request_header(call->request, "User-Agent")};
    struct fth_opened opened = {0};
    int64_t retry_s = 0;

    if (fth_sign_in(&deed, &with, &opened, &retry_s, err)) {
        set_retry(call, retry_s);
        return err->rc;
    }
    return send_opened(call, &opened, err);
}

enum fth_rc h_session_end(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_pass *pass = fth_need_session(call, err);

    if (!pass || fth_session_end(&deed, pass->user.id, pass->id, err) ||
        set_cookie(call, FTH_STR(""), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

struct sessions_view {
    const struct fth_session_info *list;
    size_t nr;
    struct fth_str current;
};

static enum fth_rc put_sessions(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct sessions_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < view->nr; i++) {
        const struct fth_session_info *info = &view->list[i];

        fth_jw_object(jw);
        fth_jw_kv(jw, "id", info->id);
        fth_jw_kv_bool(jw, "current", fth_str_eq(info->id, view->current));
        fth_jw_kv_instant(jw, "created_at", info->created_us);
        fth_jw_kv_instant(jw, "last_used_at", info->used_us);
        fth_jw_kv_instant(jw, "expires_at", info->expires_us);
        fth_jw_kv(jw, "address", info->address);
        fth_jw_kv(jw, "agent", info->agent);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_sessions_list(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_pass *pass = fth_need_session(call, err);
    struct fth_session_info *list = NULL;
    struct sessions_view view = {0};

    if (!pass || fth_sessions_of(&deed, pass->user.id, &list, &view.nr, err))
        return err->rc;
    view.list = list;
    view.current = pass->id;
    return fth_call_json(call, 200, put_sessions, &view, err);
}

enum fth_rc h_sessions_revoke(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_pass *pass = fth_need_session(call, err);

    if (!pass || fth_session_end(&deed, pass->user.id, fth_call_param(call, "id"), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

/* ---- one-time secrets ---- */

static struct fth_once_use use_of(const struct fth_call *call)
{
    return (struct fth_once_use){.secret = fth_body_text(call, "secret"),
                                 .email = fth_body_text(call, "email"),
                                 .name = fth_body_text(call, "name"),
                                 .password = fth_body_text(call, "password"),
                                 .agent = fth_request_header(call->request, "User-Agent")};
}

enum fth_rc h_auth_setup(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_once_use use = use_of(call);
    struct fth_opened opened = {0};

    if (fth_once_set_up(&deed, &use, &opened, err))
        return err->rc;
    return send_opened(call, &opened, err);
}

enum fth_rc h_auth_accept(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_once_use use = use_of(call);
    struct fth_opened opened = {0};

    if (fth_once_accept(&deed, &use, &opened, err))
        return err->rc;
    return send_opened(call, &opened, err);
}

static enum fth_rc put_invitation(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_one_time *once = ctx;

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", fth_once_names[once->kind]);
    fth_jw_kv(jw, "email", once->email);
    fth_jw_kv(jw, "name", once->name);
    fth_jw_kv_instant(jw, "expires_at", once->expires_us);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_auth_invitation(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_one_time once = {0};

    if (fth_once_find(&deed, fth_body_text(call, "secret"), &once, err))
        return err->rc;
    return fth_call_json(call, 200, put_invitation, &once, err);
}

/* ---- one's own password and second factor ---- */

static enum fth_rc proof_of(const struct fth_call *call, const char *key, struct fth_proof *out,
                            struct fth_err *err)
{
    const struct fth_pass *pass = fth_need_session(call, err);

    if (!pass)
        return err->rc;
    *out = (struct fth_proof){pass->user.id, pass->id, fth_body_text(call, key)};
    return FTH_OK;
}

/* A wrong password has a row of its own in the audit (password.refuse). */
static enum fth_rc proof_failed(struct fth_call *call, int64_t retry_s, const struct fth_err *err)
{
    call->written_down = err->rc == FTH_E_DENIED;
    set_retry(call, retry_s);
    return err->rc;
}

enum fth_rc h_auth_password(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_pass *pass = FTH_NEW(call->arena, struct fth_pass);
    struct fth_proof proof = {0};
    int64_t retry_s = 0;

    if (!pass)
        return fth_err_nomem(err);
    if (proof_of(call, "current", &proof, err))
        return err->rc;
    if (fth_password_change(&deed, &proof, fth_body_text(call, "password"), &retry_s, err))
        return proof_failed(call, retry_s, err);
    /* Read anew: there may be more that is allowed now. */
    if (fth_pass_session(&deed, fth_session_cookie(call->request), pass, err))
        return err->rc;
    return send_session(call, pass, err);
}

struct factor_view {
    struct fth_str secret, uri;
    struct fth_str codes[FTH_RECOVERY_CODES];
};

static enum fth_rc put_factor(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct factor_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_kv(jw, "secret", view->secret);
    fth_jw_kv(jw, "uri", view->uri);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_auth_totp_begin(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_proof proof = {0};
    struct factor_view view = {0};
    int64_t retry_s = 0;

    if (proof_of(call, "password", &proof, err))
        return err->rc;
    if (fth_factor_begin(&deed, &proof, &view.secret, &view.uri, &retry_s, err))
        return proof_failed(call, retry_s, err);
    return fth_call_json(call, 200, put_factor, &view, err);
}

static enum fth_rc put_codes(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct factor_view *view = ctx;

    fth_jw_object(jw);
    fth_put_names(jw, "recovery_codes", view->codes, FTH_RECOVERY_CODES);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_auth_totp_confirm(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_pass *pass = fth_need_session(call, err);
    struct factor_view view = {0};

    if (!pass ||
        fth_factor_confirm(&deed, pass->user.id, fth_body_text(call, "code"), view.codes, err))
        return err->rc;
    return fth_call_json(call, 200, put_codes, &view, err);
}

enum fth_rc h_auth_totp_remove(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_proof proof = {0};
    int64_t retry_s = 0;

    if (proof_of(call, "password", &proof, err))
        return err->rc;
    if (fth_factor_remove(&deed, &proof, &retry_s, err))
        return proof_failed(call, retry_s, err);
    return fth_call_empty(call, 204, err);
}

/* ---- access tokens ---- */

static enum fth_rc put_access_token(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_str *token = ctx;

    fth_jw_object(jw);
    fth_jw_kv(jw, "access_token", *token);
    fth_jw_kv_c(jw, "token_type", "Bearer");
    fth_jw_kv_i64(jw, "expires_in", FTH_ACCESS_S);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_auth_access_token(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_pass *pass = call->request->pass;
    struct fth_str token = {0};

    if (!pass)
        return fth_err_set(err, FTH_E_CONFLICT,
                           "nobody is signed in: the owner of the data directory asks");
    if (pass->by_access_token)
        return fth_err_set(err, FTH_E_DENIED, "an access token does not make another");
    if (fth_access_token(&deed, pass, &token, err))
        return err->rc;
    return fth_call_json(call, 200, put_access_token, &token, err);
}

struct keys_view {
    const struct fth_access_key *list;
    size_t nr;
};

static enum fth_rc put_keys(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct keys_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "keys");
    fth_jw_array(jw);
    for (size_t i = 0; i < view->nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "kty", "OKP");
        fth_jw_kv_c(jw, "crv", "Ed25519");
        fth_jw_kv(jw, "x", view->list[i].x);
        fth_jw_kv(jw, "kid", view->list[i].id);
        fth_jw_kv_c(jw, "use", "sig");
        fth_jw_kv_c(jw, "alg", "EdDSA");
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_auth_jwks(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_access_key *list = NULL;
    struct keys_view view = {0};

    if (fth_access_keys(&deed, &list, &view.nr, err))
        return err->rc;
    view.list = list;
    return fth_call_json(call, 200, put_keys, &view, err);
}
