-- check: what a segment that was just written says about itself, and where it is not as it should be.
-- table is the segment's table, segment its id; src/import/check.def names the checks of rows.

-- @name covers
-- who is billed: provider, account
SELECT DISTINCT ProviderName AS provider, BillingAccountId AS account
FROM {table}
ORDER BY provider NULLS FIRST, account NULLS FIRST
LIMIT 10000

-- @name facts
-- counts that should be 0, and the accrual of commitments as text, a row for each currency:
--   currency        of the charges
--   open            charges without an invoice
--   backwards       charges that end before they start
--   rounded         lines that round an invoice to whole cents
--   accrued, accrued_tail   effective cost of used and unused commitments
--   fees, fees_tail         billed cost of their recurring fees
--   credits, credits_tail   billed cost of the charges that are credits of some type
SELECT
    BillingCurrency AS currency,
    count(*) FILTER (WHERE InvoiceId IS NULL) AS open,
    count(*) FILTER (WHERE ChargePeriodEnd < ChargePeriodStart) AS backwards,
    count(*) FILTER (WHERE x_LineItemType = 'rounding_error') AS rounded,
    coalesce(sum(EffectiveCost::DECIMAL(38, 10))
                 FILTER (WHERE CommitmentDiscountStatus IS NOT NULL), 0)::VARCHAR AS accrued,
    coalesce(sum(EffectiveCostTail::HUGEINT)
                 FILTER (WHERE CommitmentDiscountStatus IS NOT NULL), 0)::VARCHAR AS accrued_tail,
    coalesce(sum(BilledCost::DECIMAL(38, 10))
                 FILTER (WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
                         AND CommitmentDiscountId IS NOT NULL), 0)::VARCHAR AS fees,
    coalesce(sum(BilledCostTail::HUGEINT)
                 FILTER (WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
                         AND CommitmentDiscountId IS NOT NULL), 0)::VARCHAR AS fees_tail,
    coalesce(sum(BilledCost::DECIMAL(38, 10)) FILTER (WHERE x_CreditType IS NOT NULL), 0)::VARCHAR
        AS credits,
    coalesce(sum(BilledCostTail::HUGEINT) FILTER (WHERE x_CreditType IS NOT NULL), 0)::VARCHAR
        AS credits_tail
FROM {table}
GROUP BY BillingCurrency

-- @name kinds
-- the provider's kinds of line: kind, charges, billed cost as text and its tail
SELECT
    x_LineItemType AS kind,
    count(*) AS charges,
    coalesce(sum(BilledCost::DECIMAL(38, 10)), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail::HUGEINT), 0)::VARCHAR AS billed_tail
FROM {table}
GROUP BY kind
ORDER BY kind NULLS FIRST
LIMIT 1000

-- @name groups
-- billed and effective cost by invoice and service, where the bill tells these (invoice and service
-- stand for a column or NULL): currency, invoice, service, then two amounts as text with their tails
SELECT
    BillingCurrency AS currency,
    {invoice} AS invoice,
    {service} AS service,
    coalesce(sum(BilledCost::DECIMAL(38, 10)), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail::HUGEINT), 0)::VARCHAR AS billed_tail,
    coalesce(sum(EffectiveCost::DECIMAL(38, 10)), 0)::VARCHAR AS effective,
    coalesce(sum(EffectiveCostTail::HUGEINT), 0)::VARCHAR AS effective_tail
FROM {table}
GROUP BY ALL

-- @name commitments
-- of each commitment: currency, id, the recurring fees billed, what was used and unused of it
SELECT
    BillingCurrency AS currency,
    NULL::VARCHAR AS invoice,
    CommitmentDiscountId AS commitment,
    coalesce(sum(BilledCost::DECIMAL(38, 10)) FILTER (WHERE fee), 0)::VARCHAR AS fees,
    coalesce(sum(BilledCostTail::HUGEINT) FILTER (WHERE fee), 0)::VARCHAR AS fees_tail,
    coalesce(sum(EffectiveCost::DECIMAL(38, 10)) FILTER (WHERE accrued), 0)::VARCHAR AS accrued,
    coalesce(sum(EffectiveCostTail::HUGEINT) FILTER (WHERE accrued), 0)::VARCHAR AS accrued_tail
