#include "crypt/password.h"

#include <sodium.h>

#include "base/check.h"

/* A salt and a hash of zero bytes only, which no password is known to make. */
#define DECOY(cost) \
    "$argon2id$v=19$" cost "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct cost {
    unsigned long long passes;
    size_t bytes;
    const char *decoy;
};

static const struct cost costs[] = {
    [FTH_PASSWORD_REAL] = {3, (size_t)64 << 20, DECOY("m=65536,t=3,p=1")},
    [FTH_PASSWORD_TEST] = {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN,
                           DECOY("m=8,t=1,p=1")},
};

_Static_assert(FTH_PASSWORD_HASH >= crypto_pwhash_STRBYTES, "a hash must fit");

/* The library picks its implementation for this processor once; without it the slow one is used. */
static void make_ready(void)
{
    FTH_CHECK(sodium_init() >= 0);
}

enum fth_rc fth_password_hash(struct fth_str password, enum fth_password_cost cost,
                              char out[FTH_PASSWORD_HASH], struct fth_err *err)
{
    make_ready();
    if (crypto_pwhash_str_alg(out, password.p, password.n, costs[cost].passes, costs[cost].bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fth_err_nomem(err);
    return FTH_OK;
}

bool fth_password_is(struct fth_str password, const char *hash)
{
    make_ready();
    return crypto_pwhash_str_verify(hash, password.p, password.n) == 0;
}

const char *fth_password_decoy(enum fth_password_cost cost)
{
    return costs[cost].decoy;
}
