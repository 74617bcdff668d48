/* One's own password and second factor. */
#include <string.h>

#include "auth/attempt_int.h"
#include "auth/pass_int.h"
#include "auth/sign_in.h"
#include "base/check.h"
#include "base/rand.h"
#include "crypt/totp.h"

enum { RECOVERY_LETTERS = 10 };

struct own {
    const struct fth_deed *deed;
    const struct fth_proof *proof;
    struct attempt attempt;
    struct fth_user user;
    struct fth_str text; /* the new password's hash, or the new secret */
    int64_t step;
    struct fth_str *codes;
};

/* ---- the password that stands ---- */

static enum fth_rc write_refusal(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct own *own = ctx;
    const struct detail details[] = {{"address", own->deed->address}};

    return deed_audit(tx, own->deed, own->user.id, "password.refuse", "user", own->user.id, details,
                      FTH_NR(details), err);
}

static enum fth_rc prove(struct own *own, int64_t *retry_s, struct fth_err *err)
{
    const struct fth_proof *proof = own->proof;

    if (user_read(NULL, own->deed, proof->user, &own->user, err))
        return err->rc;
    if (attempt_begin(own->deed, own->user.email, &own->attempt, err)) {
        *retry_s = own->attempt.retry_s;
        return err->rc;
    }
    if (!fth_password_is(proof->password, own->user.password_hash.n
                                              ? own->user.password_hash.p
                                              : fth_password_decoy(own->deed->people->conf.cost))) {
        if (fth_db_in_tx(own->deed->people->conf.db, write_refusal, own, err))
            return err->rc;
        return fth_err_set(err, FTH_E_DENIED, "that is not the password");
    }
    return FTH_OK;
}

static enum fth_rc write_password(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct own *own = ctx;
    const struct fth_val vals[] = {FTH_VAL_STR(own->user.id), FTH_VAL_STR(own->text),
                                   FTH_VAL_BOOL(false)};
    const struct fth_val past[] = {FTH_VAL_STR(own->user.id), FTH_VAL_I64(deed_now(own->deed))};
    const struct fth_val others[] = {FTH_VAL_STR(own->user.id), FTH_VAL_STR(own->proof->session)};

    if (attempt_good(tx, &own->attempt, true, err) ||
        fth_tx_exec(tx, PEOPLE "set_password", vals, FTH_NR(vals), NULL, err) ||
        fth_tx_exec(tx, CREDENTIAL "once_clear", past, FTH_NR(past), NULL, err) ||
        fth_tx_exec(tx, CREDENTIAL "sessions_end", others, FTH_NR(others), NULL, err))
        return err->rc;
    return deed_audit(tx, own->deed, own->user.id, "password.change", "user", own->user.id, NULL, 0,
                      err);
}

static enum fth_rc choose_password(struct own *own, struct fth_str password, struct fth_err *err)
{
    if (password_check(password, own->user.email, err))
        return err->rc;
    if (fth_str_eq(password, own->proof->password)) {
        fth_err_set(err, FTH_E_INVALID, "it is the password that stands");
        fth_err_at(err, "/password");
        return err->rc;
    }
    return password_make(own->deed, password, &own->text, err);
}

enum fth_rc fth_password_change(const struct fth_deed *deed, const struct fth_proof *proof,
                                struct fth_str password, int64_t *retry_s, struct fth_err *err)
{
    struct own own = {.deed = deed, .proof = proof};
    struct fth_err trouble = {0};

    if (prove(&own, retry_s, err))
        return err->rc;
    if (choose_password(&own, password, err)) {
        /* The guess was right, whatever is wrong with the new one. */
        if (attempt_undo(&own.attempt, &trouble))
            *err = trouble;
        return err->rc;
    }
    return fth_db_in_tx(deed->people->conf.db, write_password, &own, err);
}

/* ---- the second factor ---- */

static enum fth_rc write_pending(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct own *own = ctx;
    const struct fth_val vals[] = {FTH_VAL_STR(own->user.id), FTH_VAL_STR(own->text)};

    if (attempt_good(tx, &own->attempt, true, err) ||
        fth_tx_exec(tx, PEOPLE "totp_begin", vals, FTH_NR(vals), NULL, err))
        return err->rc;
    return deed_audit(tx, own->deed, own->user.id, "factor.begin", "user", own->user.id, NULL, 0,
                      err);
}

/* The label is percent-encoded as far as an address can have what a URI may not. */
static enum fth_rc put_uri(const struct own *own, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf label = fth_buf_max(1024);

    for (size_t i = 0; i < own->user.email.n; i++) {
        unsigned char c = (unsigned char)own->user.email.p[i];

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_')
            fth_buf_char(&label, (char)c);
        else
            fth_buf_printf(&label, "%%%02X", c);
    }
    if (!fth_buf_done(&label, err))
        (void)fth_arena_printf(own->deed->arena, out, err,
                               "otpauth://totp/Farthing:" FTH_STR_F "?secret=" FTH_STR_F
                               "&issuer=Farthing&algorithm=SHA1&digits=6&period=30",
                               FTH_STR_A(fth_buf_view(&label)), FTH_STR_A(own->text));
    fth_buf_release(&label);
    return err->rc;
}

