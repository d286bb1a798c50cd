-- +goose Up
-- How the machine's clock stood when an event was dated, while that could not be believed; '' once it is known when it was, or that
-- nobody can know it any more (unconfirmed).
ALTER TABLE journal ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN unconfirmed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX journal_doubt ON journal (seq) WHERE doubt <> '';

-- +goose Down
DROP INDEX journal_doubt;
ALTER TABLE journal DROP COLUMN unconfirmed;
ALTER TABLE journal DROP COLUMN doubt;
