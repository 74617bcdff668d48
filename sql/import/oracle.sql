-- oracle: charges from the records of Oracle Cloud's cost report.
--
-- Reads   feed, under the names of src/import/imp_oracle.c.
-- Yields  the columns of src/model/charge.def without Delivery; those that are missing are
--         NULL throughout. No parameters.
--
-- Billed and effective are the record's cost. A correction is a record of its own that is added to
-- the one that it corrects; which one that is, stays beside it with the other reference columns.
WITH service(code, service_category, service_subcategory) AS (VALUES
    ('COMPUTE', 'Compute', 'Virtual Machines'),
    ('CONTAINER_ENGINE', 'Compute', 'Containers'),
    ('FUNCTIONS', 'Compute', 'Serverless Compute'),
    ('BLOCK_STORAGE', 'Storage', 'Block Storage'),
    ('OBJECTSTORE', 'Storage', 'Object Storage'),
    ('FILESTORAGE', 'Storage', 'File Storage'),
    ('DATABASE', 'Databases', 'Relational Databases'),
    ('MYSQL', 'Databases', 'Relational Databases'),
    ('POSTGRESQL', 'Databases', 'Relational Databases'),
    ('NOSQL', 'Databases', 'NoSQL Databases'),
    ('NETWORK', 'Networking', 'Network Infrastructure'),
    ('LBAAS', 'Networking', 'Application Networking'),
    ('LOAD_BALANCER', 'Networking', 'Application Networking'),
    ('DNS', 'Networking', 'Network Routing'),
    ('WAF', 'Networking', 'Network Security'),
    ('API_GATEWAY', 'Integration', 'API Management'),
    ('NOTIFICATIONS', 'Integration', 'Messaging'),
    ('QUEUE', 'Integration', 'Messaging'),
    ('STREAMING', 'Analytics', 'Streaming Analytics'),
    ('ANALYTICS', 'Analytics', 'Analytics Platforms'),
    ('DATA_SCIENCE', 'AI and Machine Learning', 'Machine Learning'),
    ('GENERATIVE_AI', 'AI and Machine Learning', 'Generative AI'),
    ('TELEMETRY', 'Management and Governance', 'Observability'),
    ('LOGGING', 'Management and Governance', 'Observability'),
    ('MONITORING', 'Management and Governance', 'Observability'),
    ('KMS', 'Security', 'Secret Management'),
    ('VAULT', 'Security', 'Secret Management')
),
record AS (
    SELECT *,
        coalesce("cost/myCost", 0.0000000000) AS cost,
        coalesce("cost/myCostTail", 0) AS costTail,
        coalesce("lineItem/isCorrection", false) AS correction,
        date_trunc('month', "lineItem/intervalUsageStart") AS month_start,
        coalesce("product/resourceId", "product/resource") AS resource
    FROM feed
)
SELECT
    Record, Part,
    cost AS BilledCost,
    costTail AS BilledCostTail,
    cost AS EffectiveCost,
    costTail AS EffectiveCostTail,
    cost AS ListCost,
    costTail AS ListCostTail,
    cost AS ContractedCost,
    costTail AS ContractedCostTail,
    coalesce("cost/currencyCode", 'USD') AS BillingCurrency,
    "lineItem/tenantId" AS BillingAccountId,
    CASE WHEN "lineItem/tenantId" IS NOT NULL THEN 'Tenancy' END AS BillingAccountType,
    "product/compartmentId" AS SubAccountId,
    "product/compartmentName" AS SubAccountName,
    CASE WHEN "product/compartmentId" IS NOT NULL THEN 'Compartment' END AS SubAccountType,
    month_start AS BillingPeriodStart,
    month_start + INTERVAL 1 MONTH AS BillingPeriodEnd,
    "lineItem/intervalUsageStart" AS ChargePeriodStart,
    coalesce("lineItem/intervalUsageEnd", "lineItem/intervalUsageStart" + INTERVAL 1 HOUR)
        AS ChargePeriodEnd,
    'Usage' AS ChargeCategory,
    CASE WHEN correction THEN 'Correction' END AS ChargeClass,
    coalesce("product/Description", "product/service") AS ChargeDescription,
    'Usage-Based' AS ChargeFrequency,
    'Oracle' AS InvoiceIssuerName,
    'Oracle' AS ProviderName,
    'Oracle' AS PublisherName,
    'Oracle' AS ServiceProviderName,
    'Oracle' AS HostProviderName,
    coalesce(service.service_category, 'Other') AS ServiceCategory,
    coalesce(service.service_subcategory, 'Other (Other)') AS ServiceSubcategory,
    "product/service" AS ServiceName,
    "product/region" AS RegionId,
    "product/region" AS RegionName,
    "product/availabilityDomain" AS AvailabilityZone,
    resource AS ResourceId,
    -- ocid1.<type>.<realm>.<region>.<unique>
    CASE WHEN resource IS NOT NULL THEN
        CASE WHEN starts_with(resource, 'ocid1.') THEN split_part(resource, '.', 2)
             ELSE 'Resource' END END AS ResourceType,
    "cost/productSku" AS SkuId,
    "cost/productSku" AS SkuPriceId,
    "product/Description" AS SkuMeter,
    'Standard' AS PricingCategory,
    "usage/billedQuantity" AS PricingQuantity,
    coalesce("cost/skuUnitDescription", "cost/billingUnitReadable") AS PricingUnit,
    "cost/unitPrice" AS ListUnitPrice,
    "cost/unitPrice" AS ContractedUnitPrice,
    "usage/billedQuantity" AS ConsumedQuantity,
    coalesce("cost/skuUnitDescription", "cost/billingUnitReadable") AS ConsumedUnit,
    TagSetId,
    "product/service" AS x_ServiceCode,
    CASE WHEN correction THEN 'Correction' ELSE 'Usage' END AS x_LineItemType
FROM record
LEFT JOIN service ON service.code = "product/service"
