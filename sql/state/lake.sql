-- The catalogue as the lake keeps it (ledger/lake.h): read whole, and written into an empty store.
-- What has no statement to be written with here has one in catalogue.sql.

-- Columns: as source_add takes them.
-- @name sources
SELECT id, name, provider, billing_account, dataset, format, created_us, removed_us
FROM source
ORDER BY id;

-- $1 id, $2 name, $3 provider, $4 billing_account, $5 dataset, $6 format, $7 created_us,
-- $8 removed_us.
-- @name source_add
INSERT INTO source (
    id, name, provider, billing_account, dataset, format, created_us, removed_us
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- When a version came to be. $1 version. Columns: at_us.
-- @name version_at
SELECT at_us FROM ledger_version WHERE version = $1;

-- Columns: version, at_us, delivery_id.
-- @name versions
SELECT version, at_us, delivery_id FROM ledger_version ORDER BY version;

-- $1 version, $2 at_us, $3 delivery_id.
-- @name version_add
INSERT INTO ledger_version (version, at_us, delivery_id) VALUES ($1, $2, $3);

-- Columns: as delivery_add takes them.
-- @name deliveries
SELECT
    id, source_id, identity, billing_period, status, format, received_us, submitted_us, version,
    until_version, rows_read, rows_stored, report, supersedes, is_final
FROM delivery
ORDER BY id;

-- $1 id, $2 source_id, $3 identity, $4 billing_period, $5 status, $6 format, $7 received_us,
-- $8 submitted_us, $9 version, $10 until_version, $11 rows_read, $12 rows_stored, $13 report,
-- $14 supersedes, $15 is_final.
-- @name delivery_add
INSERT INTO delivery (
    id, source_id, identity, billing_period, status, format, received_us, submitted_us, version,
    until_version, rows_read, rows_stored, report, supersedes, is_final
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- Columns: as file_add of catalogue.sql takes them.
-- @name files
SELECT delivery_id, position, path, sha256, byte_nr, row_nr, first_record
FROM delivery_file
ORDER BY delivery_id, position;

-- The segments that are current. Columns: as segment_add of catalogue.sql takes them.
-- @name segments
SELECT
    id, source_id, delivery_id, billing_period, charge_from, charge_to, row_nr, charges_until_us,
    currency, has_tail, has_cubes, has_side, has_long, sums, since_version, cube_tags, has_values
FROM segment
WHERE until_version IS NULL
ORDER BY id;

-- What a load found of a segment that was restored. $1 id, $2 charge_from, $3 charge_to, $4 row_nr,
-- $5 charges_until_us, $6 has_tail, $7 has_side, $8 has_long, $9 sums, $10 cube_tags.
-- @name segment_found
UPDATE segment SET
    charge_from = $2, charge_to = $3, row_nr = $4, charges_until_us = $5, has_tail = $6,
    has_side = $7, has_long = $8, sums = $9, cube_tags = $10, has_cubes = 1, has_values = 1
WHERE id = $1;

-- Columns: name, value.
-- @name counters
SELECT name, value FROM counter WHERE name IN ('segment', 'delivery', 'source') ORDER BY name;

-- $1 name, $2 value.
-- @name counter_set
UPDATE counter SET value = $2 WHERE name = $1;

-- Exchange rates. Columns: as put of rate.sql takes them.
-- @name rates
SELECT day, from_currency, to_currency, rate, source
FROM rate
ORDER BY from_currency, to_currency, day;
