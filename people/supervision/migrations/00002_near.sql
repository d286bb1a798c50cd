-- +goose Up
-- how many days before the last day it is near due
ALTER TABLE supervision_tasks ADD COLUMN near_days INTEGER NOT NULL DEFAULT 3;
ALTER TABLE supervision_rules ADD COLUMN near_days INTEGER NOT NULL DEFAULT 3;
-- the member unit that is asked; its place is the city then
ALTER TABLE supervision_tasks ADD COLUMN unit TEXT NOT NULL DEFAULT '';
CREATE INDEX supervision_tasks_unit ON supervision_tasks (unit);

-- +goose Down
DROP INDEX supervision_tasks_unit;
ALTER TABLE supervision_tasks DROP COLUMN unit;
ALTER TABLE supervision_rules DROP COLUMN near_days;
ALTER TABLE supervision_tasks DROP COLUMN near_days;
