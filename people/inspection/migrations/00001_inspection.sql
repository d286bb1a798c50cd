-- +goose Up

-- A version of a form. A published one never changes.
CREATE TABLE inspection_forms (
    form TEXT NOT NULL,
    number INTEGER NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- JSON: title, bounds, sections
    body TEXT NOT NULL,
    -- JSON: the accounts that wrote it
    editors TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    published_us BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    PRIMARY KEY (form, number)
);

CREATE TABLE inspections (
    id TEXT PRIMARY KEY,
    compound TEXT NOT NULL,
    form TEXT NOT NULL,
    form_number INTEGER NOT NULL,
    -- the inspection that it is a re-check of, or ''
    recheck_of TEXT NOT NULL,
    -- JSON: the result, '' until it is finished
    outcome TEXT NOT NULL
);
CREATE INDEX inspections_compound ON inspections (compound);
CREATE INDEX inspections_recheck ON inspections (recheck_of);

-- Rows are only added.
CREATE TABLE inspection_steps (
    inspection TEXT NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    note TEXT NOT NULL,
    day INTEGER NOT NULL,
    -- JSON: accounts
    team TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (inspection, number)
);

-- Rows are only added; id was made by the phone that sent it.
CREATE TABLE inspection_answers (
    inspection TEXT NOT NULL,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    -- JSON: the answer
    body TEXT NOT NULL,
    PRIMARY KEY (inspection, id)
);

CREATE TABLE inspection_photos (
    inspection TEXT NOT NULL,
    -- made by the phone that sent it
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (inspection, id)
);

-- Content-addressed: the same photo lies here once, and never changes.
CREATE TABLE inspection_photo_bytes (
    hash TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
);

-- Rows are only added.
CREATE TABLE inspection_mend_steps (
    inspection TEXT NOT NULL,
    item TEXT NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    note TEXT NOT NULL,
    unit TEXT NOT NULL,
    due INTEGER NOT NULL,
    -- JSON: hashes
    photos TEXT NOT NULL,
    PRIMARY KEY (inspection, item, number)
);

-- +goose Down
DROP TABLE inspection_mend_steps;
DROP TABLE inspection_photo_bytes;
DROP TABLE inspection_photos;
DROP TABLE inspection_answers;
DROP TABLE inspection_steps;
DROP TABLE inspections;
DROP TABLE inspection_forms;
