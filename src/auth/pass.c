#include "auth/pass.h"

#include "auth/pass_int.h"
#include "base/buf.h"
#include "base/check.h"

enum { SCOPE_MAX = 128 * 1024, USED_STEP_US = 60 * 1000 * 1000 };

const struct fth_who fth_nobody = {.id = FTH_STR_INIT("nobody"), .name = FTH_STR_INIT("nobody")};

enum fth_rc pass_refuse(struct fth_err *err)
{
    fth_err_clear(err);
    return fth_err_set(err, FTH_E_UNAUTHENTICATED, "not signed in, or not any more");
}

/* ---- what may be done and seen ---- */

/* What the token was given, of what its user may do. */
static enum fth_rc meet_permissions(struct fth_arena *arena, struct fth_pass *pass,
                                    struct fth_str given, struct fth_err *err)
{
    const struct fth_str *names = NULL;
    struct fth_str *both;
    size_t nr = 0;

    if (given.n == 0)
        return FTH_OK;
    if (permissions_read(arena, given, &names, &nr, err))
        return err->rc;
    both = FTH_NEW_ARRAY(arena, struct fth_str, nr);
    if (!both)
        return fth_err_nomem(err);
    pass->who.permissions = both;
    pass->who.permission_nr = 0;
    for (size_t i = 0; i < nr; i++)
        if (fth_user_may(&pass->user, names[i]))
            both[pass->who.permission_nr++] = names[i];
    return FTH_OK;
}

static enum fth_rc parse_scope(struct fth_arena *arena, struct fth_str text,
                               const struct fth_filter **out, struct fth_err *err)
{
    *out = NULL;
    if (text.n == 0 || !fth_filter_parse(arena, text, out, err) || err->rc == FTH_E_NOMEM)
        return err->rc;
    /* Whose scope cannot be understood sees nothing, rather than everything. */
    fth_err_clear(err);
    return fth_err_set(err, FTH_E_DENIED, "the scope of what may be seen cannot be read any more");
}

static enum fth_rc both_filters(struct fth_arena *arena, const struct fth_filter *a,
                                const struct fth_filter *b, const struct fth_filter **out,
                                struct fth_err *err)
{
    const struct fth_filter **parts = FTH_NEW_ARRAY(arena, const struct fth_filter *, 2);
    struct fth_filter *both = FTH_NEW(arena, struct fth_filter);

    if (!parts || !both)
        return fth_err_nomem(err);
    parts[0] = a;
    parts[1] = b;
    *both = (struct fth_filter){.op = FTH_FILTER_AND, .parts = parts, .part_nr = 2};
    *out = both;
    return FTH_OK;
}

static enum fth_rc meet_scopes(struct fth_arena *arena, struct fth_pass *pass, struct fth_str given,
                               struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(SCOPE_MAX);
    const struct fth_filter *of_user, *of_token, *scope;

    if (parse_scope(arena, pass->user.scope, &of_user, err) ||
        parse_scope(arena, given, &of_token, err))
        return err->rc;
    scope = of_user ? of_user : of_token;
    if (of_user && of_token && both_filters(arena, of_user, of_token, &scope, err))
        return err->rc;
    if (scope) {
        fth_filter_put(&text, scope);
        if (!fth_buf_done(&text, err))
            (void)fth_arena_str(arena, fth_buf_view(&text), &pass->who.scope_text, err);
    }
    pass->who.scope = scope;
    fth_buf_release(&text);
    return err->rc;
}

/* Fills in who it is. `permissions` (JSON) and `scope` are those of a token, or empty. */
static enum fth_rc fill(const struct fth_deed *deed, struct fth_str user,
                        struct fth_str permissions, struct fth_str scope, struct fth_pass *pass,
                        struct fth_err *err)
{
    if (user_read(NULL, deed, user, &pass->user, err))
        return err->rc == FTH_E_NOTFOUND ? pass_refuse(err) : err->rc;
    if (pass->user.disabled_us || pass->user.password_hash.n == 0)
        return pass_refuse(err);
    pass->who = (struct fth_who){.id = pass->user.id,
                                 .name = pass->user.email,
                                 .permissions = pass->user.permissions,
                                 .permission_nr = pass->user.permission_nr};
    if (meet_permissions(deed->arena, pass, permissions, err) ||
        meet_scopes(deed->arena, pass, scope, err))
        return err->rc;
    /* First the password that somebody else gave has to go. */
    if (pass->user.must_change)
        pass->who.permission_nr = 0;
    return FTH_OK;
}

/* ---- sessions ---- */

