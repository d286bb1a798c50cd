-- +goose Up

-- A task that was set by mistake: when it was withdrawn, by whom and why; 0: it stands. Written once.
ALTER TABLE help_tasks ADD COLUMN withdrawn_known_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE help_tasks ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '';
ALTER TABLE help_tasks ADD COLUMN withdrawn_why TEXT NOT NULL DEFAULT '';

-- Reports of a task as done that were taken back; the task is open again. Rows are only added.
CREATE TABLE help_tasks_reopened (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    compound TEXT NOT NULL,
    -- the report
    done_day INTEGER NOT NULL,
    done_known_us BIGINT NOT NULL,
    done_by TEXT NOT NULL,
    -- and what took it back
    known_us BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    why TEXT NOT NULL
);
CREATE INDEX help_tasks_reopened_compound ON help_tasks_reopened (compound);
CREATE INDEX help_tasks_reopened_task ON help_tasks_reopened (task);

-- +goose Down
DROP TABLE help_tasks_reopened;
ALTER TABLE help_tasks DROP COLUMN withdrawn_why;
ALTER TABLE help_tasks DROP COLUMN withdrawn_by;
ALTER TABLE help_tasks DROP COLUMN withdrawn_known_us;
