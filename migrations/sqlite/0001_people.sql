-- People, their sessions, and failed sign-ins.
CREATE TABLE people (
    id BLOB PRIMARY KEY,
    msisdn TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    is_buyer INTEGER NOT NULL CHECK (is_buyer IN (0, 1)),
    is_tipster INTEGER NOT NULL CHECK (is_tipster IN (0, 1)),
    is_verified INTEGER NOT NULL DEFAULT 0 CHECK (is_verified IN (0, 1)),
    staff TEXT CHECK (staff IN ('operator', 'admin')),
    -- Counts pushes asked for; its update is the lock under which a buyer's limits are checked.
    push_count INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    data BLOB NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- `key` is a hash of a phone number or an address, never the thing itself.
CREATE TABLE sign_in_failures (
    id BLOB PRIMARY KEY,
    key TEXT NOT NULL,
    failed_at TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_failures_recent ON sign_in_failures (key, failed_at);
CREATE INDEX sign_in_failures_old ON sign_in_failures (failed_at);

-- What this database is: today only whether its money is simulated or live.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
