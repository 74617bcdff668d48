-- What only PostgreSQL needs: how a connection is set up, and how transactions open and close.

-- @name open_writer
SET lock_timeout = '10s';
SET standard_conforming_strings = on;

-- @name open_reader
SET lock_timeout = '10s';
SET standard_conforming_strings = on;

-- @name begin
BEGIN ISOLATION LEVEL SERIALIZABLE;

-- @name commit
COMMIT;

-- @name rollback
ROLLBACK;

-- Migrations of several processes wait for each other. READ COMMITTED, so that the one that waited
-- sees what the other did; the number is arbitrary and belongs to this program.
-- @name migrate_lock
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '60s';
SELECT pg_advisory_xact_lock(5128406721);

-- @name version
SELECT 'postgresql ' || split_part(current_setting('server_version'), ' ', 1) AS version;
