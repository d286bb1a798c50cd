-- +goose Up
-- By how much, in µs, footage whose date nobody knows may be younger than it is dated: its days count from there.
ALTER TABLE segments ADD COLUMN slack_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE open_segments ADD COLUMN slack_us BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE open_segments DROP COLUMN slack_us;
ALTER TABLE segments DROP COLUMN slack_us;
