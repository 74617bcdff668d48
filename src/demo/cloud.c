#include "demo/cloud.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"

#define CENT INT64_C(100000000) /* in 1e-10 */
enum { HOUR = 10000, SCRATCH_LINES = 64, DAY_MAX = 64, TAX_PERCENT = 8, SUPPORT_PERCENT = 3 };

struct fth_cloud_bill {
    const struct fth_form *form;
    struct fth_estate *estate;
    struct fth_deal deals[FTH_DEAL_NR];
    uint64_t rows;
    int32_t month_nr;
    int64_t by_account[FTH_ACCOUNT_NR]; /* usage of the month at hand */
    int64_t total;
};

enum fth_rc fth_cloud_close_sheet(struct fth_cloud_month *month, struct fth_err *err)
{
    const struct fth_sheet_file *ignored;
    enum fth_rc rc = fth_sheet_close(month->of_form, err);

    if (!rc && month->orphan)
        rc = fth_sheet_break(month->of_form, err);
    month->files += (unsigned)fth_sheet_files(month->of_form, &ignored);
    return rc;
}

enum fth_rc fth_demo_day(struct fth_arena *arena, int32_t day, const char *fmt, struct fth_str *out,
                         struct fth_err *err)
{
    struct fth_civil at = fth_date_to_civil(day);
    char text[DAY_MAX];
    size_t n = 0;

    for (; *fmt; fmt++) {
        FTH_CHECK(n + 5 < sizeof(text));
        if (*fmt == 'y')
            n += (size_t)snprintf(text + n, 5, "%04d", at.year % 10000);
        else if (*fmt == 'm' || *fmt == 'd')
            n += (size_t)snprintf(text + n, 3, "%02d", (*fmt == 'm' ? at.month : at.day) % 100);
        else
            text[n++] = *fmt;
    }
    return fth_arena_str(arena, (struct fth_str){text, n}, out, err);
}

enum fth_rc fth_cloud_meant(struct fth_cloud_month *month, const struct fth_charge *charge,
                            struct fth_truth_row row, struct fth_err *err)
{
    row.month = month->month;
    row.day = charge->from;
    row.account = charge->account ? charge->account->id : "";
    if (!row.team)
        row.team = charge->resource ? charge->resource->team : "";
    row.commitment = row.commitment ? row.commitment : "";
    row.status = row.status ? row.status : "";
    return fth_truth_add(month->truth, &row, err);
}

/* ---- commitments ---- */

/* The first kind is reserved in the first region for three of four of its resources, and one more:
 * something of it is never used. A plan covers eight of ten parts of the second kind. */
static void choose_deals(struct fth_cloud_bill *bill)
{
    const struct fth_estate *estate = bill->estate;
    const struct fth_kind *kinds = estate->cloud->kinds;
    struct fth_deal *hours = &bill->deals[0], *money = &bill->deals[1];
    int64_t nr = 0, could = 0;

    for (size_t i = 0; i < estate->resource_nr; i++) {
        const struct fth_resource *resource = &estate->resources[i];

        nr += resource->kind == &kinds[0] && resource->region == &estate->cloud->regions[0];
        if (resource->kind == &kinds[1])
            could += fth_cost(fth_usage(estate, resource, estate->first), kinds[1].rate);
    }
    *hours = (struct fth_deal){.name = "hours",
                               .kind = &kinds[0],
                               .owner = &estate->accounts[1],
                               .rate = kinds[0].rate / 100000 * 6 * 10000,
                               .capacity = (nr * 3 / 4 + 1) * 24 * HOUR};
    *money = (struct fth_deal){.name = "money",
                               .kind = &kinds[1],
                               .owner = &estate->accounts[5],
                               .spend = true,
                               .rate = kinds[1].rate / 100000 * 7 * 10000,
                               .capacity = (could / 10 * 8 / CENT + 100) * CENT};
}

static bool may_cover(const struct fth_cloud_bill *bill, const struct fth_deal *deal,
                      const struct fth_resource *resource)
{
    return deal->id && resource->kind == deal->kind &&
           (deal->spend || resource->region == &bill->estate->cloud->regions[0]);
}

/* Whole units; something is always left. */
static int64_t covers(const struct fth_deal *deal, int64_t quantity)
{
    int64_t left = deal->capacity - deal->used, most;

    if (deal->spend)
        most = left > 1 ? (left - 1) / deal->rate * 10000 : 0;
    else
        most = left - HOUR;
    return most < 0 ? 0 : most < quantity ? most : quantity;
}

/* ---- charges ---- */

static enum fth_rc put(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                       struct fth_charge charge, struct fth_err *err)
{
    charge.nr = ++bill->rows;
    if (charge.kind == FTH_CHARGE_USAGE || charge.kind == FTH_CHARGE_COVERED) {
        for (size_t i = 0; i < FTH_ACCOUNT_NR; i++) {
            if (charge.account == &bill->estate->accounts[i])
                bill->by_account[i] += charge.cost;
        }
        bill->total += charge.cost;
    }
    return bill->form->put(month, &charge, err);
}

