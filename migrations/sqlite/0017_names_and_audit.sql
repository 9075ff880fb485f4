-- Who did what, when and why, in the action's own transaction. Never changed.
CREATE TABLE audit (
    id BLOB PRIMARY KEY,
    at TEXT NOT NULL,
    -- Null where nobody had signed in: the shell, or the server itself.
    person_id BLOB REFERENCES people (id),
    -- As what they did it.
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    -- Ids, amounts and states; people by id only.
    before TEXT,
    after TEXT,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, id);
CREATE INDEX audit_person ON audit (person_id, id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

-- What a tipster's name looks like; no two of them may look the same. SQL cannot compute it: the server fills it in at its start.
-- Null for buyers, and for a tipster whose name looked like an older one's already.
ALTER TABLE people ADD COLUMN name_skeleton TEXT;
CREATE UNIQUE INDEX people_name_skeleton ON people (name_skeleton) WHERE is_tipster AND closed_at IS NULL;
-- Since when the name waits for somebody at the desk to look at it.
ALTER TABLE people ADD COLUMN name_doubted_at TEXT;
CREATE INDEX people_name_doubted ON people (name_doubted_at) WHERE name_doubted_at IS NOT NULL;

-- Notices get more kinds. SQLite changes no CHECK: the table is made anew.
CREATE TABLE notices_of_all_kinds (
    id BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'approved', 'rejected', 'result', 'refund', 'new_tip', 'new_password', 'badge_taken')),
    tip_id INTEGER REFERENCES tips (id),
    payment_id BLOB REFERENCES payments (id),
    detail TEXT,
    noticed_at TEXT NOT NULL,
    read_at TEXT
) STRICT;
INSERT INTO notices_of_all_kinds (id, person_id, kind, tip_id, payment_id, detail, noticed_at, read_at)
    SELECT id, person_id, kind, tip_id, payment_id, detail, noticed_at, read_at FROM notices;
DROP TABLE notices;
ALTER TABLE notices_of_all_kinds RENAME TO notices;
CREATE INDEX notices_person ON notices (person_id, noticed_at, id);
CREATE INDEX notices_unread ON notices (person_id) WHERE read_at IS NULL;
CREATE INDEX notices_read ON notices (read_at) WHERE read_at IS NOT NULL;

-- Sessions under a hash of what the browser holds: a copy of the database opens none of them. Those of before end.
DROP TABLE sessions;
CREATE TABLE sessions (
    -- SHA-256 of the session's secret id, in hex. It names the session to its own person.
    id TEXT PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id),
    data BLOB NOT NULL,
    -- In a few words, like "Chrome on Android".
    browser TEXT NOT NULL,
    signed_in_at TEXT NOT NULL,
    -- Written once an hour of use.
    seen_at TEXT NOT NULL,
    -- By use it moves on, never beyond the day on which the person must sign in anew.
    expires_at TEXT NOT NULL,
    ends_at TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_person ON sessions (person_id, seen_at);
