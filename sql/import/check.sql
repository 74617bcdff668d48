-- check: what a segment that was just written says about itself. The reader puts the segment's own
-- name in the place of seg_0.

-- @name covers
-- who is billed: provider, account
SELECT DISTINCT ProviderName AS provider, BillingAccountId AS account
FROM seg_0
ORDER BY provider NULLS FIRST, account NULLS FIRST
LIMIT 10000

-- @name facts
-- counts that should be 0, and the accrual of commitments as text, in one row:
--   open            charges without an invoice
--   bought          purchases of a commitment that carry an effective cost
--   covered         covered and idle rows that carry a billed cost
--   backwards       charges that end before they start
--   outside         charges without a known category
--   accrued, accrued_tail   effective cost of used and unused commitments
--   fees, fees_tail         billed cost of their recurring fees
SELECT
    count(*) FILTER (WHERE InvoiceId IS NULL) AS open,
    count(*) FILTER (WHERE ChargeCategory = 'Purchase' AND CommitmentDiscountId IS NOT NULL
                     AND (EffectiveCost <> 0 OR EffectiveCostTail <> 0)) AS bought,
    count(*) FILTER (WHERE CommitmentDiscountStatus IS NOT NULL
                     AND (BilledCost <> 0 OR BilledCostTail <> 0)) AS covered,
    count(*) FILTER (WHERE ChargePeriodEnd < ChargePeriodStart) AS backwards,
    count(*) FILTER (WHERE ChargeCategory IS NULL OR ChargeCategory NOT IN
                     ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')) AS outside,
    coalesce(sum(EffectiveCost::DECIMAL(38, 10))
                 FILTER (WHERE CommitmentDiscountStatus IS NOT NULL), 0)::VARCHAR AS accrued,
    coalesce(sum(EffectiveCostTail::HUGEINT)
                 FILTER (WHERE CommitmentDiscountStatus IS NOT NULL), 0)::VARCHAR AS accrued_tail,
    coalesce(sum(BilledCost::DECIMAL(38, 10))
                 FILTER (WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
                         AND CommitmentDiscountId IS NOT NULL), 0)::VARCHAR AS fees,
    coalesce(sum(BilledCostTail::HUGEINT)
                 FILTER (WHERE ChargeCategory = 'Purchase' AND ChargeFrequency = 'Recurring'
                         AND CommitmentDiscountId IS NOT NULL), 0)::VARCHAR AS fees_tail
FROM seg_0

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
