-- Short links (app/links.h). Times are microseconds since 1970.

-- One that has not ended. $1 id, $2 not opened since. Columns: search, opened_us.
-- @name one
SELECT search, opened_us FROM link WHERE id = $1 AND opened_us > $2;

-- The same place again. $1 who, $2 search, $3 not opened since. Column: id.
-- @name same
SELECT id FROM link WHERE user_id = $1 AND search = $2 AND opened_us > $3;

-- How many somebody has. $1 who, $2 not opened since. Column: nr.
-- @name count
SELECT COUNT(*) AS nr FROM link WHERE user_id = $1 AND opened_us > $2;

-- $1 id, $2 who, $3 search, $4 now.
-- @name add
INSERT INTO link (id, user_id, search, created_us, opened_us) VALUES ($1, $2, $3, $4, $4);

-- $1 id, $2 when.
-- @name opened
UPDATE link SET opened_us = $2 WHERE id = $1 AND opened_us < $2;

-- $1 id, $2 who, or '' for anybody's.
-- @name remove
DELETE FROM link WHERE id = $1 AND ($2 = '' OR user_id = $2);

-- $1 not opened since.
-- @name prune
DELETE FROM link WHERE opened_us <= $1;
