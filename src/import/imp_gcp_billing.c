/*
 * gcp_billing: Google's Cloud Billing export to BigQuery, standard and detailed (resource level),
 * as JSON lines, Parquet or flattened CSV.
 *
 * Canonical names are the paths of the table with underscores, which is also how some flatten it.
 * The detailed export has what the standard one has, and the resource.
 */
#include "import/importer.h"

#define SPELL(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fth_feed_col cols[] = {
    {"billing_account_id", FTH_K_TEXT, NULL, NULL},
    {"service_description", FTH_K_TEXT, SPELL("service.description"), NULL},
    {"sku_id", FTH_K_TEXT, SPELL("sku.id"), NULL},
    {"sku_description", FTH_K_TEXT, SPELL("sku.description"), NULL},
    {"usage_start_time", FTH_K_INSTANT, NULL, NULL},
    {"usage_end_time", FTH_K_INSTANT, NULL, NULL},
    {"project_id", FTH_K_TEXT, SPELL("project.id"), NULL},
    {"project_name", FTH_K_TEXT, SPELL("project.name"), NULL},
    {"location_location", FTH_K_TEXT, SPELL("location.location"), NULL},
    {"location_region", FTH_K_TEXT, SPELL("location.region"), NULL},
    {"location_zone", FTH_K_TEXT, SPELL("location.zone"), NULL},
    {"resource_name", FTH_K_TEXT, SPELL("resource.name"), NULL},
    {"resource_global_name", FTH_K_TEXT, SPELL("resource.global_name"), NULL},
    {"cost", FTH_K_MONEY, NULL, NULL},
    {"cost_at_list", FTH_K_MONEY, NULL, NULL},
    {"currency", FTH_K_TEXT, NULL, NULL},
    {"currency_conversion_rate", FTH_K_DOUBLE, NULL, NULL},
    {"usage_amount", FTH_K_DOUBLE, SPELL("usage.amount"), NULL},
    {"usage_unit", FTH_K_TEXT, SPELL("usage.unit"), NULL},
    {"usage_amount_in_pricing_units", FTH_K_DOUBLE, SPELL("usage.amount_in_pricing_units"), NULL},
    {"usage_pricing_unit", FTH_K_TEXT, SPELL("usage.pricing_unit"), NULL},
    {"credits", FTH_K_TEXT, NULL, NULL},
    {"credit_type", FTH_K_TEXT, NULL, "type"},
    {"credit_id", FTH_K_TEXT, NULL, "id"},
    {"credit_name", FTH_K_TEXT, NULL, "name"},
    {"credit_full_name", FTH_K_TEXT, NULL, "full_name"},
    {"credit_amount", FTH_K_MONEY, NULL, "amount"},
    {"invoice_month", FTH_K_MONTH, SPELL("invoice.month"), NULL},
    {"cost_type", FTH_K_TEXT, NULL, NULL},
    {"adjustment_info_type", FTH_K_TEXT, SPELL("adjustment_info.type"), NULL},
    {"seller_name", FTH_K_TEXT, NULL, NULL},
    {"subscription_instance_id", FTH_K_TEXT, SPELL("subscription.instance_id"), NULL},
    {"price_effective_price", FTH_K_DOUBLE, SPELL("price.effective_price"), NULL},
    {"price_list_price", FTH_K_DOUBLE, SPELL("price.list_price"), NULL},
    {"consumption_model_id", FTH_K_TEXT, SPELL("consumption_model.id"), NULL},
    {"consumption_model_description", FTH_K_TEXT, SPELL("consumption_model.description"), NULL},
};

/* A commitment's fee is billed once and used by others: sql/import/gcp_billing.sql spreads it. */
static const struct fth_feed_rule rules[] = {
    {"credit", FTH_RULE_EACH, .column = "credits"},
    {"unused-commitment", FTH_RULE_TWICE, .column = "sku_description",
     .values = SPELL("Commitment v1*", "Commitment - *")},
    {"used-commitment", FTH_RULE_TWICE, .column = "credit_type",
     .values = SPELL("COMMITTED_USAGE_DISCOUNT", "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE")},
};

static const struct fth_feed_demand demands[] = {
    {.rule = "cost", .kind = FTH_DEMAND_VALUE, .column = "cost"},
    {.rule = "currency", .kind = FTH_DEMAND_CURRENCY, .column = "currency"},
    {.rule = "charge-period", .kind = FTH_DEMAND_VALUE, .column = "usage_start_time"},
};

/* Labels of the resource are the customer's own; the other schemes say whose they are. */
static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .tags = {.maps = SPELL("labels", "tags", "project.labels", "system_labels", "project_labels"),
             .map_prefixes = SPELL("", "tag/", "project/", "system/", "project/")},
    .ignored =
        SPELL("service.id$", "service_id$", "project.number$", "project_number$",
              "project.ancestors$", "project_ancestors$", "location.country$", "location_country$",
              "export_time$", "partition_date$", "_PARTITIONTIME$", "invoice.publisher_type$",
              "invoice_publisher_type$", "transaction_type$", "price.", "price_", "resource."),
    .rules = rules,
    .rule_nr = sizeof(rules) / sizeof(*rules),
    .demands = demands,
    .demand_nr = sizeof(demands) / sizeof(*demands),
    .cost = SPELL("cost"),
    .totals = SPELL("cost", "credit_amount"),
    .group = "service_description",
    .period = "invoice_month",
    .nulls = SPELL("NULL", "None", "nan", "NaT"),
    .side = SPELL("currency_conversion_rate"),
    .list = "credits",
    .credit_type = "credit_type",
    .doubles = true,
};

static int probe(const struct fth_feed_head *head, struct fth_probe *out)
{
    static const char *const names[] = {"cost", "credits", "invoice_month", "usage_start_time",
                                        "sku_description"};
    size_t nr = 0;
    bool detailed;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        nr += fth_importer_column(&layout, head, names[i]) != SIZE_MAX;
    /* BigQuery leaves out of JSON what is null: no record of the head may have had a credit. */
    if (nr < 3 || fth_importer_column(&layout, head, "cost") == SIZE_MAX ||
        fth_importer_column(&layout, head, "sku_description") == SIZE_MAX)
        return 0;
    detailed = fth_importer_column(&layout, head, "resource_name") != SIZE_MAX ||
               fth_importer_column(&layout, head, "resource_global_name") != SIZE_MAX;
    *out =
        (struct fth_probe){.version = detailed ? FTH_STR("detailed") : FTH_STR("standard"),
                           .dataset = detailed ? FTH_STR("gcp-detailed") : FTH_STR("gcp-standard"),
                           .provider = FTH_STR("Google Cloud"),
                           .account = fth_importer_value(&layout, head, "billing_account_id"),
                           .period_us = FTH_FEED_ANY_PERIOD};
    if (!fth_feed_moment(FTH_K_MONTH, fth_importer_value(&layout, head, "invoice_month"),
                         &out->period_us))
        out->period_us = FTH_FEED_ANY_PERIOD;
    return nr >= 4 ? 95 : 50;
}

const struct fth_importer fth_importer_gcp_billing = {
    .id = "gcp_billing",
    .title = "Google Cloud Billing export",
    .layout = &layout,
    .needed = SPELL("cost", "invoice_month", "usage_start_time", "sku_description"),
    .kinds = SPELL("regular", "tax", "adjustment", "rounding_error"),
    .totals = {.billed = 0, .with_next = true, .net = -1, .effective = -1},
    .fees_accrue = true,
    .rounds = "rounding_error",
    .probe = probe,
};
