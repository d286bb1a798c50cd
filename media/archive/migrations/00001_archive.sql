-- +goose Up
CREATE TABLE disks (
  id TEXT NOT NULL PRIMARY KEY,
  path TEXT NOT NULL,                -- '' = not connected now
  quota BIGINT NOT NULL DEFAULT 0,   -- bytes; 0 = as much as fits
  used BIGINT NOT NULL DEFAULT 0,    -- bytes of closed segments, kept with the rows so that nobody has to sum them
  segments BIGINT NOT NULL DEFAULT 0,
  added_us BIGINT NOT NULL
);
CREATE INDEX disks_path ON disks (path);

-- Track parameters are the same in thousands of segments: written once, named by their hash.
CREATE TABLE track_sets (
  id TEXT NOT NULL PRIMARY KEY,
  tracks BLOB NOT NULL
);

CREATE TABLE segments (
  id TEXT NOT NULL PRIMARY KEY,
  camera TEXT NOT NULL,
  which TEXT NOT NULL,
  disk TEXT NOT NULL,
  path TEXT NOT NULL,
  run BIGINT NOT NULL,
  start_us BIGINT NOT NULL,
  end_us BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  init_size BIGINT NOT NULL,
  fragments INTEGER NOT NULL,
  tracks TEXT NOT NULL,
  unconfirmed BOOLEAN NOT NULL,
  boot TEXT NOT NULL
);
-- Spans, days and activity are answered from this index alone.
CREATE INDEX segments_time ON segments (camera, which, start_us, end_us, run, bytes, tracks, unconfirmed);
CREATE INDEX segments_disk ON segments (disk, start_us);
CREATE INDEX segments_unconfirmed ON segments (boot) WHERE unconfirmed;

-- The fragment index stands apart, so that lists of segments stay small.
CREATE TABLE segment_indexes (
  segment TEXT NOT NULL PRIMARY KEY,
  fragments BLOB NOT NULL,
  hashes BLOB NOT NULL
);

-- Start-up looks at these and at nothing else.
CREATE TABLE open_segments (
  id TEXT NOT NULL PRIMARY KEY,
  camera TEXT NOT NULL,
  which TEXT NOT NULL,
  disk TEXT NOT NULL,
  path TEXT NOT NULL,
  run BIGINT NOT NULL,
  start_us BIGINT NOT NULL,
  init BLOB NOT NULL,
  tracks TEXT NOT NULL,
  unconfirmed BOOLEAN NOT NULL,
  boot TEXT NOT NULL
);
-- What of an open segment was synced, some seconds at a time: only what came after has to be read again.
CREATE TABLE open_indexes (
  segment TEXT NOT NULL,
  part INTEGER NOT NULL,
  fragments BLOB NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (segment, part)
);

-- Files whose rows are gone and that are to be deleted.
CREATE TABLE purge_list (
  segment TEXT NOT NULL PRIMARY KEY,
  disk TEXT NOT NULL,
  path TEXT NOT NULL
);

CREATE TABLE purges (
  id TEXT NOT NULL,
  camera TEXT NOT NULL,
  which TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  seconds BIGINT NOT NULL,
  segments INTEGER NOT NULL,
  fragments BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  why TEXT NOT NULL,                 -- retention, quota, space, lost
  root BLOB NOT NULL,                -- Merkle root of the fragments' hashes, RFC 6962
  PRIMARY KEY (id, camera, which)
);
CREATE INDEX purges_at ON purges (at_us);

CREATE TABLE footage_roots (
  hour_us BIGINT NOT NULL,
  camera TEXT NOT NULL,
  which TEXT NOT NULL,
  fragments BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  root BLOB NOT NULL,
  PRIMARY KEY (hour_us, camera, which)
);

CREATE TABLE holds (
  id TEXT NOT NULL PRIMARY KEY,
  camera TEXT NOT NULL,
  which TEXT NOT NULL,               -- '' = both streams
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  made_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  ended_us BIGINT NOT NULL DEFAULT 0, -- 0 = stands
  ended_by TEXT NOT NULL DEFAULT '',
  ended_why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX holds_camera ON holds (camera, ended_us, from_us);

CREATE TABLE footage_gaps (
  camera TEXT NOT NULL,
  which TEXT NOT NULL,
  from_us BIGINT NOT NULL,
  reason TEXT NOT NULL,
  lost BIGINT NOT NULL,
  PRIMARY KEY (camera, which, from_us)
);

-- Single values that outlive a process: the latest wall clock seen, a stopped purge.
CREATE TABLE archive_marks (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);

-- +goose Down
DROP TABLE archive_marks;
DROP TABLE footage_gaps;
DROP TABLE holds;
DROP TABLE footage_roots;
DROP TABLE purges;
DROP TABLE purge_list;
DROP TABLE open_indexes;
DROP TABLE open_segments;
DROP TABLE segment_indexes;
DROP TABLE segments;
DROP TABLE track_sets;
DROP TABLE disks;
