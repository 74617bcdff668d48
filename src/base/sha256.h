/*
 * sha256: FIPS 180-4, for what identifies content: files of deliveries, statements of migrations.
 *
 * Here and not in crypt/, because nothing about it is secret and the readers of big files need it.
 * Works on eight blocks at a time where the message schedule allows it.
 *
 * Thread rule: no shared state; one context, one thread.
 */
#ifndef FTH_SHA256_H
#define FTH_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { FTH_SHA256_LEN = 32, FTH_SHA256_HEX = 65 };

/* Instructions for it; the best there are is the default. */
enum fth_sha256_isa { FTH_SHA256_PLAIN, FTH_SHA256_AVX2, FTH_SHA256_NI };

struct fth_sha256 {
    uint32_t h[8];
    uint64_t len;
    unsigned char rest[64];
    void (*blocks)(uint32_t h[8], const unsigned char *p, size_t nr);
};

void fth_sha256_init(struct fth_sha256 *sha);
/* For tests, after init: false, and unusable, when the processor does not have them. */
bool fth_sha256_use(struct fth_sha256 *sha, enum fth_sha256_isa isa);
void fth_sha256_add(struct fth_sha256 *sha, const void *bytes, size_t n);
/* The digest; the context must be initialised again before it is used again. */
void fth_sha256_done(struct fth_sha256 *sha, unsigned char out[FTH_SHA256_LEN]);

/* The digest as 64 lower-case hex digits and a zero byte: of a context, of a text. */
void fth_sha256_hex(struct fth_sha256 *sha, char out[FTH_SHA256_HEX]);
void fth_sha256_text(struct fth_str text, char out[FTH_SHA256_HEX]);

#endif