enum fth_rc fth_factor_begin(const struct fth_deed *deed, const struct fth_proof *proof,
                             struct fth_str *secret, struct fth_str *uri, int64_t *retry_s,
                             struct fth_err *err)
{
    struct own own = {.deed = deed, .proof = proof};
    char text[FTH_TOTP_SECRET];
    struct fth_str made;

    fth_totp_new(text);
    if (prove(&own, retry_s, err) || fth_arena_str(deed->arena, fth_str_c(text), &own.text, err) ||
        put_uri(&own, &made, err) || fth_db_in_tx(deed->people->conf.db, write_pending, &own, err))
        return err->rc;
    *secret = own.text;
    *uri = made;
    return FTH_OK;
}

static enum fth_rc add_recovery_codes(struct fth_tx *tx, const struct own *own, struct fth_err *err)
{
    char code[RECOVERY_LETTERS + 1], hash[FTH_SECRET_HASH];

    for (size_t i = 0; i < FTH_RECOVERY_CODES; i++) {
        fth_secret_letters(code, RECOVERY_LETTERS);
        fth_secret_hash(RECOVERY_PURPOSE, fth_str_c(code), hash);
        {
            const struct fth_val vals[] = {FTH_VAL_STR(own->user.id), FTH_VAL_C(hash)};

            if (fth_tx_exec(tx, PEOPLE "recovery_add", vals, FTH_NR(vals), NULL, err) ||
                fth_arena_str(own->deed->arena, fth_str_c(code), &own->codes[i], err))
                return err->rc;
        }
    }
    return FTH_OK;
}

static enum fth_rc write_factor(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct own *own = ctx;
    const struct fth_val vals[] = {FTH_VAL_STR(own->user.id), FTH_VAL_I64(own->step),
                                   FTH_VAL_STR(own->user.totp_pending)};
    int64_t changed = 0;

    if (fth_tx_exec(tx, PEOPLE "totp_confirm", vals, FTH_NR(vals), &changed, err))
        return err->rc;
    if (changed == 0)
        return fth_err_set(err, FTH_E_CONFLICT, "another second factor was begun meanwhile");
    if (fth_tx_exec(tx, PEOPLE "recovery_clear", vals, 1, NULL, err) ||
        add_recovery_codes(tx, own, err))
        return err->rc;
    return deed_audit(tx, own->deed, own->user.id, "factor.add", "user", own->user.id, NULL, 0,
                      err);
}

enum fth_rc fth_factor_confirm(const struct fth_deed *deed, struct fth_str user,
                               struct fth_str code, struct fth_str codes[FTH_RECOVERY_CODES],
                               struct fth_err *err)
{
    struct own own = {.deed = deed, .codes = codes};

    if (user_read(NULL, deed, user, &own.user, err))
        return err->rc;
    if (own.user.totp_pending.n == 0) {
        fth_err_set(err, FTH_E_CONFLICT, "there is no second factor that waits for a code");
        fth_err_hint(err, "Begin with auth_totp_begin.");
        return err->rc;
    }
    if (!fth_totp_is(own.user.totp_pending, code, deed_now(deed), 0, &own.step)) {
        fth_err_set(err, FTH_E_INVALID, "that is not the code");
        fth_err_hint(err, "Is the clock of the authenticator right?");
        fth_err_at(err, "/code");
        return err->rc;
    }
    return fth_db_in_tx(deed->people->conf.db, write_factor, &own, err);
}

enum fth_rc factor_drop(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str actor,
                        struct fth_str user, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(user)};

    if (fth_tx_exec(tx, PEOPLE "totp_remove", vals, 1, NULL, err) ||
        fth_tx_exec(tx, PEOPLE "recovery_clear", vals, 1, NULL, err))
        return err->rc;
    return deed_audit(tx, deed, actor, "factor.remove", "user", user, NULL, 0, err);
}

static enum fth_rc write_removal(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct own *own = ctx;

    if (attempt_good(tx, &own->attempt, true, err))
        return err->rc;
    return factor_drop(tx, own->deed, own->user.id, own->user.id, err);
}

enum fth_rc fth_factor_remove(const struct fth_deed *deed, const struct fth_proof *proof,
                              int64_t *retry_s, struct fth_err *err)
{
    struct own own = {.deed = deed, .proof = proof};

    if (prove(&own, retry_s, err))
        return err->rc;
    return fth_db_in_tx(deed->people->conf.db, write_removal, &own, err);
}
