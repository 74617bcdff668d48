/*
 * people: who there is: accounts, their roles, and what was done to them.
 *
 * An account has an e-mail address (kept in small letters), a role, and perhaps a scope: a
 * condition over charges. A role is built in (permission.def) or a row of its own. An account
 * without a password is an invitation; one is never deleted, only disabled, so that what it did
 * keeps a name.
 *
 * Every change is one transaction with its row of the audit. Nobody gives what they may not do
 * themselves, nor changes somebody who may do more; who sees only a part of the charges changes
 * nobody.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_PEOPLE_H
#define FTH_PEOPLE_H

#include "auth/permission.h"
#include "auth/who.h"
#include "base/clock.h"
#include "crypt/password.h"
#include "state/db.h"

struct fth_people;

/* Is a login needed? AUTO: as soon as there is somebody, or others than this machine can connect.
 */
enum fth_login { FTH_LOGIN_AUTO, FTH_LOGIN_ON, FTH_LOGIN_OFF };

struct fth_people_conf {
    struct fth_db *db;
    const struct fth_clock *clock;
    enum fth_login login;
    enum fth_password_cost cost;
};

/* Both must outlive it. */
enum fth_rc fth_people_open(const struct fth_people_conf *conf, struct fth_people **out,
                            struct fth_err *err);
void fth_people_close(struct fth_people *people); /* NULL is allowed */

/* From now on others than this machine can connect: a login is needed whatever AUTO says. */
void fth_people_expose(struct fth_people *people);
enum fth_login fth_people_login(const struct fth_people *people);

/* Is there anybody? Is a login needed? The first is known without asking the store once it is true.
 */
enum fth_rc fth_people_any(struct fth_people *people, bool *any, struct fth_err *err);
enum fth_rc fth_people_needed(struct fth_people *people, bool *needed, struct fth_err *err);

/* Something that is done to people or what they show, and for whom. */
struct fth_deed {
    struct fth_people *people;
    struct fth_arena *arena;
    const struct fth_who *who; /* NULL: the owner */
    struct fth_str request_id;
    struct fth_str address; /* that the request came from; may be empty */
};

/* Times in microseconds since 1970, 0: never. */
struct fth_user {
    struct fth_str id, email, name;
    struct fth_str role, role_name;
    struct fth_str scope;         /* empty: all */
    struct fth_str password_hash; /* empty: invited */
    struct fth_str totp_secret, totp_pending;
    bool must_change;
    int64_t totp_step, created_us, disabled_us, signed_in_us;
    int64_t locked_until_us; /* their sign-ins are refused; of fth_user_find() and _list() alone */
    const struct fth_str *permissions; /* of the role */
    size_t permission_nr;
};

/* Has their role this permission? */
bool fth_user_may(const struct fth_user *user, struct fth_str permission);

/* By id or e-mail address (any case). FTH_E_NOTFOUND. */
enum fth_rc fth_user_find(const struct fth_deed *deed, struct fth_str name, struct fth_user *out,
                          struct fth_err *err);
/* At most `limit`, by e-mail address, behind `after` (may be empty). */
enum fth_rc fth_user_list(const struct fth_deed *deed, size_t limit, struct fth_str after,
                          struct fth_user **out, size_t *nr, struct fth_err *err);

struct fth_user_wish {
    struct fth_str email, name;
    struct fth_str role; /* id or name */
    struct fth_str scope;
    struct fth_str password; /* empty: an invitation */
};
/* FTH_E_INVALID, FTH_E_CONFLICT (the address is taken), FTH_E_DENIED. */
enum fth_rc fth_user_add(const struct fth_deed *deed, const struct fth_user_wish *wish,
                         struct fth_user *out, struct fth_err *err);

/* Changes what is not NULL, and leaves all else as it is then; ends the sessions of who may do or
 * see something else than before. FTH_E_CONFLICT for the last administrator who sees all. */
struct fth_user_change {
    const struct fth_str *name, *role, *scope;
    const bool *disabled;
};
enum fth_rc fth_user_set(const struct fth_deed *deed, struct fth_str name,
                         const struct fth_user_change *change, struct fth_user *out,
                         struct fth_err *err);

/* Ends all sessions of somebody else. */
enum fth_rc fth_user_sign_out(const struct fth_deed *deed, struct fth_str name,
                              struct fth_err *err);

/* May the one who does it change this person? FTH_E_DENIED. */
enum fth_rc fth_user_may_change(const struct fth_deed *deed, const struct fth_user *user,
                                struct fth_err *err);

/* Writes down that somebody wished to do what they may not. */
enum fth_rc fth_deed_denied(const struct fth_deed *deed, struct fth_str operation,
                            struct fth_str why, struct fth_err *err);
/* Writes down that data is taken out: by this operation, of a job when it is about one. */
enum fth_rc fth_deed_exported(const struct fth_deed *deed, struct fth_str operation,
                              struct fth_str job, struct fth_err *err);

/* ---- roles ---- */

struct fth_role {
    struct fth_str id, name, text;
    bool built_in;
    const struct fth_str *permissions;
    size_t permission_nr;
    int64_t users;
};
/* Those that are built in first. */
enum fth_rc fth_role_list(const struct fth_deed *deed, struct fth_role **out, size_t *nr,
                          struct fth_err *err);
/* By id or name. FTH_E_NOTFOUND. */
enum fth_rc fth_role_find(const struct fth_deed *deed, struct fth_str name, struct fth_role *out,
                          struct fth_err *err);
/* Adds one of this name, text and permissions, and sets its id. FTH_E_INVALID, FTH_E_CONFLICT,
 * FTH_E_DENIED. */
enum fth_rc fth_role_add(const struct fth_deed *deed, struct fth_role *role, struct fth_err *err);
/* Changes what is not NULL, and leaves all else as it is then. The same, FTH_E_NOTFOUND. */
struct fth_role_change {
    const struct fth_str *name, *text;
    const struct fth_str *permissions;
    size_t permission_nr;
};
enum fth_rc fth_role_set(const struct fth_deed *deed, struct fth_str name,
                         const struct fth_role_change *change, struct fth_role *out,
                         struct fth_err *err);
/* FTH_E_CONFLICT when it is built in or somebody has it. */
enum fth_rc fth_role_delete(const struct fth_deed *deed, struct fth_str name, struct fth_err *err);

#endif
