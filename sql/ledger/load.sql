-- load: what writing a segment consists of, in this order, in one transaction of the engine.
--
-- Of the words in braces, table is the segment's table and segment its id; the others are lists that
-- src/ledger/load.c makes from charge.def and cube.def. Tags and values are bound.

-- @name begin
BEGIN TRANSACTION

-- @name commit
COMMIT

-- @name rollback
ROLLBACK

-- @name mapping_columns
-- Reads nothing: only the columns' names are looked at.
SELECT * FROM (
{mapping}
) LIMIT 0

-- @name segment
-- One pass over the feed. stored are all columns of charge.def, sorted those that the mapping yields,
-- cast to their types: what is NULL or one value throughout is not carried through the sort. Where
-- the mapping yields Side too, it is in both, and split off afterwards.
CREATE TABLE {table} AS
SELECT {stored}
FROM (
SELECT {sorted}
FROM (
{mapping}
)
ORDER BY CAST(ChargePeriodStart AS DATE), SubAccountId, ServiceName, ResourceId
)

-- @name stats
-- A row for each currency: what the catalogue keeps of the segment. Instants in microseconds.
SELECT
    BillingCurrency,
    count(*) AS Charges,
    sum(BilledCost), sum(BilledCostTail),
    sum(EffectiveCost), sum(EffectiveCostTail),
    sum(ListCost), sum(ListCostTail),
    sum(ContractedCost), sum(ContractedCostTail),
    CAST(min(ChargePeriodStart) AS DATE) AS ChargeFrom,
    CAST(max(ChargePeriodStart) AS DATE) AS ChargeTo,
    max(ChargePeriodEnd) AS ChargesUntil,
    CAST(count(*) FILTER (BilledCostTail <> 0 OR EffectiveCostTail <> 0 OR ListCostTail <> 0
        OR ContractedCostTail <> 0) AS BIGINT) AS Tails,
    count(*) FILTER (ChargePeriodEnd > ChargePeriodStart + INTERVAL 1 DAY) AS Longs,
    count(*) FILTER (ChargePeriodStart IS NULL) AS Undated
FROM {table}
GROUP BY BillingCurrency
ORDER BY BillingCurrency

-- @name cube_day
-- All cubes in one pass. masks says by GROUPING() which cube a row belongs to. tagged joins the
-- hot tags, hot names them.
INSERT INTO cube_day
SELECT {segment}, Cube, Day, {k1}, {k2}, BillingCurrency,
    BilledCost, BilledCostTail, EffectiveCost, EffectiveCostTail,
    ListCost, ListCostTail, ContractedCost, ContractedCostTail, ChargeCount
FROM (
    SELECT
        CASE GROUPING({keys}) {masks} END AS Cube,
        Day, {keys}, BillingCurrency,
        sum(BilledCost) AS BilledCost, {BilledCostTail} AS BilledCostTail,
        sum(EffectiveCost) AS EffectiveCost, {EffectiveCostTail} AS EffectiveCostTail,
        sum(ListCost) AS ListCost, {ListCostTail} AS ListCostTail,
        sum(ContractedCost) AS ContractedCost, {ContractedCostTail} AS ContractedCostTail,
        count(*) AS ChargeCount
    FROM (
        SELECT CAST(ChargePeriodStart AS DATE) AS Day, *
        FROM {table}{tagged}
    )
    GROUP BY GROUPING SETS ({sets})
)
ORDER BY Cube, Day

-- @name hot_tags
-- Joined by cube_day when there are hot tags: their values by tag set, one column each.
LEFT JOIN (
    SELECT TagSetId AS HotId{values}
    FROM tag_set
    WHERE TagSetId IN (SELECT TagSetId FROM {table})
) ON HotId = TagSetId

-- @name resource_month
INSERT INTO resource_month
SELECT {segment}, {month} AS Month,
    ResourceId, ResourceName, ResourceType, ServiceName, SubAccountId, RegionId, BillingCurrency,
    CAST(min(ChargePeriodStart) AS DATE), CAST(max(ChargePeriodStart) AS DATE),
    sum(BilledCost), {BilledCostTail}, sum(EffectiveCost), {EffectiveCostTail},
    sum(ListCost), {ListCostTail}, sum(ContractedCost), {ContractedCostTail},
    count(*)
FROM {table}
GROUP BY {month_key}ResourceId, ResourceName, ResourceType, ServiceName, SubAccountId, RegionId,
    BillingCurrency

-- @name month_of_row
-- For resource_month where a segment reaches over several months.
CAST(date_trunc('month', ChargePeriodStart) AS DATE)

-- @name segment_value
-- One statement for all columns: lists are those of value_list, with UNION ALL between them, which run
-- side by side.
INSERT INTO segment_value {lists}

-- @name value_list
-- The distinct values of one column, with those of its label where label_key names one.
SELECT {segment}, '{column}', {column}, {label}, max(ChargePeriodStart)
FROM {table}
WHERE {column} IS NOT NULL
GROUP BY {column}{label_key}

-- @name side
-- The segment's own column.
INSERT INTO side
SELECT {segment}, Record, Part, Side, Delivery FROM {table} WHERE Side IS NOT NULL

-- @name side_drop
-- Only forgets the column; the others stay where they are.
ALTER TABLE {table} DROP COLUMN Side

-- @name side_feed
-- The second feed, of a segment that has no such column.
INSERT INTO side
SELECT {segment}, Record, Part, Columns, {delivery} FROM feed_side

-- @name tag_sets
-- New sets, from a feed of the dictionary in memory.
INSERT INTO tag_set SELECT TagSetId, Tags, HashHigh, HashLow FROM new_tag_sets

-- @name drop
DROP TABLE IF EXISTS {table}

-- @name drop_cube_day
DELETE FROM cube_day WHERE Segment = {segment}

-- @name drop_resource_month
DELETE FROM resource_month WHERE Segment = {segment}

-- @name drop_segment_value
DELETE FROM segment_value WHERE Segment = {segment}

-- @name drop_side
DELETE FROM side WHERE Segment = {segment}
