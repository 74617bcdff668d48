-- Who may come in, and what they may do: accounts with passwords and second factors, roles of one's own,
-- sessions, API tokens, one-time secrets, failed sign-ins, keys of access tokens (auth/people.h).
-- Of secrets there is only a hash.

-- Roles are those that are built in (auth/permission.def) or rows of `role`, so the column can no
-- longer list them.
ALTER TABLE user_account ADD COLUMN role_id TEXT COLLATE "C" NOT NULL DEFAULT 'viewer';
UPDATE user_account SET role_id = CASE role WHEN 'admin' THEN 'administrator' ELSE role END;
ALTER TABLE user_account DROP COLUMN role;

-- Null: an invitation that was not accepted yet.
ALTER TABLE user_account ADD COLUMN password_hash TEXT COLLATE "C";
ALTER TABLE user_account ADD COLUMN must_change BIGINT NOT NULL DEFAULT 0;
-- A condition over charges; null: all.
ALTER TABLE user_account ADD COLUMN scope TEXT COLLATE "C";
-- The second factor, one that waits for its first code, and the step of the last code that was used.
ALTER TABLE user_account ADD COLUMN totp_secret TEXT COLLATE "C";
ALTER TABLE user_account ADD COLUMN totp_pending TEXT COLLATE "C";
ALTER TABLE user_account ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE user_account ADD COLUMN signed_in_us BIGINT;

-- `permissions` is a JSON array of names.
CREATE TABLE role (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    name TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    permissions TEXT COLLATE "C" NOT NULL,
    created_us BIGINT NOT NULL,
    UNIQUE (organisation_id, name)
);

CREATE TABLE recovery_code (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE user_session (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    created_us BIGINT NOT NULL,
    used_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX user_session_of ON user_session (user_id);

-- `permissions` is a JSON array, null: all that the user has.
CREATE TABLE api_token (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    name TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    permissions TEXT COLLATE "C",
    scope TEXT COLLATE "C",
    created_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    used_us BIGINT,
    revoked_us BIGINT
);
CREATE INDEX api_token_of ON api_token (user_id);

-- What makes the first account, accepts an invitation, or sets a new password; once.
CREATE TABLE one_time_secret (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('setup', 'invite', 'reset')),
    user_id TEXT COLLATE "C" REFERENCES user_account (id),
    created_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL
);

-- By 'user:' and a hash of the address that was given, whether there is such a user or not, and by
-- 'address:' and where it came from.
CREATE TABLE sign_in_failure (
    about TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    locked_until_us BIGINT NOT NULL
);

-- Base64url.
CREATE TABLE signing_key (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    public_key TEXT COLLATE "C" NOT NULL,
    private_key TEXT COLLATE "C" NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE INDEX audit_by_actor ON audit (actor, seq);
