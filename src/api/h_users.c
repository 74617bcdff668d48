/* Handlers of people, roles and API tokens. */
#include <stdio.h>

#include "api/cursor_int.h"
#include "api/people_int.h"
#include "auth/pass.h"
#include "auth/sign_in.h"

static enum fth_rc set_location(struct fth_call *call, const char *path, struct fth_str id,
                                struct fth_err *err)
{
    struct fth_str text;

    if (fth_arena_printf(call->arena, &text, err, "%s/" FTH_STR_F, path, FTH_STR_A(id)))
        return err->rc;
    return fth_reply_header(call->reply, "Location", text, err);
}

/* What a token makes that lets somebody in would outlive what was meant to end it. */
static enum fth_rc refuse_tokens(const struct fth_call *call, struct fth_err *err)
{
    if (call->request->who)
        (void)fth_need_session(call, err);
    return err->rc;
}

enum fth_rc fth_body_names(const struct fth_call *call, const char *key, const struct fth_str **out,
                           size_t *nr, struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(call->body, key);
    struct fth_str *names;

    *out = NULL;
    *nr = 0;
    if (!fth_json_is(list, FTH_JSON_ARRAY))
        return FTH_OK;
    names = FTH_NEW_ARRAY(call->arena, struct fth_str, list->nr + 1);
    if (!names)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++)
        names[i] = list->items[i].text;
    *out = names;
    *nr = list->nr;
    return FTH_OK;
}

/* ---- people ---- */

struct user_view {
    struct fth_deed deed;
    struct fth_user *users;
    size_t nr;
    struct fth_str cursor;
    struct fth_one_time once; /* secret empty: none */
};

static const char *state_of(const struct fth_user *user)
{
    if (user->disabled_us)
        return "disabled";
    return user->password_hash.n ? "active" : "invited";
}

static void put_one(struct fth_jw *jw, const struct fth_user *user)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "id", user->id);
    fth_jw_kv(jw, "email", user->email);
    fth_jw_kv(jw, "name", user->name);
    fth_jw_kv(jw, "role", user->role);
    fth_jw_kv(jw, "role_name", user->role_name);
    fth_jw_kv_opt(jw, "scope", user->scope);
    fth_jw_kv_c(jw, "state", state_of(user));
    fth_jw_kv_bool(jw, "totp", user->totp_secret.n > 0);
    fth_jw_kv_instant(jw, "created_at", user->created_us);
    fth_jw_kv_instant(jw, "last_sign_in_at", user->signed_in_us);
    fth_jw_kv_instant(jw, "locked_until", user->locked_until_us);
    fth_jw_object_end(jw);
}

static enum fth_rc put_user(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct user_view *view = ctx;

    put_one(jw, view->users);
    return FTH_OK;
}

static enum fth_rc put_users(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct user_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < view->nr; i++)
        put_one(jw, &view->users[i]);
    fth_jw_array_end(jw);
    fth_jw_kv_opt(jw, "next_cursor", view->cursor);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_users_list(struct fth_call *call, struct fth_err *err)
{
    size_t limit = (size_t)fth_call_int(call, "limit", 50);
    struct fth_str cursor = fth_call_param(call, "cursor"), after = {0}, id;
    struct user_view view = {.deed = fth_call_deed(call)};

    if ((cursor.n && fth_cursor_read(call->arena, cursor, &after, &id, err)) ||
        fth_user_list(&view.deed, limit + 1, after, &view.users, &view.nr, err))
        return err->rc;
    if (view.nr > limit) {
        view.nr = limit;
        if (fth_cursor_make(call->arena, view.users[limit - 1].email, view.users[limit - 1].id,
                            &view.cursor, err))
            return err->rc;
    }
    return fth_call_json(call, 200, put_users, &view, err);
}

enum fth_rc h_users_get(struct fth_call *call, struct fth_err *err)
{
    struct fth_user user = {0};
    struct user_view view = {.deed = fth_call_deed(call), .users = &user};

    if (fth_user_find(&view.deed, fth_call_param(call, "id"), &user, err))
        return err->rc;
    return fth_call_json(call, 200, put_user, &view, err);
}

