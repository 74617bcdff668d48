/*
 * google: the export to BigQuery, as JSON lines: the detailed one, and the standard one beside it.
 *
 * A commitment of resources is a fee and a credit on what it covers; one of money, since 2025, a
 * fee that a credit gives back as far as it is used, and usage at a low price. The invoice is made
 * whole cents by its last line.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "demo/cloud.h"

#define ACCOUNT "01C0DE-FA2711-9B0A55"
#define DEFAULT_MODEL "7754-699E-0EBF"
#define CENT INT64_C(100000000)

enum column {
#define FTH_GOOGLE(id, path, standard) G_##id,
#include "demo/google.def"
#undef FTH_GOOGLE
    COLUMN_NR
};

static const char *const detailed[] = {
#define FTH_GOOGLE(id, path, standard) path,
#include "demo/google.def"
#undef FTH_GOOGLE
};

static const char *const standard[] = {
#define FTH_GOOGLE(id, path, standard) (standard) ? (path) : "",
#include "demo/google.def"
#undef FTH_GOOGLE
};

static const struct {
    const char *folder, *table;
    const char *const *names;
} exports[] = {
    {"google-detailed", "gcp_billing_export_resource_v1", detailed},
    {"google-standard", "gcp_billing_export_v1", standard},
};

enum { EXPORT_NR = 2, ROWS_A_FILE = 250000 };

struct google {
    struct fth_sheet *sheets[EXPORT_NR];
    int64_t total; /* billed this month */
};

static enum fth_rc open_month(struct fth_cloud_month *m, struct fth_err *err)
{
    struct google *google = FTH_NEW(m->arena, struct google);
    struct fth_str dir, stem, month = {0};
    enum fth_rc rc =
        google ? fth_demo_day(m->arena, m->first, "y-m", &month, err) : fth_err_nomem(err);

    for (size_t i = 0; i < EXPORT_NR && !rc; i++) {
        rc = fth_arena_printf(m->arena, &dir, err, "%s/%s", m->dir, exports[i].folder);
        if (!rc)
            rc = fth_arena_printf(m->arena, &stem, err, "%s_" FTH_STR_F "-%s-", exports[i].table,
                                  FTH_STR_A(month), m->version);
        if (!rc)
            rc = fth_sheet_open(m->arena,
                                &(struct fth_sheet_form){.names = exports[i].names,
                                                         .nr = COLUMN_NR,
                                                         .numbers = FTH_NUMBER_PLAIN,
                                                         .json = true,
                                                         .dir = dir.p,
                                                         .stem = stem.p,
                                                         .tail = ".json.gz",
                                                         .width = 3,
                                                         .rows_a_file = ROWS_A_FILE},
                                &google->sheets[i], err);
    }
    m->of_form = google;
    return rc;
}

static enum fth_rc close_month(struct fth_cloud_month *m, struct fth_err *err)
{
    struct google *google = m->of_form;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < EXPORT_NR && !rc; i++) {
        const struct fth_sheet_file *ignored;

        rc = fth_sheet_close(google->sheets[i], err);
        if (!rc && m->orphan)
            rc = fth_sheet_break(google->sheets[i], err);
        m->files += (unsigned)fth_sheet_files(google->sheets[i], &ignored);
    }
    return rc;
}

/* ---- lines ---- */

/* [{"key": …, "value": …}] of what the resource is tagged with. */
static enum fth_rc put_labels(struct fth_cloud_month *m, const struct fth_resource *resource,
                              struct fth_sheet_cell *cell, struct fth_err *err)
{
    const char *const labels[][2] = {
        {"Team", resource->team}, {"env", resource->env}, {"CostCenter", resource->cost_center}};
    struct fth_buf text = fth_buf_max(1024);
    struct fth_str kept;
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &text);
    fth_jw_array(&jw);
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        if (!labels[i][1][0])
            continue;
        fth_jw_object(&jw);
        fth_jw_kv_c(&jw, "key", labels[i][0]);
        fth_jw_kv_c(&jw, "value", labels[i][1]);
        fth_jw_object_end(&jw);
    }
    fth_jw_array_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (!rc)
        rc = fth_arena_str(m->scratch, fth_buf_view(&text), &kept, err);
    fth_buf_release(&text);
    if (!rc)
        fth_sheet_json(cell, kept);
    return rc;
}

static enum fth_rc put_credit(struct fth_cloud_month *m, const char *type, const char *name,
                              int64_t amount, struct fth_sheet_cell *cell, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);
    struct fth_str kept;
    enum fth_rc rc;

    fth_buf_printf(&text,
                   "[{\"name\":\"%s\",\"full_name\":\"%s\",\"id\":\"%s\",\"type\":\"%s\","
                   "\"amount\":",
                   name, name, name, type);
    fth_money_put(&text, (struct fth_money){.head = amount});
    fth_buf_c(&text, "}]");
    rc = fth_buf_done(&text, err);
    if (!rc)
        rc = fth_arena_str(m->scratch, fth_buf_view(&text), &kept, err);
    fth_buf_release(&text);
    if (!rc)
        fth_sheet_json(cell, kept);
    return rc;
}

