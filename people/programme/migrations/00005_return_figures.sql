-- +goose Up
-- What the county's figures were when a return was handed in, computed then: the return's own numbers. Rows are only added.
CREATE TABLE return_figures (
    return_id TEXT NOT NULL,
    figure TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (return_id, figure)
);

-- What was odd about it, and confirmed by who handed it in.
CREATE TABLE return_findings (
    return_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    path TEXT NOT NULL,
    code TEXT NOT NULL,
    args TEXT NOT NULL,
    PRIMARY KEY (return_id, n)
);

-- +goose Down
DROP TABLE return_findings;
DROP TABLE return_figures;
