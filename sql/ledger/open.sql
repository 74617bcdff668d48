-- open: what a ledger reads when it opens.

-- @name tables
-- Segments in the engine.
SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND starts_with(table_name, 'seg_')

-- @name tag_sets
SELECT TagSetId, HashHigh, HashLow FROM tag_set

-- @name tag_keys
SELECT DISTINCT unnest(map_keys(Tags)) AS Key FROM tag_set
