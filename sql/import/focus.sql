-- focus: charges from a FOCUS cost and usage file, 1.0-preview to 1.4, of any provider.
--
-- Reads   feed, under the names of FOCUS 1.4 and those of the columns that left it
--         (src/import/imp_focus.c, which also holds the earlier spellings).
-- Yields  the columns of src/model/charge.def without Delivery. No parameters.
--
-- Values stay as delivered, but for these, so that one question gets one answer from all versions:
--   a cost that is missing    effective: billed; contracted: list, else billed; list: contracted
--   the words of 1.0-preview  become those of 1.0
--   provider names            their usual spellings become one
--   Microsoft's purchases     of savings plans and reservations: effective 0, as FOCUS wants
--   Microsoft's zeros         list and contracted cost of marketplace and of covered usage, which it
--                             writes as 0 where it has none: as if they were missing
--   Microsoft's resource ids  in lower case: files spell one resource in several ways
--   Microsoft's commitments   without publisher or service: Microsoft, and the meter's category
-- Money is two limbs: the tail always comes from where the head comes from.
WITH record AS (
    SELECT *,
        coalesce(ProviderName, ServiceProviderName, InvoiceIssuerName) AS provider_given,
        lower(provider_given) AS provider_folded,
        CASE
            WHEN provider_given IN ('AWS', 'Microsoft', 'Google Cloud', 'Oracle')
                THEN provider_given
            WHEN provider_folded IN ('aws', 'amazon', 'amazon web services',
                                     'amazon web services, inc.') THEN 'AWS'
            WHEN provider_folded IN ('microsoft', 'azure', 'microsoft azure') THEN 'Microsoft'
            WHEN provider_folded IN ('gcp', 'google', 'google cloud', 'google cloud platform')
                THEN 'Google Cloud'
            WHEN provider_folded IN ('oci', 'oracle', 'oracle cloud',
                                     'oracle cloud infrastructure') THEN 'Oracle'
            ELSE provider_given
        END AS provider,
        CASE WHEN ChargeSubcategory = 'Credit' THEN 'Credit' ELSE ChargeCategory END AS category,
        provider = 'Microsoft' AND category = 'Purchase' AND CommitmentDiscountId IS NOT NULL
            AND EffectiveCost IS NOT NULL AS buys,
        -- A cost of 0 beside a price that was paid is none.
        provider = 'Microsoft' AND CommitmentDiscountStatus IS DISTINCT FROM 'Unused'
            AND (coalesce(BilledCost, 0) <> 0 OR coalesce(EffectiveCost, 0) <> 0) AS paid,
        ListCost IS NOT NULL AND NOT (coalesce(paid, false) AND ListCost = 0) AS has_list,
        ContractedCost IS NOT NULL AND NOT (coalesce(paid, false) AND ContractedCost = 0)
            AS has_contracted,
        coalesce(paid, false) AND coalesce(BilledCost, 0) = 0 AND EffectiveCost IS NOT NULL
            AS by_share
    FROM feed
)
SELECT
    Record, Part,
    coalesce(BilledCost, 0.0000000000) AS BilledCost,
    coalesce(BilledCostTail, 0) AS BilledCostTail,
    CASE WHEN buys THEN 0.0000000000
         ELSE coalesce(EffectiveCost, BilledCost, 0.0000000000) END AS EffectiveCost,
    CASE WHEN buys THEN 0
         WHEN EffectiveCost IS NOT NULL THEN EffectiveCostTail
         ELSE coalesce(BilledCostTail, 0) END AS EffectiveCostTail,
    CASE WHEN has_list THEN ListCost WHEN has_contracted THEN ContractedCost
         WHEN by_share THEN EffectiveCost
         ELSE coalesce(BilledCost, 0.0000000000) END AS ListCost,
    CASE WHEN has_list THEN ListCostTail WHEN has_contracted THEN ContractedCostTail
         WHEN by_share THEN EffectiveCostTail
         ELSE coalesce(BilledCostTail, 0) END AS ListCostTail,
    CASE WHEN has_contracted THEN ContractedCost WHEN has_list THEN ListCost
         WHEN by_share THEN EffectiveCost
         ELSE coalesce(BilledCost, 0.0000000000) END AS ContractedCost,
    CASE WHEN has_contracted THEN ContractedCostTail WHEN has_list THEN ListCostTail
         WHEN by_share THEN EffectiveCostTail
         ELSE coalesce(BilledCostTail, 0) END AS ContractedCostTail,
    BillingCurrency,
    BillingAccountId,
    BillingAccountName,
    BillingAccountType,
    SubAccountId,
    SubAccountName,
    SubAccountType,
    BillingPeriodStart,
    BillingPeriodEnd,
    ChargePeriodStart,
    ChargePeriodEnd,
    category AS ChargeCategory,
    ChargeClass,
    ChargeDescription,
    CASE WHEN ChargeFrequency = 'Usage-based' THEN 'Usage-Based'
         WHEN ChargeFrequency = 'One-time' THEN 'One-Time'
         ELSE ChargeFrequency END AS ChargeFrequency,
    InvoiceId,
    InvoiceDetailId,
    InvoiceIssuerName,
    provider AS ProviderName,
    coalesce(PublisherName, CASE WHEN provider = 'Microsoft' AND CommitmentDiscountId IS NOT NULL
                                 THEN 'Microsoft' END) AS PublisherName,
    ServiceProviderName,
    HostProviderName,
    ServiceCategory,
    ServiceSubcategory,
    coalesce(ServiceName, CASE WHEN provider = 'Microsoft' AND CommitmentDiscountId IS NOT NULL
                               THEN coalesce(x_SkuMeterCategory, CommitmentDiscountType) END)
        AS ServiceName,
    RegionId,
    coalesce(RegionName, RegionId) AS RegionName,
    AvailabilityZone,
    CASE WHEN provider = 'Microsoft' AND starts_with(lower(ResourceId), '/subscriptions/')
         THEN lower(ResourceId) ELSE ResourceId END AS ResourceId,
    ResourceName,
    ResourceType,
    SkuId,
    SkuPriceId,
    coalesce(SkuMeter, x_UsageType) AS SkuMeter,
    SkuPriceDetails,
    CASE WHEN PricingCategory = 'On-Demand' THEN 'Standard'
         WHEN PricingCategory IN ('Commitment-Based', 'Commitment Discount') THEN 'Committed'
         ELSE PricingCategory END AS PricingCategory,
    PricingQuantity,
    PricingUnit,
    ListUnitPrice,
    ContractedUnitPrice,
    PricingCurrency,
    PricingCurrencyListUnitPrice,
    PricingCurrencyContractedUnitPrice,
    PricingCurrencyEffectiveCost,
    ConsumedQuantity,
    ConsumedUnit,
    CommitmentDiscountId,
    CommitmentDiscountName,
    CommitmentDiscountCategory,
    CommitmentDiscountType,
    coalesce(CommitmentDiscountStatus,
             CASE ChargeSubcategory WHEN 'Used Commitment' THEN 'Used'
                                    WHEN 'Unused Commitment' THEN 'Unused' END)
        AS CommitmentDiscountStatus,
    CommitmentDiscountQuantity,
    CommitmentDiscountUnit,
    CommitmentProgramEligibilityDetails,
    CapacityReservationId,
    CapacityReservationStatus,
    ContractApplied,
    AllocatedMethodId,
    AllocatedMethodDetails,
    AllocatedResourceId,
    AllocatedResourceName,
    AllocatedTags,
    TagSetId,
    coalesce(x_ServiceCode, x_SkuMeterCategory) AS x_ServiceCode,
    x_LineItemType,
    x_CreditType,
    x_Operation
FROM record
