/* reconcile: what current deliveries said they hold, against what the ledger answers now. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/sources.h"
#include "app/sums_int.h"
#include "base/vec.h"
#include "ledger/catalogue.h"

/* One source and billing period. */
struct account {
    struct fth_str source, period;
    struct fth_money native; /* over its deliveries */
    struct fth_str column;
    bool native_known;
    int64_t rows_stored;
    bool holds; /* every check of every delivery */
};

struct books {
    struct fth_delivery *deliveries; /* current ones, by source and period */
    const struct fth_json **reports;
    size_t delivery_nr;
    struct fth_sum *sums; /* of the ledger: source, period */
    size_t sum_nr;
};

/* ---- reading ---- */

static int order_of(const struct fth_delivery *a, const struct fth_delivery *b)
{
    int order = fth_str_cmp(a->source, b->source);

    if (!order)
        order = fth_str_cmp(a->billing_period, b->billing_period);
    return order ? order : (a->id > b->id) - (a->id < b->id);
}

static int by_account(const void *a, const void *b)
{
    return order_of(a, b);
}

static enum fth_rc read_books(const struct fth_asked *asked, struct fth_str source,
                              struct fth_str period, struct books *out, struct fth_err *err)
{
    struct fth_sums_request request = {.by = {"source", "billing_period"}, .period = period};
    struct fth_source named = {0};
    struct fth_delivery *all = NULL;
    size_t nr = 0, kept = 0;

