-- +goose Up
CREATE TABLE indicators (
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    name TEXT NOT NULL,
    formula TEXT NOT NULL,
    period TEXT NOT NULL,
    direction TEXT NOT NULL,
    unit TEXT NOT NULL,
    ended BOOLEAN NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (id, version)
);

-- Rows are only added: of the same indicator, place and day the newest holds.
CREATE TABLE indicator_targets (
    indicator TEXT NOT NULL,
    place TEXT NOT NULL,
    day INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    ended BOOLEAN NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (indicator, place, day, known_us)
);

-- +goose Down
DROP TABLE indicator_targets;
DROP TABLE indicators;
