-- schema: the shared tables of a ledger beside its segments (one table seg_<id> each).
-- Run one by one at every opening. Money is two limbs: NAME in units of 1e-10, NAMETail in 1e-28.

-- @name tag_set
-- The tag dictionary, append-only. Hash is the first half of the SHA-256 of the set in a fixed form
-- (src/ledger/tagset.c): who finds it there uses its TagSetId.
CREATE TABLE IF NOT EXISTS tag_set (
    TagSetId INTEGER NOT NULL,
    Tags MAP(VARCHAR, VARCHAR) NOT NULL,
    HashHigh BIGINT NOT NULL,
    HashLow BIGINT NOT NULL
)

-- @name cube_day
-- Daily cubes, rows of src/ledger/cube.def; 100 + i is the i-th hot tag.
CREATE TABLE IF NOT EXISTS cube_day (
    Segment BIGINT NOT NULL,
    Cube SMALLINT NOT NULL,
    Day DATE,
    k1 VARCHAR,
    k2 VARCHAR,
    BillingCurrency VARCHAR,
    BilledCost DECIMAL(38, 10),
    BilledCostTail HUGEINT,
    EffectiveCost DECIMAL(38, 10),
    EffectiveCostTail HUGEINT,
    ListCost DECIMAL(38, 10),
    ListCostTail HUGEINT,
    ContractedCost DECIMAL(38, 10),
    ContractedCostTail HUGEINT,
    ChargeCount BIGINT NOT NULL
)

-- @name resource_month
-- The roll-up of a segment by resource and month of ChargePeriodStart.
CREATE TABLE IF NOT EXISTS resource_month (
    Segment BIGINT NOT NULL,
    Month DATE,
    ResourceId VARCHAR,
    ResourceName VARCHAR,
    ResourceType VARCHAR,
    ServiceName VARCHAR,
    SubAccountId VARCHAR,
    RegionId VARCHAR,
    BillingCurrency VARCHAR,
    FirstDay DATE,
    LastDay DATE,
    BilledCost DECIMAL(38, 10),
    BilledCostTail HUGEINT,
    EffectiveCost DECIMAL(38, 10),
    EffectiveCostTail HUGEINT,
    ListCost DECIMAL(38, 10),
    ListCostTail HUGEINT,
    ContractedCost DECIMAL(38, 10),
    ContractedCostTail HUGEINT,
    ChargeCount BIGINT NOT NULL
)

-- @name segment_value
-- The values of a segment by column, rows of src/ledger/value_list.def, with when each was seen last.
CREATE TABLE IF NOT EXISTS segment_value (
    Segment BIGINT NOT NULL,
    Name VARCHAR NOT NULL,
    Value VARCHAR NOT NULL,
    Label VARCHAR,
    LastStart TIMESTAMP
)

-- @name side
-- Columns of a source that have no place in a segment, as flat JSON, by row. The keys are the same in
-- all of them: zstd needs less time and half of the room of what the engine would choose.
CREATE TABLE IF NOT EXISTS side (
    Segment BIGINT NOT NULL,
    Record BIGINT NOT NULL,
    Part INTEGER NOT NULL,
    Columns VARCHAR NOT NULL USING COMPRESSION zstd,
    Delivery INTEGER
)

-- @name side_delivery
-- Of ledgers that were made before segments of several deliveries were: null in their rows.
ALTER TABLE side ADD COLUMN IF NOT EXISTS Delivery INTEGER
