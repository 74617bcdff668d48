/*
 * secret: secrets that nobody can guess, what is kept of them, and how they are compared.
 *
 * A secret has 256 random bits, so one SHA-256 is enough to keep it by; a password has not
 * (password.h). What is kept is bound to a purpose: a secret for one thing is none for another.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_SECRET_H
#define FTH_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { FTH_SECRET_BYTES = 32, FTH_SECRET_TEXT = 44, FTH_SECRET_HASH = 44 };

/* 43 characters of base64url and a zero byte. */
void fth_secret_new(char out[FTH_SECRET_TEXT]);

/* `n` random small letters and digits for people to read and copy, without those that are taken for
 * others (l, 1, o, 0), and a zero byte. Each has 5 random bits. */
void fth_secret_letters(char *out, size_t n);

/* HMAC-SHA-256 of the secret, keyed by what it is for, as 43 characters of base64url and a zero
 * byte. */
void fth_secret_hash(const char *purpose, struct fth_str secret, char out[FTH_SECRET_HASH]);

/* Are they the same? The time that it takes tells the lengths, and nothing else. */
bool fth_secret_same(struct fth_str a, struct fth_str b);

/* Overwrites what was secret; the compiler does not leave it out. */
void fth_secret_wipe(void *bytes, size_t n);

/* Characters of base64url without padding that `n` bytes become, with the zero byte behind them. */
#define FTH_BASE64_LEN(n) (((n)*4 + 2) / 3 + 1)

/* Base64url without padding (RFC 4648, 5). `out` has room for FTH_BASE64_LEN(bytes.n). */
void fth_base64url_put(struct fth_str bytes, char *out);
/* Bytes that `text` stands for, at most `max` of them; SIZE_MAX when it is none, has padding, bits
 * that stand for nothing, or too many. */
size_t fth_base64url_take(struct fth_str text, void *out, size_t max);

#endif
