-- +goose Up

-- The last instant at which something became known in the rooms of the
-- programme. It only goes forward.
CREATE TABLE programme_clock (
    id INTEGER PRIMARY KEY,
    known_us BIGINT NOT NULL
);
INSERT INTO programme_clock (id, known_us) VALUES (1, 0);

-- Rows are only added: what holds on a day is the latest that is about it or a
-- day before, and was known by then. Days count from 1970-01-01.
CREATE TABLE places (
    place TEXT NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    parent TEXT NOT NULL,
    -- false: it has ended
    is_open BOOLEAN NOT NULL,
    why TEXT NOT NULL,
    -- what it was merged into, or split off from
    other TEXT NOT NULL,
    note TEXT NOT NULL,
    by_account TEXT NOT NULL,
    -- two who edit the same version: one of them is told
    PRIMARY KEY (place, version)
);
CREATE INDEX places_parent ON places (parent);

CREATE TABLE compound_classes (
    compound TEXT NOT NULL,
    mark TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    enters BOOLEAN NOT NULL,
    criteria TEXT NOT NULL,
    evidence TEXT NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (compound, mark, about, known_us)
);

CREATE TABLE areas (
    id TEXT PRIMARY KEY,
    compound TEXT NOT NULL,
    building TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX areas_compound ON areas (compound);

CREATE TABLE protection_assets (
    compound TEXT NOT NULL,
    building TEXT NOT NULL,
    sort TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    checked INTEGER NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (compound, building, sort, about, known_us)
);

CREATE TABLE channels (
    id TEXT PRIMARY KEY,
    compound TEXT NOT NULL,
    name TEXT NOT NULL,
    area TEXT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX channels_compound ON channels (compound);

CREATE TABLE channel_steps (
    compound TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (compound, channel, about, known_us)
);

-- +goose Down
DROP TABLE channel_steps;
DROP TABLE channels;
DROP TABLE protection_assets;
DROP TABLE areas;
DROP TABLE compound_classes;
DROP TABLE places;
DROP TABLE programme_clock;
