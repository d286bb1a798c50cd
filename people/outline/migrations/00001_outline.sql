-- +goose Up

-- What was imported last; a row at most.
CREATE TABLE outline_source (
    id INTEGER PRIMARY KEY,
    version BIGINT NOT NULL,
    file TEXT NOT NULL,
    -- whose data it is, and by which right it is shown
    note TEXT NOT NULL,
    datum TEXT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL
);

-- Coordinates of a GeoJSON MultiPolygon, in WGS-84, simplified.
CREATE TABLE outlines (
    place TEXT PRIMARY KEY,
    shape TEXT NOT NULL
);

-- +goose Down
DROP TABLE outlines;
DROP TABLE outline_source;
