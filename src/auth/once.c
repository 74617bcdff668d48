/* One-time secrets: the first set-up, invitations, new passwords. */
#include "auth/attempt_int.h"
#include "auth/pass_int.h"
#include "auth/sign_in.h"
#include "base/check.h"
#include "base/rand.h"

const char *const fth_once_names[] = {"setup", "invite", "reset"};

static const int64_t good_for_us[] = {FTH_DAY_US, 7 * FTH_DAY_US, FTH_DAY_US};

/* ---- giving them out ---- */

struct giving {
    const struct fth_deed *deed;
    struct fth_str name; /* whose; empty: set-up */
    bool second_factor;
    struct fth_one_time *out;
};

static enum fth_rc add_secret(struct fth_tx *tx, const struct giving *giving, enum fth_once kind,
                              struct fth_str user, struct fth_err *err)
{
    struct fth_arena *arena = giving->deed->arena;
    int64_t now = deed_now(giving->deed);
    char secret[FTH_SECRET_TEXT], hash[FTH_SECRET_HASH];
    const struct fth_val past[] = {FTH_VAL_STR(user), FTH_VAL_I64(now)};

    fth_secret_new(secret);
    fth_secret_hash(ONCE_PURPOSE, fth_str_c(secret), hash);
    {
        const struct fth_val vals[] = {FTH_VAL_C(hash), FTH_VAL_C(fth_once_names[kind]),
                                       fth_val_opt(user), FTH_VAL_I64(now),
                                       FTH_VAL_I64(now + good_for_us[kind])};

        if (fth_tx_exec(tx, CREDENTIAL "once_clear", past, FTH_NR(past), NULL, err) ||
            fth_tx_exec(tx, CREDENTIAL "once_add", vals, FTH_NR(vals), NULL, err))
            return err->rc;
    }
    giving->out->kind = kind;
    giving->out->expires_us = now + good_for_us[kind];
    return fth_arena_str(arena, fth_str_c(secret), &giving->out->secret, err);
}

static enum fth_rc nobody_there(struct fth_tx *tx, const struct fth_deed *deed, struct fth_err *err)
{
    bool any = false;

    if (people_any(tx, deed, &any, err))
        return err->rc;
    if (any)
        return fth_err_set(err, FTH_E_CONFLICT, "it is set up already: there is somebody");
    return FTH_OK;
}

static enum fth_rc give_setup(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct giving *giving = ctx;

    if (nobody_there(tx, giving->deed, err) ||
        add_secret(tx, giving, FTH_ONCE_SETUP, FTH_STR(""), err))
        return err->rc;
    return deed_audit(tx, giving->deed, (struct fth_str){0}, "setup.offer", "user",
                      FTH_STR("unknown"), NULL, 0, err);
}

enum fth_rc fth_once_setup(const struct fth_deed *deed, struct fth_one_time *out,
                           struct fth_err *err)
{
    struct giving giving = {.deed = deed, .out = out};

    return fth_db_in_tx(deed->people->conf.db, give_setup, &giving, err);
}

/* Whoever holds somebody's session, but not their password, would have both. */
static enum fth_rc refuse_oneself(const struct fth_deed *deed, const struct fth_user *user,
                                  struct fth_err *err)
{
    if (!deed->who || !fth_str_eq(deed->who->id, user->id))
        return FTH_OK;
    fth_err_set(err, FTH_E_DENIED, "nobody gets a link for themselves");
    fth_err_hint(err, "POST /api/v1/auth/password changes one's own password.");
    return err->rc;
}

static enum fth_rc give_for(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct giving *giving = ctx;
    const struct fth_deed *deed = giving->deed;
    struct fth_user user = {0};
    enum fth_once kind;

    if (user_read(tx, deed, giving->name, &user, err) || fth_user_may_change(deed, &user, err) ||
        refuse_oneself(deed, &user, err))
        return err->rc;
    if (user.disabled_us)
        return fth_err_set(err, FTH_E_CONFLICT, FTH_STR_F " is disabled", FTH_STR_A(user.email));
    kind = user.password_hash.n ? FTH_ONCE_RESET : FTH_ONCE_INVITE;
    giving->out->email = user.email;
    giving->out->name = user.name;
    if ((giving->second_factor && factor_drop(tx, deed, (struct fth_str){0}, user.id, err)) ||
        add_secret(tx, giving, kind, user.id, err))
        return err->rc;
    return deed_audit(tx, deed, (struct fth_str){0},
                      kind == FTH_ONCE_INVITE ? "user.invite" : "user.reset", "user", user.id, NULL,
                      0, err);
}

