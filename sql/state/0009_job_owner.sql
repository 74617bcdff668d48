-- Who submitted a job, and the scope (text of a filter) that they had; both null: the owner of the
-- data directory, who sees all.

ALTER TABLE job ADD COLUMN user_id TEXT COLLATE "C";
ALTER TABLE job ADD COLUMN scope TEXT COLLATE "C";
