-- +goose Up

-- Who holds which role at which place, or for which member unit. A row is never removed: taken_us ends it, and who gave
-- and who took it stays to be seen after the account is gone.
CREATE TABLE appointments (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    -- of the account when the row was written
    account_name TEXT NOT NULL,
    role TEXT NOT NULL,
    place TEXT NOT NULL,
    unit TEXT NOT NULL,
    from_us BIGINT NOT NULL,
    -- 0: until it is taken
    until_us BIGINT NOT NULL,
    note TEXT NOT NULL,
    given_us BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    -- 0: it was not taken
    taken_us BIGINT NOT NULL,
    taken_by TEXT NOT NULL
);
CREATE INDEX appointments_account ON appointments (account);
CREATE INDEX appointments_place ON appointments (place);

-- +goose Down
DROP TABLE appointments;
