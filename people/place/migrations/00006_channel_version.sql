-- +goose Up

-- A channel can be renamed, or said to watch another area: of two who do so at once, one is told.
ALTER TABLE channels ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- +goose Down
ALTER TABLE channels DROP COLUMN version;