FROM (
    SELECT *,
        ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring' AS fee,
        CommitmentDiscountStatus IS NOT NULL AS accrued
    FROM {table}
    WHERE CommitmentDiscountId IS NOT NULL
)
GROUP BY ALL

-- @name row_counts
-- counts is a pair for each check of rows: of how many rows it can be told, of how many it does not
-- hold
SELECT {counts}
FROM {table}

-- @name row_count
-- the pair of one check; holds is one of the conditions below
count({holds}), count(*) FILTER (WHERE NOT ({holds}))

-- @name row_where
-- where a check of rows does not hold: service, day, account, rows, the first of them
SELECT
    coalesce(x_ServiceCode, ServiceName) AS service,
    CAST(CAST(ChargePeriodStart AS DATE) AS VARCHAR) AS day,
    SubAccountId AS account,
    count(*) AS charges,
    min(Record) AS record
FROM {table}
WHERE NOT ({holds})
GROUP BY ALL
ORDER BY charges DESC, service NULLS FIRST, day NULLS FIRST, account NULLS FIRST
LIMIT 4

-- Conditions of the checks of rows: true, false, or NULL where a row has nothing to tell.

-- @name holds/purchases-accrue-nothing
CASE WHEN ChargeCategory = 'Purchase' AND CommitmentDiscountId IS NOT NULL
     THEN EffectiveCost = 0 AND EffectiveCostTail = 0 END

-- @name holds/covered-bills-nothing
CASE WHEN CommitmentDiscountStatus IS NOT NULL THEN BilledCost = 0 AND BilledCostTail = 0 END

