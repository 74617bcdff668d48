-- The files of deliveries as they came (ledger/raw.h).

-- Files that are to be kept: of deliveries that were loaded since a moment, and that no row tells of
-- since. $1 the moment. Columns: sha256, path, byte_nr.
-- @name waiting
SELECT f.sha256, MIN(f.path) AS path, MAX(f.byte_nr) AS byte_nr
FROM delivery_file AS f
JOIN delivery AS d ON d.id = f.delivery_id
WHERE d.version IS NOT NULL AND d.received_us >= $1
    AND NOT EXISTS (
        SELECT 1 FROM raw_file AS r
        WHERE r.sha256 = f.sha256 AND (r.state = 'kept' OR r.at_us >= d.received_us)
    )
GROUP BY f.sha256
ORDER BY f.sha256;

-- Is a file one of a delivery that was loaded? $1 sha256. Column: 1.
-- @name delivered
SELECT 1
FROM delivery_file AS f
JOIN delivery AS d ON d.id = f.delivery_id
WHERE f.sha256 = $1 AND d.version IS NOT NULL
LIMIT 1;

-- $1 sha256, $2 state, $3 packed, $4 bytes on the disk, $5 now_us, $6 why.
-- @name put
INSERT INTO raw_file (sha256, state, packed, byte_nr, at_us, why)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (sha256) DO UPDATE SET
    state = excluded.state, packed = excluded.packed, byte_nr = excluded.byte_nr,
    at_us = excluded.at_us, why = excluded.why;

-- $1 sha256. Columns: state, packed, byte_nr, at_us, why.
-- @name one
SELECT state, packed, byte_nr, at_us, why FROM raw_file WHERE sha256 = $1;

-- Kept files whose last delivery came before a moment. $1 the moment. Columns: sha256, packed, byte_nr.
-- @name old
SELECT r.sha256, r.packed, r.byte_nr
FROM raw_file AS r
WHERE r.state = 'kept'
    AND NOT EXISTS (
        SELECT 1
        FROM delivery_file AS f
        JOIN delivery AS d ON d.id = f.delivery_id
        WHERE f.sha256 = r.sha256 AND d.version IS NOT NULL AND d.received_us >= $1
    )
ORDER BY r.sha256;
