-- +goose Up

-- Of a disclosure: the spend. Of a pledge: by when it is to be in place, 0: not agreed. Of a spend: what it became.
ALTER TABLE help_entries ADD COLUMN of_spend TEXT NOT NULL DEFAULT '';
ALTER TABLE help_entries ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE help_entries ADD COLUMN became TEXT NOT NULL DEFAULT '';
ALTER TABLE help_entries ADD COLUMN pieces INTEGER NOT NULL DEFAULT 0;
CREATE INDEX help_entries_pairing ON help_entries (pairing);

-- Who ended a pairing, who reported a task done; '' for what was entered before this was kept.
ALTER TABLE pairings ADD COLUMN until_by TEXT NOT NULL DEFAULT '';
ALTER TABLE help_tasks ADD COLUMN done_by TEXT NOT NULL DEFAULT '';

-- Vouchers and photos of an entry. A row is only added; withdrawing is written once.
CREATE TABLE help_files (
    id TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    pairing TEXT NOT NULL,
    compound TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    size BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- of the file as it was sent: a picture is written anew
    sent_hash TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    withdrawn_known_us BIGINT NOT NULL,
    withdrawn_by TEXT NOT NULL,
    withdrawn_note TEXT NOT NULL
);
CREATE INDEX help_files_pairing ON help_files (pairing);
CREATE INDEX help_files_compound ON help_files (compound);

-- Content-addressed: the same bytes lie here once, and never change.
CREATE TABLE help_file_bytes (
    hash TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
);

-- +goose Down
DROP TABLE help_file_bytes;
DROP TABLE help_files;
ALTER TABLE help_tasks DROP COLUMN done_by;
ALTER TABLE pairings DROP COLUMN until_by;
DROP INDEX help_entries_pairing;
ALTER TABLE help_entries DROP COLUMN pieces;
ALTER TABLE help_entries DROP COLUMN became;
ALTER TABLE help_entries DROP COLUMN due;
ALTER TABLE help_entries DROP COLUMN of_spend;
