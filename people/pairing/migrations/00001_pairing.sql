-- +goose Up
CREATE TABLE member_units (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE UNIQUE INDEX member_units_name ON member_units (name);

CREATE TABLE pairings (
    id TEXT PRIMARY KEY,
    compound TEXT NOT NULL,
    unit TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    -- 0 while it stands; written once
    until_day INTEGER NOT NULL,
    until_known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX pairings_compound ON pairings (compound);
CREATE INDEX pairings_unit ON pairings (unit);

-- Money in fen. Rows are only added.
CREATE TABLE help_entries (
    id TEXT PRIMARY KEY,
    pairing TEXT NOT NULL,
    compound TEXT NOT NULL,
    kind TEXT NOT NULL,
    fen BIGINT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    -- the entry that this one takes back; NULL for none
    reverses TEXT,
    voucher TEXT NOT NULL,
    note TEXT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX help_entries_compound ON help_entries (compound);
-- nothing is taken back twice
CREATE UNIQUE INDEX help_entries_reverses ON help_entries (reverses);

CREATE TABLE help_tasks (
    id TEXT PRIMARY KEY,
    pairing TEXT NOT NULL,
    compound TEXT NOT NULL,
    title TEXT NOT NULL,
    due INTEGER NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    -- 0 while it is open; written once
    done_day INTEGER NOT NULL,
    done_known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL
);
CREATE INDEX help_tasks_compound ON help_tasks (compound);

-- +goose Down
DROP TABLE help_tasks;
DROP TABLE help_entries;
DROP TABLE pairings;
DROP TABLE member_units;
