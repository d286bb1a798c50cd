-- +goose Up

-- Where a compound lies, in millionths of a degree, WGS-84; 0, 0: not known.
CREATE TABLE compound_points (
    compound TEXT NOT NULL,
    about INTEGER NOT NULL,
    known_us BIGINT NOT NULL,
    lon INTEGER NOT NULL,
    lat INTEGER NOT NULL,
    by_account TEXT NOT NULL,
    PRIMARY KEY (compound, about, known_us)
);

-- +goose Down
DROP TABLE compound_points;
