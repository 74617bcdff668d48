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
    coalesce(sum(EffectiveCost)
                 FILTER (WHERE CommitmentDiscountStatus IS NOT NULL), 0)::VARCHAR AS accrued,
    coalesce(sum(EffectiveCostTail)
                 FILTER (WHERE CommitmentDiscountStatus IS NOT NULL), 0)::VARCHAR AS accrued_tail,
    coalesce(sum(BilledCost)
                 FILTER (WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
                         AND CommitmentDiscountId IS NOT NULL), 0)::VARCHAR AS fees,
    coalesce(sum(BilledCostTail)
                 FILTER (WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
                         AND CommitmentDiscountId IS NOT NULL), 0)::VARCHAR AS fees_tail,
    coalesce(sum(BilledCost) FILTER (WHERE x_CreditType IS NOT NULL), 0)::VARCHAR
        AS credits,
    coalesce(sum(BilledCostTail) FILTER (WHERE x_CreditType IS NOT NULL), 0)::VARCHAR
        AS credits_tail
FROM {table}
GROUP BY BillingCurrency

-- @name whole
-- What every segment satisfies: id, ok, detail.
--   break-downs   by whatever it is broken down for answers, missing values included, it adds up to
--                 the same four costs and charges; cubes are the numbers of those there have to be
--   origins       each charge names a record that was read; records is how many those are
WITH total AS (
    SELECT BillingCurrency, count(*) AS charges,
        sum(BilledCost) AS billed, sum(BilledCostTail) AS billed_tail,
        sum(EffectiveCost) AS effective,
        sum(EffectiveCostTail) AS effective_tail,
        sum(ListCost) AS list, sum(ListCostTail) AS list_tail,
        sum(ContractedCost) AS contracted,
        sum(ContractedCostTail) AS contracted_tail,
        count(*) FILTER (coalesce(Record NOT BETWEEN 1 AND {records}, true)) AS lost
    FROM {table}
    GROUP BY BillingCurrency
),
cube AS (
    SELECT Cube, BillingCurrency, sum(ChargeCount) AS charges,
        sum(BilledCost) AS billed, sum(BilledCostTail) AS billed_tail,
        sum(EffectiveCost) AS effective, sum(EffectiveCostTail) AS effective_tail,
        sum(ListCost) AS list, sum(ListCostTail) AS list_tail,
        sum(ContractedCost) AS contracted, sum(ContractedCostTail) AS contracted_tail
    FROM cube_day
    WHERE Segment = {segment}
    GROUP BY Cube, BillingCurrency
),
compared AS (
    SELECT cubes.Cube,
        bool_or(cube.Cube IS NULL OR (total.charges, total.billed, coalesce(total.billed_tail, 0),
             total.effective, coalesce(total.effective_tail, 0), total.list,
             coalesce(total.list_tail, 0), total.contracted, coalesce(total.contracted_tail, 0))
            IS DISTINCT FROM (cube.charges, cube.billed, coalesce(cube.billed_tail, 0),
             cube.effective, coalesce(cube.effective_tail, 0), cube.list,
             coalesce(cube.list_tail, 0), cube.contracted, coalesce(cube.contracted_tail, 0)))
            AS differs
    FROM (SELECT unnest([{cubes}]) AS Cube) AS cubes
    CROSS JOIN total
    LEFT JOIN cube ON cube.Cube = cubes.Cube
                  AND cube.BillingCurrency IS NOT DISTINCT FROM total.BillingCurrency
    GROUP BY cubes.Cube
)
SELECT 'break-downs' AS id, count(*) FILTER (differs) = 0 AS ok,
    count(*)::VARCHAR || ' break-downs compared, ' || count(*) FILTER (differs)::VARCHAR
        || ' add up to something else'
        || coalesce(': ' || string_agg(Cube::VARCHAR, ', ' ORDER BY Cube) FILTER (differs), '')
        AS detail
FROM compared
HAVING count(*) > 0
UNION ALL
SELECT 'origins', sum(lost) = 0,
    sum(lost)::VARCHAR || ' of ' || sum(charges)::VARCHAR || ' charges name no record that was read'
FROM total
HAVING count(*) > 0