/* Days begin at eight: then they are in the month of an invoice in Mountain View in every season.
 */
static enum fth_rc put_times(struct fth_cloud_month *m, const struct fth_charge *c,
                             struct fth_sheet_cell *cells, struct fth_err *err)
{
    struct fth_str start, end, month, exported;
    enum fth_rc rc = fth_demo_day(m->scratch, c->from, "y-m-d 08:00:00 UTC", &start, err);

    if (!rc)
        rc = fth_demo_day(m->scratch, c->until + 1, "y-m-d 08:00:00 UTC", &end, err);
    if (!rc)
        rc = fth_demo_day(m->scratch, m->first, "ym", &month, err);
    if (!rc)
        rc = fth_demo_day(m->scratch, m->additions ? m->submitted : c->until + 1,
                          "y-m-d 23:00:00 UTC", &exported, err);
    if (rc)
        return rc;
    fth_sheet_str(&cells[G_START], start);
    fth_sheet_str(&cells[G_END], end);
    fth_sheet_str(&cells[G_INVOICE_MONTH], month);
    fth_sheet_str(&cells[G_EXPORT_TIME], exported);
    return FTH_OK;
}

static void put_place(const struct fth_resource *resource, struct fth_sheet_cell *cells)
{
    fth_sheet_c(&cells[G_LOCATION], resource->region->code);
    fth_sheet_c(&cells[G_REGION], resource->region->code);
    fth_sheet_c(&cells[G_ZONE], resource->zone);
    fth_sheet_c(&cells[G_RESOURCE], resource->id);
    fth_sheet_c(&cells[G_GLOBAL_RESOURCE], resource->id);
}

/* What every line has; cost and what makes it special is the caller's. */
static enum fth_rc start(struct fth_cloud_month *m, const struct fth_charge *c,
                         struct fth_sheet_cell *cells, struct fth_err *err)
{
    enum fth_rc rc = put_times(m, c, cells, err);

    fth_sheet_c(&cells[G_BILLING_ACCOUNT], ACCOUNT);
    fth_sheet_c(&cells[G_CURRENCY], "USD");
    fth_sheet_c(&cells[G_COST_TYPE], "regular");
    fth_sheet_c(&cells[G_TRANSACTION], "GOOGLE");
    fth_sheet_c(&cells[G_PUBLISHER_TYPE], "GOOGLE");
    fth_sheet_c(&cells[G_SELLER], "Google");
    fth_sheet_c(&cells[G_MODEL_ID], DEFAULT_MODEL);
    fth_sheet_c(&cells[G_MODEL], "Default");
    if (c->account) {
        fth_sheet_c(&cells[G_PROJECT], c->account->id);
        fth_sheet_c(&cells[G_PROJECT_NAME], c->account->name);
    }
    if (c->what) {
        fth_sheet_c(&cells[G_SERVICE_ID], c->what->product_code);
        fth_sheet_c(&cells[G_SERVICE], c->what->product_name);
        fth_sheet_c(&cells[G_SKU_ID], c->what->operation);
        fth_sheet_c(&cells[G_SKU], c->what->usage_type);
    }
    if (!rc && c->what && c->resource) {
        put_place(c->resource, cells);
        fth_sheet_number(&cells[G_AMOUNT], c->quantity * 1000000);
        fth_sheet_number(&cells[G_PRICING_AMOUNT], c->quantity * 1000000);
        fth_sheet_c(&cells[G_UNIT], c->what->unit);
        fth_sheet_c(&cells[G_PRICING_UNIT], c->what->unit);
        fth_sheet_number(&cells[G_COST_AT_LIST], c->list);
        fth_sheet_number(&cells[G_LIST_PRICE], c->what->rate);
        rc = put_labels(m, c->resource, &cells[G_LABELS], err);
    }
    return rc;
}

static enum fth_rc end(struct fth_cloud_month *m, struct fth_sheet_cell *cells, int64_t cost,
                       struct fth_err *err)
{
    struct google *google = m->of_form;
    enum fth_rc rc = FTH_OK;

    fth_sheet_number(&cells[G_COST], cost);
    for (size_t i = 0; i < EXPORT_NR && !rc && !m->dry; i++)
        rc = fth_sheet_write(google->sheets[i], cells, err);
    return rc;
}

static void count(struct fth_cloud_month *m, int64_t billed)
{
    struct google *google = m->of_form;

    if (google)
        google->total += billed;
}

