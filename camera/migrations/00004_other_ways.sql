-- +goose Up
-- Ways to the cameras that do not pass through this program (an old recorder, a vendor's app): anybody may read that they
-- are there, so nothing that opens them is kept.
CREATE TABLE other_ways (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    reaches TEXT NOT NULL,
    run_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    changed_us BIGINT NOT NULL
);

-- +goose Down
DROP TABLE other_ways;
