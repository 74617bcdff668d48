/*
 * password: what is kept of passwords: argon2id (RFC 9106) with a salt of its own for each, by
 * libsodium, as its text "$argon2id$v=19$m=…,t=…,p=1$salt$hash".
 *
 * Thread rule: no shared state. Each call needs the memory of its cost.
 */
#ifndef FTH_PASSWORD_H
#define FTH_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { FTH_PASSWORD_HASH = 128 };

/* What a guess costs. REAL: 64 MiB and three passes, about a tenth of a second. TEST: next to
 * nothing, for tests that make many. */
enum fth_password_cost { FTH_PASSWORD_REAL, FTH_PASSWORD_TEST };

/* FTH_E_NOMEM. */
enum fth_rc fth_password_hash(struct fth_str password, enum fth_password_cost cost,
                              char out[FTH_PASSWORD_HASH], struct fth_err *err);

/* Is it the password of this hash? Costs what the hash was made with. False for a text that is no
 * hash. */
bool fth_password_is(struct fth_str password, const char *hash);

/* A hash of this cost that no password has: for those who are not there, so that a guess at them
 * takes as long as one at others. */
const char *fth_password_decoy(enum fth_password_cost cost);

#endif
