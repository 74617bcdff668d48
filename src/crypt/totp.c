#include "crypt/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/rand.h"
#include "crypt/secret.h"

static const char digits32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void fth_totp_new(char out[FTH_TOTP_SECRET])
{
    unsigned char key[FTH_TOTP_KEY];

    fth_rand_bytes(key, sizeof(key));
    for (size_t i = 0; i < FTH_TOTP_SECRET - 1; i++) {
        size_t bit = i * 5, at = bit / 8;
        unsigned two = (unsigned)key[at] << 8 | (at + 1 < sizeof(key) ? key[at + 1] : 0);

        out[i] = digits32[two >> (11 - bit % 8) & 31];
    }
    out[FTH_TOTP_SECRET - 1] = '\0';
    fth_secret_wipe(key, sizeof(key));
}

/* The key that fth_totp_new() wrote; false for another text. */
static bool read_key(struct fth_str secret, unsigned char key[FTH_TOTP_KEY])
{
    unsigned value = 0, bits = 0;
    size_t n = 0;

    if (secret.n != FTH_TOTP_SECRET - 1)
        return false;
    for (size_t i = 0; i < secret.n; i++) {
        const char *digit = secret.p[i] ? strchr(digits32, secret.p[i]) : NULL;

        if (!digit)
            return false;
        value = value << 5 | (unsigned)(digit - digits32);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            key[n++] = (unsigned char)(value >> bits & 255);
        }
    }
    return true;
}

uint32_t fth_totp_code(struct fth_str key, int64_t step, unsigned digits)
{
    static const uint32_t powers[] = {1000000, 10000000, 100000000};
    unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    size_t at;

    FTH_CHECK(digits >= 6 && digits <= 8 && key.n <= INT32_MAX);
    for (size_t i = 0; i < sizeof(counter); i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    FTH_CHECK(HMAC(EVP_sha1(), key.p, (int)key.n, counter, sizeof(counter), mac, &mac_len) != NULL);
    at = mac[mac_len - 1] & 15;
    return (((uint32_t)mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
            (uint32_t)mac[at + 2] << 8 | mac[at + 3]) %
           powers[digits - 6];
}

bool fth_totp_is(struct fth_str secret, struct fth_str code, int64_t now_us, int64_t last_step,
                 int64_t *step)
{
    int64_t now = now_us / 1000000 / FTH_TOTP_STEP_S;
    unsigned char key[FTH_TOTP_KEY];
    char wanted[16];
    bool found = false;

    if (code.n != FTH_TOTP_DIGITS || !read_key(secret, key))
        return false;
    for (int64_t at = now - 1; at <= now + 1; at++) {
        uint32_t value =
            fth_totp_code((struct fth_str){(const char *)key, sizeof(key)}, at, FTH_TOTP_DIGITS);

        snprintf(wanted, sizeof(wanted), "%06u", value);
        if (fth_secret_same(code, fth_str_c(wanted)) && at > last_step) {
            *step = at;
            found = true;
        }
    }
    fth_secret_wipe(key, sizeof(key));
    return found;
}
