-- +goose Up
-- who wrote a notice: none of them publishes it
ALTER TABLE notices ADD COLUMN writers TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE notices DROP COLUMN writers;