static enum fth_rc usage(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                         const struct fth_resource *resource, int32_t day, int64_t quantity,
                         struct fth_err *err)
{
    struct fth_charge charge = {.kind = FTH_CHARGE_USAGE,
                                .what = resource->kind,
                                .resource = resource,
                                .account = resource->account,
                                .from = day,
                                .until = day};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_DEAL_NR && quantity && !rc; i++) {
        struct fth_deal *deal = &bill->deals[i];
        int64_t share = may_cover(bill, deal, resource) ? covers(deal, quantity) : 0;
        struct fth_charge covered = charge;

        if (!share)
            continue;
        covered.kind = FTH_CHARGE_COVERED;
        covered.deal = deal;
        covered.quantity = share;
        covered.list = fth_cost(share, resource->kind->rate);
        covered.cost = fth_cost(share, deal->rate);
        deal->used += deal->spend ? covered.cost : share;
        quantity -= share;
        rc = put(bill, month, covered, err);
    }
    if (rc || !quantity)
        return rc;
    charge.quantity = quantity;
    charge.list = charge.cost = fth_cost(quantity, resource->kind->rate);
    return put(bill, month, charge, err);
}

/* What the restated month has more or less than the one before it. */
static enum fth_rc difference(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                              const struct fth_resource *resource, int32_t day, struct fth_err *err)
{
    struct fth_estate before = *bill->estate;
    int64_t quantity;

    if (before.restated.corrected)
        before.restated.corrected = false;
    else
        before.restated.late = false;
    quantity = fth_usage(bill->estate, resource, day) - fth_usage(&before, resource, day);
    if (!quantity)
        return FTH_OK;
    return put(bill, month,
               (struct fth_charge){.kind = FTH_CHARGE_CORRECTION,
                                   .what = resource->kind,
                                   .resource = resource,
                                   .account = resource->account,
                                   .from = day,
                                   .until = day,
                                   .quantity = quantity,
                                   .list = fth_cost(quantity, resource->kind->rate),
                                   .cost = fth_cost(quantity, resource->kind->rate)},
               err);
}

static enum fth_rc resource_day(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                                const struct fth_resource *resource, int32_t day,
                                struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (month->additions)
        return difference(bill, month, resource, day, err);
    for (unsigned slice = 0; slice < bill->estate->slices && !rc; slice++) {
        int64_t quantity = fth_usage_slice(bill->estate, resource, day, slice);

        if (quantity)
            rc = usage(bill, month, resource, day, quantity, err);
    }
    return rc;
}

static int64_t deal_cost(const struct fth_deal *deal, int64_t amount)
{
    return deal->spend ? amount : fth_cost(amount, deal->rate);
}

/* A fee for `days` of a commitment. */
static enum fth_rc fee(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                       const struct fth_deal *deal, int32_t from, int32_t until,
                       struct fth_err *err)
{
    int64_t days = until - from + 1;
    int64_t cost = deal_cost(deal, deal->capacity) * days;

    return put(bill, month,
               (struct fth_charge){.kind = FTH_CHARGE_FEE,
                                   .what = deal->kind,
                                   .account = deal->owner,
                                   .deal = deal,
                                   .from = from,
                                   .until = until,
                                   .quantity = deal->spend ? HOUR : deal->capacity * days,
                                   .list = cost,
                                   .cost = cost},
               err);
}

static enum fth_rc end_day(struct fth_cloud_bill *bill, struct fth_cloud_month *month, int32_t day,
                           struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_DEAL_NR && !rc; i++) {
        struct fth_deal *deal = &bill->deals[i];
        int64_t left = deal->capacity - deal->used;

        if (!deal->id)
            continue;
        if (bill->form->daily_fees)
            rc = fee(bill, month, deal, day, day, err);
        if (!rc)
            rc = put(bill, month,
                     (struct fth_charge){.kind = FTH_CHARGE_UNUSED,
                                         .what = deal->kind,
                                         .account = deal->owner,
                                         .deal = deal,
                                         .from = day,
                                         .until = day,
                                         .quantity = deal->spend ? 0 : left,
                                         .cost = deal_cost(deal, left)},
                     err);
        deal->used = 0;
    }
    return rc;
}

static enum fth_rc bill_day(struct fth_cloud_bill *bill, struct fth_cloud_month *month, int32_t day,
                            struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < bill->estate->resource_nr && !rc; i++) {
        rc = resource_day(bill, month, &bill->estate->resources[i], day, err);
        if (i % SCRATCH_LINES == SCRATCH_LINES - 1)
            fth_arena_clear(month->scratch);
    }
    if (!rc && !month->additions)
        rc = end_day(bill, month, day, err);
    fth_arena_clear(month->scratch);
    return rc;
}

/* In whole cents, a half up as invoices do. */
static int64_t percent(int64_t amount, int64_t parts)
{
    return (amount / 100 * parts + CENT / 2) / CENT * CENT;
}

