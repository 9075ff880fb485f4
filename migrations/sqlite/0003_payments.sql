-- Money in: payments, what was heard about them, and what they bought.
CREATE TABLE payments (
    id BLOB PRIMARY KEY,
    buyer_id BLOB NOT NULL REFERENCES people (id),
    tip_id INTEGER NOT NULL REFERENCES tips (id),
    tipster_id BLOB NOT NULL REFERENCES people (id),
    price_cents INTEGER NOT NULL CHECK (price_cents > 0 AND price_cents % 100 = 0),
    share_bps INTEGER NOT NULL CHECK (share_bps BETWEEN 0 AND 10000),
    msisdn TEXT NOT NULL,
    -- Hash of the address that asked, for the limit per address.
    address_hash TEXT NOT NULL,
    account_reference TEXT NOT NULL UNIQUE,
    callback_token_hash BLOB NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'failed', 'cancelled')),
    outcome TEXT CHECK (outcome IN ('unlocked', 'owed', 'review')),
    review_reason TEXT,
    -- Blocks a second payment of this buyer for this tip.
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    push TEXT NOT NULL CHECK (push IN ('sending', 'accepted', 'unknown', 'not_taken')),
    merchant_request_id TEXT,
    checkout_request_id TEXT UNIQUE,
    result_code TEXT,
    result_description TEXT,
    receipt TEXT,
    callback_succeeded_at TEXT,
    query_succeeded_at TEXT,
    -- By a C2B confirmation or a line of the statement.
    statement_succeeded_at TEXT,
    -- Operators who vouch for the money, by name.
    first_operator TEXT,
    second_operator TEXT,
    -- The receipt of a success that waits for a second source.
    waiting_receipt TEXT,
    hinted INTEGER NOT NULL DEFAULT 0 CHECK (hinted IN (0, 1)),
    check_count INTEGER NOT NULL DEFAULT 0,
    next_check_at TEXT,
    pushed_at TEXT NOT NULL,
    ended_at TEXT,
    -- Completed money has bought something or is owed; `review` marks a payment a person must look at.
    CHECK ((status = 'completed') = (outcome IS NOT NULL AND outcome <> 'review')),
    CHECK (status = 'pending' OR NOT open)
) STRICT;
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
    payment_id BLOB NOT NULL REFERENCES payments (id)
) STRICT;

CREATE TABLE purchases (
    payment_id BLOB PRIMARY KEY REFERENCES payments (id),
    tip_id INTEGER NOT NULL REFERENCES tips (id),
    buyer_id BLOB NOT NULL REFERENCES people (id),
    tipster_id BLOB NOT NULL REFERENCES people (id),
    price_cents INTEGER NOT NULL CHECK (price_cents > 0),
    share_cents INTEGER NOT NULL CHECK (share_cents >= 0 AND share_cents <= price_cents),
    bought_at TEXT NOT NULL,
    release_after TEXT NOT NULL,
    released_at TEXT,
    UNIQUE (tip_id, buyer_id)
) STRICT;
CREATE INDEX purchases_buyer ON purchases (buyer_id, bought_at);
CREATE INDEX purchases_tipster ON purchases (tipster_id, bought_at);
CREATE INDEX purchases_unreleased ON purchases (release_after) WHERE released_at IS NULL;

-- Money that could buy nothing and belongs to the number that paid it.
CREATE TABLE debts (
    payment_id BLOB PRIMARY KEY REFERENCES payments (id),
    msisdn TEXT NOT NULL,
    owed_cents INTEGER NOT NULL CHECK (owed_cents > 0),
    status TEXT NOT NULL CHECK (status IN ('owed', 'sending', 'paid')),
    reason TEXT NOT NULL CHECK (reason IN ('already_bought', 'withdrawn', 'kicked_off')),
    receipt TEXT,
    owed_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    paid_at TEXT
) STRICT;
CREATE INDEX debts_open ON debts (due_at) WHERE status <> 'paid';
CREATE UNIQUE INDEX debts_receipt ON debts (receipt) WHERE receipt IS NOT NULL;

-- Bodies as Safaricom sent them, byte for byte.
CREATE TABLE callbacks (
    id BLOB PRIMARY KEY,
    payment_id BLOB NOT NULL REFERENCES payments (id),
    path TEXT NOT NULL CHECK (path IN ('token', 'bare')),
    -- It came from an address that is not Safaricom's, so far as we know.
    is_from_elsewhere INTEGER NOT NULL CHECK (is_from_elsewhere IN (0, 1)),
    body BLOB NOT NULL,
    received_at TEXT NOT NULL,
    processed_at TEXT
) STRICT;
CREATE INDEX callbacks_unprocessed ON callbacks (received_at) WHERE processed_at IS NULL;
CREATE INDEX callbacks_payment ON callbacks (payment_id);
CREATE INDEX callbacks_received ON callbacks (received_at);

-- Every fact about a payment, in the order in which we learnt it. Never changed.
CREATE TABLE payment_events (
    id BLOB PRIMARY KEY,
    payment_id BLOB NOT NULL REFERENCES payments (id),
    happened_at TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('buyer', 'push', 'callback', 'query', 'c2b', 'statement', 'operator')),
    kind TEXT NOT NULL,
    result_code TEXT,
    receipt TEXT,
    amount_cents INTEGER,
    detail TEXT,
    -- No foreign key: bodies are forgotten after 90 days, facts never.
    callback_id BLOB
) STRICT;
CREATE INDEX payment_events_payment ON payment_events (payment_id, id);

CREATE TRIGGER payment_events_no_update BEFORE UPDATE ON payment_events BEGIN SELECT RAISE(ABORT, 'payment_events is append-only'); END;
CREATE TRIGGER payment_events_no_delete BEFORE DELETE ON payment_events BEGIN SELECT RAISE(ABORT, 'payment_events is append-only'); END;
