/* reconcile: what current deliveries said they hold, against what the ledger answers, both at one
 * version of it and each currency by itself. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "app/sources.h"
#include "app/sums_int.h"
#include "base/vec.h"
#include "ledger/catalogue.h"

/* A currency of one source and billing period. */
struct line {
    struct fth_str currency;
    struct fth_money native; /* over its deliveries */
    struct fth_str column, measure;
    bool told, known; /* some delivery names it; all that do say its total, of one measure */
    struct fth_sum held;
};

FTH_VEC(line_vec, struct line)

/* One source and billing period. */
struct account {
    struct fth_str source, period;
    size_t from, to; /* its deliveries */
    struct line_vec lines;
    int64_t rows_stored, rows_held;
    bool holds; /* every check of every delivery */
};

struct books {
    int64_t version;
    struct fth_delivery *deliveries; /* current ones, by source and period */
    const struct fth_json **reports;
    size_t delivery_nr;
    struct fth_sum *sums; /* of the ledger, by currency, source, period */
    size_t sum_nr;
    struct account *accounts;
    size_t account_nr;
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

static bool is_current(const struct fth_delivery *delivery, int64_t version)
{
    return delivery->status == FTH_DELIVERY_LOADED && delivery->version <= version &&
           (!delivery->until_version || delivery->until_version > version);
}

static enum fth_rc read_books(const struct fth_asked *asked, struct fth_str source,
                              struct fth_str period, struct books *out, struct fth_err *err)
{
    struct fth_sums_request request = {.by = {"source", "billing_period"}, .period = period};
    struct fth_source named = {0};
    struct fth_delivery *all = NULL;
    size_t nr = 0, kept = 0;

