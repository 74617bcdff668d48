/*
 * azure: cost exports of Azure, of an enterprise agreement (EA), a Microsoft Customer Agreement
 * (MCA), a partner (CSP) or pay as you go.
 *
 * Canonical names are those of the EA export. The same column has had many names, is written in any
 * case, and exports of the portal in other languages put the English name in brackets; that much is
 * the feed's doing.
 *
 * A bill is two exports. The actual one has the invoice: purchases of reservations and savings
 * plans with their price, and what they covered at 0. The amortized one has no such purchases; what
 * was covered, and what nobody used, carries its share. Together: all of the amortized one, and of
 * the actual one what the other leaves out.
 */
#include "base/date.h"
#include "import/importer.h"

#define SPELL(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fth_feed_col cols[] = {
    {"Cost", FTH_K_MONEY, SPELL("CostInBillingCurrency", "PreTaxCost", "ExtendedCost")},
    {"PaygCostInBillingCurrency", FTH_K_MONEY, NULL},
    {"BillingAccountId", FTH_K_TEXT, NULL},
    {"BillingAccountName", FTH_K_TEXT, NULL},
    {"BillingProfileId", FTH_K_TEXT, NULL},
    {"BillingProfileName", FTH_K_TEXT, NULL},
    {"BillingPeriodStartDate", FTH_K_INSTANT, SPELL("BillingPeriodStart")},
    {"BillingPeriodEndDate", FTH_K_INSTANT, SPELL("BillingPeriodEnd")},
    {"SubscriptionId", FTH_K_TEXT, SPELL("SubscriptionGuid")},
    {"SubscriptionName", FTH_K_TEXT, NULL},
    {"Date", FTH_K_INSTANT, SPELL("UsageDateTime", "UsageDate")},
    {"Product", FTH_K_TEXT, SPELL("ProductName")},
    {"ProductId", FTH_K_TEXT, SPELL("PartNumber")},
    {"MeterId", FTH_K_TEXT, NULL},
    {"MeterCategory", FTH_K_TEXT, NULL},
    {"MeterRegion", FTH_K_TEXT, NULL},
    {"MeterName", FTH_K_TEXT, NULL},
    {"Quantity", FTH_K_DECIMAL, SPELL("UsageQuantity", "ConsumedQuantity")},
    {"EffectivePrice", FTH_K_DOUBLE, SPELL("ResourceRate")},
    {"UnitPrice", FTH_K_DECIMAL, NULL},
    {"PayGPrice", FTH_K_DECIMAL, NULL},
    {"BillingCurrency", FTH_K_TEXT, SPELL("BillingCurrencyCode", "Currency")},
    {"PricingCurrency", FTH_K_TEXT, SPELL("PricingCurrencyCode")},
    {"CostInPricingCurrency", FTH_K_DOUBLE, NULL},
    {"ExchangeRatePricingToBilling", FTH_K_DECIMAL, SPELL("ExchangeRate")},
    {"UnitOfMeasure", FTH_K_TEXT, NULL},
    {"ResourceLocation", FTH_K_TEXT, NULL},
    {"AvailabilityZone", FTH_K_TEXT, NULL},
    {"ConsumedService", FTH_K_TEXT, NULL},
    {"ResourceId", FTH_K_TEXT, SPELL("InstanceId", "InstanceName")},
    {"ResourceName", FTH_K_TEXT, NULL},
    {"ResourceType", FTH_K_TEXT, NULL},
    {"ReservationId", FTH_K_TEXT, NULL},
    {"ReservationName", FTH_K_TEXT, NULL},
    {"benefitId", FTH_K_TEXT, NULL},
    {"benefitName", FTH_K_TEXT, NULL},
    {"ChargeType", FTH_K_TEXT, NULL},
    {"Frequency", FTH_K_TEXT, NULL},
    {"PricingModel", FTH_K_TEXT, NULL},
    {"PublisherName", FTH_K_TEXT, NULL},
    {"PublisherType", FTH_K_TEXT, NULL},
    {"InvoiceId", FTH_K_TEXT, SPELL("InvoiceNumber")},
    {"PartnerName", FTH_K_TEXT, NULL},
};

#define COMMITTED SPELL("Reservation", "SavingsPlan", "Savings Plan")
#define BOUGHT SPELL("Purchase", "Refund")

/* Of an actual export beside an amortized one only the purchases of commitments count. */
#define BUYS(of, what)                                                                           \
    {                                                                                            \
        .id = "commitment-purchase", .action = FTH_RULE_COUNT, .column = (of), .values = (what), \
        .role = "actual", .with = "amortized", .also = "ChargeType", .among = BOUGHT             \
    }

static const struct fth_feed_rule rules[] = {
    BUYS("PricingModel", COMMITTED),
    BUYS("benefitId", NULL),
    BUYS("ReservationId", NULL),
    {.id = "in-amortized-export", .action = FTH_RULE_DROP, .role = "actual", .with = "amortized"},
    {.id = "committed", .action = FTH_RULE_COUNT, .column = "PricingModel", .values = COMMITTED},
    {.id = "committed", .action = FTH_RULE_COUNT, .column = "benefitId"},
    {.id = "committed", .action = FTH_RULE_COUNT, .column = "ReservationId"},
};

static const struct fth_feed_demand demands[] = {
    {.rule = "currency",
     .kind = FTH_DEMAND_CURRENCY,
     .column = "BillingCurrency",
     .optional = true},
    {.rule = "charge-period", .kind = FTH_DEMAND_VALUE, .column = "Date"},
    {.rule = "billing-period",
     .kind = FTH_DEMAND_NOT_BEFORE,
     .column = "BillingPeriodEndDate",
     .than = "BillingPeriodStartDate"},
    {.rule = "no-cost", .kind = FTH_DEMAND_ANY, .names = SPELL("Cost")},
};

