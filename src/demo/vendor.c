/* vendor: a maker of software who bills in FOCUS 1.2: a file a month, replaced when it is restated.
 */
#include "base/date.h"
#include "demo/cloud.h"

#define VENDOR "Fathom Data"

enum column {
#define FTH_VENDOR(id, name) V_##id,
#include "demo/vendor.def"
#undef FTH_VENDOR
    COLUMN_NR
};

static const char *const names[] = {
#define FTH_VENDOR(id, name) name,
#include "demo/vendor.def"
#undef FTH_VENDOR
};

enum { ROWS_A_FILE = 250000 };

static enum fth_rc open_month(struct fth_cloud_month *m, struct fth_err *err)
{
    struct fth_sheet *sheet = NULL;
    struct fth_str dir, stem, month;
    enum fth_rc rc = fth_demo_day(m->arena, m->first, "y-m", &month, err);

    if (!rc)
        rc = fth_arena_printf(m->arena, &dir, err, "%s/focus", m->dir);
    if (!rc)
        rc = fth_arena_printf(m->arena, &stem, err, "focus-1.2-" FTH_STR_F "-%s-", FTH_STR_A(month),
                              m->version);
    if (!rc)
        rc = fth_sheet_open(m->arena,
                            &(struct fth_sheet_form){.names = names,
                                                     .nr = COLUMN_NR,
                                                     .numbers = FTH_NUMBER_PLAIN,
                                                     .dir = dir.p,
                                                     .stem = stem.p,
                                                     .tail = ".csv.gz",
                                                     .width = 3,
                                                     .first = 1,
                                                     .rows_a_file = ROWS_A_FILE},
                            &sheet, err);
    m->of_form = sheet;
    return rc;
}

static enum fth_rc put_times(struct fth_cloud_month *m, const struct fth_charge *c,
                             struct fth_sheet_cell *cells, struct fth_err *err)
{
    const struct {
        enum column column;
        int32_t day;
    } times[] = {{V_START, c->from},
                 {V_END, c->until + 1},
                 {V_PERIOD_START, m->first},
                 {V_PERIOD_END, fth_month_first_date(m->month + 1)}};
    struct fth_str text;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < sizeof(times) / sizeof(*times) && !rc; i++) {
        rc = fth_demo_day(m->scratch, times[i].day, "y-m-dT00:00:00Z", &text, err);
        if (!rc)
            fth_sheet_str(&cells[times[i].column], text);
    }
    if (rc || !m->closed)
        return rc;
    rc = fth_demo_day(m->scratch, m->first, "FD-ym", &text, err);
    if (!rc)
        fth_sheet_str(&cells[V_INVOICE], text);
    return rc;
}

static void put_resource(const struct fth_resource *resource, struct fth_sheet_cell *cells)
{
    fth_sheet_c(&cells[V_REGION], resource->region->code);
    fth_sheet_c(&cells[V_REGION_NAME], resource->region->code);
    fth_sheet_c(&cells[V_ZONE], resource->zone);
    fth_sheet_c(&cells[V_RESOURCE], resource->id);
    fth_sheet_c(&cells[V_RESOURCE_NAME], resource->id);
    fth_sheet_c(&cells[V_RESOURCE_TYPE], "Object");
    fth_sheet_c(&cells[V_TAGS], resource->tags);
}

static void put_what(const struct fth_kind *what, struct fth_sheet_cell *cells)
{
    fth_sheet_c(&cells[V_CODE], what->product_code);
    fth_sheet_c(&cells[V_SERVICE], what->product_name);
    fth_sheet_c(&cells[V_SERVICE_CATEGORY], what->family);
    fth_sheet_c(&cells[V_SERVICE_SUBCATEGORY], what->operation);
    fth_sheet_c(&cells[V_DESCRIPTION], what->description);
    fth_sheet_c(&cells[V_SKU], what->usage_type);
    fth_sheet_c(&cells[V_SKU_PRICE], what->usage_type);
    fth_sheet_c(&cells[V_METER], what->usage_type);
}

