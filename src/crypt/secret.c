#include "crypt/secret.h"

#include <sodium.h>
#include <string.h>

#include "base/check.h"
#include "base/rand.h"

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

void fth_secret_new(char out[FTH_SECRET_TEXT])
{
    char bytes[FTH_SECRET_BYTES];

    fth_rand_bytes(bytes, sizeof(bytes));
    fth_base64url_put((struct fth_str){bytes, sizeof(bytes)}, out);
    sodium_memzero(bytes, sizeof(bytes));
}

void fth_secret_letters(char *out, size_t n)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

    fth_rand_bytes(out, n);
    for (size_t i = 0; i < n; i++)
        out[i] = letters[(unsigned char)out[i] % 32];
    out[n] = '\0';
}

void fth_secret_hash(const char *purpose, struct fth_str secret, char out[FTH_SECRET_HASH])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)purpose, strlen(purpose));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)secret.p, secret.n);
    crypto_auth_hmacsha256_final(&state, mac);
    fth_base64url_put((struct fth_str){(const char *)mac, sizeof(mac)}, out);
    sodium_memzero(&state, sizeof(state));
}

bool fth_secret_same(struct fth_str a, struct fth_str b)
{
    return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}

void fth_secret_wipe(void *bytes, size_t n)
{
    sodium_memzero(bytes, n);
}

void fth_base64url_put(struct fth_str bytes, char *out)
{
    FTH_CHECK(sodium_bin2base64(out, FTH_BASE64_LEN(bytes.n), (const unsigned char *)bytes.p,
                                bytes.n, VARIANT) != NULL);
}

size_t fth_base64url_take(struct fth_str text, void *out, size_t max)
{
    const char *end = NULL;
    size_t n = 0;

    if (sodium_base642bin(out, max, text.p, text.n, NULL, &n, &end, VARIANT) != 0 ||
        end != text.p + text.n)
        return SIZE_MAX;
    return n;
}