    out->version = request.version = fth_ledger_version(asked->app->ledger);
    if (source.n && fth_source_named(asked->app, asked->arena, source, &named, err))
        return err->rc;
    request.source = named.name;
    /* Version 0 holds nothing; asked for, it would be the newest. */
    if (out->version && fth_sums(asked, &request, &out->sums, &out->sum_nr, err))
        return err->rc;
    if (fth_catalogue_deliveries(asked->app->db, asked->arena, named.id, &all, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++)
        if (is_current(&all[i], out->version) &&
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

/* ---- accounts ---- */

static int account_order(const void *a, const void *b)
{
    const struct account *x = a, *y = b;
    int order = fth_str_cmp(x->source, y->source);

    return order ? order : fth_str_cmp(x->period, y->period);
}

static struct account *find_account(struct books *books, struct fth_arena *arena,
                                    struct fth_str source, struct fth_str period)
{
    struct account *made = &books->accounts[books->account_nr];

    for (size_t i = books->account_nr; i-- > 0;)
        if (fth_str_eq(books->accounts[i].source, source) &&
            fth_str_eq(books->accounts[i].period, period))
            return &books->accounts[i];
    *made = (struct account){
        .source = source, .period = period, .lines = line_vec_in(arena), .holds = true};
    books->account_nr++;
    return made;
}

static enum fth_rc find_line(struct account *account, struct fth_str currency, struct line **out,
                             struct fth_err *err)
{
    struct line line = {.currency = currency, .native = FTH_MONEY_ZERO, .known = true};
    enum fth_rc rc;

    for (size_t i = 0; i < account->lines.nr; i++)
        if (fth_str_eq(account->lines.at[i].currency, currency)) {
            *out = &account->lines.at[i];
            return FTH_OK;
        }
    rc = line_vec_push(&account->lines, line, err);
    if (!rc)
        *out = &account->lines.at[account->lines.nr - 1];
    return rc;
}

/* What a delivery says of a currency: `told` is its report, or the currency's part of it. */
static enum fth_rc add_native(struct account *account, const struct fth_json *told,
                              struct fth_err *err)
{
    const struct fth_json *native = fth_json_get(told, "native_total");
    struct fth_str measure = fth_json_str(native, "measure", FTH_STR("billed_cost"));
    struct fth_err unknown = {0};
    struct fth_money amount;
    struct line *line = NULL;
    enum fth_rc rc = find_line(account, fth_json_str(told, "currency", FTH_STR("")), &line, err);

    if (rc)
        return rc;
    line->known &=
        !fth_money_parse(fth_json_str(native, "amount", FTH_STR("")), &amount, &unknown) &&
        (!line->told || fth_str_eq(line->measure, measure));
    line->told = true;
    line->measure = measure;
    line->column = fth_json_str(native, "column", line->column);
    return line->known ? fth_money_add(&line->native, amount, err) : FTH_OK;
}

/* Reports of before there were remarks call several currencies a failure. */
static bool is_remark(const struct fth_json *check)
{
    return fth_json_bool(fth_json_get(check, "remark"), false) ||
           fth_str_eq_c(fth_json_str(check, "id", FTH_STR("")), "one-currency");
}

static enum fth_rc add_delivery(struct account *account, const struct fth_delivery *delivery,
                                const struct fth_json *report, struct fth_err *err)
{
    const struct fth_json *several = fth_json_get(report, "by_currency");
    const struct fth_json *checks = fth_json_get(report, "checks");
    enum fth_rc rc = FTH_OK;

    account->rows_stored += delivery->rows_stored;
    for (size_t i = 0; checks && i < checks->nr; i++)
        account->holds &= fth_json_bool(fth_json_get(&checks->items[i], "ok"), true) ||
                          is_remark(&checks->items[i]);
    if (!fth_json_is(several, FTH_JSON_ARRAY))
        return fth_json_is(fth_json_get(report, "currency"), FTH_JSON_STRING)
                   ? add_native(account, report, err)
                   : FTH_OK;
    for (size_t i = 0; i < several->nr && !rc; i++)
        rc = add_native(account, &several->items[i], err);
    return rc;
}

static enum fth_rc add_sum(struct books *books, struct fth_arena *arena, const struct fth_sum *sum,
                           struct fth_err *err)
{
    struct account *account = find_account(books, arena, sum->key[0], sum->key[1]);
    struct line *line = NULL;
    enum fth_rc rc = find_line(account, sum->currency, &line, err);

    if (rc)
        return rc;
    line->held = *sum;
    account->rows_held += sum->charges;
    return FTH_OK;
}

static int by_currency(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return fth_str_cmp(x->currency, y->currency);
}

/* Of every source and period that a delivery names or the ledger holds charges of. */
static enum fth_rc open_accounts(struct books *books, struct fth_arena *arena, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    books->accounts = FTH_NEW_ARRAY(arena, struct account, books->delivery_nr + books->sum_nr + 1);
    if (!books->accounts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < books->delivery_nr && !rc; i++) {
        struct account *account = find_account(books, arena, books->deliveries[i].source,
                                               books->deliveries[i].billing_period);

        if (!account->to)
            account->from = i;
        account->to = i + 1;
        rc = add_delivery(account, &books->deliveries[i], books->reports[i], err);
    }
    for (size_t i = 0; i < books->sum_nr && !rc; i++)
        rc = add_sum(books, arena, &books->sums[i], err);
    for (size_t i = 0; i < books->account_nr && !rc; i++)
        if (books->accounts[i].lines.nr)
            qsort(books->accounts[i].lines.at, books->accounts[i].lines.nr, sizeof(struct line),
                  by_currency);
    qsort(books->accounts, books->account_nr, sizeof(*books->accounts), account_order);
    return rc;
}

/* ---- writing ---- */

/* As the delivery's report has it. */
static void put_check(struct fth_jw *jw, const char *delivery, const struct fth_json *check)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "delivery", delivery);
    for (size_t i = 0; fth_json_is(check, FTH_JSON_OBJECT) && i < check->nr; i++) {
        if (fth_str_eq_c(check->members[i].key, "remark"))
            continue;
        fth_jw_key_str(jw, check->members[i].key);
        fth_jw_json(jw, &check->members[i].value);
    }
    if (!fth_json_bool(fth_json_get(check, "ok"), true) && is_remark(check))
        fth_jw_kv_bool(jw, "remark", true);
    fth_jw_object_end(jw);
}

static void put_deliveries(struct fth_jw *jw, const struct books *books,
                           const struct account *account)
{
    char id[24];

    fth_jw_key(jw, "deliveries");
    fth_jw_array(jw);
    for (size_t d = account->from; d < account->to; d++) {
        snprintf(id, sizeof(id), "%" PRId64, books->deliveries[d].id);
        fth_jw_c(jw, id);
    }
    fth_jw_array_end(jw);
    fth_jw_key(jw, "checks");
    fth_jw_array(jw);
    for (size_t d = account->from; d < account->to; d++) {
        const struct fth_json *checks = fth_json_get(books->reports[d], "checks");

        snprintf(id, sizeof(id), "%" PRId64, books->deliveries[d].id);
        for (size_t i = 0; checks && i < checks->nr; i++)
            put_check(jw, id, &checks->items[i]);
    }
    fth_jw_array_end(jw);
}

static void put_amount(struct fth_jw *jw, const char *key, const struct fth_money *amount)
{
    fth_jw_key(jw, key);
    if (amount)
        fth_jw_money(jw, *amount);
    else
        fth_jw_null(jw);
}

/* The amounts of a line, or of no one line. *balances says whether there is no difference. */
static enum fth_rc put_line(struct fth_jw *jw, const struct line *line, bool *balances,
                            struct fth_err *err)
{
    bool known = line && line->told && line->known;
    bool accrued = line && fth_str_eq_c(line->measure, "effective_cost");
    struct fth_money difference = FTH_MONEY_ZERO;
    enum fth_rc rc = FTH_OK;

