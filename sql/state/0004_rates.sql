-- Dated exchange rates (rates/rates.h): one unit of from_currency is `rate` units of to_currency on
-- `day` ('2025-01-31'). `rate` is the decimal as it was published, `source` the file it came from.
CREATE TABLE rate (
    day TEXT COLLATE "C" NOT NULL,
    from_currency TEXT COLLATE "C" NOT NULL,
    to_currency TEXT COLLATE "C" NOT NULL,
    rate TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (from_currency, to_currency, day)
);

-- Rises with each import that changed a rate: answers that are kept depend on it.
INSERT INTO counter (name, value) VALUES ('rate', 0);
