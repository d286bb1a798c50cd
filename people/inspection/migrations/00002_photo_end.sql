-- +goose Up

-- The day on which the bytes of a photo were deleted, as their time was over; 0: they are there.
ALTER TABLE inspection_photos ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE inspection_photos DROP COLUMN purged;
