-- origin: the charges that one source record became (src/ledger/origin.h).

-- @name charges
-- $1 delivery, $2 record. Each cost with its tail behind it.
SELECT
    Part, ChargeCategory, ChargeDescription, ServiceName, SubAccountId, ResourceId, BillingCurrency,
    ChargePeriodStart, ChargePeriodEnd,
    CAST(BilledCost AS DECIMAL(38, 10)), BilledCostTail,
    CAST(EffectiveCost AS DECIMAL(38, 10)), EffectiveCostTail,
    CAST(ListCost AS DECIMAL(38, 10)), ListCostTail,
    CAST(ContractedCost AS DECIMAL(38, 10)), ContractedCostTail
FROM {table}
WHERE Delivery = $1 AND Record = $2
ORDER BY Part
