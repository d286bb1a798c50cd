-- +goose Up
CREATE TABLE ledger_entries (
    idx        BIGINT PRIMARY KEY, -- place in the log
    journal    BIGINT NOT NULL,    -- the change that it tells of; 0: none, the ledger's own
    at_us      BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,      -- the look, camera, account that it is about, to find its entries by
    leaf       TEXT NOT NULL,      -- as it stands in the log, byte by byte
    salt       TEXT NOT NULL,      -- '' = there is no private part, or it has expired
    private    TEXT NOT NULL,
    expires_us BIGINT NOT NULL     -- when salt and private part go; 0: there is none
);
CREATE INDEX ledger_entries_at ON ledger_entries (at_us);
CREATE INDEX ledger_entries_kind ON ledger_entries (kind, idx);
CREATE INDEX ledger_entries_subject ON ledger_entries (subject, idx);
CREATE INDEX ledger_entries_expires ON ledger_entries (expires_us) WHERE salt <> '';

CREATE TABLE ledger_state (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    origin  TEXT NOT NULL,   -- of the log, as its checkpoints name it
    key     TEXT NOT NULL,   -- signing key, sealed
    public  TEXT NOT NULL,   -- its public half
    public_before TEXT NOT NULL, -- public half of the key before it, which was lost; '' = none
    journal BIGINT NOT NULL, -- followed up to here
    size    BIGINT NOT NULL, -- up to here rows and log were found alike
    mark    TEXT NOT NULL    -- sealed: that size, and the root of the tree of so many entries
);

-- +goose Down
DROP TABLE ledger_state;
DROP TABLE ledger_entries;
