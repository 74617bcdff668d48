-- Cases of what was found unusual, and what was done to them (app/anomalies.h). Days are '2025-01-31';
-- times are microseconds since 1970.
--
-- Columns of a case: id, number, level, account, account_name, service, tag, tag_value, currency,
-- direction, channel, score_milli, start_day, end_day, detected_day, ongoing, actual, expected, impact,
-- rank, severity, levels, state, snoozed_until, reason, cause, kind, owner_id, owner (an e-mail address),
-- merged_into, comments, revision, created_us, updated_us.

-- The next number. Column: value.
-- @name number
UPDATE counter SET value = value + 1 WHERE name = 'anomaly' RETURNING value;

-- $1 id. The columns of a case.
-- @name one
SELECT
    a.id, a.number, a.level, a.account, a.account_name, a.service, a.tag, a.tag_value, a.currency,
    a.direction, a.channel, a.score_milli, a.start_day, a.end_day, a.detected_day, a.ongoing, a.actual,
    a.expected, a.impact, a.rank, a.severity, a.levels, a.state, a.snoozed_until, a.reason, a.cause,
    a.kind, a.owner_id, u.email AS owner, a.merged_into,
    (SELECT COUNT(*) FROM anomaly_event AS e WHERE e.anomaly_id = a.id AND e.what = 'comment') AS comments,
    a.revision, a.created_us, a.updated_us
FROM anomaly AS a
LEFT JOIN user_account AS u ON u.id = a.owner_id
WHERE a.id = $1;

-- Those that were not over before a day, by their numbers. $1 the day. The columns of a case.
-- @name since
SELECT
    a.id, a.number, a.level, a.account, a.account_name, a.service, a.tag, a.tag_value, a.currency,
    a.direction, a.channel, a.score_milli, a.start_day, a.end_day, a.detected_day, a.ongoing, a.actual,
    a.expected, a.impact, a.rank, a.severity, a.levels, a.state, a.snoozed_until, a.reason, a.cause,
    a.kind, a.owner_id, u.email AS owner, a.merged_into, CAST(0 AS BIGINT) AS comments, a.revision, a.created_us,
    a.updated_us
FROM anomaly AS a
LEFT JOIN user_account AS u ON u.id = a.owner_id
WHERE a.end_day >= $1
ORDER BY a.number;

-- The largest first. $1 states with commas in between, in front and behind, or '' for all that are not
-- merged; $2 severities likewise, or ''; $3 level, $4 account, $5 service, $6 direction, each '' for any;
-- $7 not over before this day, $8 begun before this day, each '' for any; behind the rank $9 and the
-- number $10; $11 limit. The columns of a case.
-- @name by_impact
SELECT
    a.id, a.number, a.level, a.account, a.account_name, a.service, a.tag, a.tag_value, a.currency,
    a.direction, a.channel, a.score_milli, a.start_day, a.end_day, a.detected_day, a.ongoing, a.actual,
    a.expected, a.impact, a.rank, a.severity, a.levels, a.state, a.snoozed_until, a.reason, a.cause,
    a.kind, a.owner_id, u.email AS owner, a.merged_into,
    (SELECT COUNT(*) FROM anomaly_event AS e WHERE e.anomaly_id = a.id AND e.what = 'comment') AS comments,
    a.revision, a.created_us, a.updated_us
FROM anomaly AS a
LEFT JOIN user_account AS u ON u.id = a.owner_id
WHERE
    (($1 = '' AND a.state <> 'merged') OR $1 LIKE '%,' || a.state || ',%')
    AND ($2 = '' OR $2 LIKE '%,' || a.severity || ',%')
    AND ($3 = '' OR a.level = $3)
    AND ($4 = '' OR a.account = $4)
    AND ($5 = '' OR a.service = $5)
    AND ($6 = '' OR a.direction = $6)
    AND ($7 = '' OR a.end_day >= $7)
    AND ($8 = '' OR a.start_day < $8)
    AND (a.rank < $9 OR (a.rank = $9 AND a.number < $10))
ORDER BY a.rank DESC, a.number DESC
LIMIT $11;

-- The latest first; $9 is a day. Otherwise as by_impact.
-- @name by_start
SELECT
    a.id, a.number, a.level, a.account, a.account_name, a.service, a.tag, a.tag_value, a.currency,
    a.direction, a.channel, a.score_milli, a.start_day, a.end_day, a.detected_day, a.ongoing, a.actual,
    a.expected, a.impact, a.rank, a.severity, a.levels, a.state, a.snoozed_until, a.reason, a.cause,
    a.kind, a.owner_id, u.email AS owner, a.merged_into,
    (SELECT COUNT(*) FROM anomaly_event AS e WHERE e.anomaly_id = a.id AND e.what = 'comment') AS comments,
    a.revision, a.created_us, a.updated_us
