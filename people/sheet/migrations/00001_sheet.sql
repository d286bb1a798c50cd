-- +goose Up

-- Lists that were committed.
CREATE TABLE sheet_imports (
    id TEXT PRIMARY KEY,
    by_account TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    file TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    -- only the good rows of a list with bad ones
    good_only BOOLEAN NOT NULL,
    all_rows INTEGER NOT NULL,
    new_rows INTEGER NOT NULL,
    changed_rows INTEGER NOT NULL,
    same_rows INTEGER NOT NULL,
    bad_rows INTEGER NOT NULL,
    skipped_rows INTEGER NOT NULL,
    -- the journal's number before it, and its own event's once that is known
    seq_before BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    undone_us BIGINT NOT NULL,
    undone_by TEXT NOT NULL
);
CREATE INDEX sheet_imports_by ON sheet_imports (by_account, at_us);

-- What each row of a list did: what an undo says again, and what the row said.
CREATE TABLE sheet_rows (
    import TEXT NOT NULL,
    n INTEGER NOT NULL,
    sheet TEXT NOT NULL,
    row_n INTEGER NOT NULL,
    compound TEXT NOT NULL,
    name TEXT NOT NULL,
    deed TEXT NOT NULL,
    before_it TEXT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (import, n)
);
CREATE INDEX sheet_rows_compound ON sheet_rows (import, compound);

-- What each sender means by a heading.
CREATE TABLE sheet_headings (
    account TEXT NOT NULL,
    heading TEXT NOT NULL,
    meaning TEXT NOT NULL,
    PRIMARY KEY (account, heading)
);

-- +goose Down
DROP TABLE sheet_headings;
DROP TABLE sheet_rows;
DROP TABLE sheet_imports;
