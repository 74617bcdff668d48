/*
 * azure: cost exports of an enterprise agreement, in dollars, and of a customer agreement, priced
 * in dollars and billed in euros; each as an actual and an amortized export with its manifest.
 *
 * The actual export has a commitment's price, and what it covers at 0; the amortized one what it
 * covers, and what nobody used, at its share.
 */
#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "demo/cloud.h"

enum column {
#define FTH_AZURE(id, ea, mca) A_##id,
#include "demo/azure.def"
#undef FTH_AZURE
    COLUMN_NR
};

static const char *const ea_names[] = {
#define FTH_AZURE(id, ea, mca) ea,
#include "demo/azure.def"
#undef FTH_AZURE
};

static const char *const mca_names[] = {
#define FTH_AZURE(id, ea, mca) mca,
#include "demo/azure.def"
#undef FTH_AZURE
};

enum { ACTUAL, AMORTIZED, HALF_NR, ROWS_A_FILE = 250000, EURO_RATE = 9125, ROUNDING = -214650000 };

static const struct {
    const char *word, *type;
} halves[HALF_NR] = {{"actual", "ActualCost"}, {"amortized", "AmortizedCost"}};

/* What the two agreements differ in. */
struct agreement {
    const char *folder, *export;
    const char *const *names;
    const char *account, *account_name, *profile, *profile_name, *currency;
    bool euros;
};

static const struct agreement ea = {.folder = "azure-ea",
                                    .export = "meridian-ea",
                                    .names = ea_names,
                                    .account = "7411236",
                                    .account_name = "Meridian",
                                    .profile = "7411236",
                                    .profile_name = "Meridian",
                                    .currency = "USD"};

static const struct agreement mca = {.folder = "azure-mca",
                                     .export = "meridian-mca",
                                     .names = mca_names,
                                     .account = "5c2e-0000:bd41_2019-05-31",
                                     .account_name = "Meridian Europe",
                                     .profile = "MERI-BP-07",
                                     .profile_name = "Meridian Europe EUR",
                                     .currency = "EUR",
                                     .euros = true};

struct azure {
    struct fth_sheet *sheets[HALF_NR];
    struct fth_str runs[HALF_NR];    /* names of the runs */
    struct fth_str folders[HALF_NR]; /* of the runs, below dir */
    const char *dir;
};

/* ---- files ---- */

static enum fth_rc open_sheet(struct fth_cloud_month *m, const struct agreement *of,
                              const struct azure *azure, struct fth_str folder,
                              struct fth_sheet **out, struct fth_err *err)
{
    struct fth_str stem;
    enum fth_rc rc = fth_arena_printf(m->arena, &stem, err, FTH_STR_F "/part_", FTH_STR_A(folder));

    return rc ? rc
              : fth_sheet_open(m->arena,
                               &(struct fth_sheet_form){.names = of->names,
                                                        .nr = COLUMN_NR,
                                                        .numbers = FTH_NUMBER_PLAIN,
                                                        .windows = true,
                                                        .dir = azure->dir,
                                                        .stem = stem.p,
                                                        .tail = "_0001.csv.gz",
                                                        .width = 1,
                                                        .rows_a_file = ROWS_A_FILE},
                               out, err);
}

/* "meridian-ea-actual/20261001-20261031/<run>" */
static enum fth_rc name_run(struct fth_cloud_month *m, const struct agreement *of, int half,
                            struct azure *azure, struct fth_err *err)
{
    struct fth_str from, to;
    enum fth_rc rc = fth_demo_day(m->arena, m->first, "ymd", &from, err);

    if (!rc)
        rc = fth_demo_day(m->arena, fth_month_first_date(m->month + 1) - 1, "ymd", &to, err);
    if (!rc)
        rc = fth_arena_printf(m->arena, &azure->runs[half], err, "%s-%d-%012llx", m->version,
                              (int)m->month,
                              (unsigned long long)(fth_chance(m->estate->seed, (uint64_t)half,
                                                              (uint64_t)(uint32_t)m->month) &
                                                   0xffffffffffff));
    return rc ? rc
              : fth_arena_printf(m->arena, &azure->folders[half], err,
                                 "%s-%s/" FTH_STR_F "-" FTH_STR_F "/" FTH_STR_F, of->export,
                                 halves[half].word, FTH_STR_A(from), FTH_STR_A(to),
                                 FTH_STR_A(azure->runs[half]));
}

