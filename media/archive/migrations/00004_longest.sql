-- +goose Up
-- Segments that grew longer than an hour, because no other could be begun, were not found from their second hour on.
INSERT INTO archive_marks (name, value)
  SELECT 'longest', x.longest FROM (SELECT MAX(end_us - start_us) AS longest FROM segments) x WHERE x.longest > 3600000000;

-- +goose Down
DELETE FROM archive_marks WHERE name = 'longest';