static enum fth_rc start(struct fth_cloud_month *m, const struct fth_charge *c,
                         struct fth_sheet_cell *cells, struct fth_err *err)
{
    fth_sheet_c(&cells[V_ACCOUNT], "FD-4410");
    fth_sheet_c(&cells[V_ACCOUNT_NAME], "Meridian");
    fth_sheet_c(&cells[V_ACCOUNT_TYPE], "Organization");
    fth_sheet_c(&cells[V_CURRENCY], "USD");
    fth_sheet_c(&cells[V_ISSUER], VENDOR);
    fth_sheet_c(&cells[V_PROVIDER], VENDOR);
    fth_sheet_c(&cells[V_PUBLISHER], VENDOR);
    if (c->account) {
        fth_sheet_c(&cells[V_SUB_ACCOUNT], c->account->id);
        fth_sheet_c(&cells[V_SUB_ACCOUNT_NAME], c->account->name);
        fth_sheet_c(&cells[V_SUB_ACCOUNT_TYPE], "Workspace");
    }
    if (c->what)
        put_what(c->what, cells);
    if (c->resource)
        put_resource(c->resource, cells);
    return put_times(m, c, cells, err);
}

/* What a charge is in FOCUS. */
static const struct kind {
    const char *category, *frequency, *pricing, *status;
    bool billed, effective; /* its cost counts there */
    bool metered;
} kinds[] = {
    [FTH_CHARGE_USAGE] = {"Usage", "Usage-Based", "Standard", "", true, true, true},
    [FTH_CHARGE_COVERED] = {"Usage", "Usage-Based", "Committed", "Used", false, true, true},
    [FTH_CHARGE_UNUSED] = {"Usage", "Usage-Based", "Committed", "Unused", false, true, false},
    [FTH_CHARGE_FEE] = {"Purchase", "Recurring", "Standard", "", true, false, false},
    [FTH_CHARGE_MARKET] = {"Usage", "Usage-Based", "Standard", "", true, true, true},
    [FTH_CHARGE_SUPPORT] = {"Purchase", "Recurring", "Standard", "", true, true, false},
    [FTH_CHARGE_REFUND] = {"Usage", "One-Time", "Standard", "", true, true, false},
    [FTH_CHARGE_CORRECTION] = {"Usage", "Usage-Based", "Standard", "", true, true, true},
    [FTH_CHARGE_TAX] = {"Tax", "One-Time", "", "", true, true, false},
    [FTH_CHARGE_CREDIT] = {"Credit", "One-Time", "", "", true, true, false},
    [FTH_CHARGE_ROUNDING] = {"Adjustment", "One-Time", "", "", true, true, false},
};

/* Services of what comes once a month. */
static const struct {
    const char *code, *service, *category, *subcategory, *text;
} monthly[] = {
    [FTH_CHARGE_MARKET] = {"acme", "Acme Connectors", "Integration", "Other (Integration)",
                           "Connectors of a partner"},
    [FTH_CHARGE_SUPPORT] = {"support", "Fathom Support", "Management and Governance", "Support",
                            "Premier support"},
    [FTH_CHARGE_TAX] = {"tax", "Fathom Tax", "Other", "Other (Other)", "Sales tax"},
    [FTH_CHARGE_ROUNDING] = {"rounding", "Fathom Rounding", "Other", "Other (Other)",
                             "Rounding of the invoice"},
};

static void put_deal(const struct fth_charge *c, struct fth_sheet_cell *cells)
{
    fth_sheet_c(&cells[V_DEAL], c->deal->id);
    fth_sheet_c(&cells[V_DEAL_NAME], c->deal->spend ? "Spend commitment" : "Credit commitment");
    fth_sheet_c(&cells[V_DEAL_CATEGORY], c->deal->spend ? "Spend" : "Usage");
    fth_sheet_c(&cells[V_DEAL_TYPE], c->deal->spend ? "Spend commitment" : "Credit commitment");
    fth_sheet_c(&cells[V_DEAL_UNIT], c->deal->spend ? "USD" : c->deal->kind->unit);
    fth_sheet_number(&cells[V_DEAL_QUANTITY], c->deal->spend ? c->cost : c->quantity * 1000000);
    if (c->kind == FTH_CHARGE_COVERED)
        return;
    fth_sheet_c(&cells[V_RESOURCE], c->deal->id);
    fth_sheet_c(&cells[V_RESOURCE_NAME], c->deal->id);
    fth_sheet_c(&cells[V_RESOURCE_TYPE], "Commitment");
}

