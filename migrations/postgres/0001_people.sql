-- People, their sessions, and failed sign-ins.
CREATE TABLE people (
    id UUID PRIMARY KEY,
    msisdn TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    birth_date DATE NOT NULL,
    is_buyer BOOLEAN NOT NULL,
    is_tipster BOOLEAN NOT NULL,
    is_verified BOOLEAN NOT NULL DEFAULT FALSE,
    staff TEXT CHECK (staff IN ('operator', 'admin')),
    -- Counts pushes asked for; its update is the lock under which a buyer's limits are checked.
    push_count BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    data BYTEA NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- `key` is a hash of a phone number or an address, never the thing itself.
CREATE TABLE sign_in_failures (
    id UUID PRIMARY KEY,
    key TEXT NOT NULL,
    failed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_failures_recent ON sign_in_failures (key, failed_at);
CREATE INDEX sign_in_failures_old ON sign_in_failures (failed_at);

-- What this database is: today only whether its money is simulated or live.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
