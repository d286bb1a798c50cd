-- +goose Up
-- of merge: the compound that it goes into
ALTER TABLE programme_requests ADD COLUMN into_place TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE programme_requests DROP COLUMN into_place;
