-- +goose Up

-- When something that deletes by date last looked at the programme's clock, and since when that has gone on day by day.
CREATE TABLE steady_clocks (
    name TEXT PRIMARY KEY,
    last_day INTEGER NOT NULL,
    since_day INTEGER NOT NULL
);

-- +goose Down
DROP TABLE steady_clocks;
