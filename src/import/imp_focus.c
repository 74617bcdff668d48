/*
 * focus: cost and usage files in FOCUS, 1.0-preview to 1.4, of any provider.
 *
 * No version stands in the rows, and vendors mix them: it is told by the columns (they are named in
 * the specification's order of appearance) and matters only for what is reported.
 */
#include "import/importer.h"

#define SPELL(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fth_feed_col cols[] = {
    {"BilledCost", FTH_K_MONEY, NULL},
    {"EffectiveCost", FTH_K_MONEY, NULL},
    {"ListCost", FTH_K_MONEY, NULL},
    {"ContractedCost", FTH_K_MONEY, NULL},
    {"BillingCurrency", FTH_K_TEXT, NULL},
    {"BillingAccountId", FTH_K_TEXT, NULL},
    {"BillingAccountName", FTH_K_TEXT, NULL},
    {"BillingAccountType", FTH_K_TEXT, NULL},
    {"SubAccountId", FTH_K_TEXT, NULL},
    {"SubAccountName", FTH_K_TEXT, NULL},
    {"SubAccountType", FTH_K_TEXT, NULL},
    {"BillingPeriodStart", FTH_K_INSTANT, NULL},
    {"BillingPeriodEnd", FTH_K_INSTANT, NULL},
    {"ChargePeriodStart", FTH_K_INSTANT, NULL},
    {"ChargePeriodEnd", FTH_K_INSTANT, NULL},
    {"ChargeCategory", FTH_K_TEXT, SPELL("ChargeType")},
    {"ChargeSubcategory", FTH_K_TEXT, NULL},
    {"ChargeClass", FTH_K_TEXT, NULL},
    {"ChargeDescription", FTH_K_TEXT, NULL},
    {"ChargeFrequency", FTH_K_TEXT, NULL},
    {"InvoiceId", FTH_K_TEXT, SPELL("x_InvoiceId")},
    {"InvoiceDetailId", FTH_K_TEXT, NULL},
    {"InvoiceIssuerName", FTH_K_TEXT, SPELL("InvoiceIssuer")},
    {"ProviderName", FTH_K_TEXT, SPELL("Provider")},
    {"PublisherName", FTH_K_TEXT, SPELL("Publisher")},
    {"ServiceProviderName", FTH_K_TEXT, NULL},
    {"HostProviderName", FTH_K_TEXT, NULL},
    {"ServiceCategory", FTH_K_TEXT, NULL},
    {"ServiceSubcategory", FTH_K_TEXT, NULL},
    {"ServiceName", FTH_K_TEXT, NULL},
    {"RegionId", FTH_K_TEXT, SPELL("Region")},
    {"RegionName", FTH_K_TEXT, NULL},
    {"AvailabilityZone", FTH_K_TEXT, NULL},
    {"ResourceId", FTH_K_TEXT, NULL},
    {"ResourceName", FTH_K_TEXT, NULL},
    {"ResourceType", FTH_K_TEXT, NULL},
    {"SkuId", FTH_K_TEXT, NULL},
    {"SkuPriceId", FTH_K_TEXT, NULL},
    {"SkuMeter", FTH_K_TEXT, NULL},
    {"SkuPriceDetails", FTH_K_TEXT, SPELL("x_SkuDetails")},
    {"PricingCategory", FTH_K_TEXT, NULL},
    {"PricingQuantity", FTH_K_DOUBLE, NULL},
    {"PricingUnit", FTH_K_TEXT, NULL},
    {"ListUnitPrice", FTH_K_DOUBLE, NULL},
    {"ContractedUnitPrice", FTH_K_DOUBLE, NULL},
    {"PricingCurrency", FTH_K_TEXT, SPELL("x_PricingCurrency")},
    {"PricingCurrencyListUnitPrice", FTH_K_DOUBLE, NULL},
    {"PricingCurrencyContractedUnitPrice", FTH_K_DOUBLE, NULL},
    {"PricingCurrencyEffectiveCost", FTH_K_DOUBLE, NULL},
    {"ConsumedQuantity", FTH_K_DOUBLE, SPELL("UsageQuantity")},
    {"ConsumedUnit", FTH_K_TEXT, SPELL("UsageUnit")},
    {"CommitmentDiscountId", FTH_K_TEXT, NULL},
    {"CommitmentDiscountName", FTH_K_TEXT, NULL},
    {"CommitmentDiscountCategory", FTH_K_TEXT, NULL},
    {"CommitmentDiscountType", FTH_K_TEXT, NULL},
    {"CommitmentDiscountStatus", FTH_K_TEXT, NULL},
    {"CommitmentDiscountQuantity", FTH_K_DOUBLE, NULL},
    {"CommitmentDiscountUnit", FTH_K_TEXT, NULL},
    {"CommitmentProgramEligibilityDetails", FTH_K_TEXT, NULL},
    {"CapacityReservationId", FTH_K_TEXT, NULL},
    {"CapacityReservationStatus", FTH_K_TEXT, NULL},
    {"ContractApplied", FTH_K_TEXT, NULL},
    {"AllocatedMethodId", FTH_K_TEXT, NULL},
    {"AllocatedMethodDetails", FTH_K_TEXT, NULL},
    {"AllocatedResourceId", FTH_K_TEXT, NULL},
    {"AllocatedResourceName", FTH_K_TEXT, NULL},
    {"AllocatedTags", FTH_K_TEXT, NULL},
    {"x_ServiceCode", FTH_K_TEXT, NULL},
    {"x_SkuMeterCategory", FTH_K_TEXT, NULL},
    {"x_UsageType", FTH_K_TEXT, NULL},
    {"x_LineItemType", FTH_K_TEXT, NULL},
    {"x_CreditType", FTH_K_TEXT, NULL},
    {"x_Operation", FTH_K_TEXT, NULL},
};

