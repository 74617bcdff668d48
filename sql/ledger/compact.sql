-- compact: the charges of several segments as the feed of one (src/ledger/compact.h).

-- @name part
SELECT * FROM {table}

-- @name part_side
-- With the further columns of its rows. Rows of before Delivery was kept there are of one delivery.
SELECT c.*, s.Columns AS Side
FROM {table} AS c
LEFT JOIN (SELECT * FROM side WHERE Segment = {segment}) AS s
    ON s.Record = c.Record AND s.Part = c.Part AND coalesce(s.Delivery, c.Delivery) = c.Delivery

-- @name union
UNION ALL BY NAME
