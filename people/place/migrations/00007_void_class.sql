-- +goose Up

-- An entry into a class or out of it that was entered by mistake: when that became known, who says so and why. 0: it stands.
ALTER TABLE compound_classes ADD COLUMN void_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compound_classes ADD COLUMN void_by TEXT NOT NULL DEFAULT '';
ALTER TABLE compound_classes ADD COLUMN void_why TEXT NOT NULL DEFAULT '';

-- What was merged into a place: its help money goes where the place lies.
CREATE INDEX places_other ON places (other);

-- +goose Down
DROP INDEX places_other;
ALTER TABLE compound_classes DROP COLUMN void_why;
ALTER TABLE compound_classes DROP COLUMN void_by;
ALTER TABLE compound_classes DROP COLUMN void_us;
