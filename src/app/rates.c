#include "app/rates.h"

#include <stdlib.h>

#include "app/app_int.h"
#include "base/buf.h"
#include "base/file.h"
#include "rates/rates.h"
#include "state/audit.h"

#define SQL "state/rate/"

enum { ROWS_MAX = 200000, PAIRS_MAX = 10000, DETAIL_MAX = 4096 };

/* ---- for questions ---- */

enum fth_rc fth_rates_version(const struct fth_asked *asked, int64_t *out, struct fth_err *err)
{
    struct fth_table table;

    if (fth_db_read(asked->app->db, SQL "version", NULL, 0, asked->arena, 1, &table, err))
        return err->rc;
    *out = table.row_nr ? fth_table_val(&table, 0, 0)->i64 : 0;
    return FTH_OK;
}

static struct fth_val date_val(int32_t date, char text[10])
{
    fth_date_text(date, text);
    return FTH_VAL_STR(((struct fth_str){text, 10}));
}

static enum fth_rc read_rates(void *ctx, struct fth_arena *arena, struct fth_str from,
                              struct fth_str to, int32_t first, int32_t last,
                              struct fth_rate_vec *out, struct fth_err *err)
{
    struct fth_app *app = ctx;
    char first_text[10], last_text[10];
    const struct fth_val vals[] = {FTH_VAL_STR(from), FTH_VAL_STR(to), date_val(first, first_text),
                                   date_val(last, last_text)};
    struct fth_table table;

    if (fth_db_read(app->db, SQL "between", vals, 4, arena, ROWS_MAX, &table, err))
        return err->rc;
    for (size_t i = 0; i < table.row_nr; i++) {
        struct fth_rate rate = {.from = fth_table_val(&table, i, 1)->text,
                                .to = fth_table_val(&table, i, 2)->text};

        if (!fth_date_parse(fth_table_val(&table, i, 0)->text, &rate.day) ||
            fth_money_parse(fth_table_val(&table, i, 3)->text, &rate.rate, err))
            return fth_err_set(err, FTH_E_CORRUPT, "a stored exchange rate cannot be read");
        if (fth_rate_vec_push(out, rate, err))
            return err->rc;
    }
    return FTH_OK;
}

enum fth_rc fth_rates_source(const struct fth_asked *asked, struct fth_rate_source *out,
                             struct fth_err *err)
{
    *out = (struct fth_rate_source){
        .read = read_rates, .ctx = asked->app, .max_age = asked->app->rate_max_age_days};
    return fth_rates_version(asked, &out->version, err);
}

/* ---- where they lead ---- */

FTH_VEC(currency_vec, struct fth_str)

/* One row a pair: from, to. */
static bool has_pair(const struct fth_table *pairs, struct fth_str from, struct fth_str to)
{
    for (size_t i = 0; i < pairs->row_nr; i++)
        if (fth_str_eq(fth_table_val(pairs, i, 0)->text, from) &&
            fth_str_eq(fth_table_val(pairs, i, 1)->text, to))
            return true;
    return false;
}

/* As fth_rate_find() does: as given, the other way round, across the euro. */
static bool leads(const struct fth_table *pairs, struct fth_str from, struct fth_str to)
{
    const struct fth_str euro = FTH_STR("EUR");

    return fth_str_eq(from, to) || has_pair(pairs, from, to) || has_pair(pairs, to, from) ||
           (has_pair(pairs, euro, from) && has_pair(pairs, euro, to));
}

static enum fth_rc add_reached(const struct fth_table *pairs, const struct fth_str *billed,
                               size_t nr, struct fth_str to, struct currency_vec *out,
                               struct fth_err *err)
{
    for (size_t i = 0; i < out->nr; i++)
        if (fth_str_eq(out->at[i], to))
            return FTH_OK;
    for (size_t i = 0; i < nr; i++)
        if (!leads(pairs, billed[i], to))
            return FTH_OK;
    return currency_vec_push(out, to, err);
}

