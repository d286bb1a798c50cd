-- +goose Up
ALTER TABLE programmes ADD COLUMN name_en TEXT NOT NULL DEFAULT '';
-- for how many days a connection counts after it was last seen; 0: as the program does by itself
ALTER TABLE programmes ADD COLUMN span_days INTEGER NOT NULL DEFAULT 0;
-- what shows that a milestone is reached, in words
ALTER TABLE milestones ADD COLUMN evidence TEXT NOT NULL DEFAULT '';

-- What an office asks for a compound, and what the level above said to it.
CREATE TABLE programme_requests (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    compound TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- of extend: the milestone and the last day that is asked for
    milestone TEXT NOT NULL,
    due INTEGER NOT NULL,
    -- of plan: the channels
    plan INTEGER NOT NULL,
    -- of leave-class: what it leaves
    mark TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_us BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    decided_us BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX programme_requests_compound ON programme_requests (compound);

-- +goose Down
DROP TABLE programme_requests;
ALTER TABLE milestones DROP COLUMN evidence;
ALTER TABLE programmes DROP COLUMN span_days;
ALTER TABLE programmes DROP COLUMN name_en;
