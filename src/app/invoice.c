/*
 * invoice: what a provider asks for, line by line, against what the ledger was billed.
 *
 * Invoices are told apart by number and currency. Where lines name services or accounts, each of
 * these is compared too; what is left over is looked for among the ledger's charges of the invoice.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "app/invoice_int.h"
#include "app/sources.h"
#include "app/sums_int.h"
#include "base/check.h"

/* Groups of charges that are shown for one difference, and invoices that are looked into. */
enum { CANDIDATES_MAX = 5, INVOICES_MAX = 500 };

enum status { MATCHED, ROUNDING, UNEXPLAINED, NOT_IN_LEDGER, NOT_ON_INVOICE };

static const char *const status_names[] = {[MATCHED] = "matched",
                                           [ROUNDING] = "rounding",
                                           [UNEXPLAINED] = "unexplained",
                                           [NOT_IN_LEDGER] = "missing in the ledger",
                                           [NOT_ON_INVOICE] = "missing on the invoice"};

/* Lines that name the same service and account: one comparison. */
struct entry {
    struct fth_str service, account;
    struct fth_money invoiced, ledger;
    int64_t line_nr, charges;
};

FTH_VEC(entry_vec, struct entry)

struct invoice {
    struct fth_str id, currency;
    struct fth_money invoiced, ledger;
    int64_t line_nr, charges;
    bool on_file;
    struct entry_vec entries; /* of lines that name a service or account */
    bool names_all;           /* every line does */
};

FTH_VEC(invoice_vec, struct invoice)

struct desk {
    const struct fth_asked *asked;
    struct fth_str source, period;
    int64_t version;
    struct invoice_vec invoices;
    bool explained;
};

/* ---- judging ---- */

/* Half of the smallest unit for each line: so much rounding can make of them. */
static enum fth_rc tolerance(struct fth_str currency, int64_t line_nr, struct fth_money *out,
                             struct fth_err *err)
{
    return fth_money_from_scaled((fth_i128)line_nr * 5, fth_currency_decimals(currency) + 1, out,
                                 err);
}

static enum fth_rc judge(struct fth_str currency, struct fth_money invoiced,
                         struct fth_money ledger, int64_t line_nr, int64_t charges,
                         enum status *out, struct fth_money *difference, struct fth_err *err)
{
    struct fth_money most, gap;

    *difference = invoiced;
    if (fth_money_sub(difference, ledger, err) || tolerance(currency, line_nr, &most, err))
        return err->rc;
    gap = fth_money_abs(*difference);
    if (fth_money_is_zero(gap))
        *out = MATCHED;
    else if (!charges)
        *out = NOT_IN_LEDGER;
    else if (!line_nr)
        *out = NOT_ON_INVOICE;
    else
        *out = fth_money_cmp(gap, most) <= 0 ? ROUNDING : UNEXPLAINED;
    return FTH_OK;
}

/* ---- the file ---- */

static enum fth_rc find_invoice(struct desk *desk, struct fth_str id, struct fth_str currency,
                                struct invoice **out, struct fth_err *err)
{
    struct invoice made = {.id = id,
                           .currency = currency,
                           .entries = entry_vec_in(desk->asked->arena),
                           .names_all = true};
    enum fth_rc rc;

    for (size_t i = desk->invoices.nr; i-- > 0;)
        if (fth_str_eq(desk->invoices.at[i].id, id) &&
            fth_str_eq(desk->invoices.at[i].currency, currency)) {
            *out = &desk->invoices.at[i];
            return FTH_OK;
        }
    if (desk->invoices.nr == INVOICES_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "more than %d invoices", INVOICES_MAX);
    rc = invoice_vec_push(&desk->invoices, made, err);
    if (!rc)
        *out = &desk->invoices.at[desk->invoices.nr - 1];
    return rc;
}

static enum fth_rc find_entry(struct invoice *invoice, struct fth_str service,
                              struct fth_str account, struct entry **out, struct fth_err *err)
{
    struct entry made = {.service = service, .account = account};
    enum fth_rc rc;