static int by_name(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

enum fth_rc fth_rates_reach(const struct fth_asked *asked, const struct fth_str *billed, size_t nr,
                            struct fth_str **out, size_t *out_nr, struct fth_err *err)
{
    struct currency_vec reached = currency_vec_in(asked->arena);
    struct fth_table pairs;

    if (fth_db_read(asked->app->db, SQL "directions", NULL, 0, asked->arena, PAIRS_MAX, &pairs,
                    err))
        return err->rc;
    for (size_t i = 0; i < nr; i++)
        if (add_reached(&pairs, billed, nr, billed[i], &reached, err))
            return err->rc;
    for (size_t i = 0; i < pairs.row_nr; i++)
        for (size_t side = 0; side < 2; side++)
            if (add_reached(&pairs, billed, nr, fth_table_val(&pairs, i, side)->text, &reached,
                            err))
                return err->rc;
    if (reached.nr)
        qsort(reached.at, reached.nr, sizeof(*reached.at), by_name);
    *out = reached.at;
    *out_nr = reached.nr;
    return FTH_OK;
}

/* ---- importing ---- */

struct import {
    const struct fth_asked *asked;
    const struct fth_rate_vec *rates;
    struct fth_str name, request_id;
    int64_t changed;
};

static enum fth_rc put_audit(const struct import *import, struct fth_tx *tx, struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(DETAIL_MAX);
    struct fth_audit audit = {.at_us = fth_clock_now_us(&import->asked->app->clock),
                              .actor = fth_who_id(import->asked->who),
                              .action = FTH_STR("rates.import"),
                              .object = FTH_STR("rates"),
                              .request_id = import->request_id};
    struct fth_jw jw;

    fth_jw_init(&jw, &detail);
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "name", import->name);
    fth_jw_kv_i64(&jw, "changed", import->changed);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err)) {
        audit.detail = fth_buf_view(&detail);
        (void)fth_audit_add(tx, &audit, err);
    }
    fth_buf_release(&detail);
    return err->rc;
}

static enum fth_rc keep(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct import *import = ctx;

    import->changed = 0;
    for (size_t i = 0; i < import->rates->nr; i++) {
        const struct fth_rate *rate = &import->rates->at[i];
        char day[10], amount[FTH_MONEY_TEXT_MAX];
        const struct fth_val vals[] = {
            date_val(rate->day, day), FTH_VAL_STR(rate->from), FTH_VAL_STR(rate->to),
            FTH_VAL_STR(((struct fth_str){amount, fth_money_text(rate->rate, amount)})),
            FTH_VAL_STR(import->name)};
        int64_t changed = 0;

        if (fth_tx_exec(tx, SQL "put", vals, 5, &changed, err) ||
            fth_cancel_check(import->asked->cancel, err))
            return err->rc;
        import->changed += changed;
    }
    if (import->changed == 0)
        return FTH_OK;
    if (fth_tx_exec(tx, SQL "changed", NULL, 0, NULL, err))
        return err->rc;
    return put_audit(import, tx, err);
}

static void put_report(const struct import *import, struct fth_jw *jw)
{
    const struct fth_rate_vec *rates = import->rates;
    int32_t first = rates->at[0].day, last = first;
    int64_t pairs = 0;

    for (size_t i = 0; i < rates->nr; i++) {
        const struct fth_rate *rate = &rates->at[i];

        first = rate->day < first ? rate->day : first;
        last = rate->day > last ? rate->day : last;
        pairs +=
            i == 0 || !fth_str_eq(rate->from, rate[-1].from) || !fth_str_eq(rate->to, rate[-1].to);
    }
    fth_jw_object(jw);
    fth_jw_kv(jw, "name", import->name);
    fth_jw_kv_i64(jw, "rates", (int64_t)rates->nr);
    fth_jw_kv_i64(jw, "changed", import->changed);
    fth_jw_kv_i64(jw, "pairs", pairs);
    fth_jw_kv_date(jw, "first_day", first);
    fth_jw_kv_date(jw, "last_day", last);
    fth_jw_object_end(jw);
}

enum fth_rc fth_rates_import(const struct fth_asked *asked, const char *path, struct fth_str name,
                             struct fth_str base, struct fth_str request_id, struct fth_jw *jw,
                             struct fth_err *err)
{
    struct fth_rate_vec rates;
    struct import import = {
        .asked = asked, .rates = &rates, .name = name, .request_id = request_id};
    struct fth_str text;

    if (fth_file_read(asked->arena, path, FTH_RATES_FILE_MAX, &text, err) ||
        fth_rates_read(asked->arena, text, base, &rates, err)) {
        fth_err_prefix(err, FTH_STR_F, FTH_STR_A(name));
        return err->rc;
    }
    if (fth_db_in_tx(asked->app->db, keep, &import, err))
        return err->rc;
    put_report(&import, jw);
    return FTH_OK;
}

/* ---- what there is ---- */

enum fth_rc fth_rates_put(const struct fth_asked *asked, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_table table;

    if (fth_db_read(asked->app->db, SQL "pairs", NULL, 0, asked->arena, PAIRS_MAX, &table, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < table.row_nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "from", fth_table_val(&table, i, 0)->text);
        fth_jw_kv(jw, "to", fth_table_val(&table, i, 1)->text);
        fth_jw_kv_i64(jw, "days", fth_table_val(&table, i, 2)->i64);
        fth_jw_kv(jw, "first_day", fth_table_val(&table, i, 3)->text);
        fth_jw_kv(jw, "last_day", fth_table_val(&table, i, 4)->text);
        fth_jw_kv(jw, "rate", fth_table_val(&table, i, 5)->text);
        fth_jw_kv(jw, "source", fth_table_val(&table, i, 6)->text);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}
