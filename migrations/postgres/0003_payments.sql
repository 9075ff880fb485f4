-- Money in: payments, what was heard about them, and what they bought.
CREATE TABLE payments (
    id UUID PRIMARY KEY,
    buyer_id UUID NOT NULL REFERENCES people (id),
    tip_id BIGINT NOT NULL REFERENCES tips (id),
    tipster_id UUID NOT NULL REFERENCES people (id),
    price_cents BIGINT NOT NULL CHECK (price_cents > 0 AND price_cents % 100 = 0),
    share_bps BIGINT NOT NULL CHECK (share_bps BETWEEN 0 AND 10000),
    msisdn TEXT NOT NULL,
    -- Hash of the address that asked, for the limit per address.
    address_hash TEXT NOT NULL,
    account_reference TEXT NOT NULL UNIQUE,
    callback_token_hash BYTEA NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'failed', 'cancelled')),
    outcome TEXT CHECK (outcome IN ('unlocked', 'owed', 'review')),
    review_reason TEXT,
    -- Blocks a second payment of this buyer for this tip.
    open BOOLEAN NOT NULL,
    push TEXT NOT NULL CHECK (push IN ('sending', 'accepted', 'unknown', 'not_taken')),
    merchant_request_id TEXT,
    checkout_request_id TEXT UNIQUE,
    result_code TEXT,
    result_description TEXT,
    receipt TEXT,
    callback_succeeded_at TIMESTAMPTZ,
    query_succeeded_at TIMESTAMPTZ,
    -- By a C2B confirmation or a line of the statement.
    statement_succeeded_at TIMESTAMPTZ,
    -- Operators who vouch for the money, by name.
    first_operator TEXT,
    second_operator TEXT,
    -- The receipt of a success that waits for a second source.
    waiting_receipt TEXT,
    hinted BOOLEAN NOT NULL DEFAULT FALSE,
    check_count BIGINT NOT NULL DEFAULT 0,
    next_check_at TIMESTAMPTZ,
    pushed_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    -- Completed money has bought something or is owed; `review` marks a payment a person must look at.
    CHECK ((status = 'completed') = (outcome IS NOT NULL AND outcome <> 'review')),
    CHECK (status = 'pending' OR NOT open)
);
CREATE UNIQUE INDEX payments_open ON payments (buyer_id, tip_id) WHERE open;
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL AND checkout_request_id IS NOT NULL;
CREATE INDEX payments_buyer ON payments (buyer_id, pushed_at);
CREATE INDEX payments_buyer_tip ON payments (buyer_id, tip_id, pushed_at);
CREATE INDEX payments_msisdn ON payments (msisdn, pushed_at);
CREATE INDEX payments_address ON payments (address_hash, pushed_at);
CREATE INDEX payments_receipt ON payments (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX payments_review ON payments (pushed_at) WHERE review_reason IS NOT NULL;
CREATE INDEX payments_pushed ON payments (pushed_at);
CREATE INDEX payments_pending ON payments (pushed_at) WHERE status = 'pending';

-- One M-Pesa receipt settles one payment, ever.
CREATE TABLE receipts (
    receipt TEXT PRIMARY KEY,
    payment_id UUID NOT NULL REFERENCES payments (id)
);

CREATE TABLE purchases (
    payment_id UUID PRIMARY KEY REFERENCES payments (id),
    tip_id BIGINT NOT NULL REFERENCES tips (id),
    buyer_id UUID NOT NULL REFERENCES people (id),
    tipster_id UUID NOT NULL REFERENCES people (id),
    price_cents BIGINT NOT NULL CHECK (price_cents > 0),
    share_cents BIGINT NOT NULL CHECK (share_cents >= 0 AND share_cents <= price_cents),
    bought_at TIMESTAMPTZ NOT NULL,
    release_after TIMESTAMPTZ NOT NULL,
    released_at TIMESTAMPTZ,
    UNIQUE (tip_id, buyer_id)
);
CREATE INDEX purchases_buyer ON purchases (buyer_id, bought_at);
CREATE INDEX purchases_tipster ON purchases (tipster_id, bought_at);
CREATE INDEX purchases_unreleased ON purchases (release_after) WHERE released_at IS NULL;

-- Money that could buy nothing and belongs to the number that paid it.
CREATE TABLE debts (
    payment_id UUID PRIMARY KEY REFERENCES payments (id),
    msisdn TEXT NOT NULL,
    owed_cents BIGINT NOT NULL CHECK (owed_cents > 0),
    status TEXT NOT NULL CHECK (status IN ('owed', 'sending', 'paid')),
    reason TEXT NOT NULL CHECK (reason IN ('already_bought', 'withdrawn', 'kicked_off')),
    receipt TEXT,
    owed_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    paid_at TIMESTAMPTZ
);
CREATE INDEX debts_open ON debts (due_at) WHERE status <> 'paid';
CREATE UNIQUE INDEX debts_receipt ON debts (receipt) WHERE receipt IS NOT NULL;

-- Bodies as Safaricom sent them, byte for byte.
CREATE TABLE callbacks (
    id UUID PRIMARY KEY,
    payment_id UUID NOT NULL REFERENCES payments (id),
    path TEXT NOT NULL CHECK (path IN ('token', 'bare')),
    -- It came from an address that is not Safaricom's, so far as we know.
    is_from_elsewhere BOOLEAN NOT NULL,
    body BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    processed_at TIMESTAMPTZ
);
CREATE INDEX callbacks_unprocessed ON callbacks (received_at) WHERE processed_at IS NULL;
CREATE INDEX callbacks_payment ON callbacks (payment_id);
CREATE INDEX callbacks_received ON callbacks (received_at);

-- Every fact about a payment, in the order in which we learnt it. Never changed.
CREATE TABLE payment_events (
    id UUID PRIMARY KEY,
    payment_id UUID NOT NULL REFERENCES payments (id),
    happened_at TIMESTAMPTZ NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('buyer', 'push', 'callback', 'query', 'c2b', 'statement', 'operator')),
    kind TEXT NOT NULL,
    result_code TEXT,
    receipt TEXT,
    amount_cents BIGINT,
    detail TEXT,
    -- No foreign key: bodies are forgotten after 90 days, facts never.
    callback_id UUID
);
CREATE INDEX payment_events_payment ON payment_events (payment_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER payment_events_no_update BEFORE UPDATE ON payment_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_events_no_delete BEFORE DELETE ON payment_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
