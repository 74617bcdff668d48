-- Since when a segment's charges are in the archive and no longer in the engine (ledger/archive.h);
-- null: they are in the engine.
ALTER TABLE segment ADD COLUMN archived_us BIGINT;