static enum fth_rc open_month(struct fth_cloud_month *m, const struct agreement *of,
                              struct fth_err *err)
{
    struct azure *azure = FTH_NEW(m->arena, struct azure);
    struct fth_str dir;
    enum fth_rc rc = azure ? fth_arena_printf(m->arena, &dir, err, "%s/%s", m->dir, of->folder)
                           : fth_err_nomem(err);

    if (rc)
        return rc;
    azure->dir = dir.p;
    for (int i = 0; i < HALF_NR && !rc; i++) {
        rc = name_run(m, of, i, azure, err);
        if (!rc)
            rc = open_sheet(m, of, azure, azure->folders[i], &azure->sheets[i], err);
    }
    m->of_form = azure;
    return rc;
}

static void put_blobs(struct fth_jw *jw, const struct fth_sheet *sheet)
{
    const struct fth_sheet_file *files;
    size_t nr = fth_sheet_files(sheet, &files);

    fth_jw_key(jw, "blobs");
    fth_jw_array(jw);
    for (size_t i = 0; i < nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "blobName", files[i].name);
        fth_jw_kv_i64(jw, "byteCount", files[i].bytes);
        fth_jw_kv_i64(jw, "dataRowCount", (int64_t)files[i].rows);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static enum fth_rc put_manifest(struct fth_cloud_month *m, const struct agreement *of, int half,
                                struct fth_buf *text, struct fth_err *err)
{
    const struct azure *azure = m->of_form;
    struct fth_str submitted, from, to, name;
    struct fth_jw jw;
    enum fth_rc rc = fth_demo_day(m->arena, m->submitted, "y-m-dT03:00:00Z", &submitted, err);

    if (!rc)
        rc = fth_demo_day(m->arena, m->first, "y-m-dT00:00:00", &from, err);
    if (!rc)
        rc = fth_demo_day(m->arena, m->last, "y-m-dT00:00:00", &to, err);
    if (!rc)
        rc = fth_arena_printf(m->arena, &name, err, "%s-%s", of->export, halves[half].word);
    if (rc)
        return rc;
    fth_jw_init(&jw, text);
    jw.pretty = true;
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "manifestVersion", "2024-04-01");
    fth_jw_key(&jw, "exportConfig");
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "exportName", name);
    fth_jw_kv_c(&jw, "resourceId", "/providers/Microsoft.Billing/billingAccounts/meridian");
    fth_jw_kv_c(&jw, "dataVersion", "2021-10-01");
    fth_jw_kv_c(&jw, "type", halves[half].type);
    fth_jw_kv_c(&jw, "timeFrame", "MonthToDate");
    fth_jw_kv_c(&jw, "granularity", "Daily");
    fth_jw_object_end(&jw);
    fth_jw_key(&jw, "runInfo");
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "submittedTime", submitted);
    fth_jw_kv(&jw, "runId", azure->runs[half]);
    fth_jw_kv(&jw, "startDate", from);
    fth_jw_kv(&jw, "endDate", to);
    fth_jw_object_end(&jw);
    put_blobs(&jw, azure->sheets[half]);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

static enum fth_rc write_manifest(struct fth_cloud_month *m, const struct agreement *of, int half,
                                  struct fth_err *err)
{
    const struct azure *azure = m->of_form;
    struct fth_buf text = fth_buf_max(64 * 1024);
    struct fth_str path;
    enum fth_rc rc = put_manifest(m, of, half, &text, err);

    if (!rc)
        rc = fth_arena_printf(m->arena, &path, err, "%s/" FTH_STR_F "/manifest.json", azure->dir,
                              FTH_STR_A(azure->folders[half]));
    if (!rc)
        rc = fth_file_write(path.p, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return rc;
}

/* A run that broke off: a part, and no manifest. */
static enum fth_rc leave_orphan(struct fth_cloud_month *m, const struct agreement *of, int half,
                                struct fth_err *err)
{
    const struct azure *azure = m->of_form;
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    struct fth_sheet *sheet;
    struct fth_str folder;
    enum fth_rc rc = fth_arena_printf(m->arena, &folder, err, FTH_STR_F "-broken",
                                      FTH_STR_A(azure->folders[half]));

    if (!rc)
        rc = open_sheet(m, of, azure, folder, &sheet, err);
    if (!rc)
        rc = fth_sheet_write(sheet, cells, err);
    if (!rc)
        rc = fth_sheet_close(sheet, err);
    m->files += !rc;
    return rc;
}

static enum fth_rc close_month(struct fth_cloud_month *m, const struct agreement *of,
                               struct fth_err *err)
{
    struct azure *azure = m->of_form;
    enum fth_rc rc = FTH_OK;

