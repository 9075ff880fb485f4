-- Double entry: the entries of a transfer sum to zero; nothing is ever changed.
CREATE TABLE accounts (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mpesa_collections', 'mpesa_payouts', 'bank', 'suspense', 'refunds_owed', 'payouts_in_flight',
        'platform_revenue', 'fees', 'losses', 'tipster_held', 'tipster_available')),
    person_id UUID REFERENCES people (id),
    -- Kept for tipsters only: a running balance on a platform account would be one hot row under every sale.
    balance_cents BIGINT CHECK (balance_cents >= 0),
    CHECK ((person_id IS NOT NULL) = (kind IN ('tipster_held', 'tipster_available'))),
    CHECK ((person_id IS NOT NULL) = (balance_cents IS NOT NULL))
);
CREATE UNIQUE INDEX accounts_person ON accounts (person_id, kind) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_platform ON accounts (kind) WHERE person_id IS NULL;

CREATE TABLE transfers (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'debt', 'release', 'refund')),
    payment_id UUID NOT NULL REFERENCES payments (id),
    made_at TIMESTAMPTZ NOT NULL,
    UNIQUE (payment_id, kind)
);

CREATE TABLE entries (
    transfer_id UUID NOT NULL REFERENCES transfers (id),
    line BIGINT NOT NULL,
    account_id UUID NOT NULL REFERENCES accounts (id),
    amount_cents BIGINT NOT NULL CHECK (amount_cents <> 0),
    balance_after_cents BIGINT,
    PRIMARY KEY (transfer_id, line)
);
CREATE INDEX entries_account ON entries (account_id, transfer_id);

CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change();

INSERT INTO accounts (id, kind) VALUES
    ('00000000-0000-0000-0000-000000000001', 'mpesa_collections'),
    ('00000000-0000-0000-0000-000000000002', 'mpesa_payouts'),
    ('00000000-0000-0000-0000-000000000003', 'bank'),
    ('00000000-0000-0000-0000-000000000004', 'suspense'),
    ('00000000-0000-0000-0000-000000000005', 'refunds_owed'),
    ('00000000-0000-0000-0000-000000000006', 'payouts_in_flight'),
    ('00000000-0000-0000-0000-000000000007', 'platform_revenue'),
    ('00000000-0000-0000-0000-000000000008', 'fees'),
    ('00000000-0000-0000-0000-000000000009', 'losses');
