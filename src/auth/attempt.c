/* Guesses are counted before they are looked at, so that many at once are as slow as one after the
 * other. */
#include "auth/attempt_int.h"
#include "auth/pass_int.h"
#include "base/address.h"
#include "base/check.h"

#define SECOND_US INT64_C(1000000)
#define FORGET_US HOUR_US
#define KEPT_US (24 * HOUR_US)

#define USER_PURPOSE "farthing sign-in"

/* USER_PREFIX: the length of "user:". LOCKED_MOST: more at once are not believed. */
enum { USER_PREFIX = 5, LOCKED_MOST = 100000 };
enum { USER_FREE = 5, ADDRESS_FREE = 20, FIRST_S = 15, MOST_S = 900, DOUBLINGS = 6 };

/* What the next one waits for after so many, of which the first are free. */
static int64_t wait_us(int64_t failures, int64_t free_nr)
{
    int64_t over = failures - free_nr - 1, seconds;

    if (over < 0)
        return 0;
    seconds = over >= DOUBLINGS ? MOST_S : (int64_t)FIRST_S << over;
    return (seconds > MOST_S ? MOST_S : seconds) * SECOND_US;
}

enum fth_rc attempt_begin(const struct fth_deed *deed, struct fth_str email,
                          struct attempt *attempt, struct fth_err *err)
{
    char hash[FTH_SECRET_HASH], place[FTH_PLACE_MAX];

    *attempt = (struct attempt){.deed = deed};
    fth_address_place(deed->address, place);
    fth_secret_hash(USER_PURPOSE, email, hash);
    if (fth_arena_printf(deed->arena, &attempt->user, err, "user:%s", hash) ||
        fth_arena_printf(deed->arena, &attempt->address, err, "address:%s", place))
        return err->rc;
    return fth_db_in_tx(deed->people->conf.db, attempt_count, attempt, err);
}

static enum fth_rc count_one(struct fth_tx *tx, const struct fth_table *known, struct fth_str about,
                             int64_t free_nr, int64_t now, struct fth_err *err)
{
    int64_t failures = 0;
    struct fth_val vals[4] = {FTH_VAL_STR(about)};

    for (size_t i = 0; i < known->row_nr; i++)
        if (fth_str_eq(fth_table_val(known, i, 0)->text, about) &&
            fth_table_val(known, i, 2)->i64 + FORGET_US > now)
            failures = fth_table_val(known, i, 1)->i64;
    failures++;
    vals[1] = FTH_VAL_I64(failures);
    vals[2] = FTH_VAL_I64(now);
    vals[3] = FTH_VAL_I64(now + wait_us(failures, free_nr));
    return fth_tx_exec(tx, CREDENTIAL "failure_put", vals, FTH_NR(vals), NULL, err);
}

enum fth_rc attempt_count(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct attempt *attempt = ctx;
    int64_t now = deed_now(attempt->deed), until = 0;
    const struct fth_val both[] = {FTH_VAL_STR(attempt->user), FTH_VAL_STR(attempt->address)};
    const struct fth_val past[] = {FTH_VAL_I64(now - KEPT_US)};
    struct fth_table known = {0};

    if (fth_tx_exec(tx, CREDENTIAL "failures_prune", past, 1, NULL, err) ||
        deed_read(tx, attempt->deed, CREDENTIAL "failures", both, 2, 2, &known, err))
        return err->rc;
    for (size_t i = 0; i < known.row_nr; i++)
        if (fth_table_val(&known, i, 3)->i64 > until)
            until = fth_table_val(&known, i, 3)->i64;
    if (until > now) {
        attempt->retry_s = (until - now + SECOND_US - 1) / SECOND_US;
        fth_err_set(err, FTH_E_QUOTA, "too many failed sign-ins");
        fth_err_hint(err, "Wait, then try again.");
        return err->rc;
    }
    if (count_one(tx, &known, attempt->user, USER_FREE, now, err))
        return err->rc;
    return count_one(tx, &known, attempt->address, ADDRESS_FREE, now, err);
}

enum fth_rc attempt_good(struct fth_tx *tx, const struct attempt *attempt, bool forget,
                         struct fth_err *err)
{
    const struct fth_val user[] = {FTH_VAL_STR(attempt->user)};
    const struct fth_val address[] = {FTH_VAL_STR(attempt->address)};

    if (fth_tx_exec(tx, forget ? CREDENTIAL "failure_clear" : CREDENTIAL "failure_undo", user, 1,
                    NULL, err))
        return err->rc;
    return fth_tx_exec(tx, CREDENTIAL "failure_undo", address, 1, NULL, err);
}

static enum fth_rc take_back(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    return attempt_good(tx, ctx, false, err);
}

enum fth_rc attempt_undo(struct attempt *attempt, struct fth_err *err)
{
    return fth_db_in_tx(attempt->deed->people->conf.db, take_back, attempt, err);
}

enum fth_rc attempt_locks(const struct fth_deed *deed, struct fth_user *users, size_t nr,
                          struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_I64(deed_now(deed))};
    struct fth_table locked = {0};
    char hash[FTH_SECRET_HASH];

    if (deed_read(NULL, deed, CREDENTIAL "locked", vals, FTH_NR(vals), LOCKED_MOST, &locked, err))
        return err->rc;
    for (size_t i = 0; i < nr && locked.row_nr; i++) {
        fth_secret_hash(USER_PURPOSE, users[i].email, hash);
        for (size_t k = 0; k < locked.row_nr; k++) {
            const struct fth_val *row = fth_table_val(&locked, k, 0);

            if (fth_str_eq(fth_str_sub(row[0].text, USER_PREFIX, row[0].text.n), fth_str_c(hash)))
                users[i].locked_until_us = row[1].i64;
        }
    }
    return FTH_OK;
}
