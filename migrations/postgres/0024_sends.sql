-- How often a lease was taken. Who takes work under a lease compares it, so that a holder that was paused past its time takes none.
ALTER TABLE leases ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

-- Each request that moves money, from before it leaves. Those that left before this table was there have their fate in `payments.push`.
CREATE TABLE mpesa_sends (
    id UUID PRIMARY KEY,
    -- What it is for: a kind of rows, and one of them. The list of kinds is open.
    purpose TEXT NOT NULL,
    subject_id UUID NOT NULL,
    -- 1, 2 and so on for each of those rows.
    number BIGINT NOT NULL CHECK (number > 0),
    certainty TEXT NOT NULL CHECK (certainty IN ('sending', 'accepted', 'unknown', 'refused', 'not_sent')),
    -- The process that sends, under a random name.
    server TEXT NOT NULL,
    -- Null where no lease is needed.
    lease_epoch BIGINT,
    made_at TIMESTAMPTZ NOT NULL,
    send_before TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    UNIQUE (purpose, subject_id, number),
    CHECK ((certainty = 'sending') = (answered_at IS NULL))
);