    if (source.n && fth_source_named(asked->app, asked->arena, source, &named, err))
        return err->rc;
    request.source = named.name;
    if (fth_sums(asked, &request, &out->sums, &out->sum_nr, err) ||
        fth_catalogue_deliveries(asked->app->db, asked->arena, named.id, &all, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++)
        if (all[i].status == FTH_DELIVERY_LOADED && !all[i].until_version &&
            (!period.n || fth_str_eq(period, all[i].billing_period)))
            all[kept++] = all[i];
    if (kept)
        qsort(all, kept, sizeof(*all), by_account);
    out->deliveries = all;
    out->delivery_nr = kept;
    out->reports = FTH_NEW_ARRAY(asked->arena, const struct fth_json *, kept + 1);
    if (!out->reports)
        return fth_err_nomem(err);
    for (size_t i = 0; i < kept; i++)
        if (fth_json_parse(asked->arena, all[i].report, NULL, &out->reports[i], err))
            return err->rc;
    return FTH_OK;
}

/* ---- one account ---- */

static enum fth_rc add_delivery(struct account *account, const struct fth_delivery *delivery,
                                const struct fth_json *report, struct fth_err *err)
{
    const struct fth_json *native = fth_json_get(report, "native_total");
    const struct fth_json *checks = fth_json_get(report, "checks");
    struct fth_err unknown = {0};
    struct fth_money amount;

    account->rows_stored += delivery->rows_stored;
    for (size_t i = 0; checks && i < checks->nr; i++)
        account->holds &= fth_json_bool(fth_json_get(&checks->items[i], "ok"), true);
    account->column = fth_json_str(native, "column", account->column);
    if (fth_money_parse(fth_json_str(native, "amount", FTH_STR("")), &amount, &unknown))
        account->native_known = false;
    return account->native_known ? fth_money_add(&account->native, amount, err) : FTH_OK;
}

static void put_checks(struct fth_jw *jw, const struct books *books, size_t from, size_t to)
{
    fth_jw_key(jw, "checks");
    fth_jw_array(jw);
    for (size_t d = from; d < to; d++) {
        const struct fth_json *checks = fth_json_get(books->reports[d], "checks");
        char id[24];

        snprintf(id, sizeof(id), "%" PRId64, books->deliveries[d].id);
        for (size_t i = 0; checks && i < checks->nr; i++) {
            const struct fth_json *check = &checks->items[i];

            fth_jw_object(jw);
            fth_jw_kv_c(jw, "delivery", id);
            fth_jw_kv(jw, "id", fth_json_str(check, "id", FTH_STR("")));
            fth_jw_kv_bool(jw, "ok", fth_json_bool(fth_json_get(check, "ok"), true));
            fth_jw_kv(jw, "detail", fth_json_str(check, "detail", FTH_STR("")));
            fth_jw_object_end(jw);
        }
    }
    fth_jw_array_end(jw);
}

static void put_ids(struct fth_jw *jw, const struct books *books, size_t from, size_t to)
{
    fth_jw_key(jw, "deliveries");
    fth_jw_array(jw);
    for (size_t d = from; d < to; d++) {
        char id[24];

        snprintf(id, sizeof(id), "%" PRId64, books->deliveries[d].id);
        fth_jw_c(jw, id);
    }
    fth_jw_array_end(jw);
}

struct held {
    struct fth_money billed;
    int64_t charges;
    struct fth_str currency; /* of the last */
    size_t currencies;
};

static enum fth_rc hold(const struct books *books, const struct account *account, struct held *out,
                        struct fth_err *err)
{
    *out = (struct held){.billed = FTH_MONEY_ZERO};
    for (size_t i = 0; i < books->sum_nr; i++) {
        const struct fth_sum *sum = &books->sums[i];

        if (!fth_str_eq(sum->key[0], account->source) || !fth_str_eq(sum->key[1], account->period))
            continue;
        out->charges += sum->charges;
        out->currency = sum->currency;
        out->currencies++;
        if (fth_money_add(&out->billed, sum->billed, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc put_account(struct fth_jw *jw, const struct books *books,
                               const struct account *account, size_t from, size_t to,
                               bool *balances, struct fth_err *err)
{
    struct fth_money difference = account->native;
    struct held held;
    bool fine;

    if (hold(books, account, &held, err) || fth_money_sub(&difference, held.billed, err))
        return err->rc;
    fine = account->holds && account->rows_stored == held.charges &&
           (!account->native_known || fth_money_is_zero(difference));
    *balances &= fine;
    fth_jw_object(jw);
    fth_jw_kv(jw, "source", account->source);
    fth_jw_kv(jw, "billing_period", account->period);
    put_ids(jw, books, from, to);
    fth_jw_key(jw, "currency");
    if (held.currencies == 1)
        fth_jw_str(jw, held.currency);
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "native_total");
    if (account->native_known) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "column", account->column);
        fth_jw_kv_money(jw, "amount", account->native);
        fth_jw_object_end(jw);
    } else {
        fth_jw_null(jw);
    }
    fth_jw_kv_money(jw, "ledger_billed", held.billed);
    fth_jw_key(jw, "difference");
    if (account->native_known)
        fth_jw_money(jw, difference);
    else
        fth_jw_null(jw);
    fth_jw_kv_i64(jw, "rows_stored", account->rows_stored);
    fth_jw_kv_i64(jw, "ledger_rows", held.charges);
    put_checks(jw, books, from, to);
    fth_jw_kv_bool(jw, "balances", fine);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* ---- all ---- */

enum fth_rc fth_reconcile_put(const struct fth_asked *asked, struct fth_str source,
                              struct fth_str period, struct fth_jw *jw, struct fth_err *err)
{
    struct books books = {0};
    bool balances = true;

    if (read_books(asked, source, period, &books, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t from = 0, to; from < books.delivery_nr; from = to) {
        struct account account = {.source = books.deliveries[from].source,
                                  .period = books.deliveries[from].billing_period,
                                  .native = FTH_MONEY_ZERO,
                                  .native_known = true,
                                  .holds = true};

        for (to = from;
             to < books.delivery_nr && fth_str_eq(books.deliveries[to].source, account.source) &&
             fth_str_eq(books.deliveries[to].billing_period, account.period);
             to++)
            if (add_delivery(&account, &books.deliveries[to], books.reports[to], err))
                return err->rc;
        if (put_account(jw, &books, &account, from, to, &balances, err))
            return err->rc;
    }
    fth_jw_array_end(jw);
    fth_jw_kv_bool(jw, "balances", balances);
    fth_jw_object_end(jw);
    return FTH_OK;
}
