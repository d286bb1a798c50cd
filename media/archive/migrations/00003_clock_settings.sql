-- +goose Up
-- How the wall clock stood against the time since the machine's start, from one moment at which somebody set it to the next.
-- What was dated by such a setting can be dated anew when the right one is known, by another process too.
CREATE TABLE clock_settings (
  id TEXT NOT NULL PRIMARY KEY,      -- stands in boot of what was dated by it
  boot TEXT NOT NULL,                -- of the machine
  zero_us BIGINT NOT NULL,           -- what this clock showed when the machine was started
  after_us BIGINT NOT NULL,          -- the latest time that was known to have passed
  made BIGINT NOT NULL               -- counts them
);

-- What is noted while the clock is in doubt moves with the footage; '' = its date stands.
ALTER TABLE footage_gaps ADD COLUMN boot TEXT NOT NULL DEFAULT '';
CREATE INDEX footage_gaps_doubt ON footage_gaps (boot) WHERE boot <> '';
ALTER TABLE holds ADD COLUMN boot TEXT NOT NULL DEFAULT '';
CREATE INDEX holds_doubt ON holds (boot) WHERE boot <> '';

-- +goose Down
DROP INDEX holds_doubt;
ALTER TABLE holds DROP COLUMN boot;
DROP INDEX footage_gaps_doubt;
ALTER TABLE footage_gaps DROP COLUMN boot;
DROP TABLE clock_settings;
