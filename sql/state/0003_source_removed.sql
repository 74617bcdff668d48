-- When a source's charges were taken out of the ledger with it. It stays for the earlier versions, and
-- is not listed until a delivery brings it back.
ALTER TABLE source ADD COLUMN removed_us BIGINT;
