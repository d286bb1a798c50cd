-- +goose Up

-- The programme itself; each change is a new version.
CREATE TABLE programmes (
    version BIGINT PRIMARY KEY,
    known_us BIGINT NOT NULL,
    name TEXT NOT NULL,
    city TEXT NOT NULL,
    start_day INTEGER NOT NULL,
    -- the level from which down the figures are invented, '' in earnest
    invented TEXT NOT NULL,
    -- the day on which the city's figures are real all the same
    published_day INTEGER NOT NULL,
    by_account TEXT NOT NULL
);

-- What the programme itself knows of compounds. Rows are only added.
CREATE TABLE programme_facts (
    id TEXT PRIMARY KEY,
    compound TEXT NOT NULL,
    kind TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    value BIGINT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- the return that said so, or ''
    return_id TEXT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX programme_facts_compound ON programme_facts (compound);

-- Spans in which a compound's connection was seen, day by day. The last day
-- moves on, only ever to the programme's today: what a past day knew of it is
-- the part of the span until then.
CREATE TABLE sightings (
    compound TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    PRIMARY KEY (compound, from_day)
);

CREATE TABLE milestones (
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    what TEXT NOT NULL,
    -- separated by spaces
    classes TEXT NOT NULL,
    due INTEGER NOT NULL,
    near_days INTEGER NOT NULL,
    lead_days INTEGER NOT NULL,
    ended BOOLEAN NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE county_returns (
    id TEXT PRIMARY KEY,
    county TEXT NOT NULL,
    -- the first day of the month
    month INTEGER NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    submitted_us BIGINT NOT NULL,
    submitted_by TEXT NOT NULL,
    decided_us BIGINT NOT NULL,
    decided_by TEXT NOT NULL
);
CREATE INDEX county_returns_county ON county_returns (county, month);

CREATE TABLE return_claims (
    return_id TEXT NOT NULL,
    compound TEXT NOT NULL,
    what TEXT NOT NULL,
    about INTEGER NOT NULL,
    holds BOOLEAN NOT NULL,
    PRIMARY KEY (return_id, compound, what)
);

-- +goose Down
DROP TABLE return_claims;
DROP TABLE county_returns;
DROP TABLE milestones;
DROP TABLE sightings;
DROP TABLE programme_facts;
DROP TABLE programmes;
