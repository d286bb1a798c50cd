-- +goose Up
CREATE TABLE supervision_tasks (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    ask TEXT NOT NULL,
    batch TEXT NOT NULL,
    rule TEXT NOT NULL,
    -- what a rule saw; NULL where it was raised by hand
    cause TEXT,
    origin TEXT NOT NULL,
    -- where the steps have led, for finding rows
    state TEXT NOT NULL
);
CREATE INDEX supervision_tasks_state ON supervision_tasks (state);
CREATE INDEX supervision_tasks_place ON supervision_tasks (place);
-- nothing is raised twice for the same cause
CREATE UNIQUE INDEX supervision_tasks_cause ON supervision_tasks (cause);

-- Rows are only added.
CREATE TABLE supervision_steps (
    task TEXT NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    note TEXT NOT NULL,
    -- the last day in time that it sets, or 0
    due INTEGER NOT NULL,
    PRIMARY KEY (task, number)
);

CREATE TABLE supervision_rules (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    light TEXT NOT NULL,
    what TEXT NOT NULL,
    title TEXT NOT NULL,
    ask TEXT NOT NULL,
    days INTEGER NOT NULL,
    active BOOLEAN NOT NULL,
    applied INTEGER NOT NULL,
    by_account TEXT NOT NULL
);

-- +goose Down
DROP TABLE supervision_rules;
DROP TABLE supervision_steps;
DROP TABLE supervision_tasks;
