-- +goose Up
CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    tls BOOLEAN NOT NULL,
    transport TEXT NOT NULL,
    connection_limit INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    vendor TEXT NOT NULL,
    model TEXT NOT NULL,
    call_note TEXT NOT NULL,
    secret BLOB,
    secret_set_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    changed_us BIGINT NOT NULL,
    deleted_us BIGINT NOT NULL
);
CREATE INDEX devices_host ON devices (host, port);

CREATE TABLE cameras (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    channel INTEGER NOT NULL,
    name TEXT NOT NULL,
    area TEXT NOT NULL,
    area_kind TEXT NOT NULL,
    angle TEXT NOT NULL,
    reach TEXT NOT NULL,
    reason TEXT NOT NULL,
    common BOOLEAN NOT NULL,
    faces_up BOOLEAN NOT NULL,
    looks_at_outside BOOLEAN NOT NULL,
    basis TEXT NOT NULL,
    retention_main INTEGER NOT NULL,
    retention_sub INTEGER NOT NULL,
    sound_reason TEXT NOT NULL,
    sign TEXT NOT NULL,
    call_note TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    disabled_reason TEXT NOT NULL,
    -- sealed addresses; NULL where there is none
    main BLOB,
    sub BLOB,
    snapshot BLOB,
    version BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    changed_us BIGINT NOT NULL,
    -- 0 while registered; a deleted camera's row stays until its footage and
    -- its outages have gone
    deleted_us BIGINT NOT NULL
);
CREATE INDEX cameras_device ON cameras (device);
CREATE INDEX cameras_name ON cameras (deleted_us, name);

-- One span in which a camera (or, with an empty camera, a whole recorder)
-- gave no usable picture. until_us is 0 while it lasts.
CREATE TABLE outages (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    camera TEXT NOT NULL,
    -- part: another stream of the camera still gave a picture
    part BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    from_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    -- the recorder's outage that this one is a piece of
    parent TEXT NOT NULL
);
CREATE INDEX outages_camera ON outages (camera, from_us);
CREATE INDEX outages_device ON outages (device, from_us);
CREATE INDEX outages_open ON outages (until_us);

-- Spans in which a camera was not meant to work: disabled by a person.
CREATE TABLE camera_pauses (
    camera TEXT NOT NULL,
    from_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    PRIMARY KEY (camera, from_us)
);

-- Spans in which this server did not look: nothing is known about them.
CREATE TABLE camera_blanks (
    from_us BIGINT PRIMARY KEY,
    until_us BIGINT NOT NULL
);

-- +goose Down
DROP TABLE camera_blanks;
DROP TABLE camera_pauses;
DROP TABLE outages;
DROP TABLE cameras;
DROP TABLE devices;
