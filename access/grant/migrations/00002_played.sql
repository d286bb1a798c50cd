-- +goose Up
-- The footage that a playback was really sent: [[from_us, to_us], …]; '' = none, or not a playback.
ALTER TABLE looks ADD COLUMN played TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE looks DROP COLUMN played;
