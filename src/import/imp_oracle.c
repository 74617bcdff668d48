/*
 * oracle: the cost report of Oracle Cloud (reports/cost-csv).
 *
 * A report is a file with some hours of usage, several a day, and no report replaces another: what
 * Oracle corrects it adds, as a record that is marked as a correction and names the one that it
 * corrects. There is no billing period in it: that is the month of the usage.
 */
#include "base/date.h"
#include "import/importer.h"

#define SPELL(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fth_feed_col cols[] = {
    {"cost/myCost", FTH_K_MONEY, NULL},
    {"cost/currencyCode", FTH_K_TEXT, NULL},
    {"cost/unitPrice", FTH_K_DOUBLE, NULL},
    {"cost/productSku", FTH_K_TEXT, NULL},
    {"cost/skuUnitDescription", FTH_K_TEXT, NULL},
    {"cost/billingUnitReadable", FTH_K_TEXT, NULL},
    {"lineItem/tenantId", FTH_K_TEXT, NULL},
    {"lineItem/intervalUsageStart", FTH_K_INSTANT, NULL},
    {"lineItem/intervalUsageEnd", FTH_K_INSTANT, NULL},
    {"lineItem/isCorrection", FTH_K_BOOL, NULL},
    {"usage/billedQuantity", FTH_K_DOUBLE, NULL},
    {"product/service", FTH_K_TEXT, NULL},
    {"product/Description", FTH_K_TEXT, NULL},
    {"product/region", FTH_K_TEXT, NULL},
    {"product/availabilityDomain", FTH_K_TEXT, NULL},
    {"product/resourceId", FTH_K_TEXT, NULL},
    {"product/resource", FTH_K_TEXT, NULL},
    {"product/compartmentId", FTH_K_TEXT, NULL},
    {"product/compartmentName", FTH_K_TEXT, NULL},
};

static const struct fth_feed_tag_rule tag_rules[] = {
    {"tags/", ""},
};

static const struct fth_feed_demand demands[] = {
    {.rule = "currency",
     .kind = FTH_DEMAND_CURRENCY,
     .column = "cost/currencyCode",
     .optional = true,
     .fallback = "USD"},
    {.rule = "charge-period", .kind = FTH_DEMAND_VALUE, .column = "lineItem/intervalUsageStart"},
};

/* A report also lists what is covered by free tiers and credits: there is no cost, and so none is
 * asked for. Overage is the part of the cost that is beyond a commitment: it is in the cost. */
static const char *const ignored[] = {
    "usage/billedQuantityOverage$",
    "cost/unitPriceOverage$",
    "cost/myCostOverage$",
    NULL,
};

static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .tags = {.prefixes = SPELL("tags/"),
             .rules = tag_rules,
             .rule_nr = sizeof(tag_rules) / sizeof(*tag_rules)},
    .ignored = ignored,
    .demands = demands,
    .demand_nr = sizeof(demands) / sizeof(*demands),
    .cost = SPELL("cost/myCost"),
    .totals = SPELL("cost/myCost"),
    .group = "product/service",
    .period_else = "lineItem/intervalUsageStart",
};

static int probe(const struct fth_feed_head *head, struct fth_probe *out)
{
    bool cost = fth_importer_column(&layout, head, "cost/myCost") != SIZE_MAX;
    bool start = fth_importer_column(&layout, head, "lineItem/intervalUsageStart") != SIZE_MAX;
    bool service = fth_importer_column(&layout, head, "product/service") != SIZE_MAX;
    struct fth_str text;
    int64_t us;

    if (cost + start + service < 2)
        return 0;
    *out = (struct fth_probe){.version = FTH_STR("cost-csv"),
                              .dataset = FTH_STR("cost"),
                              .provider = FTH_STR("Oracle"),
                              .period_us = FTH_FEED_ANY_PERIOD};
    out->account = fth_importer_value(&layout, head, "lineItem/tenantId");
    text = fth_importer_value(&layout, head, "lineItem/intervalUsageStart");
    if (text.n && fth_instant_parse(text, &us))
        out->period_us = fth_month_first_date(fth_month_of_date(fth_instant_date(us))) * FTH_DAY_US;
    return cost && start ? 95 : 50;
}

const struct fth_importer fth_importer_oracle = {
    .id = "oracle",
    .title = "Oracle Cloud cost report",
    .layout = &layout,
    .needed = SPELL("cost/myCost", "lineItem/intervalUsageStart", "product/service"),
    .totals = {.billed = 0, .net = -1, .effective = -1},
    .appends = true,
    .probe = probe,
};