static enum fth_rc put_once(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_one_time *once = ctx;
    char link[128];

    snprintf(link, sizeof(link), "%s#" FTH_STR_F,
             once->kind == FTH_ONCE_SETUP ? "/setup" : "/accept", FTH_STR_A(once->secret));
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", fth_once_names[once->kind]);
    fth_jw_kv(jw, "secret", once->secret);
    fth_jw_kv_c(jw, "link", link);
    fth_jw_kv_instant(jw, "expires_at", once->expires_us);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_created(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct user_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "user");
    put_one(jw, view->users);
    fth_jw_key(jw, "one_time");
    if (view->once.secret.n)
        (void)put_once(&view->once, jw, err);
    else
        fth_jw_null(jw);
    fth_jw_object_end(jw);
    return err->rc;
}

enum fth_rc h_users_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_user_wish wish = {.email = fth_body_text(call, "email"),
                                       .name = fth_body_text(call, "name"),
                                       .role = fth_body_text(call, "role"),
                                       .scope = fth_body_text(call, "scope"),
                                       .password = fth_body_text(call, "password")};
    struct fth_user user = {0};
    struct user_view view = {.deed = fth_call_deed(call), .users = &user};

    if (refuse_tokens(call, err) || fth_user_add(&view.deed, &wish, &user, err) ||
        (wish.password.n == 0 && fth_once_for(&view.deed, user.id, false, &view.once, err)) ||
        set_location(call, "/api/v1/users", user.id, err))
        return err->rc;
    return fth_call_json(call, 201, put_created, &view, err);
}

/* What the patch says of a text: null, which is the empty one, and absent, which is NULL, differ.
 */
static const struct fth_str *patched(const struct fth_call *call, const char *key,
                                     struct fth_str *room)
{
    *room = fth_body_text(call, key);
    return fth_json_get(call->body, key) ? room : NULL;
}

enum fth_rc h_users_patch(struct fth_call *call, struct fth_err *err)
{
    const struct fth_json *disabled = fth_json_get(call->body, "disabled");
    bool is_disabled = fth_json_bool(disabled, false);
    struct fth_str name, role, scope;
    const struct fth_user_change change = {.name = patched(call, "name", &name),
                                           .role = patched(call, "role", &role),
                                           .scope = patched(call, "scope", &scope),
                                           .disabled = disabled ? &is_disabled : NULL};
    struct fth_user user = {0};
    struct user_view view = {.deed = fth_call_deed(call), .users = &user};

    if (fth_user_set(&view.deed, fth_call_param(call, "id"), &change, &user, err))
        return err->rc;
    return fth_call_json(call, 200, put_user, &view, err);
}

enum fth_rc h_users_reset(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    bool factor = fth_json_bool(fth_json_get(call->body, "second_factor"), false);
    struct fth_one_time once = {0};

    if (refuse_tokens(call, err) ||
        fth_once_for(&deed, fth_call_param(call, "id"), factor, &once, err))
        return err->rc;
    return fth_call_json(call, 200, put_once, &once, err);
}

enum fth_rc h_users_setup(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_one_time once = {0};

    if (refuse_tokens(call, err) || fth_once_setup(&deed, &once, err))
        return err->rc;
    return fth_call_json(call, 200, put_once, &once, err);
}

enum fth_rc h_users_sign_out(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);

    if (fth_user_sign_out(&deed, fth_call_param(call, "id"), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

/* ---- roles ---- */

struct role_view {
    struct fth_role *roles;
    size_t nr;
};

static void put_role(struct fth_jw *jw, const struct fth_role *role)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "id", role->id);
    fth_jw_kv(jw, "name", role->name);
    fth_jw_kv(jw, "text", role->text);
    fth_jw_kv_bool(jw, "built_in", role->built_in);
    fth_put_names(jw, "permissions", role->permissions, role->permission_nr);
    fth_jw_kv_i64(jw, "users", role->users);
    fth_jw_object_end(jw);
}

static enum fth_rc put_one_role(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    put_role(jw, ctx);
    return FTH_OK;
}

static enum fth_rc put_roles(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct role_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < view->nr; i++)
        put_role(jw, &view->roles[i]);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "permissions");
    fth_jw_array(jw);
    for (size_t i = 0; i < fth_permission_nr(); i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "name", fth_permission_at(i)->name);
        fth_jw_kv_c(jw, "text", fth_permission_at(i)->text);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_roles_list(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct role_view view = {0};

    if (fth_role_list(&deed, &view.roles, &view.nr, err))
        return err->rc;
    return fth_call_json(call, 200, put_roles, &view, err);
}

