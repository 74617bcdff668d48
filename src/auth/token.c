/* API tokens: making, listing, revoking. */
#include "auth/pass_int.h"
#include "base/check.h"
#include "base/rand.h"

#define KEPT_US (90 * FTH_DAY_US)

/* ---- making one ---- */

struct making {
    const struct fth_deed *deed;
    const struct fth_token_wish *wish;
    struct fth_user user;
    struct fth_str id, hash, permissions, scope;
    int64_t now, expires_us;
};

static enum fth_rc add_token(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct making *making = ctx;
    const struct fth_val vals[] = {
        FTH_VAL_STR(making->id),          FTH_VAL_STR(making->user.id),
        FTH_VAL_STR(making->wish->name),  FTH_VAL_STR(making->hash),
        fth_val_opt(making->permissions), fth_val_opt(making->scope),
        FTH_VAL_I64(making->now),         FTH_VAL_I64(making->expires_us)};
    const struct detail details[] = {{"name", making->wish->name},
                                     {"user", making->user.email},
                                     {"permissions", making->permissions},
                                     {"scope", making->scope}};

    if (fth_tx_exec(tx, CREDENTIAL "token_add", vals, FTH_NR(vals), NULL, err))
        return err->rc;
    return deed_audit(tx, making->deed, (struct fth_str){0}, "token.add", "token", making->id,
                      details, FTH_NR(details), err);
}

/* Letters and digits, so that it is one word for who copies it. */
static enum fth_rc make_id(struct fth_arena *arena, struct fth_str *out, struct fth_err *err)
{
    char id[TOKEN_ID + 1];

    fth_secret_letters(id, TOKEN_ID);
    return fth_arena_str(arena, fth_str_c(id), out, err);
}

static enum fth_rc make_secret(struct making *making, struct fth_str *out, struct fth_err *err)
{
    struct fth_arena *arena = making->deed->arena;
    char secret[FTH_SECRET_TEXT], hash[FTH_SECRET_HASH];

    fth_secret_new(secret);
    fth_secret_hash(TOKEN_PURPOSE, fth_str_c(secret), hash);
    if (fth_arena_str(arena, fth_str_c(hash), &making->hash, err))
        return err->rc;
    return fth_arena_printf(arena, out, err, "fth_" FTH_STR_F "_%s", FTH_STR_A(making->id), secret);
}

/* One's own token is as weak as one likes; another's wants the right to change that person. */
static enum fth_rc choose_user(struct making *making, struct fth_err *err)
{
    const struct fth_deed *deed = making->deed;
    struct fth_str name = making->wish->user;
    bool own = deed->who && (name.n == 0 || fth_str_eq(name, deed->who->id) ||
                             fth_str_caseeq(name, deed->who->name));

    if (name.n == 0 && !deed->who) {
        fth_err_set(err, FTH_E_INVALID, "whose token? The owner of the data directory needs none");
        fth_err_at(err, "/user");
        return err->rc;
    }
    /* Before it is looked for: who may not know whether there is such a user is not told. */
    if (!own && !fth_who_may(deed->who, FTH_STR("users.write")))
        return fth_err_set(err, FTH_E_DENIED,
                           "permission users.write is needed for another's token");
    if (user_read(NULL, deed, own ? deed->who->id : name, &making->user, err)) {
        fth_err_at(err, "/user");
        return err->rc;
    }
    if (!own && fth_user_may_change(deed, &making->user, err))
        return err->rc;
    if (making->user.password_hash.n == 0) {
        fth_err_set(err, FTH_E_CONFLICT, FTH_STR_F " has not accepted the invitation yet",
                    FTH_STR_A(making->user.email));
        fth_err_hint(err, "Until then a token of theirs would let nobody in.");
        fth_err_at(err, "/user");
    }
    return err->rc;
}

static enum fth_rc check_subset(const struct making *making, struct fth_err *err)
{
    const struct fth_user *user = &making->user;

    for (size_t i = 0; i < making->wish->permission_nr; i++) {
        struct fth_str name = making->wish->permissions[i];

        if (fth_permission_named(name) && !fth_user_may(user, name)) {
            fth_err_set(err, FTH_E_INVALID, FTH_STR_F " may not do it: " FTH_STR_F,
                        FTH_STR_A(user->email), FTH_STR_A(name));
            fth_err_at(err, "/permissions/%zu", i);
            return err->rc;
        }
    }
    return permissions_check(making->deed, making->wish->permissions, making->wish->permission_nr,
                             err);
}

