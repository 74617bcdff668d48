/*
 * sign_in: how somebody comes in: with a password and, if they have a second factor, a code; with
 * the one-time secret of the first set-up, of an invitation, or of a new password.
 *
 * What is wrong is never said, nor to be told from the time that it takes: who is not there is
 * checked against a decoy. Failures are counted before the password is looked at, by the address
 * that was given and by where it came from; from the sixth on (the twenty-first of one place) each
 * makes the next wait longer, up to 15 minutes.
 *
 * Thread rule: any thread. Checking a password takes about a tenth of a second and 64 MiB.
 */
#ifndef FTH_SIGN_IN_H
#define FTH_SIGN_IN_H

#include "auth/people.h"

/* A session that was opened: its secret is for the cookie, and is not kept. */
struct fth_opened {
    struct fth_str secret; /* empty: none was opened, a code is wanted first */
    int64_t expires_us;
};

struct fth_sign_in {
    struct fth_str email, password;
    struct fth_str code;  /* six digits or a recovery code; may be empty */
    struct fth_str agent; /* what the browser calls itself */
};
/* FTH_E_UNAUTHENTICATED; FTH_E_QUOTA with *retry_s set. */
enum fth_rc fth_sign_in(const struct fth_deed *deed, const struct fth_sign_in *with,
                        struct fth_opened *out, int64_t *retry_s, struct fth_err *err);

/* ---- one-time secrets ---- */

enum fth_once { FTH_ONCE_SETUP, FTH_ONCE_INVITE, FTH_ONCE_RESET };
extern const char *const fth_once_names[];

struct fth_one_time {
    enum fth_once kind;
    struct fth_str secret; /* empty where it is not known any more */
    struct fth_str email, name;
    int64_t expires_us;
};

/* For the first account, good for a day; earlier ones stop working. FTH_E_CONFLICT when there is
 * somebody already. */
enum fth_rc fth_once_setup(const struct fth_deed *deed, struct fth_one_time *out,
                           struct fth_err *err);
/* For this person: an invitation, good for a week, when they have no password yet, else for a new
 * password, good for a day. Earlier ones stop working. `second_factor`: theirs goes.
 * FTH_E_DENIED, also for oneself: who changes their own password shows the one that stands. */
enum fth_rc fth_once_for(const struct fth_deed *deed, struct fth_str user, bool second_factor,
                         struct fth_one_time *out, struct fth_err *err);
/* What it is for; not of set-up. FTH_E_NOTFOUND for one that is unknown, used or too old. */
enum fth_rc fth_once_find(const struct fth_deed *deed, struct fth_str secret,
                          struct fth_one_time *out, struct fth_err *err);

struct fth_once_use {
    struct fth_str secret, email, name, password, agent; /* email: of set-up only */
};
/* Makes the first administrator. FTH_E_NOTFOUND, FTH_E_CONFLICT, FTH_E_INVALID. */
enum fth_rc fth_once_set_up(const struct fth_deed *deed, const struct fth_once_use *use,
                            struct fth_opened *out, struct fth_err *err);
/* Sets the password and ends all sessions; opens one unless a code is wanted. */
enum fth_rc fth_once_accept(const struct fth_deed *deed, const struct fth_once_use *use,
                            struct fth_opened *out, struct fth_err *err);

/* ---- one's own password and second factor ---- */

/* Each wants the password that stands; failures count like those of signing in. */
struct fth_proof {
    struct fth_str user, session; /* ids */
    struct fth_str password;
};
enum fth_rc fth_password_change(const struct fth_deed *deed, const struct fth_proof *proof,
                                struct fth_str password, int64_t *retry_s, struct fth_err *err);
/* A secret that waits for its first code. */
enum fth_rc fth_factor_begin(const struct fth_deed *deed, const struct fth_proof *proof,
                             struct fth_str *secret, struct fth_str *uri, int64_t *retry_s,
                             struct fth_err *err);
enum { FTH_RECOVERY_CODES = 10 };
/* FTH_E_INVALID for a wrong code, FTH_E_CONFLICT when none waits. */
enum fth_rc fth_factor_confirm(const struct fth_deed *deed, struct fth_str user,
                               struct fth_str code, struct fth_str codes[FTH_RECOVERY_CODES],
                               struct fth_err *err);
enum fth_rc fth_factor_remove(const struct fth_deed *deed, const struct fth_proof *proof,
                              int64_t *retry_s, struct fth_err *err);

#endif