/* Prices stand where a quantity has one. Of a fee, of credits and taxes all costs are what is
 * billed; what is not used has no price. */
static void put_costs(const struct fth_charge *c, const struct kind *kind, int64_t cost,
                      struct fth_sheet_cell *cells)
{
    int64_t priced = kind->metered && c->what ? c->list : kind->billed ? cost : 0;

    fth_sheet_number(&cells[V_BILLED], kind->billed ? cost : 0);
    fth_sheet_number(&cells[V_EFFECTIVE], kind->effective ? cost : 0);
    fth_sheet_number(&cells[V_LIST], priced);
    fth_sheet_number(&cells[V_CONTRACTED], priced);
    if (!kind->pricing[0])
        return;
    fth_sheet_number(&cells[V_QUANTITY], kind->metered ? c->quantity * 1000000 : 10000000000);
    fth_sheet_c(&cells[V_UNIT], kind->metered && c->what ? c->what->unit : "Units");
    if (!kind->metered)
        return;
    fth_sheet_number(&cells[V_CONSUMED], c->quantity * 1000000);
    fth_sheet_c(&cells[V_CONSUMED_UNIT], c->what ? c->what->unit : "Units");
    fth_sheet_number(&cells[V_LIST_PRICE], c->what ? c->what->rate : cost);
    fth_sheet_number(&cells[V_CONTRACTED_PRICE], c->what ? c->what->rate : cost);
}

static enum fth_rc put(struct fth_cloud_month *m, const struct fth_charge *c, struct fth_err *err)
{
    const struct kind *kind = &kinds[c->kind];
    int64_t cost = c->kind == FTH_CHARGE_ROUNDING ? -12345678 : c->cost;
    struct fth_truth_row row = {.category = kind->category,
                                .billed = kind->billed ? cost : 0,
                                .effective = kind->effective ? cost : 0,
                                .list = kind->metered ? c->list : 0,
                                .status = kind->status,
                                .product_code =
                                    c->what ? c->what->product_code : monthly[c->kind].code,
                                .commitment = c->deal ? c->deal->id : ""};
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    enum fth_rc rc = start(m, c, cells, err);

    if (!c->what) {
        fth_sheet_c(&cells[V_CODE], monthly[c->kind].code);
        fth_sheet_c(&cells[V_SERVICE], monthly[c->kind].service);
        fth_sheet_c(&cells[V_SERVICE_CATEGORY], monthly[c->kind].category);
        fth_sheet_c(&cells[V_SERVICE_SUBCATEGORY], monthly[c->kind].subcategory);
        fth_sheet_c(&cells[V_DESCRIPTION], monthly[c->kind].text);
    }
    if (c->kind == FTH_CHARGE_MARKET)
        fth_sheet_c(&cells[V_PUBLISHER], "Acme, Inc.");
    fth_sheet_c(&cells[V_CATEGORY], kind->category);
    fth_sheet_c(&cells[V_FREQUENCY], kind->frequency);
    fth_sheet_c(&cells[V_PRICING_CATEGORY], kind->pricing);
    fth_sheet_c(&cells[V_DEAL_STATUS], kind->status);
    put_costs(c, kind, cost, cells);
    if (c->deal)
        put_deal(c, cells);
    if (!rc && !m->dry)
        rc = fth_sheet_write(m->of_form, cells, err);
    return rc ? rc : fth_cloud_meant(m, c, row, err);
}

const struct fth_form fth_form_vendor = {
    .id = "focus",
    .truth = "focus",
    .folders = (const char *const[]){"focus", NULL},
    .cloud = &fth_cloud_vendor,
    .deal_ids = {"fd-commitment-credits-", "fd-commitment-spend-"},
    .open = open_month,
    .put = put,
    .close = fth_cloud_close_sheet,
};
