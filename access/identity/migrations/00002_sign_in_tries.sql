-- +goose Up
-- Wrong passwords of the last 24 hours, so that a restart does not give a guesser a fresh start.
CREATE TABLE sign_in_tries (
    name     TEXT NOT NULL,   -- SHA-256 of what was typed, hex: it may be a password in the wrong field; '': the address as a whole
    address  TEXT NOT NULL,   -- IPv6: the /64
    wrong    INTEGER NOT NULL,
    last_us  BIGINT NOT NULL,
    until_us BIGINT NOT NULL, -- 0: no wait
    PRIMARY KEY (name, address)
);
CREATE INDEX sign_in_tries_last ON sign_in_tries (last_us);

-- +goose Down
DROP TABLE sign_in_tries;
