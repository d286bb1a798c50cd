-- +goose Up

-- The one place that a token is for; '' when it is for the whole programme.
ALTER TABLE tokens ADD COLUMN place TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE tokens DROP COLUMN place;
