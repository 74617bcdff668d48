/*
 * sha256: FIPS 180-4, for what identifies content: files of deliveries, sets of tags, lines of the
 * audit trail. The work is done by OpenSSL's libcrypto, which knows the processor.
 *
 * Here and not in crypt/, because nothing about it is secret and the readers of big files need it.
 *
 * Thread rule: no shared state; one context, one thread.
 */
#ifndef FTH_SHA256_H
#define FTH_SHA256_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { FTH_SHA256_LEN = 32, FTH_SHA256_HEX = 65 };

/* Holds memory from init to done, hex or release. */
struct fth_sha256 {
    void *state; /* NULL: holds nothing */
};

/* FTH_E_NOMEM; then it holds nothing. What it was before is overwritten, not released. */
enum fth_rc fth_sha256_init(struct fth_sha256 *sha, struct fth_err *err);
void fth_sha256_add(struct fth_sha256 *sha, const void *bytes, size_t n);
/* The digest; the context must be initialised again before it is used again. */
void fth_sha256_done(struct fth_sha256 *sha, unsigned char out[FTH_SHA256_LEN]);
/* The same as 64 lower-case hex digits and a zero byte. */
void fth_sha256_hex(struct fth_sha256 *sha, char out[FTH_SHA256_HEX]);
/* Instead of done or hex, or after them; also of a context that is all zero. */
void fth_sha256_release(struct fth_sha256 *sha);

/* Of a whole text, in hex digits. FTH_E_NOMEM. */
enum fth_rc fth_sha256_text(struct fth_str text, char out[FTH_SHA256_HEX], struct fth_err *err);

#endif
