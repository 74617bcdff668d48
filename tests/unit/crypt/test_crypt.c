/* crypt: passwords, codes and tokens, by the vectors of their standards and by what must be
 * refused. */
#include <stdio.h>

#include "base/check.h"
#include "crypt/jws.h"
#include "crypt/password.h"
#include "crypt/secret.h"
#include "crypt/totp.h"
#include "test.h"

/* ---- secrets ---- */

static void secrets_differ_and_are_kept_by_purpose(void **state)
{
    char one[FTH_SECRET_TEXT], two[FTH_SECRET_TEXT], a[FTH_SECRET_HASH], b[FTH_SECRET_HASH];

    fth_secret_new(one);
    fth_secret_new(two);
    assert_int_equal(strlen(one), 43);
    assert_string_not_equal(one, two);
    fth_secret_hash("session", fth_str_c(one), a);
    fth_secret_hash("token", fth_str_c(one), b);
    assert_string_not_equal(a, b);
    fth_secret_hash("session", fth_str_c(one), b);
    assert_true(fth_secret_same(fth_str_c(a), fth_str_c(b)));
    assert_false(fth_secret_same(fth_str_c(a), FTH_STR("")));
    assert_true(fth_secret_same(FTH_STR(""), FTH_STR("")));
}

/* RFC 4231, test case 2. */
static void the_mac_is_hmac_sha256(void **state)
{
    char got[FTH_SECRET_HASH];
    unsigned char bytes[32];
    const unsigned char want[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e};

    fth_secret_hash("Jefe", FTH_STR("what do ya want for nothing?"), got);
    assert_int_equal(fth_base64url_take(fth_str_c(got), bytes, sizeof(bytes)), 32);
    assert_memory_equal(bytes, want, sizeof(want));
}

