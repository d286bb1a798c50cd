-- +goose Up
-- of withdraw-class: the instant at which the entry that is meant became known; 0: a request of before, the last that stands
ALTER TABLE programme_requests ADD COLUMN entry_us BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE programme_requests DROP COLUMN entry_us;
