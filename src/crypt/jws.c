#include "crypt/jws.h"

#include <sodium.h>
#include <string.h>

#include "base/check.h"
#include "crypt/secret.h"

enum { SIGNATURE = crypto_sign_BYTES, JSON_DEPTH = 8 };

_Static_assert((int)FTH_JWS_PUBLIC == (int)crypto_sign_PUBLICKEYBYTES &&
                   (int)FTH_JWS_PRIVATE == (int)crypto_sign_SECRETKEYBYTES,
               "keys are those of Ed25519");

void fth_jws_key_new(struct fth_jws_key *out)
{
    FTH_CHECK(sodium_init() >= 0);
    FTH_CHECK(crypto_sign_keypair(out->public_key, out->private_key) == 0);
}

void fth_jws_key_seeded(const unsigned char seed[32], struct fth_jws_key *out)
{
    FTH_CHECK(crypto_sign_seed_keypair(out->public_key, out->private_key, seed) == 0);
}

static void put_part(struct fth_buf *buf, struct fth_str bytes)
{
    size_t len = FTH_BASE64_LEN(bytes.n);
    char *room = fth_buf_room(buf, len);

    if (!room)
        return;
    fth_base64url_put(bytes, room);
    buf->n += strlen(room);
}

static void put_header(struct fth_buf *buf, struct fth_str key_id)
{
    struct fth_buf header = fth_buf_max(FTH_JWS_TOKEN_MAX);

    fth_buf_c(&header, "{\"alg\":\"EdDSA\",\"kid\":");
    fth_json_put_string(&header, key_id);
    fth_buf_c(&header, ",\"typ\":\"at+jwt\"}");
    buf->failed |= header.failed;
    put_part(buf, fth_buf_view(&header));
    fth_buf_release(&header);
}

enum fth_rc fth_jws_sign(struct fth_arena *arena, const struct fth_jws_key *key,
                         struct fth_str payload, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(FTH_JWS_TOKEN_MAX);
    unsigned char signature[SIGNATURE];

    put_header(&text, key->id);
    fth_buf_char(&text, '.');
    put_part(&text, payload);
    if (!fth_buf_done(&text, err)) {
        FTH_CHECK(crypto_sign_detached(signature, NULL, (const unsigned char *)text.p, text.n,
                                       key->private_key) == 0);
        fth_buf_char(&text, '.');
        put_part(&text, (struct fth_str){(const char *)signature, sizeof(signature)});
        if (!fth_buf_done(&text, err))
            (void)fth_arena_str(arena, fth_buf_view(&text), out, err);
    }
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc refuse(struct fth_err *err, const char *why)
{
    return fth_err_set(err, FTH_E_UNAUTHENTICATED, "access token: %s", why);
}

/* A part that is an object of JSON. */
static enum fth_rc read_part(struct fth_arena *arena, struct fth_str text,
                             const struct fth_json **out, struct fth_err *err)
{
    const struct fth_json_limits limits = {FTH_JWS_TOKEN_MAX, JSON_DEPTH};
    char *bytes = fth_arena_alloc(arena, text.n + 1);
    struct fth_err wrong = {0};
    size_t n;

    if (!bytes)
        return fth_err_nomem(err);
    n = fth_base64url_take(text, bytes, text.n);
    if (n == SIZE_MAX)
        return refuse(err, "a part is not base64url");
    if (fth_json_parse(arena, (struct fth_str){bytes, n}, &limits, out, &wrong) == FTH_E_NOMEM)
        return fth_err_nomem(err);
    if (wrong.rc || !fth_json_is(*out, FTH_JSON_OBJECT))
        return refuse(err, "a part is no object");
    return FTH_OK;
}

/* Members of the header that would let a token bring its own key, or ask for what is not done here.
 */
static bool says_too_much(const struct fth_json *header)
{
    static const char *const members[] = {"crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc"};

    for (size_t i = 0; i < FTH_NR(members); i++)
        if (fth_json_get(header, members[i]))
            return true;
    return false;
}

static const struct fth_jws_key *key_of(const struct fth_json *header,
                                        const struct fth_jws_key *keys, size_t key_nr)
{
    struct fth_str id = fth_json_str(header, "kid", (struct fth_str){0});

    for (size_t i = 0; i < key_nr; i++)
        if (id.n && fth_str_eq(keys[i].id, id))
            return &keys[i];
    return NULL;
}

static enum fth_rc check_header(const struct fth_json *header, const struct fth_jws_key *keys,
                                size_t key_nr, const struct fth_jws_key **key, struct fth_err *err)
{
    if (!fth_str_eq_c(fth_json_str(header, "alg", FTH_STR("")), "EdDSA"))
        return refuse(err, "not signed with EdDSA");
    if (!fth_str_eq_c(fth_json_str(header, "typ", FTH_STR("")), "at+jwt"))
        return refuse(err, "of another type");
    if (says_too_much(header))
        return refuse(err, "its header has what is not understood");
    *key = key_of(header, keys, key_nr);
    return *key ? FTH_OK : refuse(err, "signed with a key that is not known");
}

enum fth_rc fth_jws_verify(struct fth_arena *arena, struct fth_str token,
                           const struct fth_jws_key *keys, size_t key_nr,
                           const struct fth_json **claims, struct fth_err *err)
{
    struct fth_str head, rest, body, tail;
    const struct fth_json *header = NULL, *payload = NULL;
    const struct fth_jws_key *key = NULL;
    unsigned char signature[SIGNATURE];

    if (token.n > FTH_JWS_TOKEN_MAX || !fth_str_split(token, '.', &head, &rest) ||
        !fth_str_split(rest, '.', &body, &tail) || fth_str_find(tail, '.') != SIZE_MAX)
        return refuse(err, "does not have three parts");
    if (read_part(arena, head, &header, err) || check_header(header, keys, key_nr, &key, err) ||
        !key)
        return err->rc;
    if (fth_base64url_take(tail, signature, sizeof(signature)) != sizeof(signature) ||
        crypto_sign_verify_detached(signature, (const unsigned char *)token.p, head.n + 1 + body.n,
                                    key->public_key) != 0)
        return refuse(err, "its signature is wrong");
    if (read_part(arena, body, &payload, err))
        return err->rc;
    *claims = payload;
    return FTH_OK;
}

enum fth_rc fth_jwt_check(const struct fth_json *claims, const struct fth_jwt_wanted *wanted,
                          struct fth_err *err)
{
    int64_t expires, not_before, issued;

    if (!fth_str_eq(fth_json_str(claims, "iss", (struct fth_str){0}), wanted->issuer))
        return refuse(err, "from another issuer");
    if (!fth_str_eq(fth_json_str(claims, "aud", (struct fth_str){0}), wanted->audience))
        return refuse(err, "for another audience");
    if (!fth_json_i64(fth_json_get(claims, "exp"), &expires) ||
        !fth_json_i64(fth_json_get(claims, "nbf"), &not_before) ||
        !fth_json_i64(fth_json_get(claims, "iat"), &issued))
        return refuse(err, "does not say when it is good");
    if (expires <= wanted->now_s - wanted->leeway_s)
        return refuse(err, "has expired");
    if (not_before > wanted->now_s + wanted->leeway_s || issued > wanted->now_s + wanted->leeway_s)
        return refuse(err, "is not good yet");
    return FTH_OK;
}
