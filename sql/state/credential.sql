-- What people and programs show: sessions, API tokens, one-time secrets, keys of access tokens; and what
-- is held against those who show something wrong (auth/session.h, auth/token.h, auth/sign_in.h).

-- ---- sessions ----

-- $1 id, $2 user, $3 hash, $4 created_us, $5 expires_us, $6 address, $7 agent.
-- @name session_add
INSERT INTO user_session (id, user_id, hash, created_us, used_us, expires_us, address, agent)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7);

-- By its secret's hash, or by its id. $1 hash, $2 id; the other ''. Columns: id, user_id, created_us,
-- used_us, expires_us.
-- @name session
SELECT id, user_id, created_us, used_us, expires_us FROM user_session WHERE hash = $1 OR id = $2;

-- Those of one user that are open, the latest used first. $1 user, $2 now, $3 used since. Columns:
-- id, created_us, used_us, expires_us, address, agent.
-- @name sessions_of
SELECT id, created_us, used_us, expires_us, address, agent
FROM user_session
WHERE user_id = $1 AND expires_us > $2 AND used_us > $3
ORDER BY used_us DESC, id;

-- $1 id, $2 when.
-- @name session_used
UPDATE user_session SET used_us = $2 WHERE id = $1 AND used_us < $2;

-- $1 id, $2 user.
-- @name session_end
DELETE FROM user_session WHERE id = $1 AND user_id = $2;

-- All of one user but one. $1 user, $2 the id that stays, or ''.
-- @name sessions_end
DELETE FROM user_session WHERE user_id = $1 AND id <> $2;

-- $1 now, $2 used since.
-- @name sessions_prune
DELETE FROM user_session WHERE expires_us <= $1 OR used_us <= $2;

-- ---- API tokens ----

-- $1 id, $2 user, $3 name, $4 hash, $5 permissions, $6 scope, $7 created_us, $8 expires_us.
-- @name token_add
INSERT INTO api_token (id, user_id, name, hash, permissions, scope, created_us, expires_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- $1 id. Columns: id, user_id, hash, permissions, scope, expires_us, used_us, revoked_us.
-- @name token
SELECT id, user_id, hash, permissions, scope, expires_us, used_us, revoked_us
FROM api_token
WHERE id = $1;

-- The newest first. $1 user, or '' for all; $2 the earliest end. Columns: id, name, user_id, email,
-- permissions, scope, created_us, expires_us, used_us, revoked_us.
-- @name tokens
SELECT
    t.id, t.name, t.user_id, u.email, t.permissions, t.scope, t.created_us, t.expires_us, t.used_us,
    t.revoked_us
FROM api_token AS t
INNER JOIN user_account AS u ON u.id = t.user_id
WHERE ($1 = '' OR t.user_id = $1) AND t.expires_us > $2 AND COALESCE(t.revoked_us, $2 + 1) > $2
ORDER BY t.created_us DESC, t.id;

-- $1 id, $2 when.
-- @name token_used
UPDATE api_token SET used_us = $2 WHERE id = $1;

-- $1 id, $2 when, $3 user, or '' for anybody's.
-- @name token_revoke
UPDATE api_token
SET revoked_us = $2
WHERE id = $1 AND revoked_us IS NULL AND ($3 = '' OR user_id = $3);

-- ---- one-time secrets ----

-- $1 hash, $2 kind, $3 user, $4 created_us, $5 expires_us.
-- @name once_add
INSERT INTO one_time_secret (hash, kind, user_id, created_us, expires_us)
VALUES ($1, $2, $3, $4, $5);

-- $1 hash, $2 now. Columns: kind, user_id, expires_us.
-- @name once
SELECT kind, user_id, expires_us FROM one_time_secret WHERE hash = $1 AND expires_us > $2;

-- Used up. $1 hash.
-- @name once_use
DELETE FROM one_time_secret WHERE hash = $1;

-- Those of one user, or with '' those of set-up, do not work any more; nor do old ones. $1 user,
-- $2 now.
-- @name once_clear
DELETE FROM one_time_secret WHERE COALESCE(user_id, '') = $1 OR expires_us <= $2;

-- ---- failed sign-ins ----

-- $1, $2 about. Columns: about, failures, last_us, locked_until_us.
-- @name failures
SELECT about, failures, last_us, locked_until_us
FROM sign_in_failure
WHERE about = $1 OR about = $2;

-- $1 about, $2 failures, $3 last_us, $4 locked_until_us.
-- @name failure_put
INSERT INTO sign_in_failure (about, failures, last_us, locked_until_us)
VALUES ($1, $2, $3, $4)
ON CONFLICT (about)
DO UPDATE SET
    failures = excluded.failures,
    last_us = excluded.last_us,
    locked_until_us = excluded.locked_until_us;

-- It was none after all. $1 about.
-- @name failure_undo
UPDATE sign_in_failure
SET failures = failures - 1, locked_until_us = 0
WHERE about = $1 AND failures > 0;

-- $1 about.
-- @name failure_clear
DELETE FROM sign_in_failure WHERE about = $1;

-- $1 the last before.
-- @name failures_prune
DELETE FROM sign_in_failure WHERE last_us < $1;

-- Users who have to wait. $1 now. Columns: about, locked_until_us.
-- @name locked
SELECT about, locked_until_us
FROM sign_in_failure
WHERE about LIKE 'user:%' AND locked_until_us > $1;

-- ---- keys of access tokens ----

-- What signatures are checked by, the newest first. Columns: id, public_key.
-- @name public_keys
SELECT id, public_key FROM signing_key ORDER BY created_us DESC, id;

-- What signs. Columns: id, public_key, private_key, created_us.
-- @name newest_key
SELECT id, public_key, private_key, created_us FROM signing_key ORDER BY created_us DESC, id LIMIT 1;

-- $1 id, $2 public_key, $3 private_key, $4 created_us.
-- @name key_add
INSERT INTO signing_key (id, public_key, private_key, created_us) VALUES ($1, $2, $3, $4);

-- $1 made before.
-- @name keys_prune
DELETE FROM signing_key WHERE created_us < $1;
