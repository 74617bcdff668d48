#include "app/organisation.h"

#include "app/app_int.h"
#include "base/buf.h"
#include "rates/rates.h"
#include "state/audit.h"

#define SQL "state/setting/"

enum { VALUE_MAX = 64, DETAIL_MAX = 256 };

/* A setting that nobody has made is as one that says null. */
enum fth_rc fth_organisation_currency(const struct fth_asked *asked, struct fth_str *out,
                                      struct fth_err *err)
{
    const struct fth_val name = FTH_VAL_STR(FTH_STR("currency"));
    const struct fth_json *json = NULL;
    struct fth_table table = {0};

    if (fth_db_read(asked->app->db, SQL "one", &name, 1, asked->arena, 1, &table, err))
        return err->rc;
    if (table.row_nr == 0) {
        *out = (struct fth_str){0};
        return FTH_OK;
    }
    if (fth_json_parse(asked->arena, fth_table_val(&table, 0, 0)->text, NULL, &json, err) ||
        (json->type != FTH_JSON_NULL &&
         (json->type != FTH_JSON_STRING || !fth_rate_is_currency(json->text))))
        return fth_err_set(err, FTH_E_CORRUPT, "the organisation's currency cannot be read");
    *out = json->type == FTH_JSON_NULL ? (struct fth_str){0} : json->text;
    return FTH_OK;
}

static void put_currency(struct fth_jw *jw, struct fth_str currency)
{
    if (currency.n)
        fth_jw_str(jw, currency);
    else
        fth_jw_null(jw);
}

/* ---- setting it ---- */

struct change {
    const struct fth_asked *asked;
    struct fth_str currency, request_id;
    struct fth_str value, detail; /* JSON */
};

static enum fth_rc keep(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct change *change = ctx;
    int64_t now = fth_clock_now_us(&change->asked->app->clock);
    const struct fth_val vals[] = {FTH_VAL_STR(FTH_STR("currency")), FTH_VAL_STR(change->value),
                                   FTH_VAL_I64(now)};
    const struct fth_audit audit = {.at_us = now,
                                    .actor = fth_who_id(change->asked->who),
                                    .action = FTH_STR("organisation.set"),
                                    .object = FTH_STR("organisation"),
                                    .detail = change->detail,
                                    .request_id = change->request_id};

    if (fth_tx_exec(tx, SQL "put", vals, 3, NULL, err))
        return err->rc;
    return fth_audit_add(tx, &audit, err);
}

enum fth_rc fth_organisation_set_currency(const struct fth_asked *asked, struct fth_str currency,
                                          struct fth_str request_id, struct fth_err *err)
{
    struct change change = {.asked = asked, .currency = currency, .request_id = request_id};
    struct fth_buf value = fth_buf_max(VALUE_MAX), detail = fth_buf_max(DETAIL_MAX);
    struct fth_str before = {0};
    struct fth_jw jw;

    if (currency.n && !fth_rate_is_currency(currency))
        return fth_err_set(err, FTH_E_INVALID,
                           "\"" FTH_STR_F "\" is no currency: three capital letters are wanted",
                           FTH_STR_A(currency));
    if (fth_organisation_currency(asked, &before, err) || fth_str_eq(before, currency))
        return err->rc;
    fth_jw_init(&jw, &value);
    put_currency(&jw, currency);
    if (fth_jw_done(&jw, err))
        goto out;
    fth_jw_init(&jw, &detail);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "currency");
    put_currency(&jw, currency);
    fth_jw_key(&jw, "before");
    put_currency(&jw, before);
    fth_jw_object_end(&jw);
    if (fth_jw_done(&jw, err))
        goto out;
    change.value = fth_buf_view(&value);
    change.detail = fth_buf_view(&detail);
    (void)fth_db_in_tx(asked->app->db, keep, &change, err);
out:
    fth_buf_release(&value);
    fth_buf_release(&detail);
    return err->rc;
}

enum fth_rc fth_organisation_put(const struct fth_asked *asked, struct fth_jw *jw,
                                 struct fth_err *err)
{
    struct fth_str currency = {0};

    if (fth_organisation_currency(asked, &currency, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "currency");
    put_currency(jw, currency);
    fth_jw_object_end(jw);
    return FTH_OK;
}
