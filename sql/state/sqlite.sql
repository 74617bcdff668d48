-- What only SQLite needs: how a connection is set up, and how transactions open and close.

-- @name open_writer
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;

-- @name open_reader
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA query_only = ON;

-- @name begin
BEGIN IMMEDIATE;

-- @name commit
COMMIT;

-- @name rollback
ROLLBACK;

-- @name migrate_lock
BEGIN IMMEDIATE;

-- @name version
SELECT 'sqlite ' || sqlite_version() AS version;
