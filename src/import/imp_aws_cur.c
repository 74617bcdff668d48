/*
 * aws_cur: the AWS Cost and Usage Report, legacy (slash or Athena names) and 2.0.
 *
 * Canonical names are those of CUR 2.0. The legacy report writes reservation/ReservationARN, Athena
 * and 2.0 make reservation_reservation_a_r_n of it, and some converters
 * reservation_reservation_arn.
 */
#include "base/date.h"
#include "import/importer.h"

#define SPELL(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fth_feed_col cols[] = {
    {"bill_payer_account_id", FTH_K_TEXT, SPELL("bill/PayerAccountId")},
    {"bill_payer_account_name", FTH_K_TEXT, SPELL("bill/PayerAccountName")},
    {"bill_invoice_id", FTH_K_TEXT, SPELL("bill/InvoiceId")},
    {"bill_invoicing_entity", FTH_K_TEXT, SPELL("bill/InvoicingEntity")},
    {"bill_billing_entity", FTH_K_TEXT, SPELL("bill/BillingEntity")},
    {"bill_billing_period_start_date", FTH_K_INSTANT, SPELL("bill/BillingPeriodStartDate")},
    {"bill_billing_period_end_date", FTH_K_INSTANT, SPELL("bill/BillingPeriodEndDate")},
    {"line_item_usage_account_id", FTH_K_TEXT, SPELL("lineItem/UsageAccountId")},
    {"line_item_usage_account_name", FTH_K_TEXT, SPELL("lineItem/UsageAccountName")},
    {"line_item_line_item_type", FTH_K_TEXT, SPELL("lineItem/LineItemType")},
    {"line_item_usage_start_date", FTH_K_INSTANT, SPELL("lineItem/UsageStartDate")},
    {"line_item_usage_end_date", FTH_K_INSTANT, SPELL("lineItem/UsageEndDate")},
    {"line_item_product_code", FTH_K_TEXT, SPELL("lineItem/ProductCode")},
    {"line_item_usage_type", FTH_K_TEXT, SPELL("lineItem/UsageType")},
    {"line_item_operation", FTH_K_TEXT, SPELL("lineItem/Operation")},
    {"line_item_availability_zone", FTH_K_TEXT, SPELL("lineItem/AvailabilityZone")},
    {"line_item_resource_id", FTH_K_TEXT, SPELL("lineItem/ResourceId")},
    {"line_item_usage_amount", FTH_K_DOUBLE, SPELL("lineItem/UsageAmount")},
    {"line_item_normalized_usage_amount", FTH_K_DOUBLE, SPELL("lineItem/NormalizedUsageAmount")},
    {"line_item_currency_code", FTH_K_TEXT, SPELL("lineItem/CurrencyCode")},
    {"line_item_unblended_rate", FTH_K_DOUBLE, SPELL("lineItem/UnblendedRate")},
    {"line_item_unblended_cost", FTH_K_MONEY, SPELL("lineItem/UnblendedCost")},
    {"line_item_net_unblended_rate", FTH_K_DOUBLE, SPELL("lineItem/NetUnblendedRate")},
    {"line_item_net_unblended_cost", FTH_K_MONEY, SPELL("lineItem/NetUnblendedCost")},
    {"line_item_line_item_description", FTH_K_TEXT, SPELL("lineItem/LineItemDescription")},
    {"line_item_legal_entity", FTH_K_TEXT, SPELL("lineItem/LegalEntity")},
    {"product_product_name", FTH_K_TEXT, SPELL("product/ProductName")},
    {"product_map_product_name", FTH_K_TEXT, SPELL("product[product_name]")},
    {"product_region_code", FTH_K_TEXT, SPELL("product/regionCode")},
    {"product_region", FTH_K_TEXT, SPELL("product/region")},
    {"product_map_region", FTH_K_TEXT, SPELL("product[region]")},
    {"product_location", FTH_K_TEXT, SPELL("product/location")},
    {"product_product_family", FTH_K_TEXT, SPELL("product/productFamily")},
    {"product_sku", FTH_K_TEXT, SPELL("product/sku")},
    {"pricing_rate_code", FTH_K_TEXT, SPELL("pricing/RateCode")},
    {"pricing_unit", FTH_K_TEXT, SPELL("pricing/unit")},
    {"pricing_currency", FTH_K_TEXT, SPELL("pricing/currency")},
    {"pricing_public_on_demand_cost", FTH_K_MONEY, SPELL("pricing/publicOnDemandCost")},
    {"pricing_public_on_demand_rate", FTH_K_DOUBLE, SPELL("pricing/publicOnDemandRate")},
    {"reservation_reservation_a_r_n", FTH_K_TEXT,
     SPELL("reservation/ReservationARN", "reservation_reservation_arn")},
    {"reservation_effective_cost", FTH_K_MONEY, SPELL("reservation/EffectiveCost")},
    {"reservation_net_effective_cost", FTH_K_MONEY, SPELL("reservation/NetEffectiveCost")},
    {"reservation_unused_recurring_fee", FTH_K_MONEY, SPELL("reservation/UnusedRecurringFee")},
    {"reservation_net_unused_recurring_fee", FTH_K_MONEY,
     SPELL("reservation/NetUnusedRecurringFee")},
    {"reservation_unused_amortized_upfront_fee_for_billing_period", FTH_K_MONEY,
     SPELL("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")},
    {"reservation_net_unused_amortized_upfront_fee_for_billing_period", FTH_K_MONEY,
     SPELL("reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod")},
    {"reservation_amortized_upfront_fee_for_billing_period", FTH_K_MONEY,
     SPELL("reservation/AmortizedUpfrontFeeForBillingPeriod")},
    {"reservation_net_amortized_upfront_fee_for_billing_period", FTH_K_MONEY,
     SPELL("reservation/NetAmortizedUpfrontFeeForBillingPeriod")},
    {"reservation_unused_quantity", FTH_K_DOUBLE, SPELL("reservation/UnusedQuantity")},
    {"reservation_total_reserved_units", FTH_K_DOUBLE, SPELL("reservation/TotalReservedUnits")},
    {"savings_plan_savings_plan_a_r_n", FTH_K_TEXT,
     SPELL("savingsPlan/SavingsPlanARN", "savings_plan_savings_plan_arn")},
    {"savings_plan_savings_plan_effective_cost", FTH_K_MONEY,
     SPELL("savingsPlan/SavingsPlanEffectiveCost")},
    {"savings_plan_net_savings_plan_effective_cost", FTH_K_MONEY,
     SPELL("savingsPlan/NetSavingsPlanEffectiveCost")},
    {"savings_plan_total_commitment_to_date", FTH_K_MONEY,
     SPELL("savingsPlan/TotalCommitmentToDate")},
    {"savings_plan_used_commitment", FTH_K_MONEY, SPELL("savingsPlan/UsedCommitment")},
    {"savings_plan_recurring_commitment_for_billing_period", FTH_K_MONEY,
     SPELL("savingsPlan/RecurringCommitmentForBillingPeriod")},
    {"savings_plan_net_recurring_commitment_for_billing_period", FTH_K_MONEY,
     SPELL("savingsPlan/NetRecurringCommitmentForBillingPeriod")},
    {"savings_plan_amortized_upfront_commitment_for_billing_period", FTH_K_MONEY,
     SPELL("savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod")},
    {"savings_plan_net_amortized_upfront_commitment_for_billing_period", FTH_K_MONEY,
     SPELL("savingsPlan/NetAmortizedUpfrontCommitmentForBillingPeriod")},
    {"split_line_item_parent_resource_id", FTH_K_TEXT, SPELL("splitLineItem/ParentResourceId")},
};

