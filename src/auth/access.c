/* Access tokens: signed with keys that change every week. */
#include <string.h>

#include "auth/pass_int.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/rand.h"
#include "crypt/jws.h"

/* A key signs for a week, and a token of its last minute is good for 15 more. */
#define KEY_SIGNS_US (7 * FTH_DAY_US)
#define KEY_KEPT_US (8 * FTH_DAY_US)

enum { KEYS_MOST = 64, LEEWAY_S = 5, CLAIMS_MAX = 2048 };

#define ISSUER FTH_STR("farthing")
#define AUDIENCE FTH_STR("farthing-api")

/* ---- keys ---- */

static enum fth_rc corrupt(struct fth_err *err)
{
    return fth_err_set(err, FTH_E_CORRUPT, "a key of access tokens cannot be read");
}

/* What signatures are checked by, the newest first: without what signs. */
static enum fth_rc read_public_keys(const struct fth_deed *deed, struct fth_jws_key **out,
                                    size_t *nr, struct fth_err *err)
{
    struct fth_table table = {0};
    struct fth_jws_key *keys;

    if (deed_read(NULL, deed, CREDENTIAL "public_keys", NULL, 0, KEYS_MOST, &table, err))
        return err->rc;
    keys = FTH_NEW_ARRAY(deed->arena, struct fth_jws_key, table.row_nr);
    if (!keys)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);

        keys[i].id = row[0].text;
        if (fth_base64url_take(row[1].text, keys[i].public_key, FTH_JWS_PUBLIC) != FTH_JWS_PUBLIC)
            return corrupt(err);
    }
    *out = keys;
    *nr = table.row_nr;
    return FTH_OK;
}

struct signing {
    const struct fth_deed *deed;
    struct fth_jws_key key;
};

static enum fth_rc add_key(struct fth_tx *tx, struct signing *signing, struct fth_err *err)
{
    int64_t now = deed_now(signing->deed);
    char public_key[FTH_BASE64_LEN(FTH_JWS_PUBLIC)], private_key[FTH_BASE64_LEN(FTH_JWS_PRIVATE)];
    char id[37];
    const struct fth_val past[] = {FTH_VAL_I64(now - KEY_KEPT_US)};

    fth_rand_uuid7(now, id);
    fth_jws_key_new(&signing->key);
    fth_base64url_put((struct fth_str){(char *)signing->key.public_key, FTH_JWS_PUBLIC},
                      public_key);
    fth_base64url_put((struct fth_str){(char *)signing->key.private_key, FTH_JWS_PRIVATE},
                      private_key);
    {
        const struct fth_val vals[] = {FTH_VAL_C(id), FTH_VAL_C(public_key), FTH_VAL_C(private_key),
                                       FTH_VAL_I64(now)};

        if (fth_arena_str(signing->deed->arena, fth_str_c(id), &signing->key.id, err) ||
            fth_tx_exec(tx, CREDENTIAL "keys_prune", past, 1, NULL, err))
            return err->rc;
        (void)fth_tx_exec(tx, CREDENTIAL "key_add", vals, FTH_NR(vals), NULL, err);
    }
    fth_secret_wipe(private_key, sizeof(private_key));
    return err->rc;
}

/* The key that signs now; *found is untouched when there is none, or it is too old. */
static enum fth_rc find_key(struct fth_tx *tx, struct signing *signing, bool *found,
                            struct fth_err *err)
{
    struct fth_jws_key *key = &signing->key;
    const struct fth_val *row;
    struct fth_table table = {0};

    if (deed_read(tx, signing->deed, CREDENTIAL "newest_key", NULL, 0, 1, &table, err))
        return err->rc;
    row = table.at;
    if (table.row_nr == 0 || row[3].i64 + KEY_SIGNS_US <= deed_now(signing->deed))
        return FTH_OK;
    key->id = row[0].text;
    if (fth_base64url_take(row[1].text, key->public_key, FTH_JWS_PUBLIC) != FTH_JWS_PUBLIC ||
        fth_base64url_take(row[2].text, key->private_key, FTH_JWS_PRIVATE) != FTH_JWS_PRIVATE)
        return corrupt(err);
    *found = true;
    return FTH_OK;
}

/* Another may have made one meanwhile. */
static enum fth_rc make_key(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct signing *signing = ctx;
    bool found = false;

    if (find_key(tx, signing, &found, err) || found)
        return err->rc;
    return add_key(tx, signing, err);
}

