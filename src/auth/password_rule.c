/* What may be somebody's password: length before all, and not what everybody tries first. */
#include "auth/people_int.h"
#include "base/check.h"
#include "base/utf8.h"

enum { LENGTH_LEAST = 12, LENGTH_MOST = 256, DIFFERENT_LEAST = 5 };

static const struct fth_str common[] = {
#define FTH_COMMON(text) FTH_STR_INIT(text),
#include "auth/common.def"
#undef FTH_COMMON
};

static size_t characters(struct fth_str text)
{
    size_t nr = 0;

    for (size_t i = 0; i < text.n; i++)
        nr += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return nr;
}

static size_t different_bytes(struct fth_str text)
{
    bool seen[256] = {false};
    size_t nr = 0;

    for (size_t i = 0; i < text.n; i++) {
        nr += !seen[(unsigned char)text.p[i]];
        seen[(unsigned char)text.p[i]] = true;
    }
    return nr;
}

static bool is_common(struct fth_str password)
{
    for (size_t i = 0; i < FTH_NR(common); i++)
        if (fth_str_caseeq(password, common[i]))
            return true;
    return false;
}

static const char *fault_of(struct fth_str password, struct fth_str email)
{
    size_t length = characters(password);

    if (length < LENGTH_LEAST)
        return "it has fewer than 12 characters";
    if (length > LENGTH_MOST)
        return "it has more than 256 characters";
    if (is_common(password) || different_bytes(password) < DIFFERENT_LEAST)
        return "it is one of the first that would be tried";
    if (fth_str_caseeq(password, email))
        return "it is the e-mail address";
    return NULL;
}

enum fth_rc password_check(struct fth_str password, struct fth_str email, struct fth_err *err)
{
    const char *fault = fault_of(password, email);

    if (!fault)
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID, "not a good password: %s", fault);
    fth_err_hint(err, "A few words that have nothing to do with each other do well.");
    fth_err_at(err, "/password");
    return err->rc;
}

enum fth_rc password_make(const struct fth_deed *deed, struct fth_str password, struct fth_str *out,
                          struct fth_err *err)
{
    char hash[FTH_PASSWORD_HASH];

    if (fth_password_hash(password, deed->people->conf.cost, hash, err))
        return err->rc;
    return fth_arena_str(deed->arena, fth_str_c(hash), out, err);
}
