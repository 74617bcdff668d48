-- What was done (state/audit.h).

-- The end of the chain. Columns: seq, hash.
-- @name last
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- $1 seq, $2 at_us, $3 actor, $4 action, $5 object, $6 detail, $7 request_id, $8 previous_hash,
-- $9 hash.
-- @name add
INSERT INTO audit (
    seq, at_us, actor, action, object, detail, request_id, previous_hash, hash
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
