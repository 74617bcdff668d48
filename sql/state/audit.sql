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

-- Some of it, the newest first. $1 before this seq, $2 how the action begins or '', $3 not before (us),
-- $4 before (us), $5 limit. Columns: seq, at_us, actor, email, action, object, detail, request_id, hash.
-- @name list
SELECT
    a.seq, a.at_us, a.actor, u.email, a.action, a.object, a.detail, a.request_id, a.hash
FROM audit AS a
LEFT JOIN user_account AS u ON u.id = a.actor
WHERE
    a.seq < $1
    AND substr(a.action, 1, length($2)) = $2
    AND a.at_us >= $3
    AND a.at_us < $4
ORDER BY a.seq DESC
LIMIT $5;

-- The same of one actor, $6.
-- @name list_of
SELECT
    a.seq, a.at_us, a.actor, u.email, a.action, a.object, a.detail, a.request_id, a.hash
FROM audit AS a
LEFT JOIN user_account AS u ON u.id = a.actor
WHERE
    a.seq < $1
    AND a.actor = $6
    AND substr(a.action, 1, length($2)) = $2
    AND a.at_us >= $3
    AND a.at_us < $4
ORDER BY a.seq DESC
LIMIT $5;

-- The same, the oldest first. $1 after this seq, else as in `list`.
-- @name export
SELECT
    a.seq, a.at_us, a.actor, u.email, a.action, a.object, a.detail, a.request_id, a.hash
FROM audit AS a
LEFT JOIN user_account AS u ON u.id = a.actor
WHERE
    a.seq > $1
    AND substr(a.action, 1, length($2)) = $2
    AND a.at_us >= $3
    AND a.at_us < $4
ORDER BY a.seq
LIMIT $5;

-- The same of one actor, $6.
-- @name export_of
SELECT
    a.seq, a.at_us, a.actor, u.email, a.action, a.object, a.detail, a.request_id, a.hash
FROM audit AS a
LEFT JOIN user_account AS u ON u.id = a.actor
WHERE
    a.seq > $1
    AND a.actor = $6
    AND substr(a.action, 1, length($2)) = $2
    AND a.at_us >= $3
    AND a.at_us < $4
ORDER BY a.seq
LIMIT $5;

-- The chain, link by link. $1 after this seq, $2 limit. Columns: seq, at_us, actor, action, object,
-- detail, request_id, previous_hash, hash.
-- @name chain
SELECT seq, at_us, actor, action, object, detail, request_id, previous_hash, hash
FROM audit
WHERE seq > $1
ORDER BY seq
LIMIT $2;
