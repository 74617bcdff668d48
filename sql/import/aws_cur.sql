-- aws_cur: charges from the records of an AWS Cost and Usage Report, legacy or 2.0.
--
-- Reads   feed, under the canonical (CUR 2.0) names of src/import/imp_aws_cur.c; a record of a
--         recurring fee comes twice, with Part 0 for the fee and Part 1 for what of the commitment
--         nobody used. Negations, and discounts that net prices already contain, do not come at all.
-- Yields  the columns of src/model/charge.def without Delivery; those that are missing are
--         NULL throughout. No parameters.
--
-- cost          the net price where the record has one, else the unblended one
-- Billed        cost; 0 where a commitment pays and on rows that allocate what others carry
-- Effective     cost; the commitment's share where it pays; 0 for its purchase
-- Money is two limbs: whatever is done to a head is done to its tail.
--
-- The one division: what a savings plan left unused is known at gross prices only. With a private
-- discount it is scaled by net commitment / gross commitment of the same record and rounded half
-- even to 10 places, the provider's own precision.
WITH region(region_id, region_name) AS (VALUES
    ('us-east-1', 'US East (N. Virginia)'), ('us-east-2', 'US East (Ohio)'),
    ('us-west-1', 'US West (N. California)'), ('us-west-2', 'US West (Oregon)'),
    ('us-gov-east-1', 'AWS GovCloud (US-East)'), ('us-gov-west-1', 'AWS GovCloud (US-West)'),
    ('af-south-1', 'Africa (Cape Town)'), ('ap-east-1', 'Asia Pacific (Hong Kong)'),
    ('ap-south-1', 'Asia Pacific (Mumbai)'), ('ap-south-2', 'Asia Pacific (Hyderabad)'),
    ('ap-southeast-1', 'Asia Pacific (Singapore)'), ('ap-southeast-2', 'Asia Pacific (Sydney)'),
    ('ap-southeast-3', 'Asia Pacific (Jakarta)'), ('ap-southeast-4', 'Asia Pacific (Melbourne)'),
    ('ap-southeast-5', 'Asia Pacific (Malaysia)'), ('ap-southeast-7', 'Asia Pacific (Thailand)'),
    ('ap-northeast-1', 'Asia Pacific (Tokyo)'), ('ap-northeast-2', 'Asia Pacific (Seoul)'),
    ('ap-northeast-3', 'Asia Pacific (Osaka)'), ('ca-central-1', 'Canada (Central)'),
    ('ca-west-1', 'Canada West (Calgary)'), ('cn-north-1', 'China (Beijing)'),
    ('cn-northwest-1', 'China (Ningxia)'), ('eu-central-1', 'Europe (Frankfurt)'),
    ('eu-central-2', 'Europe (Zurich)'), ('eu-north-1', 'Europe (Stockholm)'),
    ('eu-south-1', 'Europe (Milan)'), ('eu-south-2', 'Europe (Spain)'),
    ('eu-west-1', 'Europe (Ireland)'), ('eu-west-2', 'Europe (London)'),
    ('eu-west-3', 'Europe (Paris)'), ('il-central-1', 'Israel (Tel Aviv)'),
    ('me-central-1', 'Middle East (UAE)'), ('me-south-1', 'Middle East (Bahrain)'),
    ('mx-central-1', 'Mexico (Central)'), ('sa-east-1', 'South America (Sao Paulo)')
),
service(code, service_category, service_subcategory) AS (VALUES
    ('AmazonEC2', 'Compute', 'Virtual Machines'),
    ('AmazonLightsail', 'Compute', 'Virtual Machines'),
    ('AWSLambda', 'Compute', 'Serverless Compute'),
    ('AmazonECS', 'Compute', 'Containers'),
    ('AmazonEKS', 'Compute', 'Containers'),
    ('AmazonECR', 'Compute', 'Containers'),
    ('AWSAppRunner', 'Compute', 'Containers'),
    ('ComputeSavingsPlans', 'Compute', 'Other (Compute)'),
    ('AWSBatch', 'Compute', 'Other (Compute)'),
    ('AmazonWorkSpaces', 'Compute', 'End User Computing'),
    ('AmazonBraket', 'Compute', 'Quantum Compute'),
    ('AmazonS3', 'Storage', 'Object Storage'),
    ('AmazonGlacier', 'Storage', 'Object Storage'),
    ('AmazonEFS', 'Storage', 'File Storage'),
    ('AmazonFSx', 'Storage', 'File Storage'),
    ('AWSBackup', 'Storage', 'Backup Storage'),
    ('AWSStorageGateway', 'Storage', 'Storage Platforms'),
    ('AmazonRDS', 'Databases', 'Relational Databases'),
    ('AmazonDynamoDB', 'Databases', 'NoSQL Databases'),
    ('AmazonDocDB', 'Databases', 'NoSQL Databases'),
    ('AmazonNeptune', 'Databases', 'NoSQL Databases'),
    ('AmazonMCS', 'Databases', 'NoSQL Databases'),
    ('AmazonElastiCache', 'Databases', 'Caching'),
    ('AmazonMemoryDB', 'Databases', 'Caching'),
    ('AmazonRedshift', 'Databases', 'Data Warehouses'),
    ('AmazonTimestream', 'Databases', 'Time Series Databases'),
    ('AmazonQLDB', 'Databases', 'Ledger Databases'),
    ('AmazonVPC', 'Networking', 'Network Infrastructure'),
    ('AWSDataTransfer', 'Networking', 'Network Infrastructure'),
    ('AWSELB', 'Networking', 'Application Networking'),
    ('AmazonRoute53', 'Networking', 'Network Routing'),
    ('AmazonCloudFront', 'Networking', 'Content Delivery'),
    ('AWSDirectConnect', 'Networking', 'Network Connectivity'),
    ('AWSGlobalAccelerator', 'Networking', 'Network Routing'),
    ('AmazonApiGateway', 'Integration', 'API Management'),
    ('AmazonSNS', 'Integration', 'Messaging'),
    ('AWSQueueService', 'Integration', 'Messaging'),
    ('AmazonMQ', 'Integration', 'Messaging'),
    ('AWSEvents', 'Integration', 'Messaging'),
    ('AmazonStates', 'Integration', 'Workflow Orchestration'),
    ('AmazonMWAA', 'Integration', 'Workflow Orchestration'),
    ('AWSGlue', 'Analytics', 'Data Processing'),
    ('ElasticMapReduce', 'Analytics', 'Data Processing'),
    ('AmazonAthena', 'Analytics', 'Analytics Platforms'),
    ('AmazonQuickSight', 'Analytics', 'Business Intelligence'),
    ('AmazonES', 'Analytics', 'Search'),
    ('AmazonKinesis', 'Analytics', 'Streaming Analytics'),
    ('AmazonKinesisFirehose', 'Analytics', 'Streaming Analytics'),
    ('AmazonMSK', 'Analytics', 'Streaming Analytics'),
    ('AmazonSageMaker', 'AI and Machine Learning', 'Machine Learning'),
    ('AmazonBedrock', 'AI and Machine Learning', 'Generative AI'),
    ('AmazonCloudWatch', 'Management and Governance', 'Observability'),
    ('AWSCloudTrail', 'Management and Governance', 'Compliance'),
    ('AWSConfig', 'Management and Governance', 'Compliance'),
    ('AWSSystemsManager', 'Management and Governance', 'Other (Management and Governance)'),
    ('AWSServiceCatalog', 'Management and Governance', 'Other (Management and Governance)'),
    ('AWSBudgets', 'Management and Governance', 'Cost Management'),
    ('AWSCostExplorer', 'Management and Governance', 'Cost Management'),
    ('AWSSupportBasic', 'Management and Governance', 'Support'),
    ('AWSSupportDeveloper', 'Management and Governance', 'Support'),
    ('AWSSupportBusiness', 'Management and Governance', 'Support'),
    ('AWSSupportEnterprise', 'Management and Governance', 'Support'),
    ('AmazonGuardDuty', 'Security', 'Threat Detection and Response'),
    ('AmazonInspector', 'Security', 'Security Posture Management'),
    ('AWSSecurityHub', 'Security', 'Security Posture Management'),
    ('AWSSecretsManager', 'Security', 'Secret Management'),
    ('awskms', 'Security', 'Secret Management'),
    ('awswaf', 'Networking', 'Network Security'),
    ('AmazonCognito', 'Identity', 'Identity and Access Management'),
    ('AWSDirectoryService', 'Identity', 'Identity and Access Management'),
    ('CodeBuild', 'Developer Tools', 'Continuous Integration and Deployment'),
    ('AWSCodePipeline', 'Developer Tools', 'Continuous Integration and Deployment'),
    ('AWSDatabaseMigrationSvc', 'Migration', 'Data Migration'),
    ('AWSIoT', 'Internet of Things', 'IoT Platforms'),
    ('AWSElementalMediaConvert', 'Media', 'Media Streaming')
),
-- What a record is, once, so that the columns below only ask.
record AS (
    SELECT *,
        line_item_line_item_type AS kind,
        coalesce(reservation_reservation_a_r_n, savings_plan_savings_plan_a_r_n) AS commitment,
        Part = 1 AS unused,
        kind IN ('DiscountedUsage', 'SavingsPlanCoveredUsage') AS covered,
        kind IN ('RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee')
            OR (kind IN ('Fee', 'Refund') AND commitment IS NOT NULL) AS buys,
        kind IN ('Fee', 'FlatRateSubscription')
            OR (kind = 'Refund' AND (line_item_product_code LIKE 'AWSSupport%'
                                     OR line_item_usage_type LIKE 'DomainRegistration%')) AS fee,
        kind NOT IN ('RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee', 'Fee',
                     'FlatRateSubscription', 'Tax', 'Credit', 'Refund') AS metered,
        split_line_item_parent_resource_id IS NOT NULL AS allocation,
        -- Does a private discount scale the commitment of this savings plan?
        CASE WHEN kind = 'SavingsPlanRecurringFee' THEN
            coalesce(savings_plan_net_recurring_commitment_for_billing_period,
                     savings_plan_recurring_commitment_for_billing_period, 0)
            + coalesce(savings_plan_net_amortized_upfront_commitment_for_billing_period,
                       savings_plan_amortized_upfront_commitment_for_billing_period, 0)
            <> coalesce(savings_plan_recurring_commitment_for_billing_period, 0)
               + coalesce(savings_plan_amortized_upfront_commitment_for_billing_period, 0)
            AND coalesce(savings_plan_recurring_commitment_for_billing_period, 0)
                + coalesce(savings_plan_amortized_upfront_commitment_for_billing_period, 0) <> 0
            ELSE false END AS scaled,
        coalesce(line_item_net_unblended_cost, line_item_unblended_cost, 0.0000000000) AS cost,
        CASE WHEN line_item_net_unblended_cost IS NOT NULL THEN line_item_net_unblended_costTail
             ELSE coalesce(line_item_unblended_costTail, 0) END AS costTail
    FROM feed
),
charge AS (
    SELECT *,
        CASE WHEN unused THEN 'Usage' WHEN buys OR fee THEN 'Purchase'
             WHEN kind IN ('Tax', 'Credit') THEN kind ELSE 'Usage' END AS category,
        unused OR covered OR buys AS committed,
        CASE WHEN unused OR covered OR allocation THEN 0.0000000000 ELSE cost END AS BilledCost,
        CASE WHEN unused OR covered OR allocation THEN 0 ELSE costTail END AS BilledCostTail,
        CASE
            WHEN unused AND kind = 'RIFee' THEN
                coalesce(reservation_net_unused_recurring_fee, reservation_unused_recurring_fee, 0)
                + coalesce(reservation_net_unused_amortized_upfront_fee_for_billing_period,
                           reservation_unused_amortized_upfront_fee_for_billing_period, 0)
            WHEN unused AND scaled THEN
                -- idle * net / gross in whole units of 1e-10: n / d to the nearest, ties to even.
                -- The list holds one value; it gives the two numbers a name.
                list_transform([{
                    'idle': ((coalesce(savings_plan_total_commitment_to_date, 0)
                              - coalesce(savings_plan_used_commitment, 0))
                             * 10000000000)::HUGEINT,
                    'net': ((coalesce(savings_plan_net_recurring_commitment_for_billing_period,
                                      savings_plan_recurring_commitment_for_billing_period, 0)
                             + coalesce(
                                 savings_plan_net_amortized_upfront_commitment_for_billing_period,
                                 savings_plan_amortized_upfront_commitment_for_billing_period, 0))
                            * 10000000000)::HUGEINT,
                    'gross': ((coalesce(savings_plan_recurring_commitment_for_billing_period, 0)
                               + coalesce(
                                   savings_plan_amortized_upfront_commitment_for_billing_period,
                                   0))
                              * 10000000000)::HUGEINT}],
                    lambda x: sign(x.idle) * (
                        (2 * abs(x.idle) * x.net + x.gross) // (2 * x.gross)
                        - CASE WHEN (2 * abs(x.idle) * x.net + x.gross) % (2 * x.gross) = 0
                                AND (2 * abs(x.idle) * x.net + x.gross) // (2 * x.gross) % 2 = 1
                               THEN 1 ELSE 0 END))[1]::DECIMAL(27, 0) * 0.0000000001
            WHEN unused THEN
                coalesce(savings_plan_total_commitment_to_date, 0)
                - coalesce(savings_plan_used_commitment, 0)
            WHEN buys OR allocation THEN 0.0000000000
            WHEN kind = 'DiscountedUsage' THEN
                coalesce(reservation_net_effective_cost, reservation_effective_cost, 0.0000000000)
            WHEN covered THEN
                coalesce(savings_plan_net_savings_plan_effective_cost,
                         savings_plan_savings_plan_effective_cost, 0.0000000000)
            ELSE cost
        END AS EffectiveCost,
        CASE
            WHEN unused AND kind = 'RIFee' THEN
                CASE WHEN reservation_net_unused_recurring_fee IS NOT NULL
                     THEN reservation_net_unused_recurring_feeTail
                     ELSE coalesce(reservation_unused_recurring_feeTail, 0) END
                + CASE WHEN reservation_net_unused_amortized_upfront_fee_for_billing_period
                                IS NOT NULL
                       THEN reservation_net_unused_amortized_upfront_fee_for_billing_periodTail
                       ELSE coalesce(
                           reservation_unused_amortized_upfront_fee_for_billing_periodTail, 0) END
            WHEN unused AND scaled THEN 0
            WHEN unused THEN
                coalesce(savings_plan_total_commitment_to_dateTail, 0)
                - coalesce(savings_plan_used_commitmentTail, 0)
            WHEN buys OR allocation THEN 0
            WHEN kind = 'DiscountedUsage' THEN
                CASE WHEN reservation_net_effective_cost IS NOT NULL
                     THEN reservation_net_effective_costTail
                     ELSE coalesce(reservation_effective_costTail, 0) END
            WHEN covered THEN
                CASE WHEN savings_plan_net_savings_plan_effective_cost IS NOT NULL
                     THEN savings_plan_net_savings_plan_effective_costTail
                     ELSE coalesce(savings_plan_savings_plan_effective_costTail, 0) END
            ELSE costTail
        END AS EffectiveCostTail
    FROM record
)
SELECT
    Record, Part,
    BilledCost, BilledCostTail, EffectiveCost, EffectiveCostTail,
    -- Idle commitments have no price of their own; the rest falls back to what was asked for it.
    CASE WHEN unused OR allocation THEN 0.0000000000
         WHEN category = 'Usage' AND pricing_public_on_demand_cost IS NOT NULL
             THEN pricing_public_on_demand_cost
         WHEN line_item_unblended_cost IS NOT NULL THEN line_item_unblended_cost
         ELSE cost END AS ListCost,
    CASE WHEN unused OR allocation THEN 0
         WHEN category = 'Usage' AND pricing_public_on_demand_cost IS NOT NULL
             THEN pricing_public_on_demand_costTail
         WHEN line_item_unblended_cost IS NOT NULL THEN line_item_unblended_costTail
         ELSE costTail END AS ListCostTail,
    CASE WHEN unused OR allocation THEN 0.0000000000
         WHEN kind = 'DiscountedUsage' AND pricing_public_on_demand_cost IS NOT NULL
             THEN pricing_public_on_demand_cost
         ELSE cost END AS ContractedCost,
    CASE WHEN unused OR allocation THEN 0
         WHEN kind = 'DiscountedUsage' AND pricing_public_on_demand_cost IS NOT NULL
             THEN pricing_public_on_demand_costTail
         ELSE costTail END AS ContractedCostTail,
    coalesce(line_item_currency_code, 'USD') AS BillingCurrency,
    bill_payer_account_id AS BillingAccountId,
    bill_payer_account_name AS BillingAccountName,
    CASE WHEN bill_payer_account_id IS NOT NULL THEN 'Management Account' END AS BillingAccountType,
    line_item_usage_account_id AS SubAccountId,
    line_item_usage_account_name AS SubAccountName,
    CASE WHEN line_item_usage_account_id = bill_payer_account_id THEN 'Management Account'
         WHEN line_item_usage_account_id IS NOT NULL THEN 'Member Account' END AS SubAccountType,
    bill_billing_period_start_date AS BillingPeriodStart,
    bill_billing_period_end_date AS BillingPeriodEnd,
    line_item_usage_start_date AS ChargePeriodStart,
    -- Reservation fees end at 23:59:59: the end is excluded, so it is the second after.
    CASE WHEN kind = 'RIFee' AND date_part('second', line_item_usage_end_date) = 59
         THEN line_item_usage_end_date + INTERVAL 1 SECOND
         ELSE line_item_usage_end_date END AS ChargePeriodEnd,
    category AS ChargeCategory,
    CASE WHEN kind = 'Refund' AND line_item_usage_start_date < bill_billing_period_start_date
         THEN 'Correction' END AS ChargeClass,
    CASE WHEN unused THEN line_item_line_item_description || ' (unused)'
         ELSE line_item_line_item_description END AS ChargeDescription,
    CASE WHEN category = 'Usage' THEN 'Usage-Based'
         WHEN kind IN ('RIFee', 'SavingsPlanRecurringFee', 'FlatRateSubscription')
              OR line_item_product_code LIKE 'AWSSupport%' THEN 'Recurring'
         ELSE 'One-Time' END AS ChargeFrequency,
    bill_invoice_id AS InvoiceId,
    coalesce(bill_invoicing_entity, 'Amazon Web Services, Inc.') AS InvoiceIssuerName,
    'AWS' AS ProviderName,
    line_item_legal_entity AS PublisherName,
    CASE WHEN bill_billing_entity = 'AWS Marketplace' AND line_item_legal_entity IS NOT NULL
         THEN line_item_legal_entity ELSE 'AWS' END AS ServiceProviderName,
    'AWS' AS HostProviderName,
    coalesce(service.service_category, 'Other') AS ServiceCategory,
    coalesce(service.service_subcategory, 'Other (Other)') AS ServiceSubcategory,
    coalesce(product_product_name, product_map_product_name, line_item_product_code)
        AS ServiceName,
    coalesce(product_region_code, product_region, product_map_region) AS RegionId,
    CASE WHEN coalesce(product_region_code, product_region, product_map_region) IS NOT NULL
         THEN coalesce(region.region_name, product_location, product_region_code, product_region,
                       product_map_region) END AS RegionName,
    line_item_availability_zone AS AvailabilityZone,
    CASE WHEN unused OR buys THEN commitment ELSE line_item_resource_id END AS ResourceId,
    CASE WHEN unused OR buys THEN
             CASE WHEN commitment IS NOT NULL THEN 'Commitment' END
         WHEN line_item_resource_id IS NOT NULL
             THEN coalesce(product_product_family, 'Resource') END AS ResourceType,
    product_sku AS SkuId,
    pricing_rate_code AS SkuPriceId,
    line_item_usage_type AS SkuMeter,
    CASE WHEN unused OR covered THEN 'Committed'
         WHEN kind IN ('Tax', 'Credit') THEN NULL
         WHEN line_item_usage_type LIKE '%SpotUsage%' THEN 'Dynamic'
         ELSE 'Standard' END AS PricingCategory,
    CASE WHEN category IN ('Usage', 'Purchase') THEN line_item_usage_amount END AS PricingQuantity,
    CASE WHEN category IN ('Usage', 'Purchase') THEN pricing_unit END AS PricingUnit,
    CASE WHEN metered THEN pricing_public_on_demand_rate END AS ListUnitPrice,
    CASE WHEN kind = 'DiscountedUsage' THEN pricing_public_on_demand_rate
         -- Where only the cost is net, the gross price is not what was paid: the net one is unknown.
         WHEN metered AND line_item_net_unblended_rate IS NULL
              AND line_item_net_unblended_cost <> line_item_unblended_cost THEN NULL
         WHEN metered THEN coalesce(line_item_net_unblended_rate, line_item_unblended_rate)
         END AS ContractedUnitPrice,
    pricing_currency AS PricingCurrency,
    CASE WHEN metered THEN line_item_usage_amount END AS ConsumedQuantity,
    CASE WHEN metered THEN pricing_unit END AS ConsumedUnit,
    CASE WHEN committed THEN commitment END AS CommitmentDiscountId,
    CASE WHEN committed AND commitment IS NOT NULL THEN
        CASE WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Usage' ELSE 'Spend' END
        END AS CommitmentDiscountCategory,
    CASE WHEN committed AND commitment IS NOT NULL THEN
        CASE WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Reserved Instance'
             ELSE 'Savings Plan' END END AS CommitmentDiscountType,
    CASE WHEN unused THEN 'Unused' WHEN covered THEN 'Used' END AS CommitmentDiscountStatus,
    CASE WHEN unused AND kind = 'RIFee' THEN reservation_unused_quantity
         WHEN unused THEN (coalesce(savings_plan_total_commitment_to_date, 0)
                           - coalesce(savings_plan_used_commitment, 0))::DOUBLE
         WHEN kind = 'DiscountedUsage' THEN
             coalesce(line_item_normalized_usage_amount, line_item_usage_amount)
         WHEN covered THEN savings_plan_savings_plan_effective_cost::DOUBLE
         WHEN kind = 'RIFee' THEN reservation_total_reserved_units
         WHEN kind = 'SavingsPlanRecurringFee' THEN savings_plan_total_commitment_to_date::DOUBLE
         END AS CommitmentDiscountQuantity,
    CASE WHEN kind = 'DiscountedUsage' AND line_item_normalized_usage_amount IS NOT NULL
             THEN 'Normalized Hours'
         WHEN kind IN ('DiscountedUsage', 'RIFee') THEN 'Hours'
         WHEN kind IN ('SavingsPlanCoveredUsage', 'SavingsPlanRecurringFee')
             THEN coalesce(line_item_currency_code, 'USD') END AS CommitmentDiscountUnit,
    CASE WHEN allocation THEN 'AWS split cost allocation' END AS AllocatedMethodId,
    CASE WHEN allocation THEN line_item_resource_id END AS AllocatedResourceId,
    TagSetId,
    line_item_product_code AS x_ServiceCode,
    line_item_line_item_type AS x_LineItemType,
    line_item_operation AS x_Operation
FROM charge
LEFT JOIN service ON service.code = line_item_product_code
LEFT JOIN region ON region.region_id
    = coalesce(product_region_code, product_region, product_map_region)
