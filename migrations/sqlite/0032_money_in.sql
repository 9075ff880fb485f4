-- Every shilling that came in has a row by its receipt, from the first source that names it with an amount, whether it fits a payment
-- or not. It takes the place of `receipts`, which knew only those that fitted.

-- Two tables are made anew, because their CHECKs change. They keep their names, and what refers to them is looked at when the
-- migration ends.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE money_in (
    receipt TEXT PRIMARY KEY,
    -- What the ledger knows it by.
    id BLOB NOT NULL UNIQUE,
    -- The short code that was credited, if the source names it.
    short_code TEXT,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    -- The account reference as the payer typed it or our push named it; empty if no source names one.
    reference TEXT NOT NULL,
    -- What was told of the payer's number: digits, a mask, or a hash; empty if nothing was.
    payer TEXT NOT NULL,
    told_at TEXT NOT NULL,
    -- When a machine first named it. Until then it is an operator's word, and its money is awaited.
    named_at TEXT,
    -- When each source first said so.
    callback_at TEXT,
    query_at TEXT,
    c2b_at TEXT,
    statement_at TEXT,
    status_at TEXT,
    operator_at TEXT,
    reversed_at TEXT,
    state TEXT NOT NULL CHECK (state IN ('matched', 'suspense', 'owed', 'returned')),
    -- What it is for, if that is known.
    purpose TEXT,
    subject_id BLOB,
    CHECK ((purpose IS NULL) = (subject_id IS NULL)),
    CHECK (state <> 'matched' OR subject_id IS NOT NULL),
    CHECK (state <> 'suspense' OR named_at IS NOT NULL)
) STRICT;
CREATE INDEX money_in_subject ON money_in (purpose, subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX money_in_suspense ON money_in (told_at) WHERE state = 'suspense';

-- A receipt settled a payment at its price, and the payment says which sources named it. Confirmations and statements were one source
-- until now, and are told apart by the facts.
INSERT INTO money_in (receipt, id, amount_cents, reference, payer, told_at, named_at, callback_at, query_at, c2b_at, statement_at,
        operator_at, state, purpose, subject_id)
    SELECT receipt, RANDOMBLOB(16), price_cents, account_reference, '', COALESCE(ended_at, pushed_at),
        COALESCE(MIN(callback_succeeded_at, statement_succeeded_at), callback_succeeded_at, statement_succeeded_at),
        callback_succeeded_at,
        CASE WHEN callback_succeeded_at IS NOT NULL OR statement_succeeded_at IS NOT NULL THEN query_succeeded_at END,
        CASE WHEN is_statement THEN NULL ELSE statement_succeeded_at END,
        CASE WHEN is_statement THEN statement_succeeded_at END,
        CASE WHEN first_operator IS NOT NULL THEN ended_at END, 'matched', 'payment', payment_id
    FROM (SELECT r.receipt, r.payment_id, p.price_cents, p.account_reference, p.ended_at, p.pushed_at, p.callback_succeeded_at,
            p.query_succeeded_at, p.statement_succeeded_at, p.first_operator,
            EXISTS (SELECT 1 FROM mpesa_events e WHERE e.purpose = 'payment' AND e.subject_id = p.id
                AND e.source = 'statement' AND e.receipt = r.receipt) AS is_statement
        FROM receipts r JOIN payments p ON p.id = r.payment_id);
DROP TABLE receipts;

-- What lies in suspense under a payment, and whether a query or an operator completed it and no machine has named its receipt yet.
ALTER TABLE payments ADD COLUMN suspense_cents INTEGER NOT NULL DEFAULT 0 CHECK (suspense_cents >= 0);
ALTER TABLE payments ADD COLUMN awaits_receipt INTEGER NOT NULL DEFAULT 0 CHECK (awaits_receipt IN (0, 1));
CREATE INDEX payments_waiting_receipt ON payments (waiting_receipt) WHERE waiting_receipt IS NOT NULL;
CREATE INDEX payments_suspense ON payments (pushed_at) WHERE suspense_cents > 0;
CREATE INDEX payments_awaiting ON payments (ended_at) WHERE awaits_receipt;

-- Money is owed to whoever paid its receipt, who need not have the number that we pushed to.
CREATE TABLE debts_anew (
    id BLOB PRIMARY KEY,
    payment_id BLOB REFERENCES payments (id),
    receipt TEXT,
    msisdn TEXT,
    owed_cents INTEGER NOT NULL CHECK (owed_cents > 0),
    status TEXT NOT NULL CHECK (status IN ('waiting', 'payable', 'sending', 'unknown', 'by_hand', 'paid')),
    reason TEXT NOT NULL CHECK (reason IN ('already_bought', 'withdrawn', 'kicked_off', 'account_closed', 'further_receipt',
        'returned')),
    refund_receipt TEXT,
    owed_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    paid_at TEXT
) STRICT;
INSERT INTO debts_anew (id, payment_id, receipt, msisdn, owed_cents, status, reason, refund_receipt, owed_at, due_at, paid_at)
    SELECT id, payment_id, receipt, msisdn, owed_cents, status, reason, refund_receipt, owed_at, due_at, paid_at FROM debts;
DROP TABLE debts;
ALTER TABLE debts_anew RENAME TO debts;
CREATE UNIQUE INDEX debts_receipt ON debts (receipt, reason) WHERE receipt IS NOT NULL;
CREATE UNIQUE INDEX debts_awaited ON debts (payment_id) WHERE receipt IS NULL;
CREATE UNIQUE INDEX debts_refund ON debts (refund_receipt) WHERE refund_receipt IS NOT NULL;
CREATE INDEX debts_payment ON debts (payment_id);
CREATE INDEX debts_open ON debts (due_at) WHERE status <> 'paid';
CREATE INDEX debts_paid ON debts (paid_at) WHERE paid_at IS NOT NULL;

-- Money that was booked as collected before any machine had named its receipt is awaited. What is only ever added is taken out by
-- dropping the table, which triggers do not stop.
CREATE TEMPORARY TABLE transfers_kept AS SELECT * FROM transfers;
DROP TABLE transfers;
CREATE TABLE transfers (
    id BLOB PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('payment', 'receipt', 'release', 'payout', 'refund', 'correction', 'sweep')),
    subject_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'receipt_named', 'receipt_moved', 'receipt_awaited', 'unplaced', 'owed', 'release',
        'payout_asked', 'payout_paid', 'payout_not_paid', 'payout_returned', 'payout_paid_late', 'payout_paid_twice', 'refund_sent',
        'refund_reversed', 'refund_paid_out', 'refund_not_done', 'refund_by_hand', 'undone', 'reversed', 'made_good',
        'clawback_given_up', 'rest_given_up', 'tax_paid', 'top_up', 'swept', 'charged')),
    made_at TEXT NOT NULL,
    day INTEGER NOT NULL,
    UNIQUE (subject_kind, subject_id, kind)
) STRICT;
INSERT INTO transfers (id, subject_kind, subject_id, kind, made_at, day)
    SELECT id, subject_kind, subject_id, kind, made_at, day FROM transfers_kept ORDER BY rowid;
DROP TABLE transfers_kept;
CREATE INDEX transfers_day ON transfers (day);
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER transfers_no_replace BEFORE INSERT ON transfers
    WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id OR rowid = NEW.rowid
        OR (subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id AND kind = NEW.kind))
    BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
