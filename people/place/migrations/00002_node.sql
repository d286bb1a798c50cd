-- +goose Up

-- The compound whose cameras this machine registers; a row at most.
CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    compound TEXT NOT NULL,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL
);

-- Which channel of the compound's list a camera of the register is. What is
-- seen of it becomes steps of the channel, dated like everything else.
CREATE TABLE node_channels (
    camera TEXT PRIMARY KEY,
    channel TEXT NOT NULL UNIQUE,
    compound TEXT NOT NULL,
    -- the last day on which it gave a picture, by the programme's clock; 0: never
    seen INTEGER NOT NULL
);

-- +goose Down
DROP TABLE node_channels;
DROP TABLE node;
