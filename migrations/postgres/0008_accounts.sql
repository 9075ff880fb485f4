-- What a person says of themself, how they keep their account, whom they follow, and how they keep within bounds.
ALTER TABLE people ADD COLUMN bio TEXT NOT NULL DEFAULT '';
-- The name of the picture's file; a new picture has a new name.
ALTER TABLE people ADD COLUMN picture TEXT;
-- When a code sent to the number came back; null for a number that nobody has proven.
ALTER TABLE people ADD COLUMN number_proven_at TIMESTAMPTZ;
-- Counts up to end every session at once.
ALTER TABLE people ADD COLUMN session_generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN closed_at TIMESTAMPTZ;
-- Until then nothing can be bought; `self_exclusion` cannot be taken back, a time-out neither.
ALTER TABLE people ADD COLUMN break_until TIMESTAMPTZ;
ALTER TABLE people ADD COLUMN break_kind TEXT CHECK (break_kind IN ('time_out', 'self_exclusion'));

-- Whose session it is, so that one query tells whether it still counts, and as whom.
ALTER TABLE sessions ADD COLUMN person_id UUID REFERENCES people (id);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE follows (
    follower_id UUID NOT NULL REFERENCES people (id),
    tipster_id UUID NOT NULL REFERENCES people (id),
    followed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (follower_id, tipster_id)
);
CREATE INDEX follows_tipster ON follows (tipster_id, follower_id);

-- When the payer last asked us to look again.
ALTER TABLE payments ADD COLUMN asked_again_at TIMESTAMPTZ;

-- M-Pesa codes that buyers typed: never evidence, always a reason to look.
CREATE TABLE payment_claims (
    id UUID PRIMARY KEY,
    payment_id UUID NOT NULL REFERENCES payments (id),
    person_id UUID NOT NULL REFERENCES people (id),
    receipt TEXT NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    -- An operator has looked.
    closed_at TIMESTAMPTZ
);
CREATE INDEX payment_claims_person ON payment_claims (person_id, claimed_at);
CREATE INDEX payment_claims_open ON payment_claims (payment_id) WHERE closed_at IS NULL;

-- Notices that are read are forgotten after a while.
CREATE INDEX notices_read ON notices (read_at) WHERE read_at IS NOT NULL;

-- One-time codes that prove a number. The code itself is nowhere.
CREATE TABLE codes (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('register', 'prove', 'reset')),
    msisdn TEXT NOT NULL,
    -- Whose request it was, where somebody was signed in.
    person_id UUID REFERENCES people (id),
    code_hash TEXT NOT NULL,
    -- A registration that waits for its number, as JSON, its password hashed.
    registration TEXT,
    address_key TEXT NOT NULL,
    try_count BIGINT NOT NULL DEFAULT 0,
    sent_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX codes_msisdn ON codes (msisdn, sent_at);
CREATE INDEX codes_address ON codes (address_key, sent_at);
CREATE INDEX codes_sent ON codes (sent_at);

-- What a person wants to spend at most in a Kenyan day, week or month. Null is no limit.
CREATE TABLE spend_limits (
    person_id UUID NOT NULL REFERENCES people (id),
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    limit_cents BIGINT CHECK (limit_cents >= 0),
    -- A looser limit takes effect then.
    next_cents BIGINT CHECK (next_cents >= 0),
    next_at TIMESTAMPTZ,
    PRIMARY KEY (person_id, period)
);