/* `tags` has the customer's own spelling, `resource_tags` a lower-cased one of the same tags. */
static const struct fth_feed_tag_rule tag_rules[] = {
    {"resourceTags/user:", ""},
    {"resourceTags/", ""},
    {"resource_tags_user_", ""},
    {"resource_tags_aws_", "aws:"},
    {"user:", ""},
    {"user_", ""},
    {"aws_", "aws:"},
};

/* Prices that are inside the net ones already. */
static const char *const discounts[] = {
    "EdpDiscount", "PrivateRateDiscount", "BundledDiscount",     "Discount",
    "SppDiscount", "RiVolumeDiscount",    "DistributorDiscount", NULL,
};

static const struct fth_feed_rule rules[] = {
    {"savings-plan-negation", FTH_RULE_DROP, .column = "line_item_line_item_type",
     .values = SPELL("SavingsPlanNegation")},
    {"discount-in-net-price", FTH_RULE_DROP, .column = "line_item_line_item_type",
     .values = discounts, .zero = "line_item_net_unblended_cost"},
    {"unused-reservation", FTH_RULE_TWICE, .column = "line_item_line_item_type",
     .values = SPELL("RIFee")},
    {"unused-savings-plan", FTH_RULE_TWICE, .column = "line_item_line_item_type",
     .values = SPELL("SavingsPlanRecurringFee")},
    {"savings-plan-covered", FTH_RULE_COUNT, .column = "line_item_line_item_type",
     .values = SPELL("SavingsPlanCoveredUsage")},
};

/* Others are kept as usage, cost and all, and a warning names them. */
static const char *const kinds[] = {
    "Usage",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "SavingsPlanNegation",
    "RIFee",
    "Fee",
    "FlatRateSubscription",
    "Tax",
    "Credit",
    "Refund",
    "EdpDiscount",
    "PrivateRateDiscount",
    "BundledDiscount",
    "Discount",
    "SppDiscount",
    "RiVolumeDiscount",
    "DistributorDiscount",
    NULL,
};

