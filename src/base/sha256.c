#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "base/fault.h"

enum fth_rc fth_sha256_init(struct fth_sha256 *sha, struct fth_err *err)
{
    sha->state = fth_fault_hit(FTH_FAULT_ALLOC) ? NULL : EVP_MD_CTX_new();
    if (sha->state && EVP_DigestInit_ex(sha->state, EVP_sha256(), NULL) == 1)
        return FTH_OK;
    fth_sha256_release(sha);
    return fth_err_nomem(err);
}

void fth_sha256_add(struct fth_sha256 *sha, const void *bytes, size_t n)
{
    int good = EVP_DigestUpdate(sha->state, bytes, n);

    FTH_CHECK(good == 1);
}

void fth_sha256_done(struct fth_sha256 *sha, unsigned char out[FTH_SHA256_LEN])
{
    int good = EVP_DigestFinal_ex(sha->state, out, NULL);

    FTH_CHECK(good == 1);
    fth_sha256_release(sha);
}

void fth_sha256_hex(struct fth_sha256 *sha, char out[FTH_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[FTH_SHA256_LEN];

    fth_sha256_done(sha, digest);
    for (size_t i = 0; i < FTH_SHA256_LEN; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[FTH_SHA256_HEX - 1] = '\0';
}

void fth_sha256_release(struct fth_sha256 *sha)
{
    EVP_MD_CTX_free(sha->state);
    sha->state = NULL;
}

enum fth_rc fth_sha256_text(struct fth_str text, char out[FTH_SHA256_HEX], struct fth_err *err)
{
    struct fth_sha256 sha;

    if (fth_sha256_init(&sha, err))
        return err->rc;
    fth_sha256_add(&sha, text.p, text.n);
    fth_sha256_hex(&sha, out);
    return FTH_OK;
}