static const struct fth_feed_tag_rule tag_rules[] = {
    {"resourceTags/user:", ""},
    {"resourceTags/", ""},
    {"user:", ""},
};

/* What FOCUS never leaves open. That a charge ends before it starts is not among it: real files,
 * and the specification's own examples, have swapped dates. */
static const struct fth_feed_demand demands[] = {
    {.rule = "charge-category",
     .kind = FTH_DEMAND_ONE_OF,
     .column = "ChargeCategory",
     .names = SPELL("Usage", "Purchase", "Tax", "Credit", "Adjustment")},
    {.rule = "currency", .kind = FTH_DEMAND_CURRENCY, .column = "BillingCurrency"},
    {.rule = "charge-period", .kind = FTH_DEMAND_VALUE, .column = "ChargePeriodStart"},
    {.rule = "billing-period",
     .kind = FTH_DEMAND_AFTER,
     .column = "BillingPeriodEnd",
     .than = "BillingPeriodStart"},
    {.rule = "no-cost",
     .kind = FTH_DEMAND_ANY,
     .names = SPELL("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")},
};

static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .tags = {.maps = SPELL("Tags"),
             .rules = tag_rules,
             .rule_nr = sizeof(tag_rules) / sizeof(*tag_rules)},
    .ignored = SPELL("BILLING_PERIOD$", "billing_period$", "year$", "month$"),
    .demands = demands,
    .demand_nr = sizeof(demands) / sizeof(*demands),
    .cost = SPELL("BilledCost"),
    .totals = SPELL("BilledCost", "EffectiveCost"),
    .invoice = "InvoiceId",
    .period = "BillingPeriodStart",
    .nulls = SPELL("NULL", "null"),
    .dates = FTH_DATES_BY_MONTH,
};

