-- +goose Up
-- raised by hand before it was kept for whom: who raised it is asked as soon as the accounts are at hand
ALTER TABLE supervision_tasks ADD COLUMN owner_open BOOLEAN NOT NULL DEFAULT FALSE;
-- member units are asked by the city's office alone
UPDATE supervision_tasks SET by_city = TRUE WHERE unit <> '';
UPDATE supervision_tasks SET owner_open = TRUE WHERE by_city = FALSE;

-- +goose Down
ALTER TABLE supervision_tasks DROP COLUMN owner_open;
