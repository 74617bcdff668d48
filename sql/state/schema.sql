-- The list of migrations that have run.

-- @name table
CREATE TABLE IF NOT EXISTS schema_migration (
    version BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    checksum TEXT COLLATE "C" NOT NULL
);

-- Columns: version, name, checksum.
-- @name list
SELECT version, name, checksum FROM schema_migration ORDER BY version;

-- $1 version, $2 name, $3 checksum.
-- @name add
INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3);
