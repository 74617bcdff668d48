-- lake: the ledger as Parquet files and back (src/ledger/lake.h). Paths are of the engine's own directory.

-- @name charges
-- A segment in the order of its load, with every column as it is stored.
COPY (
    SELECT * FROM {table}
    ORDER BY CAST(ChargePeriodStart AS DATE), SubAccountId, ServiceName, ResourceId
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)

-- @name side
-- The further columns of a segment's rows.
COPY (
    SELECT Record, Part, Columns, Delivery FROM side WHERE Segment = {segment}
    ORDER BY Delivery, Record, Part
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)

-- @name tags
COPY (SELECT * FROM tag_set ORDER BY TagSetId) TO '{path}' (FORMAT parquet, COMPRESSION zstd)

-- @name file
-- What the next three read, where it is no segment's table.
read_parquet('{path}', hive_partitioning = false)

-- @name columns
SELECT column_name, column_type FROM (DESCRIBE FROM {from})

-- @name sums
-- A row for each currency: its charges, and each cost with its tail behind it.
SELECT
    BillingCurrency,
    count(*) AS Charges,
    sum(BilledCost), sum(BilledCostTail),
    sum(EffectiveCost), sum(EffectiveCostTail),
    sum(ListCost), sum(ListCostTail),
    sum(ContractedCost), sum(ContractedCostTail)
FROM {from}
GROUP BY BillingCurrency
ORDER BY BillingCurrency

-- @name count
SELECT count(*) FROM {from}

-- @name mapping
-- A segment from its file, without further columns.
SELECT * FROM read_parquet('{path}', hive_partitioning = false)

-- @name mapping_side
-- The same with them; files of before Delivery was kept there have no such column.
SELECT c.*, s.Columns AS Side
FROM read_parquet('{path}', hive_partitioning = false) AS c
LEFT JOIN (
    (SELECT CAST(NULL AS INTEGER) AS Delivery LIMIT 0)
    UNION ALL BY NAME
    SELECT * FROM read_parquet('{side}', hive_partitioning = false)
) AS s
    ON s.Record = c.Record AND s.Part = c.Part AND coalesce(s.Delivery, c.Delivery) = c.Delivery

-- @name tags_clear
-- A restore that was killed may have left some.
DELETE FROM tag_set

-- @name tags_fill
INSERT INTO tag_set
SELECT TagSetId, Tags, HashHigh, HashLow FROM read_parquet('{path}', hive_partitioning = false)
