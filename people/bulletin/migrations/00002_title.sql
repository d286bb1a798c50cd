-- +goose Up
-- The office's own titles; empty: the computed one.
ALTER TABLE bulletins ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE bulletins ADD COLUMN title_en TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE bulletins DROP COLUMN title_en;
ALTER TABLE bulletins DROP COLUMN title;