/* RFC 4648, 10, without padding. */
static void base64url_is_exact(void **state)
{
    static const char *const pairs[][2] = {
        {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xfb\xff", "-_8"}};
    static const char *const wrong[] = {"Zg==", "Zh", "Z", "Zm9v ", "+/8", "Zm9vYg\n"};
    char text[16];

    for (size_t i = 0; i < FTH_NR(pairs); i++) {
        fth_base64url_put(fth_str_c(pairs[i][0]), text);
        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(fth_base64url_take(fth_str_c(pairs[i][1]), text, sizeof(text)),
                         strlen(pairs[i][0]));
        assert_memory_equal(text, pairs[i][0], strlen(pairs[i][0]));
    }
    for (size_t i = 0; i < FTH_NR(wrong); i++)
        assert_int_equal(fth_base64url_take(fth_str_c(wrong[i]), text, sizeof(text)), SIZE_MAX);
    assert_int_equal(fth_base64url_take(FTH_STR("Zm9vYg"), text, 3), SIZE_MAX);
}

/* ---- passwords ---- */

static void a_password_is_known_by_its_hash_alone(void **state)
{
    char one[FTH_PASSWORD_HASH], two[FTH_PASSWORD_HASH];
    struct fth_err err = {0};

    assert_ok(fth_password_hash(FTH_STR("correct horse"), FTH_PASSWORD_TEST, one, &err), &err);
    assert_ok(fth_password_hash(FTH_STR("correct horse"), FTH_PASSWORD_TEST, two, &err), &err);
    assert_non_null(strstr(one, "$argon2id$v=19$"));
    assert_string_not_equal(one, two); /* each has a salt of its own */
    assert_true(fth_password_is(FTH_STR("correct horse"), one));
    assert_true(fth_password_is(FTH_STR("correct horse"), two));
    assert_false(fth_password_is(FTH_STR("correct horsf"), one));
    assert_false(fth_password_is(FTH_STR(""), one));
    assert_false(fth_password_is(FTH_STR("correct horse"), ""));
    assert_false(fth_password_is(FTH_STR("correct horse"), "correct horse"));
}

static void a_real_hash_says_what_it_cost(void **state)
{
    char hash[FTH_PASSWORD_HASH];
    struct fth_err err = {0};

    assert_ok(fth_password_hash(FTH_STR("correct horse"), FTH_PASSWORD_REAL, hash, &err), &err);
    assert_non_null(strstr(hash, "$m=65536,t=3,p=1$"));
    assert_true(fth_password_is(FTH_STR("correct horse"), hash));
}

static void nobody_has_the_password_of_a_decoy(void **state)
{
    assert_false(fth_password_is(FTH_STR("correct horse"), fth_password_decoy(FTH_PASSWORD_TEST)));
    assert_false(fth_password_is(FTH_STR(""), fth_password_decoy(FTH_PASSWORD_REAL)));
    assert_non_null(strstr(fth_password_decoy(FTH_PASSWORD_REAL), "$m=65536,t=3,p=1$"));
}

/* ---- codes ---- */

/* RFC 6238, appendix B, SHA-1. */
static void codes_are_those_of_the_standard(void **state)
{
    static const struct {
        int64_t second;
        uint32_t code;
    } vectors[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                   {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};

    for (size_t i = 0; i < FTH_NR(vectors); i++)
        assert_int_equal(fth_totp_code(FTH_STR("12345678901234567890"), vectors[i].second / 30, 8),
                         vectors[i].code);
}

static bool code_is(const char *code, int64_t second, int64_t last, int64_t *step)
{
    return fth_totp_is(FTH_STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), fth_str_c(code),
                       second * 1000000, last, step);
}

static void a_code_is_good_for_a_step_around_and_once(void **state)
{
    int64_t step = -1;

    assert_true(code_is("287082", 59, 0, &step)); /* the same key in base32 */
    assert_int_equal(step, 1);
    assert_false(code_is("287082", 59, 1, &step)); /* it was used */
    assert_true(code_is("287082", 89, 0, &step));
    assert_true(code_is("287082", 5, 0, &step));
    assert_false(code_is("287082", 90, 0, &step));
    assert_false(code_is("94287082", 59, 0, &step));
    assert_false(code_is("28708", 59, 0, &step));
    assert_false(code_is("287083", 59, 0, &step));
}

static void a_new_key_is_read_back(void **state)
{
    char secret[FTH_TOTP_SECRET], code[16];
    unsigned hits = 0;
    int64_t step;

    fth_totp_new(secret);
    assert_int_equal(strlen(secret), 32);
    for (unsigned i = 0; i < 1000000; i += 1000) { /* one code of a thousand in each of these */
        snprintf(code, sizeof(code), "%06u", i);
        hits += fth_totp_is(fth_str_c(secret), fth_str_c(code), INT64_C(1) << 50, 0, &step);
    }
    assert_true(hits <= 3);
    assert_false(fth_totp_is(FTH_STR("NOT A KEY"), FTH_STR("000000"), 0, -9, &step));
}

/* ---- tokens ---- */

static struct fth_jws_key test_key(unsigned char fill)
{
    unsigned char seed[32];
    struct fth_jws_key key = {.id = FTH_STR("k1")};

    memset(seed, fill, sizeof(seed));
    fth_jws_key_seeded(seed, &key);
    return key;
}

/* RFC 8037, A.1 and A.2: the public key of a seed. */
static void keys_are_those_of_the_standard(void **state)
{
    struct fth_jws_key key = {0};
    unsigned char seed[32];
    char text[FTH_BASE64_LEN(32)];

    assert_int_equal(fth_base64url_take(FTH_STR("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"),
                                        seed, sizeof(seed)),
                     32);
    fth_jws_key_seeded(seed, &key);
    fth_base64url_put((struct fth_str){(const char *)key.public_key, 32}, text);
    assert_string_equal(text, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
}

#define CLAIMS "{\"iss\":\"i\",\"aud\":\"a\",\"iat\":100,\"nbf\":100,\"exp\":200}"

static void what_is_signed_is_read_back(void **state)
{
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_jws_key key = test_key(1);
    const struct fth_json *claims = NULL;
    struct fth_err err = {0};
    struct fth_str token;

    assert_ok(fth_jws_sign(arena, &key, FTH_STR(CLAIMS), &token, &err), &err);
    assert_ok(fth_jws_verify(arena, token, &key, 1, &claims, &err), &err);
    assert_str(fth_json_str(claims, "iss", FTH_STR("")), "i");
}

/* Ed25519 leaves no choice, so another implementation signs the same text with the same bytes. */
static void a_token_is_that_of_other_implementations(void **state)
{
    const char *theirs = "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIiwidHlwIjoiYXQrand0In0."
                         "eyJpc3MiOiJpIiwiYXVkIjoiYSIsImlhdCI6MTAwLCJuYmYiOjEwMCwiZXhwIjoyMDB9."
                         "pV2P5km0-PX6JO8zhWcXEIBI6UaXEPkqqcza7HAqpMl70IBowv-"
                         "YC0aM9f7guEFvg9bwIHHi9PCfc1cAofpfCw";
    struct fth_jws_key key = test_key(1);
    struct fth_err err = {0};
    struct fth_str token;

    assert_ok(fth_jws_sign(test_arena(1 << 16), &key, FTH_STR(CLAIMS), &token, &err), &err);
    assert_str(token, theirs);
}

static void refused(struct fth_str token, const struct fth_jws_key *key, const char *why)
{
    const struct fth_json *claims = NULL;
    struct fth_err err = {0};

    assert_int_equal(fth_jws_verify(test_arena(1 << 16), token, key, 1, &claims, &err),
                     FTH_E_UNAUTHENTICATED);
    if (!strstr(err.msg, why))
        fail_msg("\"%s\" is not in \"%s\"", why, err.msg);
    assert_null(claims);
}

/* A token whose header is this text, signed rightly. */
static void refused_header(const char *header, const char *why)
{
    struct fth_jws_key key = test_key(1);
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_err err = {0};
    struct fth_str good, token, head, rest;
    char text[512];

    assert_ok(fth_jws_sign(arena, &key, FTH_STR(CLAIMS), &good, &err), &err);
    assert_true(fth_str_split(good, '.', &head, &rest));
    fth_base64url_put(fth_str_c(header), text);
    assert_ok(fth_arena_printf(arena, &token, &err, "%s." FTH_STR_F, text, FTH_STR_A(rest)), &err);
    refused(token, &key, why);
}

static void headers_that_ask_for_something_else_are_refused(void **state)
{
    refused_header("{\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}", "not signed with EdDSA");
    refused_header("{\"alg\":\"NONE\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}", "not signed with EdDSA");
    refused_header("{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
                   "not signed with EdDSA");
    refused_header("{\"alg\":\"EdDSA\",\"kid\":\"k2\",\"typ\":\"at+jwt\"}",
                   "key that is not known");
    refused_header("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\"}", "key that is not known");
    refused_header("{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JWT\"}", "another type");
    refused_header("{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"at+jwt\",\"crit\":[\"x\"]}",
                   "not understood");
    refused_header("{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"at+jwt\",\"jwk\":{}}",
                   "not understood");
    refused_header("{\"kid\":\"k1\",\"typ\":\"at+jwt\",\"alg\":\"EdDSA\"}", "signature is wrong");
    refused_header("[]", "no object");
    refused_header("{", "no object");
}

static void what_was_touched_is_refused(void **state)
{
    struct fth_arena *arena = test_arena(1 << 22);
    struct fth_jws_key key = test_key(1), other = test_key(2);
    struct fth_err err = {0};
    struct fth_str token;
    char *bytes;

    assert_ok(fth_jws_sign(arena, &key, FTH_STR(CLAIMS), &token, &err), &err);
    refused(token, &other, "signature is wrong");
    for (size_t i = 0; i < token.n; i++) {
        const struct fth_json *claims = NULL;
        struct fth_err wrong = {0};

        bytes = fth_arena_alloc(arena, token.n + 1);
        memcpy(bytes, token.p, token.n);
        bytes[i] = bytes[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(
            fth_jws_verify(arena, (struct fth_str){bytes, token.n}, &key, 1, &claims, &wrong),
            FTH_OK);
    }
    refused(fth_str_sub(token, 0, token.n - 1), &key, "signature is wrong");
    refused(FTH_STR("a.b"), &key, "three parts");
    refused(FTH_STR("a.b.c.d"), &key, "three parts");
    refused(FTH_STR("a=.b.c"), &key, "not base64url");
    refused(FTH_STR(""), &key, "three parts");
}

static void claims_say(const char *claims, const char *why)
{
    const struct fth_jwt_wanted wanted = {FTH_STR("i"), FTH_STR("a"), 150, 0};
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(test_arena(1 << 16), fth_str_c(claims), NULL, &json, &err), &err);
    if (!why) {
        assert_ok(fth_jwt_check(json, &wanted, &err), &err);
        return;
    }
    assert_int_equal(fth_jwt_check(json, &wanted, &err), FTH_E_UNAUTHENTICATED);
    if (!strstr(err.msg, why))
        fail_msg("\"%s\" is not in \"%s\"", why, err.msg);
}

static void claims_say_for_whom_and_when(void **state)
{
    claims_say(CLAIMS, NULL);
    claims_say("{\"iss\":\"x\",\"aud\":\"a\",\"iat\":1,\"nbf\":1,\"exp\":200}", "another issuer");
    claims_say("{\"aud\":\"a\",\"iat\":1,\"nbf\":1,\"exp\":200}", "another issuer");
    claims_say("{\"iss\":\"i\",\"aud\":\"b\",\"iat\":1,\"nbf\":1,\"exp\":200}", "another audience");
    claims_say("{\"iss\":\"i\",\"aud\":[\"a\"],\"iat\":1,\"nbf\":1,\"exp\":200}",
               "another audience");
    claims_say("{\"iss\":\"i\",\"aud\":\"a\",\"iat\":1,\"nbf\":1,\"exp\":150}", "has expired");
    claims_say("{\"iss\":\"i\",\"aud\":\"a\",\"iat\":1,\"nbf\":151,\"exp\":200}", "not good yet");
    claims_say("{\"iss\":\"i\",\"aud\":\"a\",\"iat\":151,\"nbf\":1,\"exp\":200}", "not good yet");
    claims_say("{\"iss\":\"i\",\"aud\":\"a\",\"iat\":1,\"nbf\":1}", "when it is good");
    claims_say("{\"iss\":\"i\",\"aud\":\"a\",\"iat\":1,\"nbf\":1,\"exp\":\"200\"}",
               "when it is good");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(secrets_differ_and_are_kept_by_purpose),
        TEST(the_mac_is_hmac_sha256),
        TEST(base64url_is_exact),
        TEST(a_password_is_known_by_its_hash_alone),
        TEST(a_real_hash_says_what_it_cost),
        TEST(nobody_has_the_password_of_a_decoy),
        TEST(codes_are_those_of_the_standard),
        TEST(a_code_is_good_for_a_step_around_and_once),
        TEST(a_new_key_is_read_back),
        TEST(keys_are_those_of_the_standard),
        TEST(what_is_signed_is_read_back),
        TEST(a_token_is_that_of_other_implementations),
        TEST(headers_that_ask_for_something_else_are_refused),
        TEST(what_was_touched_is_refused),
        TEST(claims_say_for_whom_and_when),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
