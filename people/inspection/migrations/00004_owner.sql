-- +goose Up

-- planned before it was kept for whom: who planned it is asked as soon as the accounts are at hand
ALTER TABLE inspections ADD COLUMN owner_open BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE inspections SET owner_open = TRUE WHERE by_city = FALSE;

-- +goose Down
ALTER TABLE inspections DROP COLUMN owner_open;