static const char *const net_columns[] = {
    "line_item_net_unblended_cost",
    "line_item_net_unblended_rate",
    "reservation_net_effective_cost",
    "reservation_net_unused_recurring_fee",
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "savings_plan_net_savings_plan_effective_cost",
    "savings_plan_net_recurring_commitment_for_billing_period",
    "savings_plan_net_amortized_upfront_commitment_for_billing_period",
    "reservation_net_amortized_upfront_fee_for_billing_period",
    NULL,
};

/* What a line item is made of beyond its charge: known, and not kept. */
static const char *const ignored[] = {
    "identity/",      "identity_",        "bill/",           "bill_",           "lineItem/",
    "line_item_",     "product/",         "product_",        "product$",        "pricing/",
    "pricing_",       "reservation/",     "reservation_",    "savingsPlan/",    "savings_plan_",
    "discount/",      "discount_",        "discount$",       "year$",           "month$",
    "splitLineItem/", "split_line_item_", "BILLING_PERIOD$", "billing_period$", NULL,
};

/* Real reports have usage that ends before it starts: those are kept, and a warning counts them. */
static const struct fth_feed_demand demands[] = {
    {.rule = "currency",
     .kind = FTH_DEMAND_CURRENCY,
     .column = "line_item_currency_code",
     .optional = true,
     .fallback = "USD"},
    {.rule = "charge-period", .kind = FTH_DEMAND_VALUE, .column = "line_item_usage_start_date"},
    {.rule = "billing-period",
     .kind = FTH_DEMAND_AFTER,
     .column = "bill_billing_period_end_date",
     .than = "bill_billing_period_start_date"},
};

static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .tags = {.maps = SPELL("tags", "resource_tags"),
             .prefixes = SPELL("resourceTags/", "resource_tags_"),
             .rules = tag_rules,
             .rule_nr = sizeof(tag_rules) / sizeof(*tag_rules)},
    .ignored = ignored,
    .rules = rules,
    .rule_nr = sizeof(rules) / sizeof(*rules),
    .demands = demands,
    .demand_nr = sizeof(demands) / sizeof(*demands),
    .cost = SPELL("line_item_net_unblended_cost", "line_item_unblended_cost"),
    .totals = SPELL("line_item_unblended_cost", "line_item_net_unblended_cost",
                    "reservation_amortized_upfront_fee_for_billing_period",
                    "reservation_net_amortized_upfront_fee_for_billing_period",
                    "savings_plan_amortized_upfront_commitment_for_billing_period",
                    "savings_plan_net_amortized_upfront_commitment_for_billing_period"),
    .invoice = "bill_invoice_id",
    .group = "line_item_product_code",
    .commitments = SPELL("reservation_reservation_a_r_n", "savings_plan_savings_plan_a_r_n"),
    .upfront = SPELL("reservation_net_amortized_upfront_fee_for_billing_period",
                     "reservation_amortized_upfront_fee_for_billing_period",
                     "savings_plan_net_amortized_upfront_commitment_for_billing_period",
                     "savings_plan_amortized_upfront_commitment_for_billing_period"),
    .cancels = {"savings-plan-negation", "savings-plan-covered"},
    .cancel_hour = "line_item_usage_start_date",
    .period = "bill_billing_period_start_date",
};

static int probe(const struct fth_feed_head *head, struct fth_probe *out)
{
    bool type = fth_importer_column(&layout, head, "line_item_line_item_type") != SIZE_MAX;
    bool cost = fth_importer_column(&layout, head, "line_item_unblended_cost") != SIZE_MAX;
    bool map = fth_importer_has(head, "product");
    struct fth_str start;

    if (!type && !cost)
        return 0;
    start = fth_importer_value(&layout, head, "bill_billing_period_start_date");
    out->provider = FTH_STR("AWS");
    out->account = fth_importer_value(&layout, head, "bill_payer_account_id");
    out->version = map ? FTH_STR("2.0") : FTH_STR("legacy");
    out->dataset = map ? FTH_STR("cur-2.0") : FTH_STR("cur");
    if (!start.n || !fth_instant_parse(start, &out->period_us))
        out->period_us = FTH_FEED_ANY_PERIOD;
    return type && cost ? 95 : 50;
}

const struct fth_importer fth_importer_aws_cur = {
    .id = "aws_cur",
    .title = "AWS Cost and Usage Report",
    .layout = &layout,
    .needed = SPELL("line_item_line_item_type", "line_item_unblended_cost",
                    "line_item_usage_start_date", "bill_billing_period_start_date"),
    .totals = {.billed = 0, .net = 1, .effective = -1},
    .net_columns = net_columns,
    .kinds = kinds,
    .runs_backwards = true,
    .invoice_closes = true,
    .probe = probe,
};
