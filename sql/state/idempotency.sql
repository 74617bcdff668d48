-- Requests that were sent with an Idempotency-Key, and their answers (app/idempotency.h).

-- Those whose time is over. $1 begun before, microseconds.
-- @name prune
DELETE FROM idempotency WHERE begun_us < $1;

-- Of one principal those whose time is over; and the oldest that are answered give way until the
-- others are no more than $2, nor their bytes more than $3. $1 principal, $4 begun before.
-- @name make_room
DELETE FROM idempotency
WHERE
    principal = $1
    AND (begun_us < $4 OR status IS NOT NULL)
    AND begun_us <= COALESCE(
        (
            SELECT MAX(held.begun_us)
            FROM (
                SELECT
                    begun_us,
                    ROW_NUMBER() OVER (ORDER BY begun_us DESC) AS nr,
                    SUM(bytes) OVER (ORDER BY begun_us DESC) AS bytes
                FROM idempotency
                WHERE principal = $1
            ) AS held
            WHERE held.begun_us < $4 OR held.nr > $2 OR held.bytes > $3
        ), -1
    );

-- $1 principal, $2 operation, $3 hash of the key, $4 not begun before. Columns: request_hash,
-- begun_us, status, content_type, location, etag, body.
-- @name one
SELECT request_hash, begun_us, status, content_type, location, etag, body
FROM idempotency
WHERE principal = $1 AND operation = $2 AND key_hash = $3 AND begun_us >= $4;

-- $1 principal, $2 operation, $3 hash of the key, $4 hash of the request, $5 now.
-- @name add
INSERT INTO idempotency (principal, operation, key_hash, request_hash, begun_us)
VALUES ($1, $2, $3, $4, $5);

-- The answer. $1 principal, $2 operation, $3 hash of the key, $4 status, $5 content_type,
-- $6 location, $7 etag, $8 body, $9 bytes.
-- @name answer
UPDATE idempotency
SET status = $4, content_type = $5, location = $6, etag = $7, body = $8, bytes = $9
WHERE principal = $1 AND operation = $2 AND key_hash = $3;

-- Nothing was done: the key may be used again. $1 principal, $2 operation, $3 hash of the key.
-- @name release
DELETE FROM idempotency WHERE principal = $1 AND operation = $2 AND key_hash = $3;
