/* jws: of all texts, only the one that was signed is a token; every other is refused with a reason.
 */
#include <string.h>

#include "base/check.h"
#include "crypt/jws.h"
#include "fuzz.h"

/* Signed by the key of 32 bytes of value 1. */
static const char signed_token[] =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIiwidHlwIjoiYXQrand0In0."
    "eyJpc3MiOiJpIiwiYXVkIjoiYSIsImlhdCI6MTAwLCJuYmYiOjEwMCwiZXhwIjoyMDB9."
    "pV2P5km0-PX6JO8zhWcXEIBI6UaXEPkqqcza7HAqpMl70IBowv-YC0aM9f7guEFvg9bwIHHi9PCfc1cAofpfCw";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct fth_jwt_wanted wanted = {FTH_STR("i"), FTH_STR("a"), 150, 0};
    struct fth_arena *arena = fth_arena_new(1 << 20);
    struct fth_str text = {(const char *)data, size};
    struct fth_jws_key key = {.id = FTH_STR("k1")};
    const struct fth_json *claims = NULL;
    struct fth_err err = {0};
    unsigned char seed[32];

    if (!arena)
        return 0;
    memset(seed, 1, sizeof(seed));
    fth_jws_key_seeded(seed, &key);
    if (fth_jws_verify(arena, text, &key, 1, &claims, &err) == FTH_OK) {
        FTH_CHECK(fth_str_eq_c(text, signed_token));
        FTH_CHECK(fth_jwt_check(claims, &wanted, &err) == FTH_OK);
    } else {
        FTH_CHECK(err.msg[0] && !claims);
        FTH_CHECK(!fth_str_eq_c(text, signed_token));
    }
    fth_arena_free(arena);
    return 0;
}
