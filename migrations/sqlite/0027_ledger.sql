-- The ledger can book every movement of money: transfers are of any subject, tipsters' accounts number their entries and know the day of
-- the last one, and what must come back from a tipster has an account. Debts have ids, one for each receipt and reason.

-- All four tables are made anew, because their CHECKs change. They keep their names, and what refers to them is looked at when the
-- migration ends. What is only ever added is taken out by dropping tables, which triggers do not stop.
PRAGMA defer_foreign_keys = ON;

-- The entries of a tipster's account are numbered in the order of their days, and what each left behind is counted anew.
CREATE TEMPORARY TABLE entries_kept AS
    SELECT e.transfer_id, e.line, e.account_id, e.amount_cents,
        SUM(e.amount_cents) OVER entries_so_far AS balance_after_cents, ROW_NUMBER() OVER entries_so_far AS seq, t.day
    FROM entries e JOIN transfers t ON t.id = e.transfer_id JOIN accounts a ON a.id = e.account_id
    WHERE a.person_id IS NOT NULL
    WINDOW entries_so_far AS (PARTITION BY e.account_id ORDER BY t.day, t.made_at, t.id, e.line ROWS UNBOUNDED PRECEDING)
    UNION ALL
    SELECT e.transfer_id, e.line, e.account_id, e.amount_cents, NULL, NULL, NULL
    FROM entries e JOIN accounts a ON a.id = e.account_id WHERE a.person_id IS NULL;
DROP TABLE entries;

CREATE TEMPORARY TABLE transfers_kept AS SELECT * FROM transfers;
DROP TABLE transfers;
CREATE TABLE transfers (
    id BLOB PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('payment', 'receipt', 'release', 'payout', 'refund', 'correction', 'sweep')),
    subject_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'receipt_named', 'receipt_moved', 'unplaced', 'owed', 'release', 'payout_asked',
        'payout_paid', 'payout_not_paid', 'payout_returned', 'payout_paid_late', 'payout_paid_twice', 'refund_sent', 'refund_reversed',
        'refund_paid_out', 'refund_not_done', 'refund_by_hand', 'undone', 'reversed', 'made_good', 'clawback_given_up',
        'rest_given_up', 'tax_paid', 'top_up', 'swept', 'charged')),
    made_at TEXT NOT NULL,
    day INTEGER NOT NULL,
    UNIQUE (subject_kind, subject_id, kind)
) STRICT;
-- Until now a payment had one debt at most, so the debt takes the payment's id.
INSERT INTO transfers (id, subject_kind, subject_id, kind, made_at, day)
    SELECT id, CASE kind WHEN 'release' THEN 'release' WHEN 'refund' THEN 'refund' ELSE 'payment' END, payment_id,
        CASE kind WHEN 'debt' THEN 'owed' WHEN 'refund' THEN 'refund_by_hand' ELSE kind END, made_at, day
    FROM transfers_kept ORDER BY rowid;
DROP TABLE transfers_kept;
CREATE INDEX transfers_day ON transfers (day);

CREATE TEMPORARY TABLE accounts_kept AS SELECT * FROM accounts;
DROP TABLE accounts;
CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mpesa_collections', 'mpesa_payouts', 'bank', 'receipts_awaited', 'suspense', 'refunds_owed',
        'refunds_in_flight', 'payouts_in_flight', 'platform_revenue', 'fees', 'losses', 'tax_withheld', 'tipster_clawback',
        'tipster_held', 'tipster_available')),
    person_id BLOB REFERENCES people (id),
    -- Kept for tipsters only: a running balance on a platform account would be one hot row under every sale. So are the number of
    -- entries and the day of the last one, counted from 1 January 1970; 0 before the first entry.
    balance_cents INTEGER,
    seq INTEGER,
    last_day INTEGER,
    CHECK ((person_id IS NOT NULL) = (kind IN ('tipster_clawback', 'tipster_held', 'tipster_available'))),
    CHECK ((person_id IS NOT NULL) = (balance_cents IS NOT NULL)),
    CHECK ((person_id IS NOT NULL) = (seq IS NOT NULL)),
    CHECK ((person_id IS NOT NULL) = (last_day IS NOT NULL)),
    -- What must come back is never above zero, the others never below.
    CHECK (CASE kind WHEN 'tipster_clawback' THEN balance_cents <= 0 ELSE balance_cents >= 0 END)
) STRICT;
INSERT INTO accounts (id, kind, person_id, balance_cents, seq, last_day)
    SELECT a.id, a.kind, a.person_id, a.balance_cents, CASE WHEN a.person_id IS NOT NULL THEN COALESCE(e.seq, 0) END,
        CASE WHEN a.person_id IS NOT NULL THEN COALESCE(e.last_day, 0) END
    FROM accounts_kept a LEFT JOIN (SELECT account_id, MAX(seq) AS seq, MAX(day) AS last_day FROM entries_kept
        WHERE seq IS NOT NULL GROUP BY account_id) e ON e.account_id = a.id;
