-- check: what a segment that was just written says about itself. The reader puts the segment's own
-- name in the place of seg_0.

-- @name covers
-- who is billed: provider, account
SELECT DISTINCT ProviderName AS provider, BillingAccountId AS account
FROM seg_0
ORDER BY provider NULLS FIRST, account NULLS FIRST
LIMIT 10000

-- @name facts
-- counts that should be 0, and the accrual of commitments as text, a row for each currency:
--   currency        of the charges
--   open            charges without an invoice
--   bought          purchases of a commitment that carry an effective cost
--   covered         covered and idle rows that carry a billed cost
--   backwards       charges that end before they start
--   outside         charges without a known category
--   rounded         lines that round an invoice to whole cents
--   accrued, accrued_tail   effective cost of used and unused commitments
--   fees, fees_tail         billed cost of their recurring fees
--   credits, credits_tail   billed cost of the charges that are credits of some type
SELECT
    BillingCurrency AS currency,
    count(*) FILTER (WHERE InvoiceId IS NULL) AS open,
    count(*) FILTER (WHERE ChargeCategory = 'Purchase' AND CommitmentDiscountId IS NOT NULL
                     AND (EffectiveCost <> 0 OR EffectiveCostTail <> 0)) AS bought,
    count(*) FILTER (WHERE CommitmentDiscountStatus IS NOT NULL
                     AND (BilledCost <> 0 OR BilledCostTail <> 0)) AS covered,
    count(*) FILTER (WHERE ChargePeriodEnd < ChargePeriodStart) AS backwards,
    count(*) FILTER (WHERE ChargeCategory IS NULL OR ChargeCategory NOT IN
                     ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')) AS outside,
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
FROM seg_0
GROUP BY BillingCurrency

-- @name kinds
-- the provider's kinds of line: kind, charges, billed cost as text and its tail
SELECT
    x_LineItemType AS kind,
    count(*) AS charges,
    coalesce(sum(BilledCost::DECIMAL(38, 10)), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail::HUGEINT), 0)::VARCHAR AS billed_tail
FROM seg_0
GROUP BY kind
ORDER BY kind NULLS FIRST
LIMIT 1000

-- @name services
-- the provider's services: code, billed cost as text and its tail, effective cost and its tail
SELECT
    x_ServiceCode AS service,
    coalesce(sum(BilledCost::DECIMAL(38, 10)), 0)::VARCHAR AS billed,
    coalesce(sum(BilledCostTail::HUGEINT), 0)::VARCHAR AS billed_tail,
    coalesce(sum(EffectiveCost::DECIMAL(38, 10)), 0)::VARCHAR AS effective,
    coalesce(sum(EffectiveCostTail::HUGEINT), 0)::VARCHAR AS effective_tail
FROM seg_0
GROUP BY service
ORDER BY service NULLS FIRST

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
    FROM seg_0 AS charge
    JOIN side ON side.Segment = replace('seg_0', 'seg_', '')::BIGINT
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
