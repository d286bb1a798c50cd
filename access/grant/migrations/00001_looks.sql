-- +goose Up
CREATE TABLE looks (
    id           TEXT PRIMARY KEY,
    camera       TEXT NOT NULL,
    camera_name  TEXT NOT NULL,   -- as it was then
    area         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    stream       TEXT NOT NULL,
    purpose      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    account      TEXT NOT NULL,
    account_name TEXT NOT NULL,   -- as it was then; an account may be deleted, its looks stay on record
    session      TEXT NOT NULL,
    policy       TEXT NOT NULL,
    begin_us     BIGINT NOT NULL,
    until_us     BIGINT NOT NULL,
    from_us      BIGINT NOT NULL, -- span of the footage; 0: what happens now
    to_us        BIGINT NOT NULL,
    seen_us      BIGINT NOT NULL, -- last known use, for a look that was cut off with the power
    end_us       BIGINT NOT NULL, -- 0: still going on
    why          TEXT NOT NULL
);
CREATE INDEX looks_begin ON looks (begin_us);
CREATE INDEX looks_camera ON looks (camera, begin_us);
CREATE INDEX looks_account ON looks (account, begin_us);
CREATE INDEX looks_open ON looks (end_us, id);

-- +goose Down
DROP TABLE looks;
