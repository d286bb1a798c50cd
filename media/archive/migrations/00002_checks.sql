-- +goose Up
-- How far the walk of a server over a disk has come, so that a restart goes on where it was.
CREATE TABLE footage_checks (
  disk TEXT NOT NULL PRIMARY KEY,
  began_us BIGINT NOT NULL,
  ended_us BIGINT NOT NULL,          -- 0 = goes on
  before_us BIGINT NOT NULL,         -- when the one before ended; 0 = there was none
  at_us BIGINT NOT NULL,             -- rows up to this start and segment are done
  at_segment TEXT NOT NULL,
  segments BIGINT NOT NULL,
  fragments BIGINT NOT NULL,
  bytes BIGINT NOT NULL              -- read
);

-- What the latest walks have found. A walk that does not find one again takes it away.
CREATE TABLE footage_differences (
  disk TEXT NOT NULL,
  path TEXT NOT NULL,
  kind TEXT NOT NULL,
  segment TEXT NOT NULL,
  detail TEXT NOT NULL,
  first_us BIGINT NOT NULL,
  last_us BIGINT NOT NULL,
  PRIMARY KEY (disk, path, kind)
);

-- +goose Down
DROP TABLE footage_differences;
DROP TABLE footage_checks;
