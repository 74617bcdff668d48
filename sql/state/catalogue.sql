-- The catalogue: sources, deliveries with their files, segments, versions (ledger/catalogue.h).

-- The next number of a counter. $1 its name. Column: the number.
-- @name next_id
UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value;

-- Takes a number back that nobody used, if no other was given out since. $1 its name, $2 the number.
-- @name id_back
UPDATE counter SET value = value - 1 WHERE name = $1 AND value = $2;

-- ---- sources ----

-- All, by name. Columns: id, name, provider, billing_account, dataset, format, created_us, removed_us.
-- @name sources
SELECT id, name, provider, billing_account, dataset, format, created_us, removed_us
FROM source
ORDER BY name;

-- One by what it is. $1 provider, $2 billing account, $3 dataset. The same columns.
-- @name source_find
SELECT id, name, provider, billing_account, dataset, format, created_us, removed_us
FROM source
WHERE provider = $1 AND billing_account = $2 AND dataset = $3;

-- Is a name in use? $1 the name. Column: id.
-- @name source_named
SELECT id FROM source WHERE name = $1;

-- $1 id, $2 name, $3 provider, $4 billing account, $5 dataset, $6 format, $7 created_us.
-- @name source_add
INSERT INTO source (id, name, provider, billing_account, dataset, format, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- $1 id, $2 the new name.
-- @name source_rename
UPDATE source SET name = $2 WHERE id = $1;

-- What a source has. $1 id. Columns: charges that are current, segments in all versions, its newest
-- delivery.
-- @name source_holdings
SELECT
    CAST(COALESCE(SUM(CASE WHEN until_version IS NULL THEN row_nr ELSE 0 END), 0) AS BIGINT)
        AS charges,
    COUNT(*) AS segments,
    (SELECT COALESCE(MAX(id), 0) FROM delivery WHERE delivery.source_id = $1) AS newest
FROM segment
WHERE segment.source_id = $1;

-- Everything of a source is past. $1 source, $2 the first version without it.
-- @name source_close_segments
UPDATE segment SET until_version = $2 WHERE source_id = $1 AND until_version IS NULL;

-- @name source_close_deliveries
UPDATE delivery SET until_version = $2
WHERE source_id = $1 AND status = 'loaded' AND until_version IS NULL;

-- $1 source, $2 now_us.
-- @name source_remove
UPDATE source SET removed_us = $2 WHERE id = $1;

-- A delivery brings it back. $1 source.
-- @name source_return
UPDATE source SET removed_us = NULL WHERE id = $1 AND removed_us IS NOT NULL;

-- $1 source.
-- @name source_forget_files
DELETE FROM delivery_file
WHERE delivery_id IN (SELECT id FROM delivery WHERE source_id = $1);

-- @name source_forget_deliveries
DELETE FROM delivery WHERE source_id = $1;

-- @name source_forget
DELETE FROM source WHERE id = $1;

-- ---- versions ----

-- The newest version, 0 before the first.
-- @name version
SELECT COALESCE(MAX(version), 0) AS version FROM ledger_version;

-- The version that stood at an instant, null before the first. $1 microseconds.
-- @name version_at
SELECT MAX(version) AS version FROM ledger_version WHERE at_us <= $1;

-- Moves the version by one; its time never goes back. $1 now_us, $2 delivery. Column: the version.
-- @name version_add
INSERT INTO ledger_version (version, at_us, delivery_id)
SELECT
    COALESCE(MAX(version), 0) + 1,
    CASE WHEN MAX(at_us) > CAST($1 AS BIGINT) THEN MAX(at_us) ELSE CAST($1 AS BIGINT) END,
    CAST($2 AS BIGINT)
FROM ledger_version
RETURNING version;

-- The oldest version whose segments are all kept.
-- @name oldest
SELECT value FROM counter WHERE name = 'oldest_version';

-- $1 a version whose segments are all kept, as far as one knows.
-- @name oldest_raise
UPDATE counter SET value = $1 WHERE name = 'oldest_version' AND value < $1;

-- ---- deliveries ----

-- Deliveries, those that were loaded first when an identity is asked for, then newest first.
-- $1 id or 0, $2 source or 0, $3 period or '', $4 identity or '' (then none that was refused),
-- $5 1: only those that are current.
-- Columns: id, source_id, source, provider, format, identity, billing_period, status, received_us,
-- submitted_us, version, until_version, rows_read, rows_stored, report, supersedes, is_final.
-- @name deliveries
SELECT
    d.id, d.source_id, s.name AS source, s.provider, d.format, d.identity, d.billing_period,
    d.status, d.received_us, d.submitted_us, d.version, d.until_version, d.rows_read,
    d.rows_stored, d.report, d.supersedes, d.is_final
FROM delivery AS d
JOIN source AS s ON s.id = d.source_id
WHERE ($1 = 0 OR d.id = $1)
    AND ($2 = 0 OR d.source_id = $2)
    AND ($3 = '' OR d.billing_period = $3)
    AND ($4 = '' OR (d.identity = $4 AND d.status <> 'refused'))
    AND ($5 = 0 OR (d.status = 'loaded' AND d.until_version IS NULL))
ORDER BY CASE WHEN $4 = '' OR d.status = 'loaded' THEN 0 ELSE 1 END, d.id DESC;

-- $1 id, $2 source_id, $3 identity, $4 billing_period, $5 status, $6 format, $7 received_us,
-- $8 submitted_us, $9 version, $10 rows_read, $11 rows_stored, $12 report, $13 supersedes,
-- $14 is_final.
-- @name delivery_add
INSERT INTO delivery (
    id, source_id, identity, billing_period, status, format, received_us, submitted_us, version,
    rows_read, rows_stored, report, supersedes, is_final
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- A delivery that was refused before. $1 source, $2 period, $3 identity. Column: id.
-- @name delivery_refused
SELECT id FROM delivery
WHERE source_id = $1 AND billing_period = $2 AND identity = $3 AND status = 'refused'
ORDER BY id DESC
LIMIT 1;

-- A refused delivery came again. $1 id, $2 format, $3 received_us, $4 rows_read, $5 report.
-- @name delivery_again
UPDATE delivery SET format = $2, received_us = $3, rows_read = $4, report = $5
WHERE id = $1 AND status = 'refused';

-- $1 delivery.
-- @name files_forget
DELETE FROM delivery_file WHERE delivery_id = $1;

-- The deliveries of a period are no longer current. $1 source, $2 period, $3 version.
-- @name deliveries_close
UPDATE delivery SET until_version = $3
WHERE source_id = $1 AND billing_period = $2 AND status = 'loaded' AND until_version IS NULL;

-- Files of a delivery, as they came. $1 delivery.
-- Columns: path, sha256, byte_nr, row_nr, first_record.
-- @name files
SELECT path, sha256, byte_nr, row_nr, first_record
FROM delivery_file
WHERE delivery_id = $1
ORDER BY position;

-- $1 delivery, $2 position, $3 path, $4 sha256, $5 bytes, $6 rows, $7 first record.
-- @name file_add
INSERT INTO delivery_file (delivery_id, position, path, sha256, byte_nr, row_nr, first_record)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- ---- segments ----

-- Segments that are current at a version. $1 version.
-- Columns: id, source_id, delivery_id, billing_period, charge_from, charge_to, row_nr,
-- charges_until_us, currency, has_tail, has_cubes, has_side, has_long, sums, cube_tags,
-- has_values, archived_us, and of its delivery received_us, is_final.
-- @name segments
SELECT
    s.id, s.source_id, s.delivery_id, s.billing_period, s.charge_from, s.charge_to, s.row_nr,
    s.charges_until_us, s.currency, s.has_tail, s.has_cubes, s.has_side, s.has_long, s.sums,
    s.cube_tags, s.has_values, s.archived_us, d.received_us, d.is_final
FROM segment s
JOIN delivery d ON d.id = s.delivery_id
WHERE s.since_version <= $1 AND (s.until_version IS NULL OR s.until_version > $1)
ORDER BY s.source_id, s.billing_period, s.id;

-- Every segment that is in the engine. Column: id.
-- @name segment_ids
SELECT id FROM segment WHERE archived_us IS NULL ORDER BY id;

-- $1 id, $2 source_id, $3 delivery_id, $4 billing_period, $5 charge_from, $6 charge_to, $7 row_nr,
-- $8 charges_until_us, $9 currency, $10 has_tail, $11 has_cubes, $12 has_side, $13 has_long,
-- $14 sums, $15 since_version, $16 cube_tags, $17 has_values.
-- @name segment_add
INSERT INTO segment (
    id, source_id, delivery_id, billing_period, charge_from, charge_to, row_nr, charges_until_us,
    currency, has_tail, has_cubes, has_side, has_long, sums, since_version, cube_tags,
    has_values
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- The segments of a period are past. $1 source, $2 period, $3 the first version without them.
-- @name segments_close
UPDATE segment SET until_version = $3
WHERE source_id = $1 AND billing_period = $2 AND until_version IS NULL;

-- A current segment is past, merged into another. $1 id, $2 the first version without it.
-- @name segment_merge
UPDATE segment SET until_version = $2 WHERE id = $1 AND until_version IS NULL;

-- The newest delivery of a period that is current. $1 source, $2 period. Column: id.
-- @name newest_current
SELECT MAX(id) AS id FROM delivery
WHERE source_id = $1 AND billing_period = $2 AND status = 'loaded' AND until_version IS NULL;

-- Past segments whose charges are in the engine. Columns: id, has_side.
-- @name closed
SELECT id, has_side FROM segment
WHERE until_version IS NOT NULL AND archived_us IS NULL
ORDER BY id;

-- A past segment is in the archive, and what was derived of it is nowhere. $1 id, $2 now_us.
-- @name archive
UPDATE segment SET archived_us = $2, has_cubes = 0, has_values = 0
WHERE id = $1 AND until_version IS NOT NULL AND archived_us IS NULL;

-- Column: id.
-- @name archived
SELECT id FROM segment WHERE archived_us IS NOT NULL ORDER BY id;

-- Archived segments that ended before a moment. $1 the moment. Column: id.
-- @name past
SELECT s.id
FROM segment AS s
JOIN ledger_version AS v ON v.version = s.until_version
WHERE s.archived_us IS NOT NULL AND v.at_us < $1
ORDER BY s.id;

-- When a segment ended, null while it is current. $1 id.
-- @name segment_until
SELECT until_version FROM segment WHERE id = $1;

-- $1 id.
-- @name segment_forget
DELETE FROM segment WHERE id = $1;
