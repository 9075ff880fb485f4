-- The kinds of work that wait, a row each: who attends to it, when its next round is due, and how the last one ended.
CREATE TABLE jobs (
    kind TEXT PRIMARY KEY,
    -- The holder of the lease that took the kind last, and the lease's epoch then.
    owner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    -- When the round began that runs now.
    begun_at TEXT,
    -- Failures in a row, and a few words about the last one.
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    last_error TEXT,
    done_at TEXT,
    done_count INTEGER NOT NULL CHECK (done_count >= 0)
) STRICT;

-- Sends of which nobody has noted what came of them.
CREATE INDEX mpesa_sends_unfinished ON mpesa_sends (send_before) WHERE certainty = 'sending';
