-- Double entry: the entries of a transfer sum to zero; nothing is ever changed.
CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mpesa_collections', 'mpesa_payouts', 'bank', 'suspense', 'refunds_owed', 'payouts_in_flight',
        'platform_revenue', 'fees', 'losses', 'tipster_held', 'tipster_available')),
    person_id BLOB REFERENCES people (id),
    -- Kept for tipsters only: a running balance on a platform account would be one hot row under every sale.
    balance_cents INTEGER CHECK (balance_cents >= 0),
    CHECK ((person_id IS NOT NULL) = (kind IN ('tipster_held', 'tipster_available'))),
    CHECK ((person_id IS NOT NULL) = (balance_cents IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX accounts_person ON accounts (person_id, kind) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_platform ON accounts (kind) WHERE person_id IS NULL;

CREATE TABLE transfers (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'debt', 'release', 'refund')),
    payment_id BLOB NOT NULL REFERENCES payments (id),
    made_at TEXT NOT NULL,
    UNIQUE (payment_id, kind)
) STRICT;

CREATE TABLE entries (
    transfer_id BLOB NOT NULL REFERENCES transfers (id),
    line INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    balance_after_cents INTEGER,
    PRIMARY KEY (transfer_id, line)
) STRICT;
CREATE INDEX entries_account ON entries (account_id, transfer_id);

CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;

INSERT INTO accounts (id, kind) VALUES
    (X'00000000000000000000000000000001', 'mpesa_collections'),
    (X'00000000000000000000000000000002', 'mpesa_payouts'),
    (X'00000000000000000000000000000003', 'bank'),
    (X'00000000000000000000000000000004', 'suspense'),
    (X'00000000000000000000000000000005', 'refunds_owed'),
    (X'00000000000000000000000000000006', 'payouts_in_flight'),
    (X'00000000000000000000000000000007', 'platform_revenue'),
    (X'00000000000000000000000000000008', 'fees'),
    (X'00000000000000000000000000000009', 'losses');
