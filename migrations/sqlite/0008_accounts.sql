-- What a person says of themself, how they keep their account, whom they follow, and how they keep within bounds.
ALTER TABLE people ADD COLUMN bio TEXT NOT NULL DEFAULT '';
-- The name of the picture's file; a new picture has a new name.
ALTER TABLE people ADD COLUMN picture TEXT;
-- When a code sent to the number came back; null for a number that nobody has proven.
ALTER TABLE people ADD COLUMN number_proven_at TEXT;
-- Counts up to end every session at once.
ALTER TABLE people ADD COLUMN session_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN closed_at TEXT;
-- Until then nothing can be bought; `self_exclusion` cannot be taken back, a time-out neither.
ALTER TABLE people ADD COLUMN break_until TEXT;
ALTER TABLE people ADD COLUMN break_kind TEXT CHECK (break_kind IN ('time_out', 'self_exclusion'));

-- Whose session it is, so that one query tells whether it still counts, and as whom.
ALTER TABLE sessions ADD COLUMN person_id BLOB REFERENCES people (id);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE follows (
    follower_id BLOB NOT NULL REFERENCES people (id),
    tipster_id BLOB NOT NULL REFERENCES people (id),
    followed_at TEXT NOT NULL,
    PRIMARY KEY (follower_id, tipster_id)
) STRICT;
CREATE INDEX follows_tipster ON follows (tipster_id, follower_id);

-- When the payer last asked us to look again.
ALTER TABLE payments ADD COLUMN asked_again_at TEXT;

-- M-Pesa codes that buyers typed: never evidence, always a reason to look.
CREATE TABLE payment_claims (
    id BLOB PRIMARY KEY,
    payment_id BLOB NOT NULL REFERENCES payments (id),
    person_id BLOB NOT NULL REFERENCES people (id),
    receipt TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    -- An operator has looked.
    closed_at TEXT
) STRICT;
CREATE INDEX payment_claims_person ON payment_claims (person_id, claimed_at);
CREATE INDEX payment_claims_open ON payment_claims (payment_id) WHERE closed_at IS NULL;

-- Notices that are read are forgotten after a while.
CREATE INDEX notices_read ON notices (read_at) WHERE read_at IS NOT NULL;

-- One-time codes that prove a number. The code itself is nowhere.
CREATE TABLE codes (
    id BLOB PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('register', 'prove', 'reset')),
    msisdn TEXT NOT NULL,
    -- Whose request it was, where somebody was signed in.
    person_id BLOB REFERENCES people (id),
    code_hash TEXT NOT NULL,
    -- A registration that waits for its number, as JSON, its password hashed.
    registration TEXT,
    address_key TEXT NOT NULL,
    try_count INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;
CREATE INDEX codes_msisdn ON codes (msisdn, sent_at);
CREATE INDEX codes_address ON codes (address_key, sent_at);
CREATE INDEX codes_sent ON codes (sent_at);

-- What a person wants to spend at most in a Kenyan day, week or month. Null is no limit.
CREATE TABLE spend_limits (
    person_id BLOB NOT NULL REFERENCES people (id),
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    limit_cents INTEGER CHECK (limit_cents >= 0),
    -- A looser limit takes effect then.
    next_cents INTEGER CHECK (next_cents >= 0),
    next_at TEXT,
    PRIMARY KEY (person_id, period)
) STRICT;
