/*
 * totp: codes of an authenticator (RFC 6238 over RFC 4226): HMAC-SHA-1, steps of 30 seconds, six
 * digits, which is what every authenticator knows.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_TOTP_H
#define FTH_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { FTH_TOTP_KEY = 20, FTH_TOTP_SECRET = 33, FTH_TOTP_STEP_S = 30, FTH_TOTP_DIGITS = 6 };

/* A new key: 32 characters of base32 and a zero byte. */
void fth_totp_new(char out[FTH_TOTP_SECRET]);

/* The code of one step under a key of `key.n` bytes, with 6 to 8 digits. */
uint32_t fth_totp_code(struct fth_str key, int64_t step, unsigned digits);

/* Is `code` (six digits) that of this secret now, or of a step before or after, and of a later one
 * than `last_step`, so that a code that was used is none any more? Sets *step to its own. */
bool fth_totp_is(struct fth_str secret, struct fth_str code, int64_t now_us, int64_t last_step,
                 int64_t *step);

#endif