-- @name kinds
-- the provider's kinds of line: kind, charges, billed cost as text and its tail
SELECT
    x_LineItemType AS kind,
    count(*) AS charges,
    coalesce(sum(BilledCost), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail), 0)::VARCHAR AS billed_tail
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
    coalesce(sum(BilledCost), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail), 0)::VARCHAR AS billed_tail,
    coalesce(sum(EffectiveCost), 0)::VARCHAR AS effective,
    coalesce(sum(EffectiveCostTail), 0)::VARCHAR AS effective_tail
FROM {table}
GROUP BY ALL

-- @name commitments
-- of each commitment: currency, id, the recurring fees billed, what was used and unused of it
SELECT
    BillingCurrency AS currency,
    NULL::VARCHAR AS invoice,
    CommitmentDiscountId AS commitment,
    coalesce(sum(BilledCost) FILTER (WHERE fee), 0)::VARCHAR AS fees,
    coalesce(sum(BilledCostTail) FILTER (WHERE fee), 0)::VARCHAR AS fees_tail,
    coalesce(sum(EffectiveCost) FILTER (WHERE accrued), 0)::VARCHAR AS accrued,
    coalesce(sum(EffectiveCostTail) FILTER (WHERE accrued), 0)::VARCHAR AS accrued_tail
FROM (
    SELECT *,
        ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring' AS fee,
        CommitmentDiscountStatus IS NOT NULL AS accrued
    FROM {table}
    WHERE CommitmentDiscountId IS NOT NULL
)
GROUP BY ALL

-- @name credits
-- by type of credit: currency, type, billed cost as text and its tail
SELECT
    BillingCurrency AS currency,
    x_CreditType AS type,
    coalesce(sum(BilledCost), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail), 0)::VARCHAR AS billed_tail
FROM {table}
WHERE x_CreditType IS NOT NULL
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
-- What gives money back, a refund or a discount of its own, is below zero in all its costs.
CASE WHEN ChargeCategory = 'Usage' AND ChargeClass IS NULL
          AND BilledCost >= 0 AND EffectiveCost >= 0 THEN ListCost >= 0 END

-- @name holds/charges-in-period
-- To a day: months of a bill may begin at another place's midnight.
CASE WHEN ChargeCategory = 'Usage' AND ChargeClass IS NULL
     THEN ChargePeriodStart >= BillingPeriodStart - INTERVAL 1 DAY
      AND ChargePeriodStart < BillingPeriodEnd + INTERVAL 1 DAY END

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
-- Where what a bill says and what is stored of it differ, narrowed from group to day to account to
-- file: currency, group, day, account, place of the file, difference as text and its tail. told and
-- kept are the statements below that are named after the check, of what the bill says and of what
-- it is compared with; file says which file a record is of. To the tolerance of the check in a group,
-- a hundredth of it below.
WITH entry AS (
    SELECT part, day, account, currency, record,
        amount::DECIMAL(38, 10) AS amount, coalesce(tail, 0)::HUGEINT AS tail
    FROM ({told})
    UNION ALL
    SELECT part, day, account, currency, record,
        -amount::DECIMAL(38, 10), -coalesce(tail, 0)::HUGEINT
    FROM ({kept})
),
place AS (
    SELECT currency, part, day, account, {file} AS file,
        sum(amount) AS amount, sum(tail) AS tail
    FROM entry
    GROUP BY ALL
),
narrowed AS (
    SELECT *,
        sum(amount) OVER parts AS part_amount, sum(tail) OVER parts AS part_tail,
        sum(amount) OVER days AS day_amount, sum(tail) OVER days AS day_tail,
        sum(amount) OVER accounts AS account_amount, sum(tail) OVER accounts AS account_tail
    FROM place
    WINDOW parts AS (PARTITION BY currency, part),
        days AS (PARTITION BY currency, part, day),
        accounts AS (PARTITION BY currency, part, day, account)
)
SELECT currency, part, CAST(day AS VARCHAR) AS day, account, file,
    amount::VARCHAR AS amount, tail::VARCHAR AS tail
FROM narrowed
WHERE (abs(part_amount) > {tolerance} OR ({tolerance} = 0 AND part_tail <> 0))
    AND (abs(day_amount) > {tolerance} / 100 OR ({tolerance} = 0 AND day_tail <> 0))
    AND (abs(account_amount) > {tolerance} / 100 OR ({tolerance} = 0 AND account_tail <> 0))
    AND (abs(amount) > {tolerance} / 100 OR ({tolerance} = 0 AND tail <> 0))
