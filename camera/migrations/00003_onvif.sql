-- +goose Up
-- Where a device's ONVIF service is (0: not known), and the tokens of the
-- profiles that the streams are: to ask for a key frame.
ALTER TABLE devices ADD COLUMN onvif_port INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN onvif_tls BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE cameras ADD COLUMN main_profile TEXT NOT NULL DEFAULT '';
ALTER TABLE cameras ADD COLUMN sub_profile TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE cameras DROP COLUMN sub_profile;
ALTER TABLE cameras DROP COLUMN main_profile;
ALTER TABLE devices DROP COLUMN onvif_tls;
ALTER TABLE devices DROP COLUMN onvif_port;
