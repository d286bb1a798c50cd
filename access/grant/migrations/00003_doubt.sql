-- +goose Up
-- In which order looks began: a clock that is set makes their dates no order. 0: older than this column; their ids tell.
ALTER TABLE looks ADD COLUMN n BIGINT NOT NULL DEFAULT 0;
-- How the machine's clock was set when a look began, where that could not be believed; '' = it could, or it is put right.
ALTER TABLE looks ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
-- When it was is not known for certain.
ALTER TABLE looks ADD COLUMN unconfirmed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX looks_n ON looks (n, id);
CREATE INDEX looks_doubt ON looks (doubt) WHERE doubt <> '';

-- +goose Down
DROP INDEX looks_doubt;
DROP INDEX looks_n;
ALTER TABLE looks DROP COLUMN unconfirmed;
ALTER TABLE looks DROP COLUMN doubt;
ALTER TABLE looks DROP COLUMN n;