/* Only a key that has to be made is written. */
static enum fth_rc take_key(struct signing *signing, struct fth_err *err)
{
    bool found = false;

    if (find_key(NULL, signing, &found, err) || found)
        return err->rc;
    return fth_db_in_tx(signing->deed->people->conf.db, make_key, signing, err);
}

enum fth_rc fth_access_keys(const struct fth_deed *deed, struct fth_access_key **out, size_t *nr,
                            struct fth_err *err)
{
    struct fth_jws_key *keys = NULL;
    struct fth_access_key *list;
    char text[FTH_BASE64_LEN(FTH_JWS_PUBLIC)];

    *nr = 0;
    if (read_public_keys(deed, &keys, nr, err))
        return err->rc;
    list = FTH_NEW_ARRAY(deed->arena, struct fth_access_key, *nr);
    if (!list)
        return fth_err_nomem(err);
    for (size_t i = 0; i < *nr; i++) {
        fth_base64url_put((struct fth_str){(char *)keys[i].public_key, FTH_JWS_PUBLIC}, text);
        list[i].id = keys[i].id;
        if (fth_arena_str(deed->arena, fth_str_c(text), &list[i].x, err))
            return err->rc;
    }
    *out = list;
    return FTH_OK;
}

/* ---- tokens ---- */

static enum fth_rc put_claims(const struct fth_deed *deed, const struct fth_pass *pass,
                              struct fth_buf *buf, struct fth_err *err)
{
    int64_t now_s = deed_now(deed) / 1000000;
    struct fth_jw jw;
    char id[37];

    fth_rand_uuid7(deed_now(deed), id);
    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "iss", ISSUER);
    fth_jw_kv(&jw, "aud", AUDIENCE);
    fth_jw_kv(&jw, "sub", pass->user.id);
    fth_jw_kv(&jw, pass->shown == FTH_SHOWN_SESSION ? "sid" : "tid", pass->id);
    fth_jw_kv_i64(&jw, "iat", now_s);
    fth_jw_kv_i64(&jw, "nbf", now_s);
    fth_jw_kv_i64(&jw, "exp", now_s + FTH_ACCESS_S);
    fth_jw_kv_c(&jw, "jti", id);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

enum fth_rc fth_access_token(const struct fth_deed *deed, const struct fth_pass *pass,
                             struct fth_str *out, struct fth_err *err)
{
    struct signing signing = {.deed = deed};
    struct fth_buf claims = fth_buf_max(CLAIMS_MAX);

    if (!put_claims(deed, pass, &claims, err) && !take_key(&signing, err))
        (void)fth_jws_sign(deed->arena, &signing.key, fth_buf_view(&claims), out, err);
    fth_buf_release(&claims);
    fth_secret_wipe(&signing.key, sizeof(signing.key));
    return err->rc;
}

enum fth_rc pass_access(const struct fth_deed *deed, struct fth_str text, struct fth_pass *out,
                        struct fth_err *err)
{
    const struct fth_jwt_wanted wanted = {ISSUER, AUDIENCE, deed_now(deed) / 1000000, LEEWAY_S};
    const struct fth_json *claims = NULL;
    struct fth_pass pass = {0};
    struct fth_jws_key *keys = NULL;
    struct fth_str session;
    int64_t expires_s = 0;
    size_t nr = 0;

    if (read_public_keys(deed, &keys, &nr, err))
        return err->rc;
    if (fth_jws_verify(deed->arena, text, keys, nr, &claims, err) ||
        fth_jwt_check(claims, &wanted, err))
        return err->rc == FTH_E_NOMEM ? err->rc : pass_refuse(err);
    session = fth_json_str(claims, "sid", (struct fth_str){0});
    if (session.n)
        (void)pass_session_by_id(deed, session, &pass, err);
    else
        (void)pass_token_by_id(deed, fth_json_str(claims, "tid", FTH_STR("")), &pass, err);
    if (err->rc)
        return err->rc;
    if (!fth_str_eq(fth_json_str(claims, "sub", (struct fth_str){0}), pass.user.id))
        return pass_refuse(err);
    (void)fth_json_i64(fth_json_get(claims, "exp"), &expires_s);
    pass.expires_us = expires_s * 1000000;
    pass.by_access_token = true;
    *out = pass;
    return FTH_OK;
}