    for (size_t i = 0; i < invoice->entries.nr; i++)
        if (fth_str_caseeq(invoice->entries.at[i].service, service) &&
            fth_str_eq(invoice->entries.at[i].account, account)) {
            *out = &invoice->entries.at[i];
            return FTH_OK;
        }
    rc = entry_vec_push(&invoice->entries, made, err);
    if (!rc)
        *out = &invoice->entries.at[invoice->entries.nr - 1];
    return rc;
}

static enum fth_rc add_line(struct desk *desk, const struct fth_invoice_line *line,
                            struct fth_err *err)
{
    struct invoice *invoice = NULL;
    struct entry *entry = NULL;
    enum fth_rc rc;

    if (desk->period.n && line->period.n && !fth_str_eq(desk->period, line->period))
        return FTH_OK;
    rc = find_invoice(desk, line->invoice, line->currency, &invoice, err);
    if (!rc && invoice)
        rc = fth_money_add(&invoice->invoiced, line->amount, err);
    if (rc || !invoice)
        return rc;
    invoice->on_file = true;
    invoice->line_nr++;
    if (!line->service.n && !line->account.n) {
        invoice->names_all = false;
        return FTH_OK;
    }
    rc = find_entry(invoice, line->service, line->account, &entry, err);
    if (!rc && entry)
        rc = fth_money_add(&entry->invoiced, line->amount, err);
    if (!rc && entry)
        entry->line_nr++;
    return rc;
}

/* ---- the ledger ---- */

static enum fth_rc sums_of(const struct desk *desk, struct fth_str invoice, const char *by,
                           const char *and_by, struct fth_sum **out, size_t *out_nr,
                           struct fth_err *err)
{
    const struct fth_sums_request request = {.by = {by, and_by},
                                             .source = desk->source,
                                             .period = desk->period,
                                             .invoice = invoice,
                                             .version = desk->version};

    *out = NULL;
    *out_nr = 0;
    if (desk->version && fth_sums(desk->asked, &request, out, out_nr, err))
        return err->rc;
    FTH_CHECK(*out || *out_nr == 0);
    return FTH_OK;
}

/* Invoices of the ledger that the file does not name are told where a scope was asked for: else
 * they are simply others. */
static enum fth_rc add_ledger(struct desk *desk, struct fth_err *err)
{
    bool scoped = desk->source.n || desk->period.n;
    struct fth_sum *sums;
    size_t nr;
    enum fth_rc rc = sums_of(desk, FTH_STR(""), "invoice", NULL, &sums, &nr, err);

    for (size_t i = 0; i < nr && !rc; i++) {
        struct invoice *invoice = NULL;

        if (!sums[i].key[0].n)
            continue;
        for (size_t k = 0; k < desk->invoices.nr && !invoice; k++)
            if (fth_str_eq(desk->invoices.at[k].id, sums[i].key[0]) &&
                fth_str_eq(desk->invoices.at[k].currency, sums[i].currency))
                invoice = &desk->invoices.at[k];
        if (!invoice && scoped)
            rc = find_invoice(desk, sums[i].key[0], sums[i].currency, &invoice, err);
        if (rc || !invoice)
            continue;
        invoice->charges = sums[i].charges;
        invoice->ledger = sums[i].billed;
    }
    return rc;
}

static bool fits(const struct entry *entry, const struct fth_sum *sum)
{
    return (!entry->service.n || (sum->key[0].p && fth_str_caseeq(entry->service, sum->key[0]))) &&
           (!entry->account.n || (sum->key[1].p && fth_str_eq(entry->account, sum->key[1])));
}

static enum fth_rc add_fitting(struct entry *entry, const struct fth_sum *sums, size_t nr,
                               struct fth_str currency, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < nr && !rc; i++) {
        if (!fits(entry, &sums[i]) || !fth_str_eq(sums[i].currency, currency))
            continue;
        entry->charges += sums[i].charges;
        rc = fth_money_add(&entry->ledger, sums[i].billed, err);
    }
    return rc;
}