ORDER BY abs(narrowed.amount) DESC, currency, part NULLS FIRST, day NULLS FIRST,
    account NULLS FIRST, file
LIMIT 4

-- @name bisect/native
-- What a kind of bill does not have is NULL.
SELECT NULL::VARCHAR AS service, NULL::VARCHAR AS invoice, NULL::DATE AS day,
    NULL::TIMESTAMP AS start, NULL::VARCHAR AS account, NULL::VARCHAR AS currency,
    NULL::BIGINT AS record, NULL::DECIMAL(38, 10) AS amount, NULL::BIGINT AS tail,
    NULL::BOOLEAN AS credit, NULL::VARCHAR AS credit_type, NULL::VARCHAR AS commitment,
    NULL::BOOLEAN AS cancels, NULL::DECIMAL(38, 10) AS upfront, NULL::BIGINT AS upfront_tail
WHERE false
UNION ALL BY NAME
{native}

-- What the bill says and what it is compared with, one row for each record: part, day, account,
-- currency, record, amount, tail. native is the statement below that is named after the kind of
-- bill; cost is the stored column.

-- @name bisect/told/services
SELECT coalesce(service, 'no service') AS part, day,
    'account ' || coalesce(account, 'none') AS account, currency, record, amount, tail
FROM ({native})

-- @name bisect/kept/services
SELECT coalesce(x_ServiceCode, ServiceName, 'no service') AS part,
    CAST(ChargePeriodStart AS DATE) AS day,
    'account ' || coalesce(SubAccountId, 'none') AS account, BillingCurrency AS currency,
    Record AS record, {cost} AS amount, {cost}Tail AS tail
FROM {table}

-- @name bisect/told/invoices
SELECT 'invoice ' || coalesce(invoice, 'without a name') AS part, day,
    'account ' || coalesce(account, 'none') AS account, currency, record, amount, tail
FROM ({native})

-- @name bisect/kept/invoices
SELECT 'invoice ' || coalesce(InvoiceId, 'without a name') AS part,
    CAST(ChargePeriodStart AS DATE) AS day,
    'account ' || coalesce(SubAccountId, 'none') AS account, BillingCurrency AS currency,
    Record AS record, {cost} AS amount, {cost}Tail AS tail
FROM {table}

-- @name bisect/told/credits
SELECT coalesce(credit_type, 'no type') AS part, day,
    'account ' || coalesce(account, 'none') AS account, currency, record, amount, tail
FROM ({native})
WHERE credit

-- @name bisect/kept/credits
SELECT x_CreditType AS part, CAST(ChargePeriodStart AS DATE) AS day,
    'account ' || coalesce(SubAccountId, 'none') AS account, BillingCurrency AS currency,
    Record AS record, {cost} AS amount, {cost}Tail AS tail
FROM {table}
WHERE x_CreditType IS NOT NULL

