-- Stars that people give to what they see in a collection (api/collection.h).

-- $1 who, $2 the collection, $3 id.
-- @name add
INSERT INTO star (user_id, collection, item_id) VALUES ($1, $2, $3)
ON CONFLICT (user_id, collection, item_id) DO NOTHING;

-- $1 who, $2 the collection, $3 id.
-- @name remove
DELETE FROM star WHERE user_id = $1 AND collection = $2 AND item_id = $3;

-- Everybody's, when it is gone. $1 id.
-- @name forget
DELETE FROM star WHERE item_id = $1;
