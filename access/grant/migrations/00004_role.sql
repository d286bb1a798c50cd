-- +goose Up
-- As what the account looked, and for which units; '' = none, or from before this was kept.
ALTER TABLE looks ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE looks ADD COLUMN unit TEXT NOT NULL DEFAULT '';
-- Of those that say who it was, the oldest.
CREATE INDEX looks_named ON looks (end_us) WHERE account <> '';

-- +goose Down
DROP INDEX looks_named;
ALTER TABLE looks DROP COLUMN unit;
ALTER TABLE looks DROP COLUMN role;
