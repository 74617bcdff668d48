/* people_int: what the files of auth/ share. Nobody outside of this folder includes it. */
#ifndef FTH_PEOPLE_INT_H
#define FTH_PEOPLE_INT_H

#include <stdatomic.h>

#include "auth/people.h"
#include "auth/permission.h"
#include "base/date.h"
#include "base/json.h"

#define PEOPLE "state/people/"
#define CREDENTIAL "state/credential/"

enum { LIST_MAX = 10000 };

struct fth_people {
    struct fth_people_conf conf;
    atomic_bool looked;  /* `any` has been read */
    atomic_bool any;     /* there is somebody: never untrue again */
    atomic_bool exposed; /* others than this machine can connect */
};

static inline int64_t deed_now(const struct fth_deed *deed)
{
    return fth_clock_now_us(deed->people->conf.clock);
}

/* A member of an audit row's detail. */
struct detail {
    const char *key;
    struct fth_str value;
};

/* Writes down what is done, inside its transaction. `id` stands behind `kind` and a colon as what
 * it was done to. `actor`: empty for the one of the deed. */
enum fth_rc deed_audit(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str actor,
                       const char *action, const char *kind, struct fth_str id,
                       const struct detail *details, size_t detail_nr, struct fth_err *err);

/* Inside a transaction, or outside of one when `tx` is NULL. */
enum fth_rc deed_read(struct fth_tx *tx, const struct fth_deed *deed, const char *name,
                      const struct fth_val *vals, size_t val_nr, size_t most, struct fth_table *out,
                      struct fth_err *err);

/* A person as the store has them now. FTH_E_NOTFOUND. */
enum fth_rc user_read(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str name,
                      struct fth_user *out, struct fth_err *err);

/* Is there somebody? */
enum fth_rc people_any(struct fth_tx *tx, const struct fth_deed *deed, bool *out,
                       struct fth_err *err);

/* Takes the second factor of a user away; `actor` as in deed_audit(). */
enum fth_rc factor_drop(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str actor,
                        struct fth_str user, struct fth_err *err);

/* The permissions of a role that is built in. */
enum fth_rc permissions_built_in(struct fth_arena *arena, const struct fth_built_in *role,
                                 const struct fth_str **out, size_t *nr, struct fth_err *err);

/* A role by id or name, inside a transaction or outside of one. FTH_E_NOTFOUND. */
enum fth_rc role_read(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str name,
                      struct fth_role *out, struct fth_err *err);

/* An address in small letters. */
enum fth_rc email_fold(struct fth_arena *arena, struct fth_str email, struct fth_str *out,
                       struct fth_err *err);

/* A JSON array of permissions, NULL and 0 for the empty text; and back. */
enum fth_rc permissions_read(struct fth_arena *arena, struct fth_str json,
                             const struct fth_str **out, size_t *nr, struct fth_err *err);
enum fth_rc permissions_text(struct fth_arena *arena, const struct fth_str *permissions, size_t nr,
                             struct fth_str *out, struct fth_err *err);

/* Are these permissions, and all ones that the one who does it has? FTH_E_INVALID, FTH_E_DENIED. */
enum fth_rc permissions_check(const struct fth_deed *deed, const struct fth_str *permissions,
                              size_t nr, struct fth_err *err);

/* Is it a condition over charges? Sets *out to its canonical text. FTH_E_INVALID at /scope. */
enum fth_rc scope_check(struct fth_arena *arena, struct fth_str scope, struct fth_str *out,
                        struct fth_err *err);

/* May it be somebody's password? FTH_E_INVALID at /password. */
enum fth_rc password_check(struct fth_str password, struct fth_str email, struct fth_err *err);
enum fth_rc password_make(const struct fth_deed *deed, struct fth_str password, struct fth_str *out,
                          struct fth_err *err);

/* From now on there is somebody. */
void people_came(struct fth_people *people);

#endif
