/*
 * jws: signed tokens: compact JWS (RFC 7515) with Ed25519 (RFC 8037, "EdDSA"), and the claims of a
 * JWT (RFC 7519) that say for whom and when it is good.
 *
 * One algorithm only: a token whose header says another, or none, is none. So is one with "crit",
 * with a key of its own, with a key that is not known, with an alphabet, a length or a form that is
 * not exactly right.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_JWS_H
#define FTH_JWS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"

enum { FTH_JWS_PUBLIC = 32, FTH_JWS_PRIVATE = 64, FTH_JWS_TOKEN_MAX = 4096 };

struct fth_jws_key {
    struct fth_str id;
    unsigned char public_key[FTH_JWS_PUBLIC];
    unsigned char private_key[FTH_JWS_PRIVATE]; /* all zero where it only verifies */
};

/* A new pair; the id is the caller's. */
void fth_jws_key_new(struct fth_jws_key *out);
/* The pair of a seed of 32 bytes: for the test vectors of RFC 8037. */
void fth_jws_key_seeded(const unsigned char seed[32], struct fth_jws_key *out);

/* Signs a text, which is JSON. FTH_E_NOMEM. */
enum fth_rc fth_jws_sign(struct fth_arena *arena, const struct fth_jws_key *key,
                         struct fth_str payload, struct fth_str *out, struct fth_err *err);

/* The claims of a token that one of the keys has signed. FTH_E_UNAUTHENTICATED, with the reason for
 * the log; FTH_E_NOMEM. */
enum fth_rc fth_jws_verify(struct fth_arena *arena, struct fth_str token,
                           const struct fth_jws_key *keys, size_t key_nr,
                           const struct fth_json **claims, struct fth_err *err);

/* What claims must say beside being signed. */
struct fth_jwt_wanted {
    struct fth_str issuer, audience;
    int64_t now_s;
    int64_t leeway_s; /* that clocks may differ by */
};

/* exp, nbf and iat must be there; aud is one text. FTH_E_UNAUTHENTICATED. */
enum fth_rc fth_jwt_check(const struct fth_json *claims, const struct fth_jwt_wanted *wanted,
                          struct fth_err *err);

#endif
