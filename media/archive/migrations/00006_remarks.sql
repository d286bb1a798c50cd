-- +goose Up
-- What differs is said in the reader's language. Rows without a code keep the text that they were written with.
ALTER TABLE footage_differences ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE footage_differences ADD COLUMN args TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE footage_differences DROP COLUMN args;
ALTER TABLE footage_differences DROP COLUMN code;
