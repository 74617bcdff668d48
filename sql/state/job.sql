-- Jobs: work that takes longer than a request (jobs/jobs.h).

-- $1 id, $2 kind, $3 params, $4 created_us, $5 user_id, $6 scope.
-- @name add
INSERT INTO job (id, kind, params, state, created_us, user_id, scope)
VALUES ($1, $2, $3, 'queued', $4, $5, $6);

-- $1 id, $2 started_us.
-- @name start
UPDATE job SET state = 'running', started_us = $2 WHERE id = $1 AND state = 'queued';

-- $1 id, $2 state, $3 phase, $4 rows_done, $5 rows_total, $6 bytes_done, $7 bytes_total,
-- $8 finished_us, $9 result, $10 error.
-- @name finish
UPDATE job
SET
    state = $2,
    phase = $3,
    rows_done = $4,
    rows_total = $5,
    bytes_done = $6,
    bytes_total = $7,
    finished_us = $8,
    result = $9,
    error = $10
WHERE id = $1 AND state IN ('queued', 'running');

-- What an earlier process left. Column: id.
-- @name open
SELECT id FROM job WHERE state IN ('queued', 'running') ORDER BY id;

-- What ended long ago. $1 finished before, microseconds.
-- @name prune
DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled') AND finished_us < $1;

-- $1 id. Columns: id, kind, state, phase, rows_done, rows_total, bytes_done, bytes_total,
-- created_us, started_us, finished_us, params, result, error, user_id, scope.
-- @name get
SELECT
    id, kind, state, phase, rows_done, rows_total, bytes_done, bytes_total, created_us, started_us,
    finished_us, params, result, error, user_id, scope
FROM job
WHERE id = $1;

-- The newest first. $1 limit, $2 the id to go on after, or ''; $3 user and $4 scope, or '' for all.
-- The same columns.
-- @name list
SELECT
    id, kind, state, phase, rows_done, rows_total, bytes_done, bytes_total, created_us, started_us,
    finished_us, params, result, error, user_id, scope
FROM job
WHERE ($2 = '' OR id < $2) AND ($4 = '' OR (user_id = $3 AND scope = $4))
ORDER BY id DESC
LIMIT $1;
