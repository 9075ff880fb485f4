-- The audit becomes a chain: the hash of a row is over the hash of the row before it and over the row's own text. Rows that are there
-- already have no place in it; its first row says how many they were. From now on a row of the actor 'shell' names in `person_id` the
-- member of staff whom the shell named, and proves nothing about them.
ALTER TABLE audit ADD COLUMN seq INTEGER;
ALTER TABLE audit ADD COLUMN body TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_seq ON audit (seq);

-- The last row of the chain. Whoever adds rows locks it before, and each row moves it on.
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

DROP TRIGGER audit_no_replace;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR rowid = NEW.rowid OR seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_follows_head BEFORE INSERT ON audit
    WHEN NEW.seq IS NOT (SELECT seq + 1 FROM audit_head)
    BEGIN SELECT RAISE(ABORT, 'a row of the audit follows the last one'); END;
CREATE TRIGGER audit_moves_head AFTER INSERT ON audit
    BEGIN UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash; END;