    for (int i = 0; i < HALF_NR && !rc; i++) {
        const struct fth_sheet_file *ignored;

        rc = fth_sheet_close(azure->sheets[i], err);
        if (!rc)
            rc = write_manifest(m, of, i, err);
        if (!rc && m->orphan)
            rc = leave_orphan(m, of, i, err);
        m->files += (unsigned)fth_sheet_files(azure->sheets[i], &ignored) + 1;
    }
    return rc;
}

/* ---- lines ---- */

/* Prices are in dollars; the rate has four digits, and amounts are whole in 1e-6 dollars. */
static int64_t billed(const struct agreement *of, int64_t dollars)
{
    if (!of->euros)
        return dollars;
    FTH_CHECK(dollars % 10000 == 0);
    return dollars / 10000 * EURO_RATE;
}

/* An enterprise agreement's tags come without their braces. */
static enum fth_rc put_tags(struct fth_cloud_month *m, const struct agreement *of,
                            const struct fth_resource *resource, struct fth_sheet_cell *cell,
                            struct fth_err *err)
{
    const char *const tags[][2] = {
        {"CostCenter", resource->cost_center}, {"Team", resource->team}, {"env", resource->env}};
    struct fth_buf text = fth_buf_max(1024);
    struct fth_str kept;
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
        if (tags[i][1][0])
            fth_jw_kv_c(&jw, tags[i][0], tags[i][1]);
    }
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (!rc)
        rc = fth_arena_str(m->scratch, fth_buf_view(&text), &kept, err);
    fth_buf_release(&text);
    if (!rc)
        fth_sheet_str(cell, of->euros ? kept : fth_str_sub(kept, 1, kept.n - 2));
    return rc;
}

static enum fth_rc put_dates(struct fth_cloud_month *m, const struct agreement *of,
                             const struct fth_charge *c, struct fth_sheet_cell *cells,
                             struct fth_err *err)
{
    struct fth_str date, start, end, invoice;
    enum fth_rc rc = fth_demo_day(m->scratch, c->from, "m/d/y", &date, err);

    if (!rc)
        rc = fth_demo_day(m->scratch, m->first, "m/d/y", &start, err);
    if (!rc)
        rc = fth_demo_day(m->scratch, fth_month_first_date(m->month + 1) - 1, "m/d/y", &end, err);
    if (!rc)
        rc = fth_demo_day(m->scratch, m->first, "Gym0017", &invoice, err);
    if (rc)
        return rc;
    fth_sheet_str(&cells[A_DATE], date);
    fth_sheet_str(&cells[A_PERIOD_START], start);
    fth_sheet_str(&cells[A_PERIOD_END], end);
    if (m->closed)
        fth_sheet_str(&cells[A_INVOICE], invoice);
    if (of->euros)
        fth_sheet_str(&cells[A_RATE_DATE], start);
    return FTH_OK;
}

static void put_product(const struct fth_kind *kind, struct fth_sheet_cell *cells)
{
    fth_sheet_c(&cells[A_PRODUCT], kind->description);
    fth_sheet_c(&cells[A_FAMILY], kind->family);
    fth_sheet_c(&cells[A_CATEGORY], kind->product_name);
    fth_sheet_c(&cells[A_SUBCATEGORY], kind->product_code);
    fth_sheet_c(&cells[A_METER], kind->usage_type);
    fth_sheet_c(&cells[A_SERVICE], kind->operation);
    fth_sheet_c(&cells[A_UNIT], kind->unit);
    fth_sheet_number(&cells[A_PAYG_PRICE], kind->rate);
    fth_sheet_number(&cells[A_UNIT_PRICE], kind->rate);
}

static enum fth_rc start(struct fth_cloud_month *m, const struct agreement *of,
                         const struct fth_charge *c, struct fth_sheet_cell *cells,
                         struct fth_err *err)
{
    enum fth_rc rc = put_dates(m, of, c, cells, err);

