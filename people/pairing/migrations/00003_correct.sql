-- +goose Up

-- The entry for which this one stands, in the same act in which that one was taken back; '' for none.
ALTER TABLE help_entries ADD COLUMN corrects TEXT NOT NULL DEFAULT '';

-- Of what a unit is called; what it was before is kept (record_changes).
ALTER TABLE member_units ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- +goose Down
ALTER TABLE member_units DROP COLUMN version;
ALTER TABLE help_entries DROP COLUMN corrects;
