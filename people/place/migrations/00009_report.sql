-- +goose Up

-- Cameras of other machines, too: source is '' for the cameras of this one, else the compound whose own machine reports.
-- A report calls each camera by a key of its own, which is no camera's id.
CREATE TABLE node_cameras (
    source TEXT NOT NULL,
    camera TEXT NOT NULL,
    channel TEXT NOT NULL UNIQUE,
    compound TEXT NOT NULL,
    -- the last day on which it gave a picture, by the programme's clock; 0: never
    seen INTEGER NOT NULL,
    PRIMARY KEY (source, camera)
);
INSERT INTO node_cameras (source, camera, channel, compound, seen) SELECT '', camera, channel, compound, seen FROM node_channels;
DROP TABLE node_channels;
ALTER TABLE node_cameras RENAME TO node_channels;

-- The last report of a compound's own machine.
CREATE TABLE node_reports (
    compound TEXT PRIMARY KEY,
    -- the program that reports
    by_account TEXT NOT NULL,
    -- key, name, area, whether it is in use, and whether a picture was seen that day: JSON
    cameras TEXT NOT NULL,
    -- by the programme's clock
    day INTEGER NOT NULL,
    -- the first and the last one, by this server's clock
    since_us BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);

-- +goose Down
DROP TABLE node_reports;
CREATE TABLE node_cameras (
    camera TEXT PRIMARY KEY,
    channel TEXT NOT NULL UNIQUE,
    compound TEXT NOT NULL,
    seen INTEGER NOT NULL
);
INSERT INTO node_cameras (camera, channel, compound, seen) SELECT camera, channel, compound, seen FROM node_channels WHERE source = '';
DROP TABLE node_channels;
ALTER TABLE node_cameras RENAME TO node_channels;
