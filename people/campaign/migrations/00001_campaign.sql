-- +goose Up
CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    name TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    -- JSON: the strands with what is wanted of them
    goals TEXT NOT NULL,
    by_account TEXT NOT NULL
);

CREATE TABLE activities (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    campaign TEXT NOT NULL,
    kind TEXT NOT NULL,
    strand TEXT NOT NULL,
    place TEXT NOT NULL,
    day INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    lessons TEXT NOT NULL,
    attendance INTEGER NOT NULL,
    -- JSON: read and written with the activity, never searched
    lines TEXT NOT NULL,
    photos TEXT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX activities_campaign ON activities (campaign, day);

-- Content-addressed: the same photo lies here once, and never changes.
CREATE TABLE activity_photos (
    hash TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    known_us BIGINT NOT NULL
);

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    state TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    signed TEXT NOT NULL,
    day INTEGER NOT NULL,
    by_account TEXT NOT NULL
);

-- +goose Down
DROP TABLE notices;
DROP TABLE activity_photos;
DROP TABLE activities;
DROP TABLE campaigns;
