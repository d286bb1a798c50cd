-- +goose Up
-- The fingerprint of the certificate that a person believed; empty: an
-- authority has to vouch for it.
ALTER TABLE devices ADD COLUMN certificate TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE devices DROP COLUMN certificate;
