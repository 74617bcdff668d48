-- Files of deliveries that are kept as they came (ledger/raw.h), or were not: 'missed' is one that had
-- changed or gone before it was copied, `why` says how; 'swept' one whose time was over. `packed` says
-- that it is kept as zstd and was delivered as something else.
CREATE TABLE raw_file (
    sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('kept', 'missed', 'swept')),
    packed BIGINT NOT NULL,
    byte_nr BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    why TEXT COLLATE "C" NOT NULL
);
CREATE INDEX delivery_file_by_hash ON delivery_file (sha256);