/* What comes once a month, when it is invoiced. */
static enum fth_rc bill_close(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                              struct fth_err *err)
{
    const struct fth_account *accounts = bill->estate->accounts;
    const struct fth_kind *kinds = bill->estate->cloud->kinds;
    const struct {
        enum fth_charge_kind kind;
        const struct fth_kind *what;
        const struct fth_account *account;
        int32_t from, until;
        int64_t cost;
    } rows[] = {
        {FTH_CHARGE_MARKET, NULL, &accounts[5], month->first, month->last,
         INT64_C(2150340000000) + bill->month_nr * INT64_C(31170000000)},
        {FTH_CHARGE_SUPPORT, NULL, NULL, month->first, month->last,
         percent(bill->total, SUPPORT_PERCENT)},
        {FTH_CHARGE_REFUND, &kinds[2], &accounts[3], month->first + 4, month->first + 4,
         -133 * CENT},
        {FTH_CHARGE_CREDIT, &kinds[3], &accounts[6], month->first, month->last,
         INT64_C(-251230000000)},
        {FTH_CHARGE_TAX, NULL, NULL, month->first, month->last, percent(bill->total, TAX_PERCENT)},
        {FTH_CHARGE_ROUNDING, NULL, NULL, month->last, month->last, 0},
    };
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_NR(rows) && !rc; i++)
        rc = put(bill, month,
                 (struct fth_charge){.kind = rows[i].kind,
                                     .what = rows[i].what,
                                     .account = rows[i].account,
                                     .from = rows[i].from,
                                     .until = rows[i].until,
                                     .quantity = HOUR,
                                     .list = rows[i].cost,
                                     .cost = rows[i].cost},
                 err);
    return rc;
}

static enum fth_rc write_month(struct fth_cloud_bill *bill, struct fth_cloud_month *month,
                               struct fth_err *err)
{
    const struct fth_form *form = bill->form;
    enum fth_rc rc = month->dry ? FTH_OK : form->open(month, err);

    memset(bill->by_account, 0, sizeof(bill->by_account));
    bill->total = 0;
    for (int32_t day = month->first; day <= month->last && !rc; day++)
        rc = bill_day(bill, month, day, err);
    for (size_t i = 0; i < FTH_DEAL_NR && !rc; i++) {
        if (bill->deals[i].id && !form->daily_fees && !month->additions)
            rc = fee(bill, month, &bill->deals[i], month->first, month->last, err);
    }
    if (!rc && month->closed && !month->additions)
        rc = bill_close(bill, month, err);
    return rc || month->dry ? rc : form->close(month, err);
}

enum fth_rc fth_cloud_bill_month(struct fth_cloud_bill *bill, const struct fth_billing *how,
                                 struct fth_truth *truth, unsigned *files, struct fth_err *err)
{
    struct fth_estate *estate = bill->estate;
    struct fth_cloud_month month = {.arena = fth_arena_new((size_t)1 << 30),
                                    .scratch = fth_arena_new((size_t)1 << 30),
                                    .estate = estate,
                                    .truth = truth,
                                    .deals = bill->deals,
                                    .dir = how->dir,
                                    .month = how->month,
                                    .first = fth_month_first_date(how->month),
                                    .last = fth_month_first_date(how->month + 1) - 1,
                                    .dry = how->dry,
                                    .version = how->version,
                                    .additions = how->additions,
                                    .orphan = how->orphan};
    enum fth_rc rc = month.arena && month.scratch ? FTH_OK : fth_err_nomem(err);

    month.closed = month.last < estate->today;
    month.submitted = month.closed ? month.last + 4 : estate->today + 1;
    if (how->late)
        month.submitted += how->corrected ? 5 : 3;
    if (how->orphan)
        month.submitted += 1;
    if (!month.closed)
        month.last = estate->today;
    estate->restated = (struct fth_restated){how->month, how->late, how->corrected};
    bill->month_nr = how->month - fth_month_of_date(estate->first);
    if (!rc)
        rc = write_month(bill, &month, err);
    estate->restated = (struct fth_restated){0};
    *files += month.files;
    fth_arena_free(month.scratch);
    fth_arena_free(month.arena);
    return rc;
}

uint64_t fth_cloud_bill_rows(const struct fth_cloud_bill *bill)
{
    return bill->rows;
}

enum fth_rc fth_cloud_bill_new(struct fth_arena *arena, const struct fth_form *form, uint64_t seed,
                               int32_t first, int32_t today, uint64_t lines,
                               struct fth_cloud_bill **out, struct fth_err *err)
{
    struct fth_cloud_bill *bill = FTH_NEW(arena, struct fth_cloud_bill);
    enum fth_rc rc;

    if (!bill)
        return fth_err_nomem(err);
    bill->form = form;
    rc = fth_estate_make(arena, form->cloud, seed + form->seed, first, today, lines, &bill->estate,
                         err);
    if (rc)
        return rc;
    choose_deals(bill);
    for (size_t i = 0; i < FTH_DEAL_NR && !rc; i++) {
        struct fth_str id;

        if (!form->deal_ids[i])
            continue;
        rc = fth_arena_printf(arena, &id, err, "%s%08llx", form->deal_ids[i],
                              (unsigned long long)(fth_chance(seed, i, 77) & 0xffffffff));
        bill->deals[i].id = id.p;
    }
    if (!rc)
        *out = bill;
    return rc;
}
