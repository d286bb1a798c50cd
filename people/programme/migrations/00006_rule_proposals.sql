-- +goose Up
-- Changes that ask less of compounds than a rule does: somebody proposes them, with a reason, another person publishes them or not.
CREATE TABLE rule_proposals (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    -- '': for how many days a connection counts
    milestone TEXT NOT NULL,
    -- the version that it is to follow
    base BIGINT NOT NULL,
    -- the milestone as it is to be, as JSON; '' for the days
    rule TEXT NOT NULL,
    span_days INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_us BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    decided_us BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX rule_proposals_milestone ON rule_proposals (milestone);

-- why a version asks less than the one before, and who proposed it; who published it is its account
ALTER TABLE milestones ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE milestones ADD COLUMN proposed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE programmes ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE programmes ADD COLUMN proposed_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE programmes DROP COLUMN proposed_by;
ALTER TABLE programmes DROP COLUMN reason;
ALTER TABLE milestones DROP COLUMN proposed_by;
ALTER TABLE milestones DROP COLUMN reason;
DROP TABLE rule_proposals;
