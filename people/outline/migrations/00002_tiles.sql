-- +goose Up

-- How the schematic map of the city is laid out: a row for each county that an office gave a place on it.
CREATE TABLE tile_layout (
    place TEXT PRIMARY KEY,
    tile_column INTEGER NOT NULL,
    tile_row INTEGER NOT NULL,
    -- two or three characters, and a word in Latin letters
    short_zh TEXT NOT NULL,
    short_en TEXT NOT NULL
);

-- Who laid it out last; a row at most.
CREATE TABLE tile_source (
    id INTEGER PRIMARY KEY,
    version BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL
);

-- +goose Down
DROP TABLE tile_source;
DROP TABLE tile_layout;
