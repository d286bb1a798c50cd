-- +goose Up
CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,   -- lower case, what is typed at sign-in
    display      TEXT NOT NULL,
    role         TEXT NOT NULL,
    password     TEXT NOT NULL,          -- argon2id, PHC format
    must_change  BOOLEAN NOT NULL,
    disabled     BOOLEAN NOT NULL,
    created_us   BIGINT NOT NULL,
    signed_in_us BIGINT NOT NULL         -- 0: never
);

-- A row lives as long as the session; the journal keeps that it was.
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
    token      TEXT NOT NULL UNIQUE,     -- SHA-256 of the cookie, hex
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    begun_us   BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL,
    until_us   BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE tokens (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    secret      TEXT NOT NULL UNIQUE,    -- SHA-256 of the token, hex
    permissions TEXT NOT NULL,           -- separated by commas
    created_by  TEXT NOT NULL,
    created_us  BIGINT NOT NULL,
    until_us    BIGINT NOT NULL,         -- 0: until revoked
    used_us     BIGINT NOT NULL          -- 0: never
);

CREATE TABLE preferences (
    account    TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,            -- JSON
    changed_us BIGINT NOT NULL,
    PRIMARY KEY (account, name)
);

-- +goose Down
DROP TABLE preferences;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE accounts;
