-- What the standing monitors found unusual, as cases (app/anomalies.h). Days are '2025-01-31', amounts
-- decimals as text; `rank` is the impact without its sign in hundredths, to sort by. A scope is its level
-- with what that has: null beside it means charges that name none. `levels` is a JSON array of the same
-- event at other levels.

CREATE TABLE anomaly (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    level TEXT COLLATE "C" NOT NULL
    CHECK (level IN ('total', 'account', 'service', 'account_service', 'tag')),
    account TEXT COLLATE "C",
    account_name TEXT COLLATE "C",
    service TEXT COLLATE "C",
    tag TEXT COLLATE "C",
    tag_value TEXT COLLATE "C",
    currency TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL CHECK (direction IN ('up', 'down')),
    channel TEXT COLLATE "C" NOT NULL,
    score_milli BIGINT NOT NULL,
    start_day TEXT COLLATE "C" NOT NULL,
    end_day TEXT COLLATE "C" NOT NULL,
    detected_day TEXT COLLATE "C" NOT NULL,
    ongoing BIGINT NOT NULL CHECK (ongoing IN (0, 1)),
    actual TEXT COLLATE "C" NOT NULL,
    expected TEXT COLLATE "C" NOT NULL,
    impact TEXT COLLATE "C" NOT NULL,
    rank BIGINT NOT NULL,
    severity TEXT COLLATE "C" NOT NULL
    CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    levels TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (
        state IN ('open', 'acknowledged', 'snoozed', 'resolved', 'false_positive', 'merged')
    ),
    snoozed_until TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    cause TEXT COLLATE "C",
    kind TEXT COLLATE "C" CHECK (kind IN ('one_off', 'seasonal', 'planned')),
    owner_id TEXT COLLATE "C" REFERENCES user_account (id),
    merged_into TEXT COLLATE "C" REFERENCES anomaly (id),
    revision BIGINT NOT NULL DEFAULT 1,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE INDEX anomaly_by_impact ON anomaly (organisation_id, rank, number);
CREATE INDEX anomaly_by_start ON anomaly (organisation_id, start_day, number);
CREATE INDEX anomaly_parts ON anomaly (merged_into);

-- What was done to a case, and said of it. `user_id` null: by Farthing itself, or the owner of the data
-- directory. `detail` is a JSON object.
CREATE TABLE anomaly_event (
    anomaly_id TEXT COLLATE "C" NOT NULL REFERENCES anomaly (id),
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    user_id TEXT COLLATE "C" REFERENCES user_account (id),
    what TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C",
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (anomaly_id, seq)
);

INSERT INTO counter (name, value) VALUES ('anomaly', 0);
