-- Attempts are counted under keys that SECRET_KEY makes; nothing of what was counted without it is kept.
DROP TABLE sign_in_failures;
-- `key` is a keyed hash of a number, a network or both. One attempt counts under several keys.
CREATE TABLE attempts (
    id UUID NOT NULL,
    key TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id, key)
);
CREATE INDEX attempts_recent ON attempts (key, made_at);
CREATE INDEX attempts_old ON attempts (made_at);

-- Prompts of the last hour are counted anew.
UPDATE payments SET address_hash = '' WHERE address_hash <> '';

-- Codes that are under way are asked for again: their passwords were chosen before the proof.
DROP TABLE codes;
-- One-time codes that prove a number. Neither the code nor the secret of the browser that asked is anywhere.
CREATE TABLE codes (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('register', 'prove', 'reset')),
    msisdn TEXT NOT NULL,
    -- Whose request it was, where somebody was signed in.
    person_id UUID REFERENCES people (id),
    code_hash TEXT NOT NULL,
    -- Of the secret in the cookie of the browser that asked: nobody else sees the code's page.
    browser_hash TEXT NOT NULL,
    -- A registration that waits for its number, as JSON.
    registration TEXT,
    try_count BIGINT NOT NULL DEFAULT 0,
    sent_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX codes_msisdn ON codes (msisdn);
CREATE INDEX codes_sent ON codes (sent_at);

-- What the owner of a number wanted to spend at most when they closed their account: who joins again with it keeps it.
CREATE TABLE kept_limits (
    -- A keyed hash of the number.
    number_hash TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    limit_cents BIGINT CHECK (limit_cents >= 0),
    next_cents BIGINT CHECK (next_cents >= 0),
    next_at TIMESTAMPTZ,
    kept_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (number_hash, period)
);

-- When a code set the password last.
ALTER TABLE people ADD COLUMN password_reset_at TIMESTAMPTZ;
