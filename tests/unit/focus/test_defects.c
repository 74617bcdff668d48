/* Each defect is found, by the rules that it breaks and by no others. */
#include "base/check.h"
#include "focus_world.h"

static const struct defect {
    const char *file;
    int record; /* 0: a column is left out or renamed; -1: all records */
    const char *column, *value;
    const char *want; /* ids, sorted */
} defects[] = {
    /* ---- columns ---- */
    {"good-1.2.csv", 0, "BilledCost", NULL, "CostAndUsage-D-006-M"},
    {"good-1.2.csv", 0, "ChargeDescription", NULL, "CostAndUsage-D-025-M"},
    {"good-1.2.csv", 0, "RegionName", NULL, "CostAndUsage-D-062-C"},
    {"good-1.2.csv", 0, "CommitmentDiscountUnit", NULL, "CostAndUsage-D-015-C"},
    {"good-1.2.csv", 0, "ServiceSubcategory", NULL, "CostAndUsage-D-042-O"},
    {"good-1.2.csv", 0, "InvoiceId", NULL, "CostAndUsage-D-033-O"},
    {"good-1.2.csv", 0, "SkuMeter", NULL, "CostAndUsage-D-059-C"},
    {"good-1.2.csv", 0, "Tags", "Labels", "ColumnHandling-A-010-M"},
    {"good-1.2.csv", 0, "Tags", "tags", "ColumnHandling-A-001-M"},
    {"good-1.2.csv", 0, "AvailabilityZone", "x_Zone", "ColumnHandling-A-013-O"},
    {"good-1.2.csv", 0, "Tags", "Host-Provider", "ColumnHandling-A-003-M ColumnHandling-A-010-M"},
    {"good-1.2.csv", 0, "Tags", "x_ThisNameIsSoLongThatNoRepositoryTakesItWithoutCutting",
     "ColumnHandling-A-005-O"},
    /* ---- how values are written ---- */
    {"good-1.2.csv", 1, "BilledCost", "four", "BilledCost-C-001-M"},
    {"good-1.2.csv", 1, "BilledCost", "+4.8", "BilledCost-C-002-M"},
    {"good-1.2.csv", 1, "BilledCost", "1,000.5", "BilledCost-C-002-M"},
    {"good-1.2.csv", 1, "EffectiveCost", "4.8 EUR", "EffectiveCost-C-001-M"},
    {"good-1.2.csv", 1, "EffectiveCost", " 4.8", "EffectiveCost-C-002-M"},
    {"good-1.2.csv", 1, "PricingQuantity", "$24", "PricingQuantity-C-002-M"},
    {"good-1.2.csv", 1, "ConsumedQuantity", "NaN", "ConsumedQuantity-C-001-M"},
    {"good-1.2.csv", 17, "ConsumedQuantity", "1.2E+2", "ConsumedQuantity-C-002-M"},
    {"good-1.2.csv", 1, "ChargePeriodStart", "yesterday", "ChargePeriodStart-C-001-M"},
    {"good-1.2.csv", 1, "ChargePeriodStart", "2025-03-01 00:00:00", "ChargePeriodStart-C-002-M"},
    {"good-1.2.csv", 1, "ChargePeriodEnd", "2025-03-02T00:00:00", "ChargePeriodEnd-C-002-M"},
    {"good-1.2.csv", 1, "BillingPeriodEnd", "4/1/25", "BillingPeriodEnd-C-002-M"},
    {"good-1.2.csv", 1, "BillingPeriodStart", "2025-02-30T00:00:00Z", "BillingPeriodStart-C-001-M"},
    {"good-1.2.csv", 1, "ChargePeriodEnd", "2025-03-01T00:00:00Z", "ChargePeriodEnd-C-004-M"},
    {"good-1.2.csv", -1, "BillingPeriodEnd", "2025-02-01T00:00:00Z", "BillingPeriodEnd-C-004-M"},
    {"good-1.2.csv", -1, "BillingCurrency", "eur", "BillingCurrency-C-003-M"},
    {"good-1.2.csv", -1, "BillingCurrency", "Tokens", "BillingCurrency-C-006-M"},
    {"good-1.2.csv", 1, "PricingCurrency", "usd", "PricingCurrency-C-003-M"},
    {"good-1.2.csv", 1, "PricingUnit", "per hour!", "PricingUnit-C-003-O"},
    {"good-1.2.csv", 1, "ConsumedUnit", "€", "ConsumedUnit-C-003-O"},
    {"good-1.2.csv", 2, "Tags", "{\"a\": {\"b\": 1}}", "Tags-C-001-M"},
    {"good-1.2.csv", 2, "Tags", "{\"a\": 1, \"a\": 2}", "Tags-C-001-M"},
    {"good-1.2.csv", 2, "Tags", "team=mash", "Tags-C-001-M"},
    {"good-1.2.csv", 2, "SkuPriceDetails", "[1]", "SkuPriceDetails-C-001-M"},
    {"good-1.2.csv", 2, "SkuPriceDetails", "{\"core_count\": 2}", "SkuPriceDetails-C-002-O"},
    {"good-1.2.csv", 1, "ResourceName", "Red\001kettle", "ResourceName-C-002-M"},
    {"good-1.2.csv", 1, "ResourceName", "   ", "StringHandling-A-007-M"},
    {"good-1.2.csv", 1, "AvailabilityZone", "N/A", "NullHandling-A-002-M"},
    {"good-1.2.csv", 1, "ResourceName", "\xff\xfe", "StringHandling-A-001-M"},
    {"good-1.2.csv", 1, NULL, "1,2,3", "FTH-RecordFields"},
    /* ---- what must be there ---- */
    {"good-1.2.csv", 1, "BilledCost", "", "BilledCost-C-003-M"},
    {"good-1.2.csv", 1, "BillingAccountId", "",
     "BillingAccountId-C-001-M BillingAccountType-C-004-C"},
    {"good-1.2.csv", 1, "ChargeDescription", "", "ChargeDescription-C-003-O"},
    {"good-1.2.csv", 1, "ServiceName", "", "ServiceName-C-003-M"},
    {"good-1.2.csv", 1, "SubAccountName", "", "SubAccountName-C-005-C"},
    {"good-1.2.csv", 1, "SubAccountType", "NULL", "SubAccountType-C-005-C"},
    {"good-1.2.csv", 1, "RegionId", "", "RegionName-C-004-C"},
    {"good-1.2.csv", 1, "ResourceType", "", "ResourceType-C-005-C"},
    {"good-1.2.csv", 1, "SkuMeter", "", "SkuMeter-C-005-C"},
    {"good-1.2.csv", 1, "SkuPriceId", "", "SkuPriceId-C-005-C"},
    {"good-1.2.csv", 2, "SkuPriceId", "", "SkuPriceDetails-C-004-C SkuPriceId-C-005-C"},
    {"good-1.2.csv", 1, "PricingQuantity", "", "PricingQuantity-C-005-C PricingUnit-C-005-C"},
    {"good-1.2.csv", 1, "PricingUnit", "", "PricingUnit-C-006-C"},
    {"good-1.2.csv", 1, "ConsumedQuantity", "", "ConsumedQuantity-C-006-C ConsumedUnit-C-005-C"},
    {"good-1.2.csv", 1, "ListUnitPrice", "", "ListUnitPrice-C-005-C"},
    {"good-1.2.csv", 1, "PricingCategory", "", "PricingCategory-C-004-C"},
    {"good-1.2.csv", 11, "PricingCategory", "Standard", "PricingCategory-C-003-C"},
    {"good-1.2.csv", 11, "SkuId", "SKU-T", "SkuId-C-004-C SkuMeter-C-005-C"},
    {"good-1.2.csv", 5, "CommitmentDiscountStatus", "", "CommitmentDiscountStatus-C-004-C"},
    {"good-1.2.csv", 5, "CommitmentDiscountType", "", "CommitmentDiscountType-C-005-C"},
    {"good-1.2.csv", 5, "CommitmentDiscountCategory", "", "CommitmentDiscountCategory-C-004-C"},
    {"good-1.2.csv", 1, "CommitmentDiscountStatus", "Used",
     "CommitmentDiscountStatus-C-003-C DiscountHandling-A-009-C"},
    {"good-1.2.csv", 5, "CommitmentDiscountQuantity", "",
     "CommitmentDiscountQuantity-C-005-C CommitmentDiscountUnit-C-005-C"},
    {"good-1.2.csv", 16, "CapacityReservationStatus", "", "CapacityReservationStatus-C-004-C"},
    {"good-1.2.csv", 16, "CapacityReservationId", "", "CapacityReservationStatus-C-003-C"},
    /* ---- what values there are ---- */
    {"good-1.2.csv", 14, "ChargeCategory", "Rebate", "ChargeCategory-C-003-M"},
    {"good-1.2.csv", 13, "ChargeClass", "correction", "ChargeClass-C-005-C"},
    {"good-1.2.csv", 1, "ChargeCategory", "Use", "ChargeCategory-C-003-M"},
    {"good-1.2.csv", 5, "ChargeCategory", "", "ChargeCategory-C-002-M FTH-CommitmentBalance"},
    {"good-1.2.csv", 7, "CommitmentDiscountStatus", "Idle", "CommitmentDiscountStatus-C-005-M"},
    {"good-1.2.csv", 13, "ChargeClass", "",
     "ConsumedQuantity-C-006-C ListUnitPrice-C-005-C PricingCurrencyListUnitPrice-C-005-C"},
    {"good-1.2.csv", 1, "ChargeFrequency", "Usage-based", "ChargeFrequency-C-003-M"},
    {"good-1.2.csv", 8, "ChargeFrequency", "Usage-Based", "ChargeFrequency-C-004-C"},
    {"good-1.2.csv", 10, "ServiceCategory", "Database", "ServiceCategory-C-003-M"},
    {"good-1.2.csv", 10, "ServiceSubcategory", "Barrels", "ServiceSubcategory-C-003-M"},
    {"good-1.2.csv", 10, "ServiceSubcategory", "Virtual Machines", "ServiceSubcategory-C-004-M"},
    {"good-1.2.csv", 1, "PricingCategory", "On-Demand", "PricingCategory-C-007-M"},
    {"good-1.2.csv", 8, "PricingCategory", "Committed", "PricingCategory-C-009-C"},
    {"good-1.2.csv", 1, "ListUnitPrice", "-0.25",
     "ListCost-C-009-C ListUnitPrice-C-008-M ListUnitPrice-C-010-C"},
    {"good-1.2.csv", 1, "PricingCurrencyContractedUnitPrice", "-1",
     "PricingCurrencyContractedUnitPrice-C-008-C"},
    {"good-1.2.csv", 1, "ListCost", "6.1", "ListCost-C-009-C ListUnitPrice-C-010-C"},
    {"good-1.2.csv", 1, "ContractedCost", "5",
     "ContractedCost-C-009-C ContractedUnitPrice-C-011-C"},
    {"good-1.2.csv", 12, "EffectiveCost", "0", "EffectiveCost-C-010-C"},
    {"good-1.2.csv", 12, "ListCost", "-3", "ListCost-C-008-C"},
    {"good-1.2.csv", 5, "BilledCost", "4.8", "DiscountHandling-A-009-C"},
    {"good-1.2.csv", 4, "ResourceId", "kettle-1", "DiscountHandling-A-012-C"},
    {"good-1.2.csv", 7, "ResourceId", "kettle-1", "DiscountHandling-A-019-C"},
    {"good-1.2.csv", 4, "EffectiveCost", "5", "EffectiveCost-C-005-C"},
    /* ---- over all records ---- */
    {"good-1.2.csv", 17, "ServiceCategory", "Web",
     "ServiceName-C-005-C ServiceSubcategory-C-004-M"},
    {"good-1.2.csv", 17, "ServiceSubcategory", "Containers", "ServiceName-C-008-C"},
    {"good-1.2.csv", 17, "SkuId", "SKU-X", "SkuPriceId-C-008-M"},
    {"good-1.2.csv", 17, "BillingCurrency", "USD", "FTH-InvoiceCurrency"},
    {"good-1.2.csv", 17, "InvoiceIssuerName", "Another", "FTH-InvoiceIssuer"},
    {"good-1.2.csv", 7, "EffectiveCost", "0.5", "FTH-CommitmentBalance"},
    {"good-1.2.csv", 7, NULL, NULL, "FTH-CommitmentBalance"},
    {"good-1.2.csv", 9, "EffectiveCost", "2", "FTH-CommitmentFees"},
    /* ---- 1.3 ---- */
    {"good-1.3.csv", 0, "HostProviderName", NULL, "CAU-CostAndUsage-D-075-M"},
    {"good-1.3.csv", 1, "ServiceProviderName", "", "CAU-ServiceProviderName-C-003-M"},
    {"good-1.3.csv", 1, "ContractApplied", "{\"Elements\": {}}",
     "CAU-ContractAppliedObject-O-001-M"},
    {"good-1.3.csv", 1, "ContractApplied",
     "{\"Elements\": [{\"ContractCommitmentId\": \"KC-1\", \"ContractCommitmentAppliedCost\": 1}]}",
     "CAU-ContractAppliedObject-O-019-C"},
    {"good-1.3.csv", 1, "ContractApplied",
     "{\"Elements\": [{\"ContractId\": \"K-1\", \"ContractCommitmentId\": \"KC-1\"}]}",
     "CAU-ContractAppliedObject-O-046-C"},
    {"good-1.3.csv", 1, "ContractApplied",
     "{\"Elements\": [{\"ContractId\": \"K-2\", \"ContractCommitmentId\": \"KC-1\", "
     "\"ContractCommitmentAppliedCost\": 4.8}]}",
     "CAU-ContractAppliedObject-O-038-M"},
    {"good-1.3.csv", 16, "AllocatedMethodDetails",
     "{\"Elements\": [{\"AllocatedRatio\": 0.2, \"UsageUnit\": \"Hours\", \"UsageQuantity\": 6}]}",
     "FTH-AllocatedRatio"},
    {"good-1.3.csv", 16, "AllocatedMethodDetails",
     "{\"Elements\": [{\"AllocatedRatio\": 0.25, \"UsageQuantity\": 6}]}",
     "CAU-AllocatedMethodDetailsObject-O-016-C"},
    {"good-1.3.csv", 16, "AllocatedMethodDetails",
     "{\"Elements\": [{\"AllocatedRatio\": 0.25, \"Basis\": \"litre\"}]}",
     "CAU-AllocatedMethodDetailsObject-O-009-C"},
    {"good-1.3.csv", 16, "AllocatedResourceName", "", "CAU-AllocatedResourceName-C-005-C"},
};

static void every_defect_is_found_by_its_rules_and_by_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < FTH_NR(defects); i++) {
        const struct defect *d = &defects[i];
        struct edit edit = {d->record, d->column, d->value};
        const char *paths[] = {edited(d->file, &edit, 1), NULL};
        /* Which version it is cannot depend on the column that is left out. */
        struct fth_focus_request request = {.version = strstr(d->file, "1.3") ? "1.3" : "1.2"};
        struct fth_str got = findings(validate(request, paths));

        if (!fth_str_eq_c(got, d->want))
            fail_msg("%s record %d, %s = \"%s\":\n  found  %.*s\n  wanted %s", d->file, d->record,
                     d->column ? d->column : "all", d->value ? d->value : "(left out)",
                     FTH_STR_A(got), d->want);
        test_end(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_defect_is_found_by_its_rules_and_by_no_others, test_end),
    };

    return cmocka_run_group_tests_name("focus-defects", tests, NULL, NULL);
}
