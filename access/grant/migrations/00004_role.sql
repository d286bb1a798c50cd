-- +goose Up
-- As what the account looked, and for which units; '' = none, or from before this was kept.
ALTER TABLE looks ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE looks ADD COLUMN unit TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE looks DROP COLUMN unit;
ALTER TABLE looks DROP COLUMN role;
