-- A body that was booked says which receipt it told, because it is kept as long as that money lies in suspense, and whether it could be
-- read at all, because a person looks at what could not. One that cannot be booked counts its tries, so that it lets others pass.
ALTER TABLE callbacks ADD COLUMN receipt TEXT;
ALTER TABLE callbacks ADD COLUMN is_unreadable BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE callbacks ADD COLUMN tries BIGINT NOT NULL DEFAULT 0 CHECK (tries >= 0);
DROP INDEX callbacks_unprocessed;
CREATE INDEX callbacks_unprocessed ON callbacks (purpose, tries, received_at) WHERE processed_at IS NULL;
CREATE INDEX callbacks_unreadable ON callbacks (received_at) WHERE is_unreadable;
