-- Messages to people, written in the transaction of what they tell and sent afterwards. Which text it is stands here as a word; the lists of kinds and texts are open.
CREATE TABLE messages (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'expired', 'dead', 'nobody')),
    -- Whom it is for and what its text needs; forgotten when nobody can send it any more.
    recipient TEXT,
    text TEXT NOT NULL,
    text_values TEXT,
    language TEXT NOT NULL CHECK (language IN ('en', 'sw')),
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    last_error TEXT,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    CHECK ((state = 'due') = (ended_at IS NULL)),
    CHECK (state NOT IN ('due', 'dead') OR (recipient IS NOT NULL AND text_values IS NOT NULL))
) STRICT;

CREATE INDEX messages_due ON messages (due_at) WHERE state = 'due';
CREATE INDEX messages_dead ON messages (ended_at) WHERE state = 'dead';
CREATE INDEX messages_ended ON messages (ended_at) WHERE ended_at IS NOT NULL;