/* The newest column that the file has decides. */
static const struct {
    const char *header, *version;
} marks[] = {
    {"InvoiceDetailId", "1.4"},
    {"CommitmentProgramEligibilityDetails", "1.4"},
    {"HostProviderName", "1.3"},
    {"ServiceProviderName", "1.3"},
    {"ContractApplied", "1.3"},
    {"AllocatedMethodId", "1.3"},
    {"PricingCurrencyEffectiveCost", "1.2"},
    {"PricingCurrencyListUnitPrice", "1.2"},
    {"PricingCurrencyContractedUnitPrice", "1.2"},
    {"InvoiceId", "1.2"},
    {"ServiceSubcategory", "1.1"},
    {"SkuMeter", "1.1"},
    {"SkuPriceDetails", "1.1"},
    {"CapacityReservationId", "1.1"},
    {"CommitmentDiscountQuantity", "1.1"},
    {"ChargeClass", "1.0"},
    {"RegionId", "1.0"},
    {"ConsumedQuantity", "1.0"},
    {"ChargeSubcategory", "1.0-preview"},
    {"UsageQuantity", "1.0-preview"},
    {"Region", "1.0-preview"},
};

static struct fth_str version_of(const struct fth_feed_head *head)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (fth_importer_has(head, marks[i].header))
            return fth_str_c(marks[i].version);
    return FTH_STR("1.0");
}

/* The spellings that sql/import/focus.sql makes one of. */
static struct fth_str provider_of(struct fth_str given)
{
    static const struct {
        struct fth_str spelling, provider;
    } known[] = {
        {FTH_STR_INIT("aws"), FTH_STR_INIT("AWS")},
        {FTH_STR_INIT("amazon"), FTH_STR_INIT("AWS")},
        {FTH_STR_INIT("amazon web services"), FTH_STR_INIT("AWS")},
        {FTH_STR_INIT("amazon web services, inc."), FTH_STR_INIT("AWS")},
        {FTH_STR_INIT("microsoft"), FTH_STR_INIT("Microsoft")},
        {FTH_STR_INIT("azure"), FTH_STR_INIT("Microsoft")},
        {FTH_STR_INIT("microsoft azure"), FTH_STR_INIT("Microsoft")},
        {FTH_STR_INIT("gcp"), FTH_STR_INIT("Google Cloud")},
        {FTH_STR_INIT("google"), FTH_STR_INIT("Google Cloud")},
        {FTH_STR_INIT("google cloud"), FTH_STR_INIT("Google Cloud")},
        {FTH_STR_INIT("google cloud platform"), FTH_STR_INIT("Google Cloud")},
        {FTH_STR_INIT("oci"), FTH_STR_INIT("Oracle")},
        {FTH_STR_INIT("oracle"), FTH_STR_INIT("Oracle")},
        {FTH_STR_INIT("oracle cloud"), FTH_STR_INIT("Oracle")},
        {FTH_STR_INIT("oracle cloud infrastructure"), FTH_STR_INIT("Oracle")},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (fth_str_caseeq(given, known[i].spelling))
            return known[i].provider;
    return given;
}

static int probe(const struct fth_feed_head *head, struct fth_probe *out)
{
    static const char *const names[] = {"ProviderName", "ServiceProviderName", "InvoiceIssuerName"};
    bool billed = fth_importer_column(&layout, head, "BilledCost") != SIZE_MAX;
    bool category = fth_importer_column(&layout, head, "ChargeCategory") != SIZE_MAX;
    bool period = fth_importer_column(&layout, head, "ChargePeriodStart") != SIZE_MAX;
    struct fth_str start = fth_importer_value(&layout, head, "BillingPeriodStart");

    if (billed + category + period < 2)
        return 0;
    *out = (struct fth_probe){
        .version = version_of(head), .dataset = FTH_STR("focus"), .period_us = FTH_FEED_ANY_PERIOD};
    for (size_t i = 0; i < 3 && !out->provider.n; i++)
        out->provider = provider_of(fth_importer_value(&layout, head, names[i]));
    out->account = fth_importer_value(&layout, head, "BillingAccountId");
    if (start.n && !fth_feed_head_instant(&layout, head, start, &out->period_us))
        out->period_us = FTH_FEED_ANY_PERIOD;
    return billed && category && period ? 95 : 50;
}

const struct fth_importer fth_importer_focus = {
    .id = "focus",
    .title = "FOCUS cost and usage",
    .layout = &layout,
    .needed = SPELL("BilledCost", "BillingPeriodStart", "ChargePeriodStart"),
    .totals = {.billed = 0, .net = -1, .effective = 1},
    .runs_backwards = true,
    .probe = probe,
};