enum fth_rc fth_token_add(const struct fth_deed *deed, const struct fth_token_wish *wish,
                          struct fth_token *out, struct fth_str *secret, struct fth_err *err)
{
    struct making making = {.deed = deed, .wish = wish, .now = deed_now(deed)};
    struct fth_str text;

    making.expires_us = making.now + wish->days * FTH_DAY_US;
    if (choose_user(&making, err) || check_subset(&making, err) ||
        scope_check(deed->arena, wish->scope, &making.scope, err) ||
        make_id(deed->arena, &making.id, err) || make_secret(&making, &text, err) ||
        (wish->permissions && permissions_text(deed->arena, wish->permissions, wish->permission_nr,
                                               &making.permissions, err)) ||
        fth_db_in_tx(deed->people->conf.db, add_token, &making, err))
        return err->rc;
    *out = (struct fth_token){.id = making.id,
                              .name = wish->name,
                              .user = making.user.id,
                              .user_email = making.user.email,
                              .scope = making.scope,
                              .permissions = wish->permissions,
                              .permission_nr = wish->permission_nr,
                              .created_us = making.now,
                              .expires_us = making.expires_us};
    *secret = text;
    return FTH_OK;
}

/* ---- those that there are ---- */

enum fth_rc fth_token_list(const struct fth_deed *deed, struct fth_str user, struct fth_token **out,
                           size_t *nr, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(user), FTH_VAL_I64(deed_now(deed) - KEPT_US)};
    struct fth_table table = {0};
    struct fth_token *list;

    if (deed_read(NULL, deed, CREDENTIAL "tokens", vals, FTH_NR(vals), LIST_MAX, &table, err))
        return err->rc;
    list = FTH_NEW_ARRAY(deed->arena, struct fth_token, table.row_nr);
    if (!list)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);

        list[i] = (struct fth_token){.id = row[0].text,
                                     .name = row[1].text,
                                     .user = row[2].text,
                                     .user_email = row[3].text,
                                     .scope = row[5].text,
                                     .created_us = row[6].i64,
                                     .expires_us = row[7].i64,
                                     .used_us = row[8].i64,
                                     .revoked_us = row[9].i64};
        if (permissions_read(deed->arena, row[4].text, &list[i].permissions, &list[i].permission_nr,
                             err))
            return err->rc;
    }
    *out = list;
    *nr = table.row_nr;
    return FTH_OK;
}

struct revoking {
    const struct fth_deed *deed;
    struct fth_str user, id;
};

/* Who may not change somebody does not take their token, either. */
static enum fth_rc check_whose(struct fth_tx *tx, const struct revoking *revoking,
                               struct fth_err *err)
{
    const struct fth_deed *deed = revoking->deed;
    const struct fth_val vals[] = {FTH_VAL_STR(revoking->id)};
    struct fth_table table = {0};
    struct fth_user user = {0};

    if (revoking->user.n ||
        deed_read(tx, deed, CREDENTIAL "token", vals, FTH_NR(vals), 1, &table, err) ||
        table.row_nr == 0 || fth_str_eq(table.at[1].text, fth_who_id(deed->who)) ||
        user_read(tx, deed, table.at[1].text, &user, err))
        return err->rc;
    return fth_user_may_change(deed, &user, err);
}

static enum fth_rc revoke_token(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct revoking *revoking = ctx;
    const struct fth_val vals[] = {FTH_VAL_STR(revoking->id), FTH_VAL_I64(deed_now(revoking->deed)),
                                   FTH_VAL_STR(revoking->user)};
    int64_t changed = 0;

    if (check_whose(tx, revoking, err) ||
        fth_tx_exec(tx, CREDENTIAL "token_revoke", vals, FTH_NR(vals), &changed, err))
        return err->rc;
    if (changed == 0)
        return fth_err_set(err, FTH_E_NOTFOUND, "no such token: " FTH_STR_F,
                           FTH_STR_A(revoking->id));
    return deed_audit(tx, revoking->deed, (struct fth_str){0}, "token.revoke", "token",
                      revoking->id, NULL, 0, err);
}

enum fth_rc fth_token_revoke(const struct fth_deed *deed, struct fth_str user, struct fth_str id,
                             struct fth_err *err)
{
    struct revoking revoking = {deed, user, id};

    return fth_db_in_tx(deed->people->conf.db, revoke_token, &revoking, err);
}
