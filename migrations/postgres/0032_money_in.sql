-- Every shilling that came in has a row by its receipt, from the first source that names it with an amount, whether it fits a payment
-- or not. It takes the place of `receipts`, which knew only those that fitted.

CREATE TABLE money_in (
    receipt TEXT PRIMARY KEY,
    -- What the ledger knows it by.
    id UUID NOT NULL UNIQUE,
    -- The short code that was credited, if the source names it.
    short_code TEXT,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    -- The account reference as the payer typed it or our push named it; empty if no source names one.
    reference TEXT NOT NULL,
    -- What was told of the payer's number: digits, a mask, or a hash; empty if nothing was.
    payer TEXT NOT NULL,
    told_at TIMESTAMPTZ NOT NULL,
    -- When a machine first named it. Until then it is an operator's word, and its money is awaited.
    named_at TIMESTAMPTZ,
    -- When each source first said so.
    callback_at TIMESTAMPTZ,
    query_at TIMESTAMPTZ,
    c2b_at TIMESTAMPTZ,
    statement_at TIMESTAMPTZ,
    status_at TIMESTAMPTZ,
    operator_at TIMESTAMPTZ,
    reversed_at TIMESTAMPTZ,
    state TEXT NOT NULL CHECK (state IN ('matched', 'suspense', 'owed', 'returned')),
    -- What it is for, if that is known.
    purpose TEXT,
    subject_id UUID,
    CHECK ((purpose IS NULL) = (subject_id IS NULL)),
    CHECK (state <> 'matched' OR subject_id IS NOT NULL),
    CHECK (state <> 'suspense' OR named_at IS NOT NULL)
);
CREATE INDEX money_in_subject ON money_in (purpose, subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX money_in_suspense ON money_in (told_at) WHERE state = 'suspense';

-- A receipt settled a payment at its price, and the payment says which sources named it. Confirmations and statements were one source
-- until now, and are told apart by the facts.
INSERT INTO money_in (receipt, id, amount_cents, reference, payer, told_at, named_at, callback_at, query_at, c2b_at, statement_at,
        operator_at, state, purpose, subject_id)
    SELECT r.receipt, gen_random_uuid(), p.price_cents, p.account_reference, '', COALESCE(p.ended_at, p.pushed_at),
        LEAST(p.callback_succeeded_at, p.statement_succeeded_at), p.callback_succeeded_at,
        CASE WHEN p.callback_succeeded_at IS NOT NULL OR p.statement_succeeded_at IS NOT NULL THEN p.query_succeeded_at END,
        CASE WHEN s.statement THEN NULL ELSE p.statement_succeeded_at END,
        CASE WHEN s.statement THEN p.statement_succeeded_at END,
        CASE WHEN p.first_operator IS NOT NULL THEN p.ended_at END, 'matched', 'payment', p.id
    FROM receipts r JOIN payments p ON p.id = r.payment_id
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM mpesa_events e WHERE e.purpose = 'payment' AND e.subject_id = p.id
        AND e.source = 'statement' AND e.receipt = r.receipt) AS statement) s;
DROP TABLE receipts;

-- What lies in suspense under a payment, and whether a query or an operator completed it and no machine has named its receipt yet.
ALTER TABLE payments ADD COLUMN suspense_cents BIGINT NOT NULL DEFAULT 0 CHECK (suspense_cents >= 0);
ALTER TABLE payments ADD COLUMN awaits_receipt BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX payments_waiting_receipt ON payments (waiting_receipt) WHERE waiting_receipt IS NOT NULL;
CREATE INDEX payments_suspense ON payments (pushed_at) WHERE suspense_cents > 0;
CREATE INDEX payments_awaiting ON payments (ended_at) WHERE awaits_receipt;

-- Money is owed to whoever paid its receipt, who need not have the number that we pushed to.
ALTER TABLE debts ALTER COLUMN msisdn DROP NOT NULL;
ALTER TABLE debts DROP CONSTRAINT debts_reason_check;
ALTER TABLE debts ADD CHECK (reason IN ('already_bought', 'withdrawn', 'kicked_off', 'account_closed', 'further_receipt',
    'returned'));

-- Money that was booked as collected before any machine had named its receipt is awaited.
ALTER TABLE transfers DROP CONSTRAINT transfers_kind_check;
ALTER TABLE transfers ADD CHECK (kind IN ('sale', 'receipt_named', 'receipt_moved', 'receipt_awaited', 'unplaced', 'owed', 'release',
    'payout_asked', 'payout_paid', 'payout_not_paid', 'payout_returned', 'payout_paid_late', 'payout_paid_twice', 'refund_sent',
    'refund_reversed', 'refund_paid_out', 'refund_not_done', 'refund_by_hand', 'undone', 'reversed', 'made_good',
    'clawback_given_up', 'rest_given_up', 'tax_paid', 'top_up', 'swept', 'charged'));