/* What the ledger has of services that no line names; only where all lines name one. */
static enum fth_rc add_unnamed(struct invoice *invoice, const struct fth_sum *sums, size_t nr,
                               size_t named_nr, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < nr && !rc && invoice->names_all; i++) {
        struct entry *entry = NULL;
        bool named = !fth_str_eq(sums[i].currency, invoice->currency);

        for (size_t k = 0; k < named_nr && !named; k++)
            named = fits(&invoice->entries.at[k], &sums[i]);
        if (named || fth_money_is_zero(sums[i].billed))
            continue;
        rc = find_entry(invoice, sums[i].key[0].p ? sums[i].key[0] : FTH_STR(""),
                        sums[i].key[1].p ? sums[i].key[1] : FTH_STR(""), &entry, err);
        if (!rc && entry)
            rc = fth_money_add(&entry->ledger, sums[i].billed, err);
        if (!rc && entry)
            entry->charges += sums[i].charges;
    }
    return rc;
}

/* Services go by their name, or by the provider's own key where that is what the lines have. */
static enum fth_rc add_entries(struct desk *desk, struct invoice *invoice, struct fth_err *err)
{
    size_t nr = 0, code_nr = 0, named_nr = invoice->entries.nr, by_code = 0;
    struct fth_sum *sums = NULL, *codes = NULL;
    enum fth_rc rc;

    if (!named_nr || !invoice->charges)
        return FTH_OK;
    rc = sums_of(desk, invoice->id, "service", "sub_account", &sums, &nr, err);
    if (!rc)
        rc = sums_of(desk, invoice->id, "service_code", "sub_account", &codes, &code_nr, err);
    for (size_t i = 0; i < named_nr && !rc; i++) {
        struct entry *entry = &invoice->entries.at[i];

        rc = add_fitting(entry, sums, nr, invoice->currency, err);
        if (rc || entry->charges)
            continue;
        rc = add_fitting(entry, codes, code_nr, invoice->currency, err);
        by_code += entry->charges > 0;
    }
    if (rc)
        return rc;
    return by_code ? add_unnamed(invoice, codes, code_nr, named_nr, err)
                   : add_unnamed(invoice, sums, nr, named_nr, err);
}

/* ---- candidates ---- */

static const char *const looked_by[] = {"charge_category",    "service",        "sub_account",
                                        "charge_description", "line_item_type", "resource"};

static void put_candidate(struct fth_jw *jw, const char *by, const struct fth_sum *sum)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "dimension", by);
    fth_jw_key(jw, "value");
    if (sum->key[0].p)
        fth_jw_str(jw, sum->key[0]);
    else
        fth_jw_null(jw);
    fth_jw_kv_money(jw, "billed_cost", sum->billed);
    fth_jw_kv_i64(jw, "charges", sum->charges);
    fth_jw_object_end(jw);
}

/* Groups of charges that are as large as the difference: what the invoice lacks, or has twice. */
static enum fth_rc put_candidates(const struct desk *desk, const struct invoice *invoice,
                                  struct fth_money difference, struct fth_jw *jw,
                                  struct fth_err *err)
{
    struct fth_money other = fth_money_neg(difference);
    size_t told = 0;

    for (size_t d = 0; d < sizeof(looked_by) / sizeof(*looked_by); d++) {
        struct fth_sum *sums;
        size_t nr;

        if (sums_of(desk, invoice->id, looked_by[d], NULL, &sums, &nr, err))
            return err->rc;
        for (size_t i = 0; i < nr && told < CANDIDATES_MAX; i++)
            if (fth_str_eq(sums[i].currency, invoice->currency) &&
                (fth_money_cmp(sums[i].billed, difference) == 0 ||
                 fth_money_cmp(sums[i].billed, other) == 0)) {
                put_candidate(jw, looked_by[d], &sums[i]);
                told++;
            }
    }
    return FTH_OK;
}

/* ---- writing ---- */

static void put_amounts(struct fth_jw *jw, struct fth_money invoiced, struct fth_money ledger,
                        struct fth_money difference, enum status status)
{
    fth_jw_kv_money(jw, "invoiced", invoiced);
    fth_jw_kv_money(jw, "ledger", ledger);
    fth_jw_kv_money(jw, "difference", difference);
    fth_jw_kv_c(jw, "status", status_names[status]);
}

