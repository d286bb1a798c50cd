-- +goose Up
-- Published notices are asked for by anybody, of a place and of what it lies in, the newest first.
CREATE INDEX notices_state ON notices (state, day, id);
CREATE INDEX notices_place ON notices (place, state, day);

-- +goose Down
DROP INDEX notices_place;
DROP INDEX notices_state;
