#include "app/links.h"

#include "app/app_int.h"
#include "base/check.h"
#include "base/date.h"
#include "crypt/secret.h"

#define SQL "state/link/"
#define KEPT_US (180 * FTH_DAY_US)

/* ---- making one ---- */

struct making {
    const struct fth_asked *asked;
    struct fth_str search, id;
    int64_t now_us;
};

/* Sets making->id when the caller has it already. */
static enum fth_rc find_same(struct fth_tx *tx, struct making *making, struct fth_err *err)
{
    const struct fth_asked *asked = making->asked;
    const struct fth_val vals[] = {FTH_VAL_STR(fth_who_id(asked->who)), FTH_VAL_STR(making->search),
                                   FTH_VAL_I64(making->now_us - KEPT_US)};
    struct fth_table same;

    if (fth_tx_read(tx, SQL "same", vals, FTH_NR(vals), asked->arena, FTH_LINKS_MAX, &same, err))
        return err->rc;
    making->id = same.row_nr ? fth_table_val(&same, 0, 0)->text : (struct fth_str){0};
    return FTH_OK;
}

static enum fth_rc check_room(struct fth_tx *tx, const struct making *making, struct fth_err *err)
{
    const struct fth_asked *asked = making->asked;
    const struct fth_val vals[] = {FTH_VAL_STR(fth_who_id(asked->who)),
                                   FTH_VAL_I64(making->now_us - KEPT_US)};
    struct fth_table count;

    if (fth_tx_read(tx, SQL "count", vals, FTH_NR(vals), asked->arena, 1, &count, err))
        return err->rc;
    if (fth_table_val(&count, 0, 0)->i64 < FTH_LINKS_MAX)
        return FTH_OK;
    fth_err_set(err, FTH_E_LIMIT, "more than %d short links", FTH_LINKS_MAX);
    fth_err_hint(err,
                 "One that nobody opens for 180 days ends by itself; the long address goes on.");
    return err->rc;
}

static enum fth_rc add(struct fth_tx *tx, struct making *making, struct fth_err *err)
{
    char id[FTH_LINK_ID_LEN + 1];

    fth_secret_letters(id, FTH_LINK_ID_LEN);
    if (check_room(tx, making, err) ||
        fth_arena_str(making->asked->arena, fth_str_c(id), &making->id, err))
        return err->rc;

    const struct fth_val vals[] = {FTH_VAL_STR(making->id),
                                   FTH_VAL_STR(fth_who_id(making->asked->who)),
                                   FTH_VAL_STR(making->search), FTH_VAL_I64(making->now_us)};

    return fth_tx_exec(tx, SQL "add", vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc make(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct making *making = ctx;

    if (find_same(tx, making, err))
        return err->rc;
    if (making->id.n) {
        const struct fth_val vals[] = {FTH_VAL_STR(making->id), FTH_VAL_I64(making->now_us)};

        return fth_tx_exec(tx, SQL "opened", vals, FTH_NR(vals), NULL, err);
    }
    return add(tx, making, err);
}

enum fth_rc fth_link_make(const struct fth_asked *asked, struct fth_str search, struct fth_str *id,
                          struct fth_err *err)
{
    struct making making = {
        .asked = asked, .search = search, .now_us = fth_clock_now_us(&asked->app->clock)};

    if (fth_db_in_tx(asked->app->db, make, &making, err))
        return err->rc;
    *id = making.id;
    return FTH_OK;
}

/* ---- opening and ending it ---- */

static enum fth_rc no_link(struct fth_str id, struct fth_err *err)
{
    fth_err_set(err, FTH_E_NOTFOUND, "no link \"" FTH_STR_F "\"", FTH_STR_A(id));
    fth_err_hint(err, "A short link ends when nobody has opened it for 180 days.");
    return err->rc;
}

enum fth_rc fth_link_open(const struct fth_asked *asked, struct fth_str id, struct fth_str *search,
                          struct fth_err *err)
{
    int64_t now = fth_clock_now_us(&asked->app->clock);
    const struct fth_val vals[] = {FTH_VAL_STR(id), FTH_VAL_I64(now - KEPT_US)};
    const struct fth_val opened[] = {FTH_VAL_STR(id), FTH_VAL_I64(now)};
    struct fth_table table;

    if (fth_db_read(asked->app->db, SQL "one", vals, FTH_NR(vals), asked->arena, 1, &table, err))
        return err->rc;
    if (table.row_nr == 0)
        return no_link(id, err);
    /* Once a day is enough: reading it should not have to write. */
    if (fth_table_val(&table, 0, 1)->i64 < now - FTH_DAY_US &&
        fth_db_exec(asked->app->db, SQL "opened", opened, FTH_NR(opened), NULL, err))
        return err->rc;
    *search = fth_table_val(&table, 0, 0)->text;
    return FTH_OK;
}

enum fth_rc fth_link_end(const struct fth_asked *asked, struct fth_str id, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(id),
                                   FTH_VAL_STR(asked->who ? asked->who->id : FTH_STR(""))};
    int64_t changed = 0;

    if (fth_db_exec(asked->app->db, SQL "remove", vals, FTH_NR(vals), &changed, err))
        return err->rc;
    return changed ? FTH_OK : no_link(id, err);
}

enum fth_rc fth_links_prune(struct fth_app *app, int64_t *ended, struct fth_err *err)
{
    const struct fth_val past = FTH_VAL_I64(fth_clock_now_us(&app->clock) - KEPT_US);

    return fth_db_exec(app->db, SQL "prune", &past, 1, ended, err);
}
