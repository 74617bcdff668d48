-- Accounts, roles and second factors (auth/people.h). Times are microseconds since 1970.

-- Is there anybody? Column: nr.
-- @name count
SELECT COUNT(*) AS nr FROM user_account;

-- $1 id or e-mail address. Columns: id, email, name, role_id, scope, password_hash, must_change,
-- totp_secret, totp_pending, totp_step, created_us, disabled_us, signed_in_us, role_name,
-- role_permissions (both null for a role that is built in).
-- @name one
SELECT
    u.id, u.email, u.name, u.role_id, u.scope, u.password_hash, u.must_change, u.totp_secret,
    u.totp_pending, u.totp_step, u.created_us, u.disabled_us, u.signed_in_us, r.name AS role_name,
    r.permissions AS role_permissions
FROM user_account AS u
LEFT JOIN role AS r ON r.id = u.role_id
WHERE u.id = $1 OR u.email = $1;

-- By e-mail address. $1 limit, $2 the address to go on after, or ''. The same columns.
-- @name list
SELECT
    u.id, u.email, u.name, u.role_id, u.scope, u.password_hash, u.must_change, u.totp_secret,
    u.totp_pending, u.totp_step, u.created_us, u.disabled_us, u.signed_in_us, r.name AS role_name,
    r.permissions AS role_permissions
FROM user_account AS u
LEFT JOIN role AS r ON r.id = u.role_id
WHERE u.email > $2
ORDER BY u.email
LIMIT $1;

-- $1 id, $2 email, $3 name, $4 role_id, $5 scope, $6 password_hash, $7 must_change, $8 created_us.
-- @name add
INSERT INTO user_account (
    id, email, name, role_id, scope, password_hash, must_change, created_us
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- $1 id, $2 name, $3 role_id, $4 scope, $5 disabled_us.
-- @name change
UPDATE user_account SET name = $2, role_id = $3, scope = $4, disabled_us = $5 WHERE id = $1;

-- Others than $1 who can sign in, have the role of an administrator and see all. Column: nr.
-- @name other_administrators
SELECT COUNT(*) AS nr
FROM user_account
WHERE
    role_id = 'administrator'
    AND disabled_us IS NULL
    AND password_hash IS NOT NULL
    AND scope IS NULL
    AND id <> $1;

-- $1 id, $2 password_hash, $3 must_change.
-- @name set_password
UPDATE user_account SET password_hash = $2, must_change = $3 WHERE id = $1;

-- $1 id, $2 name.
-- @name set_name
UPDATE user_account SET name = $2 WHERE id = $1;

-- $1 id, $2 when.
-- @name signed_in
UPDATE user_account SET signed_in_us = $2 WHERE id = $1;

-- ---- second factor ----

-- $1 id, $2 the secret that waits for its code.
-- @name totp_begin
UPDATE user_account SET totp_pending = $2 WHERE id = $1;

-- The one that waits, if it still is that, counts from now on. $1 id, $2 the step of its code, $3 the
-- secret.
-- @name totp_confirm
UPDATE user_account
SET totp_secret = totp_pending, totp_pending = NULL, totp_step = $2
WHERE id = $1 AND totp_pending = $3;

-- $1 id.
-- @name totp_remove
UPDATE user_account SET totp_secret = NULL, totp_pending = NULL, totp_step = 0 WHERE id = $1;

-- A code was used: none of this step or before is good any more. $1 id, $2 step.
-- @name totp_used
UPDATE user_account SET totp_step = $2 WHERE id = $1 AND totp_step < $2;

-- $1 user, $2 hash.
-- @name recovery_add
INSERT INTO recovery_code (user_id, hash) VALUES ($1, $2);

-- $1 user, $2 hash.
-- @name recovery_use
DELETE FROM recovery_code WHERE user_id = $1 AND hash = $2;

-- $1 user.
-- @name recovery_clear
DELETE FROM recovery_code WHERE user_id = $1;

-- ---- roles ----

-- By name. Columns: id, name, text, permissions.
-- @name roles
SELECT id, name, text, permissions FROM role ORDER BY name;

-- $1 id, $2 name, $3 text, $4 permissions, $5 created_us.
-- @name role_add
INSERT INTO role (id, name, text, permissions, created_us) VALUES ($1, $2, $3, $4, $5);

-- $1 id, $2 name, $3 text, $4 permissions.
-- @name role_change
UPDATE role SET name = $2, text = $3, permissions = $4 WHERE id = $1;

-- $1 id.
-- @name role_delete
DELETE FROM role WHERE id = $1;

-- How many have which role. Columns: role_id, nr.
-- @name role_counts
SELECT role_id, COUNT(*) AS nr FROM user_account GROUP BY role_id ORDER BY role_id;