enum fth_rc fth_once_for(const struct fth_deed *deed, struct fth_str user, bool second_factor,
                         struct fth_one_time *out, struct fth_err *err)
{
    struct giving giving = {deed, user, second_factor, out};

    return fth_db_in_tx(deed->people->conf.db, give_for, &giving, err);
}

/* ---- using them ---- */

static enum fth_rc unknown_secret(struct fth_err *err)
{
    fth_err_clear(err);
    fth_err_set(err, FTH_E_NOTFOUND, "this link is unknown, was used, or is too old");
    fth_err_hint(err, "Ask for a new one.");
    return err->rc;
}

/* Sets the user's id; empty for set-up. */
static enum fth_rc find_secret(struct fth_tx *tx, const struct fth_deed *deed,
                               struct fth_str secret, bool setup, struct fth_one_time *out,
                               struct fth_str *user, struct fth_err *err)
{
    char hash[FTH_SECRET_HASH];
    struct fth_table table = {0};
    bool is_setup;

    fth_secret_hash(ONCE_PURPOSE, secret, hash);
    {
        const struct fth_val vals[] = {FTH_VAL_C(hash), FTH_VAL_I64(deed_now(deed))};

        if (deed_read(tx, deed, CREDENTIAL "once", vals, FTH_NR(vals), 1, &table, err))
            return err->rc;
    }
    if (table.row_nr == 0)
        return unknown_secret(err);
    is_setup = fth_str_eq_c(table.at[0].text, fth_once_names[FTH_ONCE_SETUP]);
    if (is_setup != setup)
        return unknown_secret(err);
    out->kind = is_setup                                                          ? FTH_ONCE_SETUP
                : fth_str_eq_c(table.at[0].text, fth_once_names[FTH_ONCE_INVITE]) ? FTH_ONCE_INVITE
                                                                                  : FTH_ONCE_RESET;
    *user = table.at[1].text;
    out->expires_us = table.at[2].i64;
    return FTH_OK;
}

static enum fth_rc find_for(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str secret,
                            struct fth_one_time *out, struct fth_user *user, struct fth_err *err)
{
    struct fth_str id = {0};

    if (find_secret(tx, deed, secret, false, out, &id, err) || user_read(tx, deed, id, user, err))
        return err->rc;
    if (user->disabled_us)
        return unknown_secret(err);
    out->email = user->email;
    out->name = user->name;
    return FTH_OK;
}

enum fth_rc fth_once_find(const struct fth_deed *deed, struct fth_str secret,
                          struct fth_one_time *out, struct fth_err *err)
{
    struct fth_one_time found = {0};
    struct fth_user user = {0};

    if (find_for(NULL, deed, secret, &found, &user, err))
        return err->rc;
    *out = found;
    return FTH_OK;
}

struct using
{
    const struct fth_deed *deed;
    const struct fth_once_use *use;
    struct fth_user user;
    struct fth_opened opened;
};

static enum fth_rc set_up(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct using *using = ctx;
    const struct fth_deed *deed = using->deed;
    const struct fth_user *user = &using->user;
    const struct fth_val past[] = {FTH_VAL_C(""), FTH_VAL_I64(deed_now(deed))};
    const struct fth_val vals[] = {FTH_VAL_STR(user->id),
                                   FTH_VAL_STR(user->email),
                                   FTH_VAL_STR(user->name),
                                   FTH_VAL_STR(user->role),
                                   FTH_VAL_NULL,
                                   FTH_VAL_STR(user->password_hash),
                                   FTH_VAL_BOOL(false),
                                   FTH_VAL_I64(user->created_us)};
    const struct detail details[] = {{"email", user->email}, {"address", deed->address}};
    struct fth_one_time found = {0};
    struct fth_str nobody;

    if (nobody_there(tx, deed, err) ||
        find_secret(tx, deed, using->use->secret, true, &found, &nobody, err) ||
        fth_tx_exec(tx, CREDENTIAL "once_clear", past, FTH_NR(past), NULL, err) ||
        fth_tx_exec(tx, PEOPLE "add", vals, FTH_NR(vals), NULL, err) ||
        session_open(tx, deed, user, using->use->agent, &using->opened, err))
        return err->rc;
    return deed_audit(tx, deed, user->id, "setup.done", "user", user->id, details, FTH_NR(details),
                      err);
}

