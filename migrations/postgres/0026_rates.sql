-- How often Safaricom may be asked, for all servers together: a token bucket for each kind of requests, and the rest after a refusal.
CREATE TABLE mpesa_rates (
    name TEXT PRIMARY KEY,
    -- What the bucket held at `filled_at`, in 60,000ths of a token.
    parts BIGINT NOT NULL,
    filled_at TIMESTAMPTZ NOT NULL,
    -- Refusals without an answer between them, and until when nothing is asked because of them.
    failures BIGINT NOT NULL CHECK (failures >= 0),
    quiet_until TIMESTAMPTZ
);
