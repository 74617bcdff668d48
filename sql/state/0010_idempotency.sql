-- What was asked for with an Idempotency-Key (app/idempotency.h): by whom (`principal`: a user, or
-- 'owner'), of which operation, and hashes of the key and of the request. `status` null: not answered
-- yet, or broken off. `body` null: the answer was not kept.
CREATE TABLE idempotency (
    principal TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    key_hash TEXT COLLATE "C" NOT NULL,
    request_hash TEXT COLLATE "C" NOT NULL,
    begun_us BIGINT NOT NULL,
    status BIGINT,
    content_type TEXT COLLATE "C",
    location TEXT COLLATE "C",
    etag TEXT COLLATE "C",
    body TEXT COLLATE "C",
    bytes BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (principal, operation, key_hash)
);
CREATE INDEX idempotency_by_age ON idempotency (begun_us);