enum fth_rc h_roles_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_role role = {.name = fth_body_text(call, "name"),
                            .text = fth_json_str(call->body, "text", FTH_STR(""))};

    if (fth_body_names(call, "permissions", &role.permissions, &role.permission_nr, err) ||
        fth_role_add(&deed, &role, err) || set_location(call, "/api/v1/roles", role.id, err))
        return err->rc;
    return fth_call_json(call, 201, put_one_role, &role, err);
}

enum fth_rc h_roles_patch(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_str name, text;
    struct fth_role_change change = {.name = patched(call, "name", &name),
                                     .text = patched(call, "text", &text)};
    struct fth_role role = {0};

    if (fth_body_names(call, "permissions", &change.permissions, &change.permission_nr, err) ||
        fth_role_set(&deed, fth_call_param(call, "id"), &change, &role, err))
        return err->rc;
    return fth_call_json(call, 200, put_one_role, &role, err);
}

enum fth_rc h_roles_delete(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);

    if (fth_role_delete(&deed, fth_call_param(call, "id"), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

/* ---- API tokens ---- */

struct token_view {
    struct fth_token *tokens;
    size_t nr;
    struct fth_str secret;
};

static void put_token(struct fth_jw *jw, const struct fth_token *token)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "id", token->id);
    fth_jw_kv(jw, "name", token->name);
    fth_jw_kv(jw, "user_id", token->user);
    fth_jw_kv(jw, "user_email", token->user_email);
    if (token->permissions) {
        fth_put_names(jw, "permissions", token->permissions, token->permission_nr);
    } else {
        fth_jw_key(jw, "permissions");
        fth_jw_null(jw);
    }
    fth_jw_kv_opt(jw, "scope", token->scope);
    fth_jw_kv_instant(jw, "created_at", token->created_us);
    fth_jw_kv_instant(jw, "expires_at", token->expires_us);
    fth_jw_kv_instant(jw, "last_used_at", token->used_us);
    fth_jw_kv_instant(jw, "revoked_at", token->revoked_us);
    fth_jw_object_end(jw);
}

static enum fth_rc put_tokens(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct token_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < view->nr; i++)
        put_token(jw, &view->tokens[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_new_token(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct token_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "token");
    put_token(jw, view->tokens);
    fth_jw_kv(jw, "secret", view->secret);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc may_see_all(const struct fth_call *call, struct fth_err *err)
{
    const struct fth_who *who = call->request->who;

    if (!fth_who_may(who, FTH_STR("users.read")))
        return fth_err_set(err, FTH_E_DENIED, "permission users.read is needed");
    if (fth_who_scope(who))
        return fth_err_set(err, FTH_E_DENIED,
                           "who sees only a part of the charges does not see others' tokens");
    return FTH_OK;
}

enum fth_rc h_tokens_list(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    bool all = fth_str_eq_c(fth_call_param(call, "all"), "true") || !call->request->who;
    struct token_view view = {0};

    if ((all && may_see_all(call, err)) ||
        fth_token_list(&deed, all ? FTH_STR("") : call->request->who->id, &view.tokens, &view.nr,
                       err))
        return err->rc;
    return fth_call_json(call, 200, put_tokens, &view, err);
}

enum fth_rc h_tokens_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_token token = {0};
    struct token_view view = {.tokens = &token};
    struct fth_token_wish wish = {.name = fth_body_text(call, "name"),
                                  .user = fth_body_text(call, "user"),
                                  .scope = fth_body_text(call, "scope"),
                                  .days = 90};

    (void)fth_json_i64(fth_json_get(call->body, "expires_days"), &wish.days);
    if (refuse_tokens(call, err) ||
        fth_body_names(call, "permissions", &wish.permissions, &wish.permission_nr, err) ||
        fth_token_add(&deed, &wish, &token, &view.secret, err) ||
        set_location(call, "/api/v1/tokens", token.id, err))
        return err->rc;
    return fth_call_json(call, 201, put_new_token, &view, err);
}

enum fth_rc h_tokens_revoke(struct fth_call *call, struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    const struct fth_who *who = call->request->who;
    bool any = fth_who_may(who, FTH_STR("users.write")) && !fth_who_scope(who);

    if (fth_token_revoke(&deed, any ? FTH_STR("") : who->id, fth_call_param(call, "id"), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}