INSERT INTO accounts (id, kind, person_id, balance_cents, seq, last_day)
    SELECT RANDOMBLOB(16), 'tipster_clawback', person_id, 0, 0, 0 FROM accounts_kept WHERE kind = 'tipster_held';
INSERT INTO accounts (id, kind) VALUES
    (X'0000000000000000000000000000000A', 'receipts_awaited'),
    (X'0000000000000000000000000000000B', 'refunds_in_flight'),
    (X'0000000000000000000000000000000C', 'tax_withheld');
DROP TABLE accounts_kept;
CREATE UNIQUE INDEX accounts_person ON accounts (person_id, kind) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_platform ON accounts (kind) WHERE person_id IS NULL;

CREATE TABLE entries (
    transfer_id BLOB NOT NULL REFERENCES transfers (id),
    line INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    balance_after_cents INTEGER,
    -- The entry's number among those of its account, if that is a tipster's.
    seq INTEGER,
    PRIMARY KEY (transfer_id, line),
    CHECK ((seq IS NULL) = (balance_after_cents IS NULL))
) STRICT;
INSERT INTO entries (transfer_id, line, account_id, amount_cents, balance_after_cents, seq)
    SELECT transfer_id, line, account_id, amount_cents, balance_after_cents, seq FROM entries_kept ORDER BY transfer_id, line;
DROP TABLE entries_kept;
CREATE UNIQUE INDEX entries_seq ON entries (account_id, seq) WHERE seq IS NOT NULL;

CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER transfers_no_replace BEFORE INSERT ON transfers
    WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id OR rowid = NEW.rowid
        OR (subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id AND kind = NEW.kind))
    BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;
CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries
    WHEN EXISTS (SELECT 1 FROM entries WHERE rowid = NEW.rowid OR (transfer_id = NEW.transfer_id AND line = NEW.line)
        OR (account_id = NEW.account_id AND seq = NEW.seq))
    BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;

-- Money that could buy nothing and belongs to the number that paid it. `receipt` is that of the money which came, `refund_receipt`
-- that of the money which went back.
CREATE TABLE debts_with_ids (
    id BLOB PRIMARY KEY,
    payment_id BLOB REFERENCES payments (id),
    receipt TEXT,
    msisdn TEXT NOT NULL,
    owed_cents INTEGER NOT NULL CHECK (owed_cents > 0),
    status TEXT NOT NULL CHECK (status IN ('waiting', 'payable', 'sending', 'unknown', 'by_hand', 'paid')),
    reason TEXT NOT NULL CHECK (reason IN ('already_bought', 'withdrawn', 'kicked_off')),
    refund_receipt TEXT,
    owed_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    paid_at TEXT
) STRICT;
INSERT INTO debts_with_ids (id, payment_id, receipt, msisdn, owed_cents, status, reason, refund_receipt, owed_at, due_at, paid_at)
    SELECT d.payment_id, d.payment_id, p.receipt, d.msisdn, d.owed_cents,
        CASE WHEN d.status <> 'owed' THEN d.status WHEN p.receipt IS NULL THEN 'waiting' ELSE 'payable' END,
        d.reason, d.receipt, d.owed_at, d.due_at, d.paid_at
    FROM debts d JOIN payments p ON p.id = d.payment_id;
DROP TABLE debts;
ALTER TABLE debts_with_ids RENAME TO debts;
CREATE UNIQUE INDEX debts_receipt ON debts (receipt, reason) WHERE receipt IS NOT NULL;
CREATE UNIQUE INDEX debts_awaited ON debts (payment_id) WHERE receipt IS NULL;
CREATE UNIQUE INDEX debts_refund ON debts (refund_receipt) WHERE refund_receipt IS NOT NULL;
CREATE INDEX debts_payment ON debts (payment_id);
CREATE INDEX debts_open ON debts (due_at) WHERE status <> 'paid';
CREATE INDEX debts_paid ON debts (paid_at) WHERE paid_at IS NOT NULL;
