#include "auth/sign_in.h"

#include "auth/attempt_int.h"
#include "auth/pass_int.h"
#include "base/check.h"
#include "crypt/totp.h"

/* Why it was refused; only the audit is told. */
enum why { RIGHT, UNKNOWN, WRONG_PASSWORD, WRONG_CODE, DISABLED };
static const char *const why_names[] = {"right", "unknown user", "wrong password", "wrong code",
                                        "disabled or invited"};

struct coming_in {
    const struct fth_deed *deed;
    const struct fth_sign_in *with;
    struct attempt attempt;
    struct fth_user user; /* id empty: there is none */
    struct fth_str email;
    enum why why;
    struct fth_opened opened;
};

static enum fth_rc refuse(struct fth_err *err)
{
    fth_err_clear(err);
    return fth_err_set(err, FTH_E_UNAUTHENTICATED, "e-mail address, password or code is wrong");
}

/* ---- codes ---- */

/* Uses up a code of the authenticator, or a recovery code. */
static enum fth_rc use_code(struct fth_tx *tx, const struct coming_in *in, bool *good,
                            struct fth_err *err)
{
    const struct fth_user *user = &in->user;
    int64_t step = 0, changed = 0;
    char hash[FTH_SECRET_HASH];

    *good = false;
    if (fth_totp_is(user->totp_secret, in->with->code, deed_now(in->deed), user->totp_step,
                    &step)) {
        const struct fth_val vals[] = {FTH_VAL_STR(user->id), FTH_VAL_I64(step)};

        if (fth_tx_exec(tx, PEOPLE "totp_used", vals, FTH_NR(vals), &changed, err))
            return err->rc;
    } else {
        fth_secret_hash(RECOVERY_PURPOSE, in->with->code, hash);
        {
            const struct fth_val vals[] = {FTH_VAL_STR(user->id), FTH_VAL_C(hash)};

            if (fth_tx_exec(tx, PEOPLE "recovery_use", vals, FTH_NR(vals), &changed, err))
                return err->rc;
        }
    }
    *good = changed == 1;
    return FTH_OK;
}

/* ---- the two ends ---- */

static enum fth_rc write_down_refusal(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct coming_in *in = ctx;
    const struct detail details[] = {{"email", fth_str_sub(in->email, 0, 254)},
                                     {"address", in->deed->address},
                                     {"why", fth_str_c(why_names[in->why])}};

    return deed_audit(tx, in->deed, FTH_STR("nobody"), "session.refuse", "user",
                      in->user.id.n ? in->user.id : FTH_STR("unknown"), details, FTH_NR(details),
                      err);
}

static enum fth_rc come_in(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct coming_in *in = ctx;
    const struct detail details[] = {{"email", in->user.email}, {"address", in->deed->address}};
    bool good = true;

    if (in->user.totp_secret.n && use_code(tx, in, &good, err))
        return err->rc;
    if (!good) {
        in->why = WRONG_CODE;
        return refuse(err);
    }
    if (attempt_good(tx, &in->attempt, true, err) ||
        session_open(tx, in->deed, &in->user, in->with->agent, &in->opened, err))
        return err->rc;
    return deed_audit(tx, in->deed, in->user.id, "session.create", "user", in->user.id, details,
                      FTH_NR(details), err);
}

/* Each way through costs one hash, whoever it is. */
static enum fth_rc look(struct coming_in *in, struct fth_err *err)
{
    const struct fth_deed *deed = in->deed;
    const char *hash = fth_password_decoy(deed->people->conf.cost);
    struct fth_err missing = {0};
    bool same;

    if (user_read(NULL, deed, in->email, &in->user, &missing) && missing.rc != FTH_E_NOTFOUND) {
        *err = missing;
        return err->rc;
    }
    /* An id finds its user, too, but is no address. */
    if (in->user.id.n && !fth_str_eq(in->user.email, in->email))
        in->user = (struct fth_user){0};
    if (in->user.password_hash.n)
        hash = in->user.password_hash.p;
    same = fth_password_is(in->with->password, hash);
    if (in->user.id.n == 0)
        in->why = UNKNOWN;
    else if (in->user.disabled_us || in->user.password_hash.n == 0)
        in->why = DISABLED;
    else
        in->why = same ? RIGHT : WRONG_PASSWORD;
    return FTH_OK;
}

enum fth_rc fth_sign_in(const struct fth_deed *deed, const struct fth_sign_in *with,
                        struct fth_opened *out, int64_t *retry_s, struct fth_err *err)
{
    struct coming_in in = {.deed = deed, .with = with};
    struct fth_db *db = deed->people->conf.db;
    struct fth_err trouble = {0};

    if (email_fold(deed->arena, fth_str_trim(with->email), &in.email, err) ||
        attempt_begin(deed, in.email, &in.attempt, err) || look(&in, err)) {
        *retry_s = in.attempt.retry_s;
        return err->rc;
    }
    if (in.why == RIGHT && in.user.totp_secret.n && with->code.n == 0) {
        *out = (struct fth_opened){0};
        return attempt_undo(&in.attempt, err);
    }
    if (in.why == RIGHT && fth_db_in_tx(db, come_in, &in, err) && in.why == RIGHT)
        return err->rc;
    if (in.why != RIGHT) {
        if (fth_db_in_tx(db, write_down_refusal, &in, &trouble)) {
            *err = trouble;
            return err->rc;
        }
        return refuse(err);
    }
    *out = in.opened;
    return FTH_OK;
}
