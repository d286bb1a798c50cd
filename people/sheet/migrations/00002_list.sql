-- +goose Up

-- What a list was of.
ALTER TABLE sheet_imports ADD COLUMN list TEXT NOT NULL DEFAULT 'compounds';

-- +goose Down
ALTER TABLE sheet_imports DROP COLUMN list;
