-- +goose Up
-- the city's office has raised it, or a rule, which are the city's
ALTER TABLE supervision_tasks ADD COLUMN by_city BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE supervision_tasks SET by_city = TRUE WHERE rule <> '';
-- the last day of the duty that a rule saw; 0 where it is not known
ALTER TABLE supervision_tasks ADD COLUMN cause_due INTEGER NOT NULL DEFAULT 0;
-- nothing is raised twice for the same cause while a task for it is open
DROP INDEX supervision_tasks_cause;
CREATE UNIQUE INDEX supervision_tasks_cause ON supervision_tasks (cause) WHERE state NOT IN ('struck-off', 'withdrawn');
CREATE INDEX supervision_tasks_causes ON supervision_tasks (cause);

-- +goose Down
DROP INDEX supervision_tasks_causes;
DROP INDEX supervision_tasks_cause;
UPDATE supervision_tasks SET cause = NULL WHERE state IN ('struck-off', 'withdrawn');
CREATE UNIQUE INDEX supervision_tasks_cause ON supervision_tasks (cause);
ALTER TABLE supervision_tasks DROP COLUMN cause_due;
ALTER TABLE supervision_tasks DROP COLUMN by_city;
