-- Settings that are changed while it runs (app/organisation.h). Values are JSON.

-- One of them. $1 its name. Columns: value.
-- @name one
SELECT value FROM setting WHERE organisation_id = 'default' AND name = $1;

-- Sets it. $1 name, $2 value, $3 when (us).
-- @name put
INSERT INTO setting (name, value, updated_us)
VALUES ($1, $2, $3)
ON CONFLICT (organisation_id, name)
DO UPDATE SET value = excluded.value, updated_us = excluded.updated_us;