static enum fth_rc meant(struct fth_cloud_month *m, const struct fth_charge *c,
                         struct fth_truth_row row, struct fth_err *err)
{
    if (!row.product_code)
        row.product_code = c->what->product_name;
    count(m, row.billed);
    return fth_cloud_meant(m, c, row, err);
}

/* On demand; some of it with a discount, or paid by a grant. */
static enum fth_rc usage(struct fth_cloud_month *m, const struct fth_charge *c, struct fth_err *err)
{
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    bool storage = strcmp(c->what->product_name, "Cloud Storage") == 0;
    bool granted =
        strcmp(c->what->product_name, "BigQuery") == 0 && strcmp(c->account->env, "prod") != 0;
    bool correction = c->kind == FTH_CHARGE_CORRECTION;
    int64_t credit = correction ? 0 : storage ? -c->cost / 20 : granted ? -c->cost / 2 : 0;
    enum fth_rc rc = start(m, c, cells, err);

    fth_sheet_number(&cells[G_PRICE], c->what->rate);
    if (correction && c->cost < 0)
        fth_sheet_c(&cells[G_ADJUSTMENT], "USAGE_CORRECTION");
    if (!rc && credit)
        rc = storage
                 ? put_credit(m, "DISCOUNT", "Spending based discount", credit, &cells[G_CREDITS],
                              err)
                 : put_credit(m, "PROMOTION", "Startup programme", credit, &cells[G_CREDITS], err);
    if (!rc)
        rc = end(m, cells, c->cost, err);
    if (!rc)
        rc = meant(
            m, c,
            (struct fth_truth_row){
                .category = "Usage", .billed = c->cost, .effective = c->cost, .list = c->list},
            err);
    if (rc || !credit)
        return rc;
    return meant(m, c,
                 (struct fth_truth_row){.category = storage ? "Usage" : "Credit",
                                        .billed = credit,
                                        .effective = credit},
                 err);
}

/* At the list price, and a credit that takes it back. */
static enum fth_rc covered_by_hours(struct fth_cloud_month *m, const struct fth_charge *c,
                                    struct fth_err *err)
{
    struct fth_truth_row row = {
        .category = "Usage", .billed = c->list, .effective = c->list, .list = c->list};
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    enum fth_rc rc = start(m, c, cells, err);

    fth_sheet_number(&cells[G_PRICE], c->what->rate);
    if (!rc)
        rc = put_credit(m, "COMMITTED_USAGE_DISCOUNT", "Committed Usage Discount: CPU", -c->list,
                        &cells[G_CREDITS], err);
    if (!rc)
        rc = end(m, cells, c->list, err);
    if (!rc)
        rc = meant(m, c, row, err);
    row.billed = row.effective = -c->list;
    row.list = 0;
    if (!rc)
        rc = meant(m, c, row, err);
    row = (struct fth_truth_row){
        .category = "Usage", .commitment = c->deal->id, .status = "Used", .effective = c->cost};
    return rc ? rc : meant(m, c, row, err);
}

static enum fth_rc covered_by_money(struct fth_cloud_month *m, const struct fth_charge *c,
                                    struct fth_err *err)
{
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    enum fth_rc rc = start(m, c, cells, err);

    fth_sheet_number(&cells[G_PRICE], c->deal->rate);
    fth_sheet_c(&cells[G_MODEL_ID], "8A3D-51C0-77E2");
    fth_sheet_c(&cells[G_MODEL], "Compute flexible commitments, 1 year");
    if (!rc)
        rc = end(m, cells, c->cost, err);
    return rc ? rc
              : meant(m, c,
                      (struct fth_truth_row){.category = "Usage",
                                             .billed = c->cost,
                                             .effective = c->cost,
                                             .list = c->list},
                      err);
}

static enum fth_rc fee(struct fth_cloud_month *m, const struct fth_charge *c, struct fth_err *err)
{
    struct fth_truth_row row = {
        .category = "Purchase", .commitment = c->deal->id, .billed = c->cost};
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    enum fth_rc rc = start(m, c, cells, err);

    fth_sheet_c(&cells[G_SKU_ID], c->deal->spend ? "57A3-3AFB-2D63" : "BD98-43DC-B3F5");
    fth_sheet_c(&cells[G_SKU], c->deal->spend ? "Commitment - dollar based v1: Compute flexible"
                                              : "Commitment v1: N2 Cpu in Americas for 1 Year");
    fth_sheet_c(&cells[G_SUBSCRIPTION], c->deal->id);
    fth_sheet_c(&cells[G_LOCATION], m->estate->cloud->regions[0].code);
    fth_sheet_c(&cells[G_REGION], m->estate->cloud->regions[0].code);
    fth_sheet_number(&cells[G_AMOUNT], c->quantity * 1000000);
    fth_sheet_number(&cells[G_PRICING_AMOUNT], c->quantity * 1000000);
    fth_sheet_c(&cells[G_UNIT], c->what->unit);
    fth_sheet_c(&cells[G_PRICING_UNIT], c->what->unit);
    if (!rc && c->deal->spend)
        rc = put_credit(m, "FEE_UTILIZATION_OFFSET", "Fee utilization offset", -c->deal->used,
                        &cells[G_CREDITS], err);
    if (!rc)
        rc = end(m, cells, c->cost, err);
    if (!rc)
        rc = meant(m, c, row, err);
    row.billed = -c->deal->used;
    return rc || !c->deal->spend ? rc : meant(m, c, row, err);
}

