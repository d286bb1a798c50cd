-- +goose Up

-- The last report that the hub took; a row at most.
CREATE TABLE hub_sent (
    id INTEGER PRIMARY KEY,
    hub TEXT NOT NULL,
    compound TEXT NOT NULL,
    name TEXT NOT NULL,
    cameras INTEGER NOT NULL,
    at_us BIGINT NOT NULL
);

-- +goose Down
DROP TABLE hub_sent;