    fth_sheet_c(&cells[A_ACCOUNT], of->account);
    fth_sheet_c(&cells[A_ACCOUNT_NAME], of->account_name);
    fth_sheet_c(&cells[A_PROFILE], of->profile);
    fth_sheet_c(&cells[A_PROFILE_NAME], of->profile_name);
    fth_sheet_c(&cells[A_CURRENCY], of->currency);
    fth_sheet_c(&cells[A_PRICING_CURRENCY], "USD");
    fth_sheet_number(&cells[A_RATE], EURO_RATE * INT64_C(1000000));
    fth_sheet_c(&cells[A_PUBLISHER], "Microsoft");
    fth_sheet_c(&cells[A_PUBLISHER_TYPE], of->euros ? "Microsoft" : "Azure");
    fth_sheet_c(&cells[A_CHARGE_TYPE], "Usage");
    fth_sheet_c(&cells[A_FREQUENCY], "UsageBased");
    fth_sheet_c(&cells[A_MODEL], "OnDemand");
    fth_sheet_number(&cells[A_QUANTITY], c->quantity * 1000000);
    if (c->account) {
        fth_sheet_c(&cells[A_SUBSCRIPTION], c->account->id);
        fth_sheet_c(&cells[A_SUBSCRIPTION_NAME], c->account->name);
    }
    if (c->what)
        put_product(c->what, cells);
    if (!rc && c->resource) {
        fth_sheet_c(&cells[A_LOCATION], c->resource->region->code);
        fth_sheet_c(&cells[A_RESOURCE], c->resource->id);
        fth_sheet_c(&cells[A_METER_ID], c->resource->sku);
        rc = put_tags(m, of, c->resource, &cells[A_TAGS], err);
    }
    return rc;
}

static void put_cost(const struct agreement *of, struct fth_sheet_cell *cells, int64_t dollars)
{
    fth_sheet_number(&cells[A_COST], billed(of, dollars));
    fth_sheet_number(&cells[A_PRICING_COST], dollars);
    fth_sheet_number(&cells[A_USD_COST], dollars);
}

static void put_benefit(struct fth_sheet_cell *cells, const struct fth_deal *deal)
{
    size_t slash = fth_str_rfind(fth_str_c(deal->id), '/');

    fth_sheet_c(&cells[A_MODEL], deal->spend ? "SavingsPlan" : "Reservation");
    fth_sheet_c(&cells[A_BENEFIT], deal->id);
    fth_sheet_c(&cells[A_BENEFIT_NAME], deal->spend ? "Compute_SP_1yr" : "VM_RI_D2s_1yr");
    fth_sheet_c(&cells[A_TERM], "12");
    if (deal->spend)
        return;
    fth_sheet_str(&cells[A_RESERVATION], fth_str_sub(fth_str_c(deal->id), slash + 1, SIZE_MAX));
    fth_sheet_c(&cells[A_RESERVATION_NAME], "VM_RI_D2s_1yr");
}

static enum fth_rc write(struct fth_cloud_month *m, int half, const struct fth_sheet_cell *cells,
                         struct fth_err *err)
{
    struct azure *azure = m->of_form;

    return m->dry ? FTH_OK : fth_sheet_write(azure->sheets[half], cells, err);
}

/* A line of both exports at the same cost. */
static enum fth_rc plain(struct fth_cloud_month *m, const struct agreement *of,
                         const struct fth_charge *c, struct fth_err *err)
{
    struct fth_truth_row row = {.category = "Usage"};
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    enum fth_rc rc = start(m, of, c, cells, err);

    put_cost(of, cells, c->cost);
    row.billed = row.effective = billed(of, c->cost);
    row.product_code = c->what ? c->what->product_name : "";
    if (c->kind == FTH_CHARGE_REFUND) {
        fth_sheet_c(&cells[A_CHARGE_TYPE], "Refund");
        fth_sheet_c(&cells[A_FREQUENCY], "OneTime");
    } else if (c->kind == FTH_CHARGE_MARKET) {
        row.product_code = "Acme Log Insights";
        fth_sheet_c(&cells[A_CATEGORY], row.product_code);
        fth_sheet_c(&cells[A_PRODUCT], "Acme Log Insights - ingested events");
        fth_sheet_c(&cells[A_PUBLISHER], "Acme, Inc.");
        fth_sheet_c(&cells[A_PUBLISHER_TYPE], "Marketplace");
    } else if (c->kind == FTH_CHARGE_ROUNDING) {
        row.category = "Adjustment";
        put_cost(of, cells, ROUNDING);
        row.billed = row.effective = billed(of, ROUNDING);
        fth_sheet_c(&cells[A_CHARGE_TYPE], "RoundingAdjustment");
        fth_sheet_c(&cells[A_FREQUENCY], "OneTime");
        fth_sheet_c(&cells[A_MODEL], "");
    } else {
        row.list = billed(of, c->list);
        fth_sheet_number(&cells[A_EFFECTIVE_PRICE], c->what->rate);
    }
    if (!rc)
        rc = write(m, ACTUAL, cells, err);
    if (!rc)
        rc = write(m, AMORTIZED, cells, err);
    return rc ? rc : fth_cloud_meant(m, c, row, err);
}