-- @name holds/charge-categories
coalesce(ChargeCategory IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'), false)

-- @name holds/list-cost-sign
CASE WHEN ChargeCategory = 'Usage' AND ChargeClass IS NULL THEN ListCost >= 0 END

-- @name holds/list-price
-- to half a cent or a millionth: providers round prices and amounts
CASE WHEN ChargeClass IS NULL
     THEN abs(ListUnitPrice * PricingQuantity - ListCost::DOUBLE)
          <= 0.005 + abs(ListCost::DOUBLE) * 0.000001 END

-- @name holds/contracted-price
CASE WHEN ChargeClass IS NULL
     THEN abs(ContractedUnitPrice * PricingQuantity - ContractedCost::DOUBLE)
          <= 0.005 + abs(ContractedCost::DOUBLE) * 0.000001 END

-- @name bisect
-- Where the bill's own cost and what is stored of it differ, narrowed from service to day to account
-- to file: currency, service, day, account, place of the file, difference as text and its tail.
-- native is the statement below that is named after the kind of bill, file says which file a record
-- is of.
WITH entry AS (
    SELECT service, day, account, currency, record,
        amount::DECIMAL(38, 10) AS amount, coalesce(tail, 0)::HUGEINT AS tail
    FROM ({native})
    UNION ALL
    SELECT coalesce(x_ServiceCode, ServiceName), CAST(ChargePeriodStart AS DATE), SubAccountId,
        BillingCurrency, Record,
        -BilledCost::DECIMAL(38, 10), -coalesce(BilledCostTail, 0)::HUGEINT
    FROM {table}
),
place AS (
    SELECT currency, service, day, account, {file} AS file,
        sum(amount) AS amount, sum(tail) AS tail
    FROM entry
    GROUP BY ALL
),
narrowed AS (
    SELECT *,
        sum(amount) OVER services AS service_amount, sum(tail) OVER services AS service_tail,
        sum(amount) OVER days AS day_amount, sum(tail) OVER days AS day_tail,
        sum(amount) OVER accounts AS account_amount, sum(tail) OVER accounts AS account_tail
    FROM place
    WINDOW services AS (PARTITION BY currency, service),
        days AS (PARTITION BY currency, service, day),
        accounts AS (PARTITION BY currency, service, day, account)
)
SELECT currency, service, CAST(day AS VARCHAR) AS day, account, file,
    amount::VARCHAR AS amount, tail::VARCHAR AS tail
FROM narrowed
WHERE (service_amount <> 0 OR service_tail <> 0) AND (day_amount <> 0 OR day_tail <> 0)
    AND (account_amount <> 0 OR account_tail <> 0) AND (amount <> 0 OR tail <> 0)
ORDER BY abs(narrowed.amount) DESC, currency, service NULLS FIRST, day NULLS FIRST,
    account NULLS FIRST, file
LIMIT 4

-- @name native/aws_cur
SELECT line_item_product_code AS service, CAST(line_item_usage_start_date AS DATE) AS day,
    line_item_usage_account_id AS account, coalesce(line_item_currency_code, 'USD') AS currency,
    Record AS record, coalesce(line_item_unblended_cost, 0) AS amount,
    line_item_unblended_costTail AS tail
FROM feed
WHERE Part = 0

-- @name native/azure
SELECT coalesce(MeterCategory, ConsumedService) AS service, CAST(Date AS DATE) AS day,
    SubscriptionId AS account, BillingCurrency AS currency,
    Record AS record, coalesce(Cost, 0) AS amount, CostTail AS tail
FROM feed
WHERE Part = 0

-- @name native/focus
SELECT coalesce(x_ServiceCode, x_SkuMeterCategory, ServiceName) AS service,
    CAST(ChargePeriodStart AS DATE) AS day, SubAccountId AS account, BillingCurrency AS currency,
    Record AS record, coalesce(BilledCost, 0) AS amount, BilledCostTail AS tail
FROM feed
WHERE Part = 0

-- @name native/gcp_billing
SELECT service_description AS service, CAST(usage_start_time AS DATE) AS day,
    project_id AS account, currency, Record AS record,
    CASE WHEN Part = 0 THEN coalesce(cost, 0) ELSE coalesce(credit_amount, 0) END AS amount,
    CASE WHEN Part = 0 THEN costTail ELSE credit_amountTail END AS tail
FROM feed

-- @name native/oracle
SELECT "product/service" AS service, CAST("lineItem/intervalUsageStart" AS DATE) AS day,
    "product/compartmentId" AS account, coalesce("cost/currencyCode", 'USD') AS currency,
    Record AS record, coalesce("cost/myCost", 0) AS amount, "cost/myCostTail" AS tail
FROM feed
WHERE Part = 0

-- @name azure
-- Checks of Azure's bills: id, ok, detail.
--   pricing-currency   of charges priced in one currency and billed in another: cost in the first,
--                      times the rate that the record gives, is cost in the second. Azure rounds
--                      both, so a millionth of the cost is let pass.
WITH priced AS (
    SELECT
        (CASE WHEN EffectiveCost <> 0 THEN EffectiveCost ELSE BilledCost END)::DOUBLE AS billed,
        PricingCurrencyEffectiveCost
            * TRY_CAST(regexp_extract(side.Columns,
                  '"[Ee]xchangeRatePricingToBilling":"([^"]*)"', 1) AS DOUBLE) AS converted
    FROM {table} AS charge
    JOIN side ON side.Segment = {segment}
             AND side.Record = charge.Record AND side.Part = charge.Part
    WHERE charge.PricingCurrency <> charge.BillingCurrency
      AND NOT (charge.ChargeCategory = 'Purchase' AND charge.CommitmentDiscountId IS NOT NULL)
),
counted AS (
    SELECT count(converted) AS compared,
           count(*) FILTER (WHERE abs(billed - converted) > abs(billed) * 0.000001 + 0.0000001)
               AS wrong,
           max(abs(billed - converted)) AS widest
    FROM priced
)
SELECT 'pricing-currency' AS id, wrong = 0 AS ok,
    compared::VARCHAR || ' charges priced in another currency, ' || wrong::VARCHAR
        || ' differ at their rate, at most by ' || printf('%.12f', coalesce(widest, 0)) AS detail
FROM counted
WHERE compared > 0