FROM anomaly AS a
LEFT JOIN user_account AS u ON u.id = a.owner_id
WHERE
    (($1 = '' AND a.state <> 'merged') OR $1 LIKE '%,' || a.state || ',%')
    AND ($2 = '' OR $2 LIKE '%,' || a.severity || ',%')
    AND ($3 = '' OR a.level = $3)
    AND ($4 = '' OR a.account = $4)
    AND ($5 = '' OR a.service = $5)
    AND ($6 = '' OR a.direction = $6)
    AND ($7 = '' OR a.end_day >= $7)
    AND ($8 = '' OR a.start_day < $8)
    AND (a.start_day < $9 OR (a.start_day = $9 AND a.number < $10))
ORDER BY a.start_day DESC, a.number DESC
LIMIT $11;

-- Cases by state and scope, with the filters $1 to $7 of by_impact's $2 to $8. Columns: state, level,
-- account, service, tag, tag_value, nr.
-- @name counts
SELECT a.state, a.level, a.account, a.service, a.tag, a.tag_value, COUNT(*) AS nr
FROM anomaly AS a
WHERE
    ($1 = '' OR $1 LIKE '%,' || a.severity || ',%')
    AND ($2 = '' OR a.level = $2)
    AND ($3 = '' OR a.account = $3)
    AND ($4 = '' OR a.service = $4)
    AND ($5 = '' OR a.direction = $5)
    AND ($6 = '' OR a.end_day >= $6)
    AND ($7 = '' OR a.start_day < $7)
GROUP BY a.state, a.level, a.account, a.service, a.tag, a.tag_value
ORDER BY a.state, a.level, a.account, a.service, a.tag, a.tag_value;

-- $1 id, $2 number, $3 level, $4 account, $5 account_name, $6 service, $7 tag, $8 tag_value, $9 currency,
-- $10 direction, $11 channel, $12 score_milli, $13 start_day, $14 end_day, $15 detected_day, $16 ongoing,
-- $17 actual, $18 expected, $19 impact, $20 rank, $21 severity, $22 levels, $23 now.
-- @name add
INSERT INTO anomaly (
    id, number, level, account, account_name, service, tag, tag_value, currency, direction, channel,
    score_milli, start_day, end_day, detected_day, ongoing, actual, expected, impact, rank, severity,
    levels, state, created_us, updated_us
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    'open', $23, $23
);

-- What is found now. The parameters of add, $2 the revision that was read.
-- @name found
UPDATE anomaly
SET
    level = $3, account = $4, account_name = $5, service = $6, tag = $7, tag_value = $8, currency = $9,
    direction = $10, channel = $11, score_milli = $12, start_day = $13, end_day = $14, detected_day = $15,
    ongoing = $16, actual = $17, expected = $18, impact = $19, rank = $20, severity = $21, levels = $22,
    revision = revision + 1, updated_us = $23
WHERE id = $1 AND revision = $2;

-- $1 id, $2 the revision that was read, $3 state, $4 snoozed_until, $5 reason, $6 cause, $7 kind,
-- $8 owner_id, $9 merged_into, $10 now.
-- @name decide
UPDATE anomaly
SET
    state = $3, snoozed_until = $4, reason = $5, cause = $6, kind = $7, owner_id = $8, merged_into = $9,
    revision = revision + 1, updated_us = $10
WHERE id = $1 AND revision = $2;

-- Parts of a case. $1 id. Column: nr.
-- @name parts
SELECT COUNT(*) AS nr FROM anomaly WHERE merged_into = $1;

-- The parts of a case become those of another. $1 the one, $2 the other, $3 now. Column: id.
-- @name adopt
UPDATE anomaly
SET merged_into = $2, revision = revision + 1, updated_us = $3
WHERE merged_into = $1
RETURNING id;

-- Cases that a person has taken out of another, and that were merged into none since. Column: number.
-- @name apart
SELECT a.number
FROM anomaly AS a
INNER JOIN anomaly_event AS e ON e.anomaly_id = a.id AND e.what = 'unmerged'
WHERE
    NOT EXISTS (
        SELECT 1 FROM anomaly_event AS l
        WHERE l.anomaly_id = a.id AND l.seq > e.seq AND l.what IN ('unmerged', 'merged', 'absorbed')
    )
ORDER BY a.number;

-- Cases whose days of rest are over. $1 today. Columns: id, revision, owner_id.
-- @name woken
SELECT id, revision, owner_id
FROM anomaly
WHERE state = 'snoozed' AND snoozed_until <= $1
ORDER BY id;

-- ---- what was done ----

-- $1 case, $2 when, $3 user or null, $4 what, $5 text, $6 detail.
-- @name say
INSERT INTO anomaly_event (anomaly_id, seq, at_us, user_id, what, text, detail)
SELECT $1, COALESCE(MAX(seq), 0) + 1, CAST($2 AS BIGINT), $3, $4, $5, $6 FROM anomaly_event WHERE anomaly_id = $1;

-- The earliest first. $1 case. Columns: at_us, by_email, what, text, detail.
-- @name said
SELECT e.at_us, u.email AS by_email, e.what, e.text, e.detail
FROM anomaly_event AS e
LEFT JOIN user_account AS u ON u.id = e.user_id
WHERE e.anomaly_id = $1
ORDER BY e.seq;

-- Who can be an owner. $1 e-mail address. Columns: id, email.
-- @name user
SELECT id, email FROM user_account WHERE email = LOWER($1) AND disabled_us IS NULL;
