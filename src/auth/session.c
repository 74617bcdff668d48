/* Sessions: opening, listing, ending. */
#include "auth/pass_int.h"
#include "auth/sign_in.h"
#include "base/check.h"
#include "base/rand.h"
#include "base/utf8.h"

static struct fth_str cut(struct fth_str text, size_t most)
{
    text = fth_str_sub(text, 0, most);
    return fth_utf8_valid(text) ? text : FTH_STR("");
}

enum fth_rc session_open(struct fth_tx *tx, const struct fth_deed *deed,
                         const struct fth_user *user, struct fth_str agent, struct fth_opened *out,
                         struct fth_err *err)
{
    int64_t now = deed_now(deed);
    char secret[FTH_SECRET_TEXT], hash[FTH_SECRET_HASH], id[37];
    const struct fth_val past[] = {FTH_VAL_I64(now), FTH_VAL_I64(now - SESSION_IDLE_US)};

    fth_secret_new(secret);
    fth_secret_hash(SESSION_PURPOSE, fth_str_c(secret), hash);
    fth_rand_uuid7(now, id);
    {
        const struct fth_val vals[] = {FTH_VAL_C(id),
                                       FTH_VAL_STR(user->id),
                                       FTH_VAL_C(hash),
                                       FTH_VAL_I64(now),
                                       FTH_VAL_I64(now + SESSION_MOST_US),
                                       FTH_VAL_STR(cut(deed->address, ADDRESS_MAX)),
                                       FTH_VAL_STR(cut(agent, AGENT_MAX))};
        const struct fth_val seen[] = {FTH_VAL_STR(user->id), FTH_VAL_I64(now)};

        if (fth_tx_exec(tx, CREDENTIAL "sessions_prune", past, FTH_NR(past), NULL, err) ||
            fth_tx_exec(tx, CREDENTIAL "session_add", vals, FTH_NR(vals), NULL, err) ||
            fth_tx_exec(tx, PEOPLE "signed_in", seen, FTH_NR(seen), NULL, err))
            return err->rc;
    }
    out->expires_us = now + SESSION_MOST_US;
    return fth_arena_str(deed->arena, fth_str_c(secret), &out->secret, err);
}

enum fth_rc fth_sessions_of(const struct fth_deed *deed, struct fth_str user,
                            struct fth_session_info **out, size_t *nr, struct fth_err *err)
{
    int64_t now = deed_now(deed);
    const struct fth_val vals[] = {FTH_VAL_STR(user), FTH_VAL_I64(now),
                                   FTH_VAL_I64(now - SESSION_IDLE_US)};
    struct fth_session_info *list;
    struct fth_table table = {0};

    if (deed_read(NULL, deed, CREDENTIAL "sessions_of", vals, FTH_NR(vals), LIST_MAX, &table, err))
        return err->rc;
    list = FTH_NEW_ARRAY(deed->arena, struct fth_session_info, table.row_nr);
    if (!list)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);

        list[i] = (struct fth_session_info){.id = row[0].text,
                                            .created_us = row[1].i64,
                                            .used_us = row[2].i64,
                                            .expires_us = row[3].i64,
                                            .address = row[4].text,
                                            .agent = row[5].text};
    }
    *out = list;
    *nr = table.row_nr;
    return FTH_OK;
}

struct end {
    const struct fth_deed *deed;
    struct fth_str user, id;
};

static enum fth_rc end_session(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct end *end = ctx;
    const struct fth_val vals[] = {FTH_VAL_STR(end->id), FTH_VAL_STR(end->user)};
    int64_t changed = 0;

    if (fth_tx_exec(tx, CREDENTIAL "session_end", vals, FTH_NR(vals), &changed, err))
        return err->rc;
    if (changed == 0)
        return fth_err_set(err, FTH_E_NOTFOUND, "no such session: " FTH_STR_F, FTH_STR_A(end->id));
    return deed_audit(tx, end->deed, (struct fth_str){0}, "session.end", "session", end->id, NULL,
                      0, err);
}

enum fth_rc fth_session_end(const struct fth_deed *deed, struct fth_str user, struct fth_str id,
                            struct fth_err *err)
{
    struct end end = {deed, user, id};

    return fth_db_in_tx(deed->people->conf.db, end_session, &end, err);
}
