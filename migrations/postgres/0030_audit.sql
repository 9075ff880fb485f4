-- The audit becomes a chain: the hash of a row is over the hash of the row before it and over the row's own text. Rows that are there
-- already have no place in it; its first row says how many they were. From now on a row of the actor 'shell' names in `person_id` the
-- member of staff whom the shell named, and proves nothing about them.
ALTER TABLE audit ADD COLUMN seq BIGINT;
ALTER TABLE audit ADD COLUMN body TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_seq ON audit (seq);

-- The last row of the chain. Whoever adds rows locks it before, and each row moves it on.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

CREATE FUNCTION move_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE seq = NEW.seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a row of the audit follows the last one';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_moves_head BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION move_audit_head();
