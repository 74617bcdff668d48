-- Exchange rates (app/rates.h).

-- What answers that were converted depend on. Column: the number of the last change.
-- @name version
SELECT value FROM counter WHERE name = 'rate';

-- @name changed
UPDATE counter SET value = value + 1 WHERE name = 'rate';

-- A rate, instead of what stood for its day; nothing changes when that is the same. $1 day, $2 from,
-- $3 to, $4 rate, $5 source.
-- @name put
INSERT INTO rate (day, from_currency, to_currency, rate, source)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (from_currency, to_currency, day)
DO UPDATE SET rate = excluded.rate, source = excluded.source
WHERE rate.rate <> excluded.rate;

-- All that can say what one currency is in another, by day. $1 from, $2 to, $3 first day, $4 last
-- day. Columns: day, from, to, rate.
-- @name between
SELECT day, from_currency, to_currency, rate
FROM rate
WHERE ((from_currency = $1 AND to_currency = $2) OR (from_currency = $2 AND to_currency = $1)
    OR (from_currency = 'EUR' AND to_currency IN ($1, $2)))
    AND day >= $3 AND day <= $4
ORDER BY day;

-- Which currencies have rates between them. Columns: from, to.
-- @name directions
SELECT DISTINCT from_currency, to_currency
FROM rate
ORDER BY from_currency, to_currency;

-- What there is. Columns: from, to, number of days, first day, last day, its rate, its source.
-- @name pairs
SELECT pair.from_currency, pair.to_currency, pair.days, pair.first_day, pair.last_day, rate.rate,
    rate.source
FROM (
    SELECT from_currency, to_currency, COUNT(*) AS days, MIN(day) AS first_day, MAX(day) AS last_day
    FROM rate
    GROUP BY from_currency, to_currency
) AS pair
JOIN rate ON rate.from_currency = pair.from_currency AND rate.to_currency = pair.to_currency
    AND rate.day = pair.last_day
ORDER BY pair.from_currency, pair.to_currency;