    if (known) {
        difference = line->native;
        rc = fth_money_sub(&difference, accrued ? line->held.effective : line->held.billed, err);
    }
    *balances = !known || fth_money_is_zero(difference);
    fth_jw_key(jw, "currency");
    if (line && line->currency.n)
        fth_jw_str(jw, line->currency);
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "native_total");
    if (known) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "column", line->column);
        fth_jw_kv(jw, "measure", line->measure);
        fth_jw_kv_money(jw, "amount", line->native);
        fth_jw_object_end(jw);
    } else {
        fth_jw_null(jw);
    }
    put_amount(jw, "ledger_billed", line ? &line->held.billed : NULL);
    put_amount(jw, "ledger_effective", line ? &line->held.effective : NULL);
    put_amount(jw, "difference", known ? &difference : NULL);
    return rc;
}

/* Charges of a period that no delivery brought balance with nothing. */
static enum fth_rc put_account(struct fth_jw *jw, const struct books *books,
                               const struct account *account, bool *balances, struct fth_err *err)
{
    bool fine = account->holds && account->rows_stored == account->rows_held, same;
    enum fth_rc rc;

    fth_jw_object(jw);
    fth_jw_kv(jw, "source", account->source);
    fth_jw_kv(jw, "billing_period", account->period);
    rc = put_line(jw, account->lines.nr == 1 ? &account->lines.at[0] : NULL, &same, err);
    fth_jw_key(jw, "by_currency");
    fth_jw_array(jw);
    for (size_t i = 0; i < account->lines.nr && !rc; i++) {
        fth_jw_object(jw);
        rc = put_line(jw, &account->lines.at[i], &same, err);
        fth_jw_kv_i64(jw, "ledger_rows", account->lines.at[i].held.charges);
        fth_jw_object_end(jw);
        fine &= same;
    }
    fth_jw_array_end(jw);
    fth_jw_kv_i64(jw, "rows_stored", account->rows_stored);
    fth_jw_kv_i64(jw, "ledger_rows", account->rows_held);
    put_deliveries(jw, books, account);
    fth_jw_kv_bool(jw, "balances", fine);
    fth_jw_object_end(jw);
    *balances &= fine;
    return rc;
}

enum fth_rc fth_reconcile_put(const struct fth_asked *asked, struct fth_str source,
                              struct fth_str period, struct fth_jw *jw, struct fth_err *err)
{
    struct books books = {0};
    bool balances = true;

    if (read_books(asked, source, period, &books, err) || open_accounts(&books, asked->arena, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "ledger_version", books.version);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < books.account_nr; i++)
        if (put_account(jw, &books, &books.accounts[i], &balances, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_bool(jw, "balances", balances);
    fth_jw_object_end(jw);
    return FTH_OK;
}
