-- gcp_billing: charges from the records of Google's Cloud Billing export, standard or detailed.
--
-- Reads   feed, under the names of src/import/imp_gcp_billing.c. A record comes as Part 0, the usage
--         at its cost, and Part k, its k-th credit. Part 1000 of a commitment's fee is what of it
--         nobody used; Part 1000 + k of a record is what the commitment behind its k-th credit
--         costs there.
-- Yields  the columns of src/model/charge.def without Delivery; those that are missing are
--         NULL throughout. No parameters.
--
-- Billed        cost, the credit's amount; 0 for what a commitment used or left unused
-- Effective     the same, but 0 for a commitment's fee and the credits on it; their sum is spread over
--               what it covers, and the rest of it is unused
-- So any sum of either over all rows is right, and both are equal where commitments stay.
--
-- Spreading. Fees and credits meet in a pool: by the commitment's id where credits name it; else by
-- kind of commitment, service, region and family of SKU; what is left by kind (and region of those
-- bound to one). Within it day by day (UTC), or at once where a fee is for longer than a day. Of a
-- resource commitment that share is used which covered quantity has of committed quantity, at most
-- all; of one over money all, where there is any credit. Fees that a FEE_UTILIZATION_OFFSET gives
-- back (the model since 2025, where covered usage is priced low) are spread over nothing: what
-- remains of them is unused.
-- Shares are cut off cumulatively in the fee's own last decimal place, at least the sixth, so that
-- they add up to the fee to the last digit; its tail, if any, stays with the unused part. No cost
-- goes through a double.
WITH record AS MATERIALIZED (
    SELECT *,
        starts_with(sku_description, 'Commitment v1')
            OR starts_with(sku_description, 'Commitment - ') AS fee,
        Part >= 1000 AS twin,
        Part % 1000 <> 0 AS credit,
        coalesce(credit_type IN ('PROMOTION', 'FREE_TIER'), false) AS "grant"
    FROM feed
),
-- ---- what commitments cost, and what they cover ----
part AS (
    SELECT Record, Part, fee AND credit_type IS NULL AS is_fee, fee AS of_fee,
        coalesce(credit_amount, CASE WHEN NOT credit THEN cost END, 0) AS amount,
        coalesce(credit_amountTail, CASE WHEN NOT credit THEN costTail END, 0) AS amountTail,
        credit_type, credit_id, subscription_instance_id,
        CASE WHEN credit_type = 'COMMITTED_USAGE_DISCOUNT' THEN 'resource'
             WHEN credit_type = 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE' THEN 'money'
             WHEN contains(sku_description, 'dollar based') THEN 'money'
             ELSE 'resource' END AS kind,
        coalesce(service_description, '') AS service,
        coalesce(location_region, location_location, '') AS region,
        CASE WHEN contains(lower(sku_description), ' gpu') OR contains(sku_description, 'Nvidia')
                 THEN 'gpu'
             WHEN contains(sku_description, 'SSD') THEN 'ssd'
             WHEN contains(lower(sku_description), ' ram ') THEN 'ram'
             WHEN contains(lower(sku_description), 'cpu')
                 OR contains(lower(sku_description), ' core ') THEN 'cpu'
             ELSE sku_id END AS family,
        usage_start_time AS start_time, usage_end_time AS end_time,
        usage_pricing_unit AS unit, cost AS row_cost,
        -- In millionths: sums of integers do not depend on their order.
        (least(abs(usage_amount_in_pricing_units), 1e12) * 1000000)::HUGEINT AS quantity
    FROM record
    WHERE NOT twin AND NOT "grant"
        AND (fee OR credit_type IN ('COMMITTED_USAGE_DISCOUNT',
                                    'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE'))
),
-- A fee with the credits on it, whole units of 1e-10.
fee_sum AS (
    SELECT Record,
        (sum(amount) * 10000000000)::HUGEINT AS units,
        sum(amountTail)::BIGINT AS tail,
        coalesce(bool_or(credit_type = 'FEE_UTILIZATION_OFFSET'), false) AS offset_fee
    FROM part WHERE of_fee GROUP BY Record
),
fee AS (
    SELECT Record, fee_sum.units, fee_sum.tail, fee_sum.offset_fee, kind, start_time,
        end_time - start_time > INTERVAL 25 HOUR AS long, unit, quantity,
        coalesce(subscription_instance_id, '') AS id,
        concat_ws('|', kind, service, region, family) AS near,
        CASE kind WHEN 'resource' THEN concat_ws('|', kind, region) ELSE kind END AS far
    FROM part JOIN fee_sum USING (Record)
    WHERE is_fee
),
covered AS (
    SELECT Record, Part, kind, start_time, unit,
        greatest(-amount * 10000000000, 0)::HUGEINT AS weight,
        CASE WHEN row_cost <> 0
             THEN quantity * greatest(-amount * 10000000000, 0)::HUGEINT
                  // greatest(abs(row_cost) * 10000000000, 1)::HUGEINT END AS quantity,
        coalesce(credit_id, '') AS id,
        concat_ws('|', kind, service, region, family) AS near,
        CASE kind WHEN 'resource' THEN concat_ws('|', kind, region) ELSE kind END AS far
    FROM part WHERE NOT of_fee
),
-- ---- pools: the nearest way in which a fee and credits meet ----
fee_id AS (SELECT DISTINCT id FROM fee WHERE NOT offset_fee AND id IN (SELECT id FROM covered)),
fee_near AS (
    SELECT DISTINCT near FROM fee
    WHERE NOT offset_fee AND id NOT IN (FROM fee_id)
        AND near IN (SELECT near FROM covered WHERE id NOT IN (FROM fee_id))
),
fee_in AS (
    SELECT *,
        CASE WHEN id IN (FROM fee_id) THEN 'id|' || id
             WHEN near IN (FROM fee_near) THEN near ELSE far END AS pool
    FROM fee WHERE NOT offset_fee
),
fee_pool AS (
    SELECT *, CASE WHEN bool_or(long) OVER (PARTITION BY pool) THEN DATE '1970-01-01'
                   ELSE start_time::DATE END AS day
    FROM fee_in
),
pool AS (
    SELECT pool, bool_or(long) AS at_once,
        CASE WHEN min(id) = max(id) THEN nullif(min(id), '') END AS id
    FROM fee_in GROUP BY pool
),
covered_in AS (
    SELECT *,
        CASE WHEN id IN (FROM fee_id) THEN 'id|' || id
             WHEN near IN (FROM fee_near) THEN near ELSE far END AS wanted
    FROM covered
),
covered_pool AS (
    SELECT covered_in.*, pool.pool, pool.id AS pool_id,
        CASE WHEN at_once THEN DATE '1970-01-01' ELSE start_time::DATE END AS day
    FROM covered_in LEFT JOIN pool ON pool.pool = wanted
),
cell AS (
    SELECT pool, day, sum(weight) AS weight, sum(quantity) AS quantity, min(unit) AS unit,
        min(unit) = max(unit) AS one_unit
    FROM covered_pool WHERE pool IS NOT NULL GROUP BY pool, day
),
fee_cell AS (
    SELECT pool, day, sum(quantity) AS quantity, min(unit) AS unit,
        min(unit) = max(unit) AS one_unit, any_value(kind) AS kind,
        -- The last decimal place that all fees of the cell are whole in, at least the sixth.
        min(CASE WHEN units % 10000 = 0 THEN 10000 WHEN units % 1000 = 0 THEN 1000
                 WHEN units % 100 = 0 THEN 100 WHEN units % 10 = 0 THEN 10 ELSE 1 END)::HUGEINT
            AS place
    FROM fee_pool GROUP BY pool, day
),
-- Which share of a cell's fees is used: num / den.
used AS (
    SELECT pool, day, place, coalesce(cell.weight, 0) AS weight,
        CASE WHEN coalesce(cell.weight, 0) = 0 THEN 0
             WHEN kind = 'resource' AND fee_cell.quantity > 0 AND cell.quantity > 0
                  AND cell.one_unit AND fee_cell.one_unit AND cell.unit = fee_cell.unit
                 THEN least(cell.quantity, fee_cell.quantity) ELSE 1 END::HUGEINT AS num,
        CASE WHEN coalesce(cell.weight, 0) > 0 AND kind = 'resource' AND fee_cell.quantity > 0
                  AND cell.quantity > 0 AND cell.one_unit AND fee_cell.one_unit
                  AND cell.unit = fee_cell.unit THEN fee_cell.quantity ELSE 1 END::HUGEINT AS den
    FROM fee_cell LEFT JOIN cell USING (pool, day)
),
fee_used AS (
    SELECT Record, pool, day, units, tail, place,
        place * (sum(units // place) OVER up_to * num // den
                 - (sum(units // place) OVER up_to - units // place) * num // den) AS used
    FROM fee_pool JOIN used USING (pool, day)
    WINDOW up_to AS (PARTITION BY pool, day ORDER BY Record)
),
spent AS (
    SELECT pool, day, any_value(place) AS place, sum(used // place) AS places
    FROM fee_used GROUP BY pool, day
),
credit_share AS (
    SELECT Record, Part, coalesce(pool_id, nullif(id, '')) AS id,
        CASE WHEN used.weight > 0 THEN
            spent.place * (spent.places * sum(covered_pool.weight) OVER up_to // used.weight
                           - spent.places * (sum(covered_pool.weight) OVER up_to
                                             - covered_pool.weight) // used.weight)
            ELSE 0 END AS units
    FROM covered_pool
    LEFT JOIN used USING (pool, day)
    LEFT JOIN spent USING (pool, day)
    WINDOW up_to AS (PARTITION BY pool, day ORDER BY Record, Part)
),
-- What the rows of Part 1000 and more cost.
share AS (
    SELECT Record, 1000 AS TwinPart, fee.id AS commitment,
        (fee.units - coalesce(fee_used.used, 0))::DECIMAL(27, 0) * 0.0000000001 AS amount,
        fee.tail AS amountTail
    FROM fee LEFT JOIN fee_used USING (Record)
    UNION ALL
    SELECT Record, 1000 + Part, id, units::DECIMAL(27, 0) * 0.0000000001, 0
    FROM credit_share
),
-- ---- charges ----
region_name(region_id, name) AS (VALUES
    ('africa-south1', 'Johannesburg'), ('asia-east1', 'Taiwan'), ('asia-east2', 'Hong Kong'),
    ('asia-northeast1', 'Tokyo'), ('asia-northeast2', 'Osaka'), ('asia-northeast3', 'Seoul'),
    ('asia-south1', 'Mumbai'), ('asia-south2', 'Delhi'), ('asia-southeast1', 'Singapore'),
    ('asia-southeast2', 'Jakarta'), ('australia-southeast1', 'Sydney'),
    ('australia-southeast2', 'Melbourne'), ('europe-central2', 'Warsaw'),
    ('europe-north1', 'Finland'), ('europe-north2', 'Stockholm'), ('europe-southwest1', 'Madrid'),
    ('europe-west1', 'Belgium'), ('europe-west2', 'London'), ('europe-west3', 'Frankfurt'),
    ('europe-west4', 'Netherlands'), ('europe-west6', 'Zurich'), ('europe-west8', 'Milan'),
    ('europe-west9', 'Paris'), ('europe-west10', 'Berlin'), ('europe-west12', 'Turin'),
    ('me-central1', 'Doha'), ('me-central2', 'Dammam'), ('me-west1', 'Tel Aviv'),
    ('northamerica-northeast1', 'Montreal'), ('northamerica-northeast2', 'Toronto'),
    ('northamerica-south1', 'Queretaro'), ('southamerica-east1', 'Sao Paulo'),
    ('southamerica-west1', 'Santiago'), ('us-central1', 'Iowa'), ('us-east1', 'South Carolina'),
    ('us-east4', 'Northern Virginia'), ('us-east5', 'Columbus'), ('us-south1', 'Dallas'),
    ('us-west1', 'Oregon'), ('us-west2', 'Los Angeles'), ('us-west3', 'Salt Lake City'),
    ('us-west4', 'Las Vegas')
),
service(name, service_category, service_subcategory) AS (VALUES
    ('Compute Engine', 'Compute', 'Virtual Machines'),
    ('Kubernetes Engine', 'Compute', 'Containers'),
    ('Artifact Registry', 'Compute', 'Containers'),
    ('Cloud Run', 'Compute', 'Serverless Compute'),
    ('Cloud Run Functions', 'Compute', 'Serverless Compute'),
    ('Cloud Functions', 'Compute', 'Serverless Compute'),
    ('App Engine', 'Compute', 'Serverless Compute'),
    ('VMware Engine', 'Compute', 'Virtual Machines'),
    ('Cloud Storage', 'Storage', 'Object Storage'),
    ('Cloud Filestore', 'Storage', 'File Storage'),
    ('Backup for GKE', 'Storage', 'Backup Storage'),
    ('Backup and DR Service', 'Storage', 'Backup Storage'),
    ('Cloud SQL', 'Databases', 'Relational Databases'),
    ('Cloud Spanner', 'Databases', 'Relational Databases'),
    ('AlloyDB', 'Databases', 'Relational Databases'),
    ('Cloud Bigtable', 'Databases', 'NoSQL Databases'),
    ('Cloud Firestore', 'Databases', 'NoSQL Databases'),
    ('Cloud Datastore', 'Databases', 'NoSQL Databases'),
    ('Cloud Memorystore for Redis', 'Databases', 'Caching'),
    ('Cloud Memorystore for Memcached', 'Databases', 'Caching'),
    ('BigQuery', 'Analytics', 'Data Processing'),
    ('BigQuery Reservation API', 'Analytics', 'Data Processing'),
    ('BigQuery Storage API', 'Analytics', 'Data Processing'),
    ('BigQuery BI Engine', 'Analytics', 'Business Intelligence'),
    ('Looker', 'Analytics', 'Business Intelligence'),
    ('Cloud Dataflow', 'Analytics', 'Streaming Analytics'),
    ('Cloud Dataproc', 'Analytics', 'Data Processing'),
    ('Cloud Composer', 'Integration', 'Workflow Orchestration'),
    ('Cloud Pub/Sub', 'Integration', 'Messaging'),
    ('Cloud Tasks', 'Integration', 'Messaging'),
    ('Cloud Scheduler', 'Integration', 'Workflow Orchestration'),
    ('Workflows', 'Integration', 'Workflow Orchestration'),
    ('Apigee', 'Integration', 'API Management'),
    ('Vertex AI', 'AI and Machine Learning', 'Machine Learning'),
    ('Gemini API', 'AI and Machine Learning', 'Generative AI'),
    ('Networking', 'Networking', 'Network Infrastructure'),
    ('Cloud DNS', 'Networking', 'Network Routing'),
    ('Network Intelligence Center', 'Networking', 'Network Infrastructure'),
    ('Cloud Armor', 'Networking', 'Network Security'),
    ('Cloud Logging', 'Management and Governance', 'Observability'),
    ('Cloud Monitoring', 'Management and Governance', 'Observability'),
    ('Stackdriver Logging', 'Management and Governance', 'Observability'),
    ('Support', 'Management and Governance', 'Support'),
    ('Security Command Center', 'Security', 'Security Posture Management'),
    ('Secret Manager', 'Security', 'Secret Management'),
    ('Cloud Key Management Service (KMS)', 'Security', 'Secret Management'),
    ('Identity Platform', 'Identity', 'Identity and Access Management'),
    ('Cloud Build', 'Developer Tools', 'Continuous Integration and Deployment')
),
charge AS (
    SELECT record.*,
        share.amount, share.amountTail, share.commitment AS share_commitment,
        record.Part = 1000 AS unused,
        record.Part > 1000 AS used,
        fee AND NOT "grant" AND record.Part <= 1000 AS commits,
        -- Labels aside, 'dollar based' is how Google calls a commitment over money.
        CASE WHEN fee THEN contains(sku_description, 'dollar based')
             ELSE credit_type = 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE' END AS over_money,
        CASE WHEN twin THEN 'Usage'
             WHEN "grant" THEN 'Credit'
             WHEN cost_type = 'tax' THEN 'Tax'
             WHEN fee THEN 'Purchase'
             WHEN cost_type IN ('adjustment', 'rounding_error') THEN 'Adjustment'
             WHEN contains(service_description, 'Support')
                  OR (usage_unit IS NULL AND project_id IS NULL) THEN 'Purchase'
             ELSE 'Usage' END AS category
    FROM record
    LEFT JOIN share ON share.Record = record.Record AND share.TwinPart = record.Part
),
named AS (
    SELECT *,
        CASE WHEN unused THEN coalesce(nullif(share_commitment, ''), sku_id)
             WHEN used THEN coalesce(share_commitment, credit_id, credit_name, credit_type)
             WHEN commits THEN coalesce(subscription_instance_id, sku_id) END AS commitment
    FROM charge
)
SELECT
    Record, Part,
    CASE WHEN twin THEN 0.0000000000 WHEN credit THEN coalesce(credit_amount, 0.0000000000)
         ELSE coalesce(cost, 0.0000000000) END AS BilledCost,
    CASE WHEN twin THEN 0 WHEN credit THEN coalesce(credit_amountTail, 0)
         ELSE coalesce(costTail, 0) END AS BilledCostTail,
    CASE WHEN twin THEN coalesce(amount, 0.0000000000) WHEN commits THEN 0.0000000000
         WHEN credit THEN coalesce(credit_amount, 0.0000000000)
         ELSE coalesce(cost, 0.0000000000) END AS EffectiveCost,
    CASE WHEN twin THEN coalesce(amountTail, 0) WHEN commits THEN 0
         WHEN credit THEN coalesce(credit_amountTail, 0)
         ELSE coalesce(costTail, 0) END AS EffectiveCostTail,
    -- Of credits only grants have a list price of their own: what they are.
    CASE WHEN twin THEN 0.0000000000
         WHEN "grant" THEN coalesce(credit_amount, 0.0000000000)
         WHEN credit THEN 0.0000000000
         ELSE coalesce(cost_at_list, cost, 0.0000000000) END AS ListCost,
    CASE WHEN twin THEN 0
         WHEN "grant" THEN coalesce(credit_amountTail, 0)
         WHEN credit THEN 0
         WHEN cost_at_list IS NOT NULL THEN cost_at_listTail
         ELSE coalesce(costTail, 0) END AS ListCostTail,
    -- Negotiated are the discount of a spending contract and a reseller's margin.
    CASE WHEN twin THEN 0.0000000000
         WHEN "grant" OR credit_type IN ('DISCOUNT', 'RESELLER_MARGIN')
             THEN coalesce(credit_amount, 0.0000000000)
         WHEN credit THEN 0.0000000000
         ELSE coalesce(cost, 0.0000000000) END AS ContractedCost,
    CASE WHEN twin THEN 0
         WHEN "grant" OR credit_type IN ('DISCOUNT', 'RESELLER_MARGIN')
             THEN coalesce(credit_amountTail, 0)
         WHEN credit THEN 0
         ELSE coalesce(costTail, 0) END AS ContractedCostTail,
    currency AS BillingCurrency,
    billing_account_id AS BillingAccountId,
    CASE WHEN billing_account_id IS NOT NULL THEN 'Billing Account' END AS BillingAccountType,
    project_id AS SubAccountId,
    project_name AS SubAccountName,
    CASE WHEN project_id IS NOT NULL THEN 'Project' END AS SubAccountType,
    invoice_month AS BillingPeriodStart,
    invoice_month + INTERVAL 1 MONTH AS BillingPeriodEnd,
    usage_start_time AS ChargePeriodStart,
    usage_end_time AS ChargePeriodEnd,
    category AS ChargeCategory,
    -- Months begin at 07:00 or 08:00 UTC, which is midnight in Mountain View.
    CASE WHEN adjustment_info_type = 'USAGE_CORRECTION'
              AND usage_start_time < invoice_month + INTERVAL 7 HOUR
         THEN 'Correction' END AS ChargeClass,
    CASE WHEN unused THEN sku_description || ' (unused)'
         WHEN credit AND NOT twin
             THEN coalesce(credit_full_name, credit_name, credit_id, credit_type, sku_description)
         ELSE sku_description END AS ChargeDescription,
    CASE WHEN category = 'Usage' THEN 'Usage-Based'
         WHEN category = 'Purchase'
              AND (fee OR usage_end_time - usage_start_time > INTERVAL 27 DAY) THEN 'Recurring'
         ELSE 'One-Time' END AS ChargeFrequency,
    'Google' AS InvoiceIssuerName,
    'Google Cloud' AS ProviderName,
    coalesce(seller_name, 'Google') AS PublisherName,
    CASE WHEN seller_name IS NULL OR starts_with(seller_name, 'Google') THEN 'Google Cloud'
         ELSE seller_name END AS ServiceProviderName,
    'Google Cloud' AS HostProviderName,
    coalesce(service.service_category, 'Other') AS ServiceCategory,
    coalesce(service.service_subcategory, 'Other (Other)') AS ServiceSubcategory,
    service_description AS ServiceName,
    coalesce(location_region, nullif(location_location, 'global')) AS RegionId,
    coalesce(region_name.name, location_region, nullif(location_location, 'global')) AS RegionName,
    location_zone AS AvailabilityZone,
    CASE WHEN commits OR unused THEN commitment
         ELSE coalesce(resource_global_name, resource_name) END AS ResourceId,
    CASE WHEN NOT (commits OR unused) THEN resource_name END AS ResourceName,
    CASE WHEN commits OR unused THEN 'Commitment'
         WHEN contains(resource_global_name, '/')
             THEN coalesce(nullif(split_part(resource_global_name, '/', -2), ''), 'Resource')
         WHEN coalesce(resource_global_name, resource_name) IS NOT NULL THEN 'Resource'
         END AS ResourceType,
    sku_id AS SkuId,
    sku_description AS SkuMeter,
    CASE WHEN category IN ('Tax', 'Credit', 'Adjustment') THEN NULL
         WHEN unused OR used THEN 'Committed'
         WHEN consumption_model_id <> '7754-699E-0EBF' THEN 'Committed'
         WHEN contains(sku_description, 'Spot Preemptible') THEN 'Dynamic'
         ELSE 'Standard' END AS PricingCategory,
    CASE WHEN Part = 0 AND category IN ('Usage', 'Purchase')
         THEN usage_amount_in_pricing_units END AS PricingQuantity,
    CASE WHEN Part = 0 AND category IN ('Usage', 'Purchase') THEN usage_pricing_unit END
        AS PricingUnit,
    -- Prices are in US dollars, whatever the bill is in.
    CASE WHEN Part = 0 AND category = 'Usage'
         THEN price_list_price * CASE WHEN currency = 'USD' THEN 1 ELSE currency_conversion_rate END
         END AS ListUnitPrice,
    CASE WHEN Part = 0 AND category = 'Usage'
         THEN price_effective_price
              * CASE WHEN currency = 'USD' THEN 1 ELSE currency_conversion_rate END
         END AS ContractedUnitPrice,
    CASE WHEN Part = 0 AND category = 'Usage' THEN usage_amount END AS ConsumedQuantity,
    CASE WHEN Part = 0 AND category = 'Usage' THEN usage_unit END AS ConsumedUnit,
    commitment AS CommitmentDiscountId,
    CASE WHEN commitment IS NULL THEN NULL WHEN over_money THEN 'Spend' ELSE 'Usage' END
        AS CommitmentDiscountCategory,
    CASE WHEN commitment IS NULL THEN NULL WHEN over_money THEN 'Spend-based CUD'
         ELSE 'Resource-based CUD' END AS CommitmentDiscountType,
    CASE WHEN unused THEN 'Unused' WHEN used THEN 'Used' END AS CommitmentDiscountStatus,
    CASE WHEN commits AND Part = 0 THEN usage_amount_in_pricing_units END
        AS CommitmentDiscountQuantity,
    CASE WHEN commits AND Part = 0 THEN usage_pricing_unit END AS CommitmentDiscountUnit,
    TagSetId,
    service_description AS x_ServiceCode,
    cost_type AS x_LineItemType,
    CASE WHEN NOT twin THEN credit_type END AS x_CreditType,
    CASE WHEN consumption_model_id <> '7754-699E-0EBF' THEN consumption_model_description END
        AS x_Operation
FROM named
LEFT JOIN service ON service.name = service_description
LEFT JOIN region_name ON region_name.region_id = location_region
