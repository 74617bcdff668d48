-- The first schema: who uses it, what was delivered, what is current, what people keep, what runs,
-- and what was done. Common subset of SQLite and PostgreSQL: whole numbers are BIGINT (booleans 0
-- and 1), times are microseconds since 1970 UTC (…_us), JSON and money are text, and text compares
-- as bytes, so that both engines order it alike.

-- Numbers that are given out once, and marks that only rise.
CREATE TABLE counter (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES
    ('segment', 0),         -- the last segment id given out
    ('delivery', 0),        -- the last delivery id given out
    ('source', 0),          -- the last source id given out
    ('oldest_version', 0);  -- the oldest ledger version whose segments are all kept

-- ---- who ----

CREATE TABLE organisation (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    created_us BIGINT NOT NULL
);
INSERT INTO organisation (id, name, created_us) VALUES ('default', 'Default', 0);

CREATE TABLE user_account (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    email TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    created_us BIGINT NOT NULL,
    disabled_us BIGINT,
    UNIQUE (organisation_id, email)
);

-- ---- catalogue: ledger/catalogue.h says what the columns mean ----

CREATE TABLE source (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    provider TEXT COLLATE "C" NOT NULL,
    billing_account TEXT COLLATE "C" NOT NULL,
    dataset TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    created_us BIGINT NOT NULL,
    UNIQUE (provider, billing_account, dataset)
);

-- One row a version, written by the commit that made it.
CREATE TABLE ledger_version (
    version BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    delivery_id BIGINT NOT NULL
);
CREATE INDEX ledger_version_at ON ledger_version (at_us);

-- `version` is the ledger version that brought it, null for one that changed nothing; `until_version`
-- the one that replaced it.
CREATE TABLE delivery (
    id BIGINT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES source (id),
    identity TEXT COLLATE "C" NOT NULL,
    billing_period TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL
        CHECK (status IN ('loaded', 'unchanged', 'superseded', 'refused')),
    format TEXT COLLATE "C" NOT NULL,
    received_us BIGINT NOT NULL,
    submitted_us BIGINT NOT NULL,
    version BIGINT REFERENCES ledger_version (version),
    until_version BIGINT REFERENCES ledger_version (version),
    rows_read BIGINT NOT NULL,
    rows_stored BIGINT NOT NULL,
    report TEXT COLLATE "C" NOT NULL,
    supersedes BIGINT REFERENCES delivery (id),
    is_final BIGINT CHECK (is_final IN (0, 1))
);
CREATE INDEX delivery_by_period ON delivery (source_id, billing_period, identity);

CREATE TABLE delivery_file (
    delivery_id BIGINT NOT NULL REFERENCES delivery (id),
    position BIGINT NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    byte_nr BIGINT NOT NULL,
    row_nr BIGINT NOT NULL,
    first_record BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, position)
);

-- Current for since_version <= v < until_version (null: still).
CREATE TABLE segment (
    id BIGINT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES source (id),
    delivery_id BIGINT NOT NULL REFERENCES delivery (id),
    billing_period TEXT COLLATE "C" NOT NULL,
    charge_from BIGINT NOT NULL,
    charge_to BIGINT NOT NULL,
    row_nr BIGINT NOT NULL,
    charges_until_us BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    has_tail BIGINT NOT NULL,
    has_cubes BIGINT NOT NULL,
    has_side BIGINT NOT NULL,
    has_long BIGINT NOT NULL,
    sums TEXT COLLATE "C" NOT NULL,
    since_version BIGINT NOT NULL REFERENCES ledger_version (version),
    until_version BIGINT REFERENCES ledger_version (version)
);
CREATE INDEX segment_by_period ON segment (source_id, billing_period);

-- ---- what people keep ----

CREATE TABLE view (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    owner_id TEXT COLLATE "C" REFERENCES user_account (id),
    name TEXT COLLATE "C" NOT NULL,
    plan TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE INDEX view_by_name ON view (organisation_id, name, id);

CREATE TABLE annotation (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    author_id TEXT COLLATE "C" REFERENCES user_account (id),
    date TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE INDEX annotation_by_date ON annotation (organisation_id, date, id);

-- Settings that are changed while it runs; `value` is JSON.
CREATE TABLE setting (
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, name)
);

-- ---- what runs ----

-- Ids are time-ordered, so their order is the order of submission. While a job runs, its progress
-- is in memory only; the row has what stood when its state changed last.
CREATE TABLE job (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    kind TEXT COLLATE "C" NOT NULL,
    params TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    phase TEXT COLLATE "C" NOT NULL DEFAULT '',
    rows_done BIGINT NOT NULL DEFAULT 0,
    rows_total BIGINT,
    bytes_done BIGINT NOT NULL DEFAULT 0,
    bytes_total BIGINT,
    created_us BIGINT NOT NULL,
    started_us BIGINT,
    finished_us BIGINT,
    result TEXT COLLATE "C",
    error TEXT COLLATE "C"
);
CREATE INDEX job_open ON job (state) WHERE state IN ('queued', 'running');

-- ---- what was done ----

-- A chain: `hash` covers the row and the hash of the one before.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C",
    previous_hash TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE INDEX audit_by_time ON audit (at_us);
