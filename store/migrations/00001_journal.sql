-- +goose Up
CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    at_us BIGINT NOT NULL,
    room TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL -- JSON
);
CREATE INDEX journal_at ON journal (at_us);

-- One row. Who takes numbers locks it until the end of the transaction, so events become visible in the order of
-- their numbers: a reader that has seen 7 will never find a 6 that was committed later.
CREATE TABLE journal_head (
    id INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,     -- the newest number
    trimmed BIGINT NOT NULL  -- events up to this number were deleted
);
INSERT INTO journal_head (id, seq, trimmed) VALUES (1, 0, 0);

-- +goose Down
DROP TABLE journal_head;
DROP TABLE journal;
