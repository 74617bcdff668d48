-- What people keep has an owner and is shown to others as they say (api/collection.h): visibility of
-- saved views, folders, stars; dashboards; short links.

-- Until now everybody saw all views.
ALTER TABLE view ADD COLUMN visibility TEXT COLLATE "C" NOT NULL DEFAULT 'organisation'
CHECK (visibility IN ('private', 'organisation', 'everyone'));
ALTER TABLE view ADD COLUMN folder TEXT COLLATE "C" NOT NULL DEFAULT '';
-- How the web application asks for it: its address, in which relative times stay words.
ALTER TABLE view ADD COLUMN search TEXT COLLATE "C" NOT NULL DEFAULT '';

-- `tiles` is a JSON array.
CREATE TABLE dashboard (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    owner_id TEXT COLLATE "C" REFERENCES user_account (id),
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    visibility TEXT COLLATE "C" NOT NULL
    CHECK (visibility IN ('private', 'organisation', 'everyone')),
    folder TEXT COLLATE "C" NOT NULL,
    tiles TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE INDEX dashboard_by_name ON dashboard (organisation_id, name, id);

-- `user_id` is "owner" for who asks without being a user, so it refers to none.
CREATE TABLE star (
    user_id TEXT COLLATE "C" NOT NULL,
    collection TEXT COLLATE "C" NOT NULL,
    item_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, collection, item_id)
);
CREATE INDEX star_by_item ON star (item_id);

-- A place of the web application under a short name that nobody guesses. `user_id` as above.
CREATE TABLE link (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL DEFAULT 'default' REFERENCES organisation (id),
    user_id TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    created_us BIGINT NOT NULL,
    opened_us BIGINT NOT NULL
);
CREATE INDEX link_of ON link (user_id);
CREATE INDEX link_by_opening ON link (opened_us);