enum fth_rc fth_once_set_up(const struct fth_deed *deed, const struct fth_once_use *use,
                            struct fth_opened *out, struct fth_err *err)
{
    struct using using = {.deed = deed, .use = use};
    struct fth_user *user = &using.user;
    struct fth_one_time found = {0};
    struct fth_str nobody;
    char id[37];

    /* Looked at first, so that nobody makes this hash passwords who does not know one. */
    if (nobody_there(NULL, deed, err) ||
        find_secret(NULL, deed, use->secret, true, &found, &nobody, err) ||
        email_fold(deed->arena, fth_str_trim(use->email), &user->email, err) ||
        password_check(use->password, user->email, err) ||
        password_make(deed, use->password, &user->password_hash, err))
        return err->rc;
    user->created_us = deed_now(deed);
    fth_rand_uuid7(user->created_us, id);
    user->id = fth_str_c(id);
    user->name = use->name.n ? use->name : user->email;
    user->role = fth_administrator;
    if (fth_db_in_tx(deed->people->conf.db, set_up, &using, err))
        return err->rc;
    people_came(deed->people);
    *out = using.opened;
    return FTH_OK;
}

static enum fth_rc write_acceptance(struct fth_tx *tx, const struct using *using,
                                    const struct fth_user *user, struct fth_err *err)
{
    const struct fth_once_use *use = using->use;
    const struct fth_val password[] = {FTH_VAL_STR(user->id),
                                       FTH_VAL_STR(using->user.password_hash), FTH_VAL_BOOL(false)};
    const struct fth_val name[] = {FTH_VAL_STR(user->id),
                                   FTH_VAL_STR(use->name.n ? use->name : user->name)};
    const struct fth_val past[] = {FTH_VAL_STR(user->id), FTH_VAL_I64(deed_now(using->deed))};
    const struct fth_val sessions[] = {FTH_VAL_STR(user->id), FTH_VAL_C("")};

    if (fth_tx_exec(tx, PEOPLE "set_password", password, FTH_NR(password), NULL, err) ||
        fth_tx_exec(tx, PEOPLE "set_name", name, FTH_NR(name), NULL, err) ||
        fth_tx_exec(tx, CREDENTIAL "once_clear", past, FTH_NR(past), NULL, err))
        return err->rc;
    return fth_tx_exec(tx, CREDENTIAL "sessions_end", sessions, FTH_NR(sessions), NULL, err);
}

static enum fth_rc accept(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct using *using = ctx;
    const struct fth_deed *deed = using->deed;
    const struct detail details[] = {{"address", deed->address}};
    struct fth_one_time found = {0};
    struct fth_user user = {0};

    using->opened = (struct fth_opened){0};
    if (find_for(tx, deed, using->use->secret, &found, &user, err) ||
        write_acceptance(tx, using, &user, err) ||
        (user.totp_secret.n == 0 &&
         session_open(tx, deed, &user, using->use->agent, &using->opened, err)))
        return err->rc;
    return deed_audit(tx, deed, user.id,
                      found.kind == FTH_ONCE_INVITE ? "invitation.accept" : "password.reset",
                      "user", user.id, details, FTH_NR(details), err);
}

enum fth_rc fth_once_accept(const struct fth_deed *deed, const struct fth_once_use *use,
                            struct fth_opened *out, struct fth_err *err)
{
    struct using using = {.deed = deed, .use = use};
    struct fth_one_time found = {0};
    struct fth_user user = {0};

    if (find_for(NULL, deed, use->secret, &found, &user, err) ||
        password_check(use->password, user.email, err) ||
        password_make(deed, use->password, &using.user.password_hash, err) ||
        fth_db_in_tx(deed->people->conf.db, accept, &using, err))
        return err->rc;
    *out = using.opened;
    return FTH_OK;
}