-- @name bisect/daily
-- Commitments that are paid for on every day on which something of them is used or left: of others
-- days do not balance. Neither do accounts and files of any.
SELECT CommitmentDiscountId
FROM {table}
WHERE CommitmentDiscountId IS NOT NULL
GROUP BY CommitmentDiscountId
HAVING count(DISTINCT CAST(ChargePeriodStart AS DATE))
           FILTER (ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring')
    >= count(DISTINCT CAST(ChargePeriodStart AS DATE)) FILTER (CommitmentDiscountStatus IS NOT NULL)

-- @name bisect/told/commitments
-- Fees as they are stored; what is amortised of upfront fees only the bill says.
SELECT part, CAST(day AS DATE) AS day, NULL::VARCHAR AS account, currency, NULL::BIGINT AS record,
    amount, tail
FROM (
    SELECT commitment AS part, day, currency, upfront AS amount, upfront_tail AS tail
    FROM ({native})
    WHERE upfront IS NOT NULL
    UNION ALL
    SELECT CommitmentDiscountId, CAST(ChargePeriodStart AS DATE), BillingCurrency, BilledCost,
        BilledCostTail
    FROM {table}
    WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
)
WHERE part IN ({daily})

-- @name bisect/kept/commitments
SELECT CommitmentDiscountId AS part, CAST(ChargePeriodStart AS DATE) AS day,
    NULL::VARCHAR AS account, BillingCurrency AS currency, NULL::BIGINT AS record,
    EffectiveCost AS amount, EffectiveCostTail AS tail
FROM {table}
WHERE CommitmentDiscountStatus IS NOT NULL AND CommitmentDiscountId IN ({daily})

-- @name bisect/told/negations
-- By hour. Covered usage and what takes it back add up to nothing.
SELECT commitment AS part, date_trunc('hour', start) AS day,
    'account ' || coalesce(account, 'none') AS account, currency, record, amount, tail
FROM ({native})
WHERE cancels

-- @name bisect/kept/negations
SELECT NULL::VARCHAR AS part, NULL::TIMESTAMP AS day, NULL::VARCHAR AS account,
    NULL::VARCHAR AS currency, NULL::BIGINT AS record, 0 AS amount, 0 AS tail
LIMIT 0

-- Records of a bill: service, invoice, day, account, currency, record, amount, tail. cost is the
-- bill's own column. Where a bill has them: credit (is it one?) and credit_type; commitment, start,
-- upfront and its tail, cancels (does it belong to what savings plans take back?).

-- @name native/aws_cur
SELECT line_item_product_code AS service, bill_invoice_id AS invoice,
    CAST(line_item_usage_start_date AS DATE) AS day, line_item_usage_start_date AS start,
    line_item_usage_account_id AS account, coalesce(line_item_currency_code, 'USD') AS currency,
    Record AS record, coalesce({cost}, 0) AS amount, {cost}Tail AS tail,
    coalesce(reservation_reservation_a_r_n, savings_plan_savings_plan_a_r_n) AS commitment,
    line_item_line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation') AS cancels,
    coalesce(nullif(reservation_net_amortized_upfront_fee_for_billing_period, 0),
             nullif(reservation_amortized_upfront_fee_for_billing_period, 0),
             nullif(savings_plan_net_amortized_upfront_commitment_for_billing_period, 0),
             nullif(savings_plan_amortized_upfront_commitment_for_billing_period, 0)) AS upfront,
    CASE WHEN reservation_net_amortized_upfront_fee_for_billing_period <> 0
             THEN reservation_net_amortized_upfront_fee_for_billing_periodTail
         WHEN reservation_amortized_upfront_fee_for_billing_period <> 0
             THEN reservation_amortized_upfront_fee_for_billing_periodTail
         WHEN savings_plan_net_amortized_upfront_commitment_for_billing_period <> 0
             THEN savings_plan_net_amortized_upfront_commitment_for_billing_periodTail
         ELSE savings_plan_amortized_upfront_commitment_for_billing_periodTail END AS upfront_tail
FROM feed
WHERE Part = 0

-- @name native/azure
SELECT coalesce(MeterCategory, ConsumedService) AS service, InvoiceId AS invoice,
    CAST(Date AS DATE) AS day, SubscriptionId AS account, BillingCurrency AS currency,
    Record AS record, coalesce({cost}, 0) AS amount, {cost}Tail AS tail
FROM feed
WHERE Part = 0

-- @name native/focus
SELECT coalesce(x_ServiceCode, x_SkuMeterCategory, ServiceName) AS service, InvoiceId AS invoice,
    CAST(ChargePeriodStart AS DATE) AS day, SubAccountId AS account, BillingCurrency AS currency,
    Record AS record, coalesce({cost}, 0) AS amount, {cost}Tail AS tail
FROM feed
WHERE Part = 0

-- @name native/gcp_billing
SELECT service_description AS service, CAST(usage_start_time AS DATE) AS day,
    project_id AS account, currency, Record AS record,
    CASE WHEN Part = 0 THEN coalesce(cost, 0) ELSE coalesce(credit_amount, 0) END AS amount,
    CASE WHEN Part = 0 THEN costTail ELSE credit_amountTail END AS tail,
    Part <> 0 AS credit, credit_type
FROM feed

-- @name native/oracle
SELECT "product/service" AS service, CAST("lineItem/intervalUsageStart" AS DATE) AS day,
    "product/compartmentId" AS account, coalesce("cost/currencyCode", 'USD') AS currency,
    Record AS record, coalesce("{cost}", 0) AS amount, "{cost}Tail" AS tail
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