static enum fth_rc put_entries(struct desk *desk, const struct invoice *invoice, struct fth_jw *jw,
                               struct fth_err *err)
{
    fth_jw_key(jw, "lines");
    fth_jw_array(jw);
    for (size_t i = 0; i < invoice->entries.nr; i++) {
        const struct entry *entry = &invoice->entries.at[i];
        struct fth_money difference;
        enum status status = UNEXPLAINED;

        if (judge(invoice->currency, entry->invoiced, entry->ledger, entry->line_nr, entry->charges,
                  &status, &difference, err))
            return err->rc;
        desk->explained &= status <= ROUNDING;
        fth_jw_object(jw);
        fth_jw_kv_opt(jw, "service", entry->service);
        fth_jw_kv_opt(jw, "account", entry->account);
        put_amounts(jw, entry->invoiced, entry->ledger, difference, status);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return FTH_OK;
}

static enum fth_rc put_invoice(struct desk *desk, const struct invoice *invoice, struct fth_jw *jw,
                               struct fth_err *err)
{
    struct fth_money difference, most;
    enum status status = UNEXPLAINED;

    if (judge(invoice->currency, invoice->invoiced, invoice->ledger, invoice->line_nr,
              invoice->charges, &status, &difference, err) ||
        tolerance(invoice->currency, invoice->line_nr, &most, err))
        return err->rc;
    desk->explained &= status <= ROUNDING;
    fth_jw_object(jw);
    fth_jw_kv(jw, "invoice", invoice->id);
    fth_jw_kv(jw, "currency", invoice->currency);
    put_amounts(jw, invoice->invoiced, invoice->ledger, difference, status);
    fth_jw_kv_money(jw, "rounding", most);
    fth_jw_kv_i64(jw, "line_count", invoice->line_nr);
    fth_jw_kv_i64(jw, "charges", invoice->charges);
    if (put_entries(desk, invoice, jw, err))
        return err->rc;
    fth_jw_key(jw, "candidates");
    fth_jw_array(jw);
    if (status == UNEXPLAINED && put_candidates(desk, invoice, difference, jw, err))
        return err->rc;
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static int by_id(const void *a, const void *b)
{
    const struct invoice *x = a, *y = b;
    int order = fth_str_cmp(x->id, y->id);

    return order ? order : fth_str_cmp(x->currency, y->currency);
}

static enum fth_rc put_all(struct desk *desk, int64_t voided, struct fth_jw *jw,
                           struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "ledger_version", desk->version);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < desk->invoices.nr; i++)
        if (add_entries(desk, &desk->invoices.at[i], err) ||
            put_invoice(desk, &desk->invoices.at[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_i64(jw, "voided_lines", voided);
    fth_jw_kv_bool(jw, "explained", desk->explained);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc fth_invoices_put(const struct fth_asked *asked, const struct fth_invoices_wish *wish,
                             struct fth_jw *jw, struct fth_err *err)
{
    struct desk desk = {.asked = asked,
                        .period = wish->period,
                        .version = fth_ledger_version(asked->app->ledger),
                        .invoices = invoice_vec_in(asked->arena),
                        .explained = true};
    struct fth_invoice_line_vec lines;
    struct fth_source source = {0};
    int64_t voided;

    if (wish->source.n && fth_source_named(asked->app, asked->arena, wish->source, &source, err))
        return err->rc;
    desk.source = source.name;
    if (fth_invoice_read(asked->arena, wish->path, wish->name, &lines, &voided, err))
        return err->rc;
    for (size_t i = 0; i < lines.nr; i++)
        if (add_line(&desk, &lines.at[i], err))
            return err->rc;
    if (add_ledger(&desk, err))
        return err->rc;
    if (desk.invoices.nr)
        qsort(desk.invoices.at, desk.invoices.nr, sizeof(*desk.invoices.at), by_id);
    return put_all(&desk, voided, jw, err);
}
