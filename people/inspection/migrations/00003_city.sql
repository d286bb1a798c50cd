-- +goose Up

-- the city's office has planned it
ALTER TABLE inspections ADD COLUMN by_city BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE inspections DROP COLUMN by_city;
