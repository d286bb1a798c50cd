-- +goose Up

-- What a place is called in English texts, where an office said so; else its name is spelt by rule.
ALTER TABLE places ADD COLUMN name_en TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE places DROP COLUMN name_en;
