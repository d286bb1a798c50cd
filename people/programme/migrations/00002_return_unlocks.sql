-- +goose Up
-- Acts of opening a locked return. Rows are only added.
CREATE TABLE return_unlocks (
    return_id TEXT PRIMARY KEY,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- +goose Down
DROP TABLE return_unlocks;
