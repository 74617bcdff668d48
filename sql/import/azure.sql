-- azure: charges from Azure's cost exports (EA, MCA, CSP, pay as you go), actual and amortized.
--
-- Reads   feed, under the canonical names of src/import/imp_azure.c. Where both exports of a bill
--         are there, of the actual one only the purchases of commitments come.
-- Yields  the columns of src/model/charge.def without Delivery; those that are missing are
--         NULL throughout. No parameters.
--
-- A record says by itself what it is, so no column tells which export it stood in:
-- Billed        cost; 0 where a commitment pays and where nobody used it
-- Effective     cost; 0 for a commitment's purchase and its refund
-- Money is two limbs: the tail always comes from where the head comes from.
--
-- List cost is an indication: Azure gives it for MCA; elsewhere it is the pay-as-you-go price times
-- the quantity, where there is such a price. Such products are exact, rounded once, half even, at the
-- 28th decimal (exact_product, a struct of head and tail), from the texts of the columns.
WITH service(meter, service_category, service_subcategory) AS (VALUES
    ('Virtual Machines', 'Compute', 'Virtual Machines'),
    ('Virtual Machines Licenses', 'Compute', 'Virtual Machines'),
    ('Cloud Services', 'Compute', 'Virtual Machines'),
    ('Azure App Service', 'Compute', 'Serverless Compute'),
    ('Functions', 'Compute', 'Serverless Compute'),
    ('Container Instances', 'Compute', 'Containers'),
    ('Container Registry', 'Compute', 'Containers'),
    ('Azure Kubernetes Service', 'Compute', 'Containers'),
    ('Azure Container Apps', 'Compute', 'Containers'),
    ('Savings Plan', 'Compute', 'Other (Compute)'),
    ('Batch', 'Compute', 'Other (Compute)'),
    ('Azure Virtual Desktop', 'Compute', 'End User Computing'),
    ('Storage', 'Storage', 'Object Storage'),
    ('Azure Files', 'Storage', 'File Storage'),
    ('Azure NetApp Files', 'Storage', 'File Storage'),
    ('Backup', 'Storage', 'Backup Storage'),
    ('Azure Site Recovery', 'Storage', 'Backup Storage'),
    ('SQL Database', 'Databases', 'Relational Databases'),
    ('SQL Managed Instance', 'Databases', 'Relational Databases'),
    ('Azure Database for MySQL', 'Databases', 'Relational Databases'),
    ('Azure Database for PostgreSQL', 'Databases', 'Relational Databases'),
    ('Azure Cosmos DB', 'Databases', 'NoSQL Databases'),
    ('Redis Cache', 'Databases', 'Caching'),
    ('Azure Synapse Analytics', 'Databases', 'Data Warehouses'),
    ('SQL Data Warehouse', 'Databases', 'Data Warehouses'),
    ('Bandwidth', 'Networking', 'Network Infrastructure'),
    ('Virtual Network', 'Networking', 'Network Infrastructure'),
    ('NAT Gateway', 'Networking', 'Network Infrastructure'),
    ('Load Balancer', 'Networking', 'Application Networking'),
    ('Application Gateway', 'Networking', 'Application Networking'),
    ('Azure DNS', 'Networking', 'Network Routing'),
    ('Traffic Manager', 'Networking', 'Network Routing'),
    ('Content Delivery Network', 'Networking', 'Content Delivery'),
    ('Azure Front Door Service', 'Networking', 'Content Delivery'),
    ('ExpressRoute', 'Networking', 'Network Connectivity'),
    ('VPN Gateway', 'Networking', 'Network Connectivity'),
    ('Virtual WAN', 'Networking', 'Network Connectivity'),
    ('Azure Firewall', 'Networking', 'Network Security'),
    ('Azure DDOS Protection', 'Networking', 'Network Security'),
    ('API Management', 'Integration', 'API Management'),
    ('Service Bus', 'Integration', 'Messaging'),
    ('Event Grid', 'Integration', 'Messaging'),
    ('Logic Apps', 'Integration', 'Workflow Orchestration'),
    ('Event Hubs', 'Analytics', 'Streaming Analytics'),
    ('Stream Analytics', 'Analytics', 'Streaming Analytics'),
    ('Azure Databricks', 'Analytics', 'Analytics Platforms'),
    ('Azure Data Explorer', 'Analytics', 'Analytics Platforms'),
    ('Azure Data Factory', 'Analytics', 'Data Processing'),
    ('Azure Data Factory v2', 'Analytics', 'Data Processing'),
    ('HDInsight', 'Analytics', 'Data Processing'),
    ('Power BI Embedded', 'Analytics', 'Business Intelligence'),
    ('Azure Machine Learning', 'AI and Machine Learning', 'Machine Learning'),
    ('Cognitive Services', 'AI and Machine Learning', 'AI Platforms'),
    ('Azure OpenAI', 'AI and Machine Learning', 'Generative AI'),
    ('Log Analytics', 'Management and Governance', 'Observability'),
    ('Azure Monitor', 'Management and Governance', 'Observability'),
    ('Application Insights', 'Management and Governance', 'Observability'),
    ('Automation', 'Management and Governance', 'Other (Management and Governance)'),
    ('Key Vault', 'Security', 'Secret Management'),
    ('Microsoft Defender for Cloud', 'Security', 'Threat Detection and Response'),
    ('Security Center', 'Security', 'Security Posture Management'),
    ('Sentinel', 'Security', 'Threat Detection and Response'),
    ('Azure Active Directory B2C', 'Identity', 'Identity and Access Management'),
    ('Microsoft Entra ID', 'Identity', 'Identity and Access Management'),
    ('Azure DevOps', 'Developer Tools', 'Developer Platforms'),
    ('IoT Hub', 'Internet of Things', 'IoT Platforms')
),
-- Units as they are written, the size of the block that is priced, and what is in it.
unit(written, block, name) AS (VALUES
    ('1', 1.0::DOUBLE, 'Units'), ('10', 10, 'Units'), ('100', 100, 'Units'),
    ('1K', 1000, 'Units'), ('10K', 10000, 'Units'), ('100K', 100000, 'Units'),
    ('1M', 1000000, 'Units'), ('10M', 10000000, 'Units'), ('1/Month', 1, 'Units/Month'),
    ('1 /Month', 1, 'Units/Month'), ('1/Day', 1, 'Units/Day'), ('1/Hour', 1, 'Units/Hour'),
    ('1 Hour', 1, 'Hours'), ('1 Hours', 1, 'Hours'), ('10 Hours', 10, 'Hours'),
    ('100 Hours', 100, 'Hours'), ('1000 Hours', 1000, 'Hours'), ('1 GB', 1, 'GB'),
    ('10 GB', 10, 'GB'), ('100 GB', 100, 'GB'), ('1 GB/Month', 1, 'GB/Month'),
    ('10 GB/Month', 10, 'GB/Month'), ('100 GB/Month', 100, 'GB/Month'),
    ('1 GB/Hour', 1, 'GB/Hour'), ('1 GiB/Month', 1, 'GiB/Month'), ('1 TB', 1, 'TB'),
    ('1 GB Second', 1, 'GB-Seconds'), ('50000 GB Seconds', 50000, 'GB-Seconds'),
    ('1 Month', 1, 'Months'), ('1 Day', 1, 'Days'), ('1 Minute', 1, 'Minutes')
),
-- What a record is, once, so that the columns below only ask.
record AS (
    SELECT feed.*,
        coalesce(benefitId, CASE WHEN PricingModel IS NULL
                                   OR PricingModel IN ('Reservation', 'SavingsPlan', 'Savings Plan')
                                   OR ChargeType IN ('Purchase', 'Refund')
                                 THEN ReservationId END) AS commitment,
        PricingModel IS NOT NULL
            AND PricingModel IN ('Reservation', 'SavingsPlan', 'Savings Plan') AS by_model,
        ChargeType IS NOT NULL
            AND ChargeType IN ('UnusedReservation', 'UnusedSavingsPlan') AS unused,
        ChargeType IS NOT NULL AND ChargeType IN ('Purchase', 'Refund')
            AND (by_model OR commitment IS NOT NULL) AS buys,
        NOT unused AND NOT buys
            AND (by_model OR (PricingModel IS NULL AND commitment IS NOT NULL)) AS covered,
        -- Files spell one resource in several cases: one spelling, as it is compared everywhere.
        CASE WHEN starts_with(lower(ResourceId), '/subscriptions/') THEN lower(ResourceId)
             ELSE ResourceId END AS resource,
        coalesce(feed.Cost, 0.0000000000) AS amount,
        coalesce(feed.CostTail, 0) AS amountTail,
        CASE
            WHEN buys THEN 'Purchase'
            WHEN ChargeType IS NULL OR unused OR ChargeType IN ('Usage', 'Refund') THEN 'Usage'
            WHEN ChargeType = 'Purchase' THEN 'Purchase'
            WHEN ChargeType IN ('Tax', 'Credit') THEN ChargeType
            WHEN ChargeType IN ('RoundingAdjustment', 'Adjustment') THEN 'Adjustment'
            ELSE 'Usage'
        END AS category,
        coalesce(lower(benefitId) LIKE '%microsoft.billingbenefits%',
                 PricingModel IN ('SavingsPlan', 'Savings Plan'),
                 ChargeType = 'UnusedSavingsPlan', false) AS by_spend,
        coalesce(unit.block, TRY_CAST(regexp_extract(UnitOfMeasure, '^[0-9]+([.][0-9]+)?') AS DOUBLE)
            * CASE regexp_extract(UnitOfMeasure, '^[0-9.]+([KMB])($|[ /])', 1)
                  WHEN 'K' THEN 1000 WHEN 'M' THEN 1000000 WHEN 'B' THEN 1000000000 ELSE 1 END, 1)
            AS block_given,
        CASE WHEN block_given > 0 THEN block_given ELSE 1 END AS block,
        coalesce(unit.name, nullif(trim(regexp_replace(regexp_replace(UnitOfMeasure,
            '^[0-9.]+[KMB]($|[ /])', '\1'), '^[0-9.]+ *', '')), '')) AS unit_name,
        -- Some exports count whole blocks already: then their price times their quantity is the cost.
        CASE WHEN block <> 1 AND EffectivePrice IS NOT NULL AND amount <> 0
                  AND abs(Quantity * EffectivePrice - amount) <= abs(amount) * 0.000001
             THEN 1 ELSE block END AS per,
        Quantity / per AS blocks,
        CASE WHEN per = 1 THEN '1' ELSE per::VARCHAR END AS per_text,
        coalesce(ExchangeRatePricingToBillingText, '1') AS rate_text,
        coalesce(ExchangeRatePricingToBilling, 1) AS rate,
        category = 'Usage' AND NOT unused AND ChargeType IS DISTINCT FROM 'Refund' AS metered,
        metered AND PaygCostInBillingCurrency <> 0 AS list_given,
        CASE WHEN metered AND PayGPrice > 0 AND list_given IS NOT TRUE
             THEN exact_product(PayGPriceText, rate_text, QuantityText, per_text) END AS at_list,
        CASE WHEN metered AND covered AND UnitPrice > 0
             THEN exact_product(UnitPriceText, rate_text, QuantityText, per_text) END AS at_contract
    FROM feed LEFT JOIN unit ON unit.written = feed.UnitOfMeasure
)
SELECT
    Record, Part,
    CASE WHEN covered OR unused THEN 0.0000000000 ELSE amount END AS BilledCost,
    CASE WHEN covered OR unused THEN 0 ELSE amountTail END AS BilledCostTail,
    CASE WHEN buys THEN 0.0000000000 ELSE amount END AS EffectiveCost,
    CASE WHEN buys THEN 0 ELSE amountTail END AS EffectiveCostTail,
    -- Idle commitments have no price of their own.
    CASE WHEN unused THEN 0.0000000000
         WHEN list_given THEN PaygCostInBillingCurrency
         ELSE coalesce(at_list.head, amount) END AS ListCost,
    CASE WHEN unused THEN 0
         WHEN list_given THEN PaygCostInBillingCurrencyTail
         ELSE coalesce(at_list.tail, amountTail) END AS ListCostTail,
    CASE WHEN unused THEN 0.0000000000
         ELSE coalesce(at_contract.head, amount) END AS ContractedCost,
    CASE WHEN unused THEN 0 ELSE coalesce(at_contract.tail, amountTail) END AS ContractedCostTail,
    BillingCurrency,
    coalesce(BillingProfileId, BillingAccountId, SubscriptionId) AS BillingAccountId,
    CASE WHEN BillingProfileId IS NOT NULL THEN coalesce(BillingProfileName, BillingAccountName)
         WHEN BillingAccountId IS NOT NULL THEN BillingAccountName
         ELSE SubscriptionName END AS BillingAccountName,
    CASE WHEN BillingProfileId <> BillingAccountId THEN 'Billing Profile'
         WHEN coalesce(BillingProfileId, BillingAccountId) IS NOT NULL THEN 'Billing Account'
         ELSE 'Subscription' END AS BillingAccountType,
    SubscriptionId AS SubAccountId,
    SubscriptionName AS SubAccountName,
    CASE WHEN SubscriptionId IS NOT NULL THEN 'Subscription' END AS SubAccountType,
    coalesce(BillingPeriodStartDate, date_trunc('month', Date)) AS BillingPeriodStart,
    -- Ends are the last day: the end that is not included is the day after.
    coalesce(BillingPeriodEndDate + INTERVAL 1 DAY,
             coalesce(BillingPeriodStartDate, date_trunc('month', Date)) + INTERVAL 1 MONTH)
        AS BillingPeriodEnd,
    Date AS ChargePeriodStart,
    Date + INTERVAL 1 DAY AS ChargePeriodEnd,
    category AS ChargeCategory,
    CASE WHEN ChargeType = 'Refund' AND Date < BillingPeriodStartDate THEN 'Correction' END
        AS ChargeClass,
    coalesce(Product, MeterName, MeterCategory) AS ChargeDescription,
    CASE Frequency WHEN 'UsageBased' THEN 'Usage-Based' WHEN 'OneTime' THEN 'One-Time'
                   WHEN 'Recurring' THEN 'Recurring'
                   ELSE CASE WHEN category = 'Usage' THEN 'Usage-Based' ELSE 'One-Time' END
        END AS ChargeFrequency,
    InvoiceId,
    coalesce(PartnerName, 'Microsoft') AS InvoiceIssuerName,
    'Microsoft' AS ProviderName,
    coalesce(PublisherName, CASE WHEN PublisherType IS DISTINCT FROM 'Marketplace'
                                 THEN 'Microsoft' END) AS PublisherName,
    CASE WHEN PublisherType = 'Marketplace' AND PublisherName IS NOT NULL THEN PublisherName
         ELSE 'Microsoft' END AS ServiceProviderName,
    'Microsoft' AS HostProviderName,
    coalesce(service.service_category, 'Other') AS ServiceCategory,
    coalesce(service.service_subcategory, 'Other (Other)') AS ServiceSubcategory,
    coalesce(MeterCategory, ConsumedService) AS ServiceName,
    lower(replace(ResourceLocation, ' ', '')) AS RegionId,
    CASE WHEN ResourceLocation IS NOT NULL THEN coalesce(MeterRegion, ResourceLocation) END
        AS RegionName,
    AvailabilityZone,
    CASE WHEN unused OR buys THEN coalesce(commitment, resource) ELSE resource END AS ResourceId,
    CASE WHEN unused OR buys THEN coalesce(benefitName, ReservationName)
         ELSE coalesce(ResourceName, split_part(ResourceId, '/', -1)) END AS ResourceName,
    CASE WHEN unused OR buys THEN CASE WHEN coalesce(commitment, ResourceId) IS NOT NULL
                                       THEN 'Commitment' END
         WHEN ResourceType IS NOT NULL THEN ResourceType
         -- …/providers/Microsoft.Compute/virtualMachines/name, the last of several
         WHEN contains(resource, '/providers/') THEN
             lower(split_part(split_part(resource, '/providers/', -1), '/', 1) || '/'
                   || split_part(split_part(resource, '/providers/', -1), '/', 2))
         WHEN ResourceId IS NOT NULL THEN 'Resource' END AS ResourceType,
    ProductId AS SkuId,
    MeterId AS SkuPriceId,
    MeterName AS SkuMeter,
    CASE WHEN category NOT IN ('Usage', 'Purchase') THEN NULL
         WHEN unused OR covered THEN 'Committed'
         WHEN PricingModel = 'Spot' THEN 'Dynamic'
         ELSE 'Standard' END AS PricingCategory,
    CASE WHEN category IN ('Usage', 'Purchase') THEN blocks END AS PricingQuantity,
    CASE WHEN category IN ('Usage', 'Purchase') THEN
        CASE WHEN block = 1 THEN coalesce(unit_name, 'Units')
             ELSE block::BIGINT::VARCHAR || ' ' || coalesce(unit_name, 'Units') END END
        AS PricingUnit,
    CASE WHEN metered AND PayGPrice > 0 THEN PayGPrice * rate END AS ListUnitPrice,
    CASE WHEN metered AND UnitPrice IS NOT NULL THEN UnitPrice * rate
         WHEN metered AND NOT covered THEN EffectivePrice * rate END AS ContractedUnitPrice,
    PricingCurrency,
    CASE WHEN PricingCurrency IS NOT NULL AND metered AND PayGPrice > 0 THEN PayGPrice END
        AS PricingCurrencyListUnitPrice,
    CASE WHEN PricingCurrency IS NOT NULL AND metered THEN UnitPrice END
        AS PricingCurrencyContractedUnitPrice,
    CASE WHEN PricingCurrency IS NULL THEN NULL WHEN buys THEN 0
         ELSE CostInPricingCurrency END AS PricingCurrencyEffectiveCost,
    CASE WHEN metered THEN blocks * block END AS ConsumedQuantity,
    CASE WHEN metered THEN coalesce(unit_name, 'Units') END AS ConsumedUnit,
    CASE WHEN unused OR buys OR covered THEN commitment END AS CommitmentDiscountId,
    CASE WHEN (unused OR buys OR covered) AND commitment IS NOT NULL
         THEN coalesce(benefitName, ReservationName) END AS CommitmentDiscountName,
    CASE WHEN (unused OR buys OR covered) AND commitment IS NOT NULL
         THEN CASE WHEN by_spend THEN 'Spend' ELSE 'Usage' END END AS CommitmentDiscountCategory,
    CASE WHEN (unused OR buys OR covered) AND commitment IS NOT NULL
         THEN CASE WHEN by_spend THEN 'Savings Plan' ELSE 'Reservation' END END
        AS CommitmentDiscountType,
    CASE WHEN unused THEN 'Unused' WHEN covered THEN 'Used' END AS CommitmentDiscountStatus,
    CASE WHEN (unused OR covered) AND commitment IS NOT NULL
         THEN CASE WHEN by_spend THEN amount::DOUBLE ELSE blocks * block END END
        AS CommitmentDiscountQuantity,
    CASE WHEN (unused OR covered) AND commitment IS NOT NULL
         THEN CASE WHEN by_spend THEN BillingCurrency ELSE coalesce(unit_name, 'Units') END END
        AS CommitmentDiscountUnit,
    TagSetId,
    MeterCategory AS x_ServiceCode,
    ChargeType AS x_LineItemType,
    ConsumedService AS x_Operation
FROM record
LEFT JOIN service ON service.meter = MeterCategory
