-- +goose Up
-- What who decides says stands beside what the county said, and no longer in its place. Of what was decided before, the county's own
-- words are in the history.
ALTER TABLE county_returns ADD COLUMN opinion TEXT NOT NULL DEFAULT '';
UPDATE county_returns SET opinion = note, note = '' WHERE decided_us > 0;

-- +goose Down
UPDATE county_returns SET note = opinion WHERE decided_us > 0;
ALTER TABLE county_returns DROP COLUMN opinion;
