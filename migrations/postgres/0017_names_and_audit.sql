-- Who did what, when and why, in the action's own transaction. Never changed.
CREATE TABLE audit (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    -- Null where nobody had signed in: the shell, or the server itself.
    person_id UUID REFERENCES people (id),
    -- As what they did it.
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    -- Ids, amounts and states; people by id only.
    before TEXT,
    after TEXT,
    reason TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, id);
CREATE INDEX audit_person ON audit (person_id, id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a tipster's name looks like; no two of them may look the same. SQL cannot compute it: the server fills it in at its start.
-- Null for buyers, and for a tipster whose name looked like an older one's already.
ALTER TABLE people ADD COLUMN name_skeleton TEXT;
CREATE UNIQUE INDEX people_name_skeleton ON people (name_skeleton) WHERE is_tipster AND closed_at IS NULL;
-- Since when the name waits for somebody at the desk to look at it.
ALTER TABLE people ADD COLUMN name_doubted_at TIMESTAMPTZ;
CREATE INDEX people_name_doubted ON people (name_doubted_at) WHERE name_doubted_at IS NOT NULL;

-- Notices get more kinds.
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check
    CHECK (kind IN ('sale', 'approved', 'rejected', 'result', 'refund', 'new_tip', 'new_password', 'badge_taken'));

-- Sessions under a hash of what the browser holds: a copy of the database opens none of them. Those of before end.
DROP TABLE sessions;
CREATE TABLE sessions (
    -- SHA-256 of the session's secret id, in hex. It names the session to its own person.
    id TEXT PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id),
    data BYTEA NOT NULL,
    -- In a few words, like "Chrome on Android".
    browser TEXT NOT NULL,
    signed_in_at TIMESTAMPTZ NOT NULL,
    -- Written once an hour of use.
    seen_at TIMESTAMPTZ NOT NULL,
    -- By use it moves on, never beyond the day on which the person must sign in anew.
    expires_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_person ON sessions (person_id, seen_at);
