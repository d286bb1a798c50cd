-- +goose Up
CREATE TABLE bulletins (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    office TEXT NOT NULL,
    day INTEGER NOT NULL,
    since INTEGER NOT NULL,
    -- JSON: the office's own paragraphs
    added TEXT NOT NULL,
    corrects TEXT NOT NULL,
    by_account TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    -- all who have written in it, with spaces between
    writers TEXT NOT NULL,
    checker TEXT NOT NULL,
    checked_us BIGINT NOT NULL,
    -- the figures are those known then; 0: it is not reviewed
    pinned_us BIGINT NOT NULL,
    sent_back TEXT NOT NULL,
    issuer TEXT NOT NULL,
    issued_us BIGINT NOT NULL,
    number TEXT NOT NULL,
    year INTEGER NOT NULL,
    -- NULL until it is issued
    serial INTEGER,
    on_day INTEGER NOT NULL,
    hash TEXT NOT NULL
);
CREATE UNIQUE INDEX bulletins_number ON bulletins (office, year, serial);

CREATE TABLE bulletin_offices (
    place TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    prefix TEXT NOT NULL,
    signer TEXT NOT NULL,
    first INTEGER NOT NULL,
    template_name TEXT NOT NULL,
    template_hash TEXT NOT NULL,
    template BLOB,
    by_account TEXT NOT NULL
);

-- What was issued. Rows are only added.
CREATE TABLE bulletin_contents (
    bulletin TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    bytes BLOB NOT NULL
);
CREATE TABLE bulletin_files (
    bulletin TEXT NOT NULL,
    edition TEXT NOT NULL,
    lang TEXT NOT NULL,
    format TEXT NOT NULL,
    hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (bulletin, edition, lang, format)
);

-- +goose Down
DROP TABLE bulletin_files;
DROP TABLE bulletin_contents;
DROP TABLE bulletin_offices;
DROP TABLE bulletins;