static enum fth_rc committed(struct fth_cloud_month *m, const struct agreement *of,
                             const struct fth_charge *c, struct fth_err *err)
{
    bool fee = c->kind == FTH_CHARGE_FEE, unused = c->kind == FTH_CHARGE_UNUSED;
    struct fth_truth_row row = {.product_code = c->what->product_name,
                                .category = fee ? "Purchase" : "Usage",
                                .commitment = c->deal->id,
                                .status = fee      ? ""
                                          : unused ? "Unused"
                                                   : "Used"};
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    enum fth_rc rc = start(m, of, c, cells, err);

    put_benefit(cells, c->deal);
    if (unused)
        fth_sheet_c(&cells[A_CHARGE_TYPE],
                    c->deal->spend ? "UnusedSavingsPlan" : "UnusedReservation");
    if (fee) {
        fth_sheet_c(&cells[A_CHARGE_TYPE], "Purchase");
        fth_sheet_c(&cells[A_FREQUENCY], "Recurring");
    } else {
        fth_sheet_number(&cells[A_EFFECTIVE_PRICE], c->deal->rate);
    }
    if (fee)
        row.billed = billed(of, c->cost);
    else
        row.effective = billed(of, c->cost);
    put_cost(of, cells, fee ? c->cost : 0);
    if (!rc && !unused)
        rc = write(m, ACTUAL, cells, err);
    put_cost(of, cells, c->cost);
    if (!rc && !fee)
        rc = write(m, AMORTIZED, cells, err);
    return rc ? rc : fth_cloud_meant(m, c, row, err);
}

static enum fth_rc put(struct fth_cloud_month *m, const struct agreement *of,
                       const struct fth_charge *c, struct fth_err *err)
{
    switch (c->kind) {
    case FTH_CHARGE_USAGE:
    case FTH_CHARGE_MARKET:
    case FTH_CHARGE_REFUND:
    case FTH_CHARGE_ROUNDING:
    case FTH_CHARGE_CORRECTION:
        return plain(m, of, c, err);
    case FTH_CHARGE_COVERED:
    case FTH_CHARGE_UNUSED:
    case FTH_CHARGE_FEE:
        return committed(m, of, c, err);
    case FTH_CHARGE_SUPPORT: /* bought elsewhere */
    case FTH_CHARGE_TAX:     /* only on the invoice */
    case FTH_CHARGE_CREDIT:  /* likewise */
        break;
    }
    return FTH_OK;
}

#define FORM(of)                                                                       \
    static enum fth_rc of##_open(struct fth_cloud_month *m, struct fth_err *err)       \
    {                                                                                  \
        return open_month(m, &(of), err);                                              \
    }                                                                                  \
    static enum fth_rc of##_put(struct fth_cloud_month *m, const struct fth_charge *c, \
                                struct fth_err *err)                                   \
    {                                                                                  \
        return put(m, &(of), c, err);                                                  \
    }                                                                                  \
    static enum fth_rc of##_close(struct fth_cloud_month *m, struct fth_err *err)      \
    {                                                                                  \
        return close_month(m, &(of), err);                                             \
    }

FORM(ea)
FORM(mca)

#define RESERVATION \
    "/providers/Microsoft.Capacity/reservationOrders/4c1de9a7-2b60-4f4e-9a10-52d7/reservations/"
#define SAVINGS_PLAN                                                                       \
    "/providers/Microsoft.BillingBenefits/savingsPlanOrders/91f0ab3e-7d15-4b28-8e6c-0d3a/" \
    "savingsPlans/"

const struct fth_form fth_form_azure_ea = {
    .id = "azure-ea",
    .truth = "azure_ea",
    .folders = (const char *const[]){"azure-ea", NULL},
    .cloud = &fth_cloud_azure,
    .deal_ids = {RESERVATION "ea", SAVINGS_PLAN "ea"},
    .open = ea_open,
    .put = ea_put,
    .close = ea_close,
};

const struct fth_form fth_form_azure_mca = {
    .id = "azure-mca",
    .truth = "azure_mca",
    .folders = (const char *const[]){"azure-mca", NULL},
    .cloud = &fth_cloud_azure,
    .seed = 1000003,
    .deal_ids = {RESERVATION "mca", SAVINGS_PLAN "mca"},
    .open = mca_open,
    .put = mca_put,
    .close = mca_close,
};
