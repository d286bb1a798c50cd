-- +goose Up

-- What a record was before a change, of records whose row is overwritten; of all rooms of the programme. Rows are only added.
CREATE TABLE record_changes (
    id TEXT PRIMARY KEY,
    -- the noun and the id: 'area:01…'
    record TEXT NOT NULL,
    act TEXT NOT NULL,
    -- the day that it is about, 0: none
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    note TEXT NOT NULL,
    -- '': it was not there
    before_json TEXT NOT NULL,
    after_json TEXT NOT NULL
);
CREATE INDEX record_changes_record ON record_changes (record, known_us);

-- +goose Down
DROP TABLE record_changes;