/* Charge types that the mapping knows; the oldest exports have none. */
static const char *const kinds[] = {
    "",
    "Usage",
    "Purchase",
    "Refund",
    "UnusedReservation",
    "UnusedSavingsPlan",
    "RoundingAdjustment",
    "Adjustment",
    "Tax",
    "Credit",
    NULL,
};

/* Said otherwise by columns that are kept. */
static const char *const ignored[] = {
    "CostInUsd$",
    "costInUsd$",
    "PaygCostInUsd$",
    "paygCostInUsd$",
    "IsAzureCreditEligible$",
    "isAzureCreditEligible$",
    NULL,
};

static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .tags = {.maps = SPELL("Tags"), .bare = true},
    .ignored = ignored,
    .rules = rules,
    .rule_nr = sizeof(rules) / sizeof(*rules),
    .demands = demands,
    .demand_nr = sizeof(demands) / sizeof(*demands),
    .cost = SPELL("Cost"),
    .totals = SPELL("Cost", "Cost"),
    .total_roles = SPELL("actual", "amortized"),
    .invoice = "InvoiceId",
    .group = "MeterCategory",
    .period = "BillingPeriodStartDate",
    .period_else = "Date",
    .side = SPELL("ExchangeRatePricingToBilling"),
    .dates = FTH_DATES_BY_FILE,
    .long_header = true,
    .month_first = SPELL("BillingPeriodStartDate", "ServicePeriodStartDate", "PayGPrice"),
};

static struct fth_str version_of(const struct fth_feed_head *head)
{
    if (fth_importer_column(&layout, head, "CostInPricingCurrency") != SIZE_MAX)
        return FTH_STR("mca");
    if (fth_importer_column(&layout, head, "PartnerName") != SIZE_MAX)
        return FTH_STR("csp");
    if (fth_importer_column(&layout, head, "BillingAccountId") != SIZE_MAX)
        return FTH_STR("ea");
    return FTH_STR("payg");
}

/* The first day of the billing period, or of the month of the first charge. */
static int64_t period_of(const struct fth_feed_head *head)
{
    struct fth_str start = fth_importer_value(&layout, head, "BillingPeriodStartDate");
    struct fth_str date = fth_importer_value(&layout, head, "Date");
    int64_t us;

    if (start.n && fth_feed_head_instant(&layout, head, start, &us))
        return us;
    if (start.n || !date.n || !fth_feed_head_instant(&layout, head, date, &us))
        return FTH_FEED_ANY_PERIOD;
    return fth_month_first_date(fth_month_of_date(fth_instant_date(us))) * FTH_DAY_US;
}

static int probe(const struct fth_feed_head *head, struct fth_probe *out)
{
    static const char *const accounts[] = {"BillingProfileId", "BillingAccountId",
                                           "SubscriptionId"};
    static const char *const marks[] = {"Cost", "Date", "MeterCategory", "SubscriptionId",
                                        "ConsumedService"};
    int found = 0;

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        found += fth_importer_column(&layout, head, marks[i]) != SIZE_MAX;
    if (found < 3)
        return 0;
    *out = (struct fth_probe){.version = version_of(head),
                              .dataset = FTH_STR("cost"),
                              .provider = FTH_STR("Microsoft"),
                              .period_us = period_of(head)};
    for (size_t i = 0; i < sizeof(accounts) / sizeof(*accounts) && !out->account.n; i++)
        out->account = fth_importer_value(&layout, head, accounts[i]);
    return found >= 4 ? 95 : 50;
}

static bool is_zero(struct fth_str cost)
{
    for (size_t i = 0; i < cost.n && cost.p[i] != 'e' && cost.p[i] != 'E'; i++)
        if (cost.p[i] >= '1' && cost.p[i] <= '9')
            return false;
    return true;
}

/* Purchases of commitments, and covered usage at 0, are only in the actual export; unused
 * commitments, and covered usage at a cost, only in the amortized one. */
static int half_of(const struct fth_str values[FTH_HALF_COLUMNS])
{
    struct fth_str type = values[0], model = values[1], cost = values[2];
    bool committed = false;

    for (const char *const *one = COMMITTED; *one; one++)
        committed |= fth_str_eq_c(model, *one);
    if (fth_str_starts(type, FTH_STR("Unused")))
        return 1;
    if (!committed)
        return -1;
    if (fth_str_eq_c(type, "Purchase") || fth_str_eq_c(type, "Refund"))
        return 0;
    return is_zero(cost) ? 0 : 1;
}

static const struct fth_importer_halves halves = {
    .roles = {"actual", "amortized"},
    .words = {"actual", "amorti"},
    .columns = {"ChargeType", "PricingModel", "Cost"},
    .half_of = half_of,
    .rule = "committed",
    .unknown = {"only the actual-cost export is here: billed cost is exact, but the effective cost "
                "of what reservations and savings plans covered is not known and counts as 0; "
                "import the amortized-cost export of the same months too",
                "only the amortized-cost export is here: effective cost is exact, but what was "
                "billed for reservations and savings plans is not known and counts as 0; import "
                "the actual-cost export of the same months too"},
};

const struct fth_importer fth_importer_azure = {
    .id = "azure",
    .title = "Azure cost export (EA, MCA)",
    .layout = &layout,
    .needed = SPELL("Cost", "Date", "MeterCategory"),
    .totals = {.billed = 0, .net = -1, .effective = 1},
    .kinds = kinds,
    .halves = &halves,
    .checks = "import/check/azure",
    .probe = probe,
};