/* There is no such line: it is what the fee's is also meant to be. */
static enum fth_rc unused(struct fth_cloud_month *m, const struct fth_charge *c,
                          struct fth_err *err)
{
    return meant(m, c,
                 (struct fth_truth_row){.category = "Usage",
                                        .commitment = c->deal->id,
                                        .status = "Unused",
                                        .effective = c->cost},
                 err);
}

static const struct monthly {
    enum fth_charge_kind kind;
    const char *service, *sku, *cost_type, *unit, *seller, *category;
} monthly[] = {
    {FTH_CHARGE_MARKET, "Acme Log Insights", "Ingested events", "regular", "count", "Acme, Inc.",
     "Usage"},
    {FTH_CHARGE_SUPPORT, "Support", "Enhanced Support", "regular", NULL, NULL, "Purchase"},
    {FTH_CHARGE_REFUND, NULL, NULL, "adjustment", NULL, NULL, "Adjustment"},
    {FTH_CHARGE_TAX, "Invoice", "Tax", "tax", NULL, NULL, "Tax"},
    {FTH_CHARGE_ROUNDING, "Invoice", "Rounding error", "rounding_error", NULL, NULL, "Adjustment"},
};

/* What makes the invoice whole cents. */
static int64_t rounding(const struct fth_cloud_month *m)
{
    const struct google *google = m->of_form;
    int64_t over = google ? google->total % CENT : 0;

    return over > CENT / 2 ? CENT - over : -over;
}

static enum fth_rc once_a_month(struct fth_cloud_month *m, const struct fth_charge *c,
                                const struct monthly *row, struct fth_err *err)
{
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    int64_t cost = c->kind == FTH_CHARGE_ROUNDING ? rounding(m) : c->cost;
    enum fth_rc rc = start(m, c, cells, err);

    if (row->service) {
        fth_sheet_c(&cells[G_SERVICE], row->service);
        fth_sheet_c(&cells[G_SKU], row->sku);
        fth_sheet_c(&cells[G_SKU_ID], row->sku);
    }
    fth_sheet_c(&cells[G_COST_TYPE], row->cost_type);
    if (row->unit) {
        fth_sheet_number(&cells[G_AMOUNT], c->quantity * 1000000);
        fth_sheet_c(&cells[G_UNIT], row->unit);
    }
    if (row->seller)
        fth_sheet_c(&cells[G_SELLER], row->seller);
    if (!rc)
        rc = end(m, cells, cost, err);
    return rc ? rc
              : meant(m, c,
                      (struct fth_truth_row){.product_code = row->service,
                                             .category = row->category,
                                             .billed = cost,
                                             .effective = cost},
                      err);
}

static enum fth_rc put(struct fth_cloud_month *m, const struct fth_charge *c, struct fth_err *err)
{
    switch (c->kind) {
    case FTH_CHARGE_USAGE:
    case FTH_CHARGE_CORRECTION:
        return usage(m, c, err);
    case FTH_CHARGE_COVERED:
        return c->deal->spend ? covered_by_money(m, c, err) : covered_by_hours(m, c, err);
    case FTH_CHARGE_FEE:
        return fee(m, c, err);
    case FTH_CHARGE_UNUSED:
        return unused(m, c, err);
    case FTH_CHARGE_MARKET:
    case FTH_CHARGE_SUPPORT:
    case FTH_CHARGE_REFUND:
    case FTH_CHARGE_TAX:
    case FTH_CHARGE_ROUNDING:
        for (size_t i = 0; i < sizeof(monthly) / sizeof(*monthly); i++) {
            if (monthly[i].kind == c->kind)
                return once_a_month(m, c, &monthly[i], err);
        }
        break;
    case FTH_CHARGE_CREDIT: /* credits are parts of other lines here */
        break;
    }
    return FTH_OK;
}

const struct fth_form fth_form_google = {
    .id = "google",
    .truth = "google",
    .folders = (const char *const[]){"google-detailed", "google-standard", NULL},
    .cloud = &fth_cloud_google,
    .adds = true,
    .daily_fees = true,
    .deal_ids = {"6621", "6622"},
    .open = open_month,
    .put = put,
    .close = close_month,
};
