/* attempt_int: a guess at a password, and what is held against who made it (attempt.c). */
#ifndef FTH_ATTEMPT_INT_H
#define FTH_ATTEMPT_INT_H

#include "auth/people_int.h"

struct attempt {
    const struct fth_deed *deed;
    struct fth_str user, address; /* what is counted by */
    int64_t retry_s;              /* of FTH_E_QUOTA */
};

/* Counts it. FTH_E_QUOTA when it is too early; then it is not counted. */
enum fth_rc attempt_begin(const struct fth_deed *deed, struct fth_str email,
                          struct attempt *attempt, struct fth_err *err);
enum fth_rc attempt_count(struct fth_tx *tx, void *ctx, struct fth_err *err);
/* It was right: takes it back, and with `forget` what went wrong for this user before. */
enum fth_rc attempt_good(struct fth_tx *tx, const struct attempt *attempt, bool forget,
                         struct fth_err *err);
/* It was right so far; in a transaction of its own. */
enum fth_rc attempt_undo(struct attempt *attempt, struct fth_err *err);

/* Sets until when each of these has to wait, with one question for all. */
enum fth_rc attempt_locks(const struct fth_deed *deed, struct fth_user *users, size_t nr,
                          struct fth_err *err);

#endif
