-- +goose Up

-- Of what its compound has a row was about: a channel, an area, a sort of protection; '': of the place itself.
ALTER TABLE sheet_rows ADD COLUMN item TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sheet_rows DROP COLUMN item;