static enum fth_rc find_session(const struct fth_deed *deed, struct fth_str hash, struct fth_str id,
                                struct fth_pass *out, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(hash), FTH_VAL_STR(id)};
    int64_t now = deed_now(deed);
    struct fth_table table = {0};

    if (deed_read(NULL, deed, CREDENTIAL "session", vals, FTH_NR(vals), 1, &table, err))
        return err->rc;
    if (table.row_nr == 0 || table.at[4].i64 <= now || table.at[3].i64 + SESSION_IDLE_US <= now)
        return pass_refuse(err);
    *out = (struct fth_pass){.shown = FTH_SHOWN_SESSION,
                             .id = table.at[0].text,
                             .used_us = table.at[3].i64,
                             .expires_us = table.at[4].i64};
    return fill(deed, table.at[1].text, FTH_STR(""), FTH_STR(""), out, err);
}

enum fth_rc pass_session_by_id(const struct fth_deed *deed, struct fth_str id, struct fth_pass *out,
                               struct fth_err *err)
{
    return id.n ? find_session(deed, FTH_STR(""), id, out, err) : pass_refuse(err);
}

enum fth_rc fth_pass_session(const struct fth_deed *deed, struct fth_str secret,
                             struct fth_pass *out, struct fth_err *err)
{
    char hash[FTH_SECRET_HASH];

    if (secret.n != FTH_SECRET_TEXT - 1)
        return pass_refuse(err);
    fth_secret_hash(SESSION_PURPOSE, secret, hash);
    if (!find_session(deed, fth_str_c(hash), FTH_STR(""), out, err))
        fth_secret_hash(CSRF_PURPOSE, secret, out->csrf);
    return err->rc;
}

/* ---- API tokens ---- */

/* `hash`: of the secret that was shown; empty: it is known by its id. Nothing more is looked up, or
 * said, for one that is wrong. */
static enum fth_rc find_token(const struct fth_deed *deed, struct fth_str id, struct fth_str hash,
                              struct fth_pass *out, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(id)};
    struct fth_table table = {0};

    if (deed_read(NULL, deed, CREDENTIAL "token", vals, FTH_NR(vals), 1, &table, err))
        return err->rc;
    if (table.row_nr == 0 || table.at[5].i64 <= deed_now(deed) || table.at[7].type != FTH_V_NULL ||
        (hash.n && !fth_secret_same(hash, table.at[2].text)))
        return pass_refuse(err);
    *out = (struct fth_pass){.shown = FTH_SHOWN_TOKEN,
                             .id = table.at[0].text,
                             .expires_us = table.at[5].i64,
                             .used_us = table.at[6].i64};
    return fill(deed, table.at[1].text, table.at[3].text, table.at[4].text, out, err);
}

enum fth_rc pass_token_by_id(const struct fth_deed *deed, struct fth_str id, struct fth_pass *out,
                             struct fth_err *err)
{
    return find_token(deed, id, (struct fth_str){0}, out, err);
}

/* What is no id is not looked for: the store takes no bytes that are no text. */
static bool is_token_id(struct fth_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= 'a' && id.p[i] <= 'z') || (id.p[i] >= '0' && id.p[i] <= '9')))
            return false;
    return true;
}

enum fth_rc fth_pass_bearer(const struct fth_deed *deed, struct fth_str text, struct fth_pass *out,
                            struct fth_err *err)
{
    struct fth_str id, secret;
    char hash[FTH_SECRET_HASH];

    if (!fth_str_starts(text, FTH_STR("fth_")))
        return pass_access(deed, text, out, err);
    if (text.n != 4 + TOKEN_ID + 1 + FTH_SECRET_TEXT - 1 || text.p[4 + TOKEN_ID] != '_')
        return pass_refuse(err);
    id = fth_str_sub(text, 4, TOKEN_ID);
    if (!is_token_id(id))
        return pass_refuse(err);
    secret = fth_str_sub(text, 4 + TOKEN_ID + 1, text.n);
    fth_secret_hash(TOKEN_PURPOSE, secret, hash);
    return find_token(deed, id, fth_str_c(hash), out, err);
}

enum fth_rc fth_pass_used(const struct fth_deed *deed, const struct fth_pass *pass,
                          struct fth_err *err)
{
    int64_t now = deed_now(deed);
    const struct fth_val vals[] = {FTH_VAL_STR(pass->id), FTH_VAL_I64(now)};
    const char *name =
        pass->shown == FTH_SHOWN_SESSION ? CREDENTIAL "session_used" : CREDENTIAL "token_used";

    if (pass->by_access_token || pass->used_us + USED_STEP_US > now)
        return FTH_OK;
    return fth_db_exec(deed->people->conf.db, name, vals, FTH_NR(vals), NULL, err);
}
