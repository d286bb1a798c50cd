-- +goose Up
-- Machines of compounds that were let go, and those that came back on the day of that: from there on the sightings of before speak for
-- nothing, and county returns speak again.
CREATE TABLE machine_turns (
    compound TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    day INTEGER NOT NULL,
    -- 1: it is there no longer; 0: one was seen again on the same day
    gone INTEGER NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (compound, known_us)
);

-- +goose Down
DROP TABLE machine_turns;
