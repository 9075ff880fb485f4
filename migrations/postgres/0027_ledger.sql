-- The ledger can book every movement of money: transfers are of any subject, tipsters' accounts number their entries and know the day of
-- the last one, and what must come back from a tipster has an account. Debts have ids, one for each receipt and reason.

DROP TRIGGER transfers_no_update ON transfers;
ALTER TABLE transfers DROP CONSTRAINT transfers_payment_id_fkey;
ALTER TABLE transfers DROP CONSTRAINT transfers_payment_id_kind_key;
ALTER TABLE transfers DROP CONSTRAINT transfers_kind_check;
ALTER TABLE transfers RENAME COLUMN payment_id TO subject_id;
ALTER TABLE transfers ADD COLUMN subject_kind TEXT NOT NULL DEFAULT 'payment';
ALTER TABLE transfers ALTER COLUMN subject_kind DROP DEFAULT;
-- Until now a payment had one debt at most, so the debt takes the payment's id.
UPDATE transfers SET subject_kind = CASE kind WHEN 'release' THEN 'release' WHEN 'refund' THEN 'refund' ELSE 'payment' END,
        kind = CASE kind WHEN 'debt' THEN 'owed' WHEN 'refund' THEN 'refund_by_hand' ELSE kind END
    WHERE kind <> 'sale';
ALTER TABLE transfers ADD CHECK (subject_kind IN ('payment', 'receipt', 'release', 'payout', 'refund', 'correction', 'sweep'));
ALTER TABLE transfers ADD CHECK (kind IN ('sale', 'receipt_named', 'receipt_moved', 'unplaced', 'owed', 'release', 'payout_asked',
    'payout_paid', 'payout_not_paid', 'payout_returned', 'payout_paid_late', 'payout_paid_twice', 'refund_sent', 'refund_reversed',
    'refund_paid_out', 'refund_not_done', 'refund_by_hand', 'undone', 'reversed', 'made_good', 'clawback_given_up',
    'rest_given_up', 'tax_paid', 'top_up', 'swept', 'charged'));
ALTER TABLE transfers ADD UNIQUE (subject_kind, subject_id, kind);
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The entries of a tipster's account are numbered in the order of their days, and what each left behind is counted anew.
DROP TRIGGER entries_no_update ON entries;
ALTER TABLE entries ADD COLUMN seq BIGINT;
UPDATE entries e SET seq = n.seq, balance_after_cents = n.balance_after_cents
    FROM (SELECT e.transfer_id, e.line, ROW_NUMBER() OVER entries_so_far AS seq,
            CAST(SUM(e.amount_cents) OVER entries_so_far AS BIGINT) AS balance_after_cents
        FROM entries e JOIN transfers t ON t.id = e.transfer_id JOIN accounts a ON a.id = e.account_id
        WHERE a.person_id IS NOT NULL
        WINDOW entries_so_far AS (PARTITION BY e.account_id ORDER BY t.day, t.made_at, t.id, e.line ROWS UNBOUNDED PRECEDING)) n
    WHERE n.transfer_id = e.transfer_id AND n.line = e.line;
ALTER TABLE entries ADD CHECK ((seq IS NULL) = (balance_after_cents IS NULL));
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP INDEX entries_account;
CREATE UNIQUE INDEX entries_seq ON entries (account_id, seq) WHERE seq IS NOT NULL;

ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE accounts DROP CONSTRAINT accounts_balance_cents_check;
ALTER TABLE accounts DROP CONSTRAINT accounts_check;
ALTER TABLE accounts ADD CHECK (kind IN ('mpesa_collections', 'mpesa_payouts', 'bank', 'receipts_awaited', 'suspense', 'refunds_owed',
    'refunds_in_flight', 'payouts_in_flight', 'platform_revenue', 'fees', 'losses', 'tax_withheld', 'tipster_clawback',
    'tipster_held', 'tipster_available'));
ALTER TABLE accounts ADD CHECK ((person_id IS NOT NULL) = (kind IN ('tipster_clawback', 'tipster_held', 'tipster_available')));
-- What must come back is never above zero, the others never below.
ALTER TABLE accounts ADD CHECK (CASE kind WHEN 'tipster_clawback' THEN balance_cents <= 0 ELSE balance_cents >= 0 END);
-- How many entries a tipster's account has, and the day of the last one, counted from 1 January 1970; 0 before the first entry.
ALTER TABLE accounts ADD COLUMN seq BIGINT;
ALTER TABLE accounts ADD COLUMN last_day BIGINT;
UPDATE accounts SET seq = 0, last_day = 0 WHERE person_id IS NOT NULL;
UPDATE accounts a SET seq = e.seq, last_day = e.last_day
    FROM (SELECT e.account_id, MAX(e.seq) AS seq, MAX(t.day) AS last_day FROM entries e JOIN transfers t ON t.id = e.transfer_id
        WHERE e.seq IS NOT NULL GROUP BY e.account_id) e
    WHERE e.account_id = a.id;
INSERT INTO accounts (id, kind, person_id, balance_cents, seq, last_day)
    SELECT gen_random_uuid(), 'tipster_clawback', person_id, 0, 0, 0 FROM accounts WHERE kind = 'tipster_held';
INSERT INTO accounts (id, kind) VALUES
    ('00000000-0000-0000-0000-00000000000a', 'receipts_awaited'),
    ('00000000-0000-0000-0000-00000000000b', 'refunds_in_flight'),
    ('00000000-0000-0000-0000-00000000000c', 'tax_withheld');
ALTER TABLE accounts ADD CHECK ((person_id IS NOT NULL) = (seq IS NOT NULL));
ALTER TABLE accounts ADD CHECK ((person_id IS NOT NULL) = (last_day IS NOT NULL));

-- Money that could buy nothing and belongs to the number that paid it. `receipt` is that of the money which came, `refund_receipt`
-- that of the money which went back.
DROP INDEX debts_receipt;
ALTER TABLE debts DROP CONSTRAINT debts_pkey;
ALTER TABLE debts DROP CONSTRAINT debts_status_check;
ALTER TABLE debts ALTER COLUMN payment_id DROP NOT NULL;
ALTER TABLE debts RENAME COLUMN receipt TO refund_receipt;
ALTER TABLE debts ADD COLUMN id UUID;
ALTER TABLE debts ADD COLUMN receipt TEXT;
UPDATE debts d SET id = d.payment_id, receipt = p.receipt,
        status = CASE WHEN d.status <> 'owed' THEN d.status WHEN p.receipt IS NULL THEN 'waiting' ELSE 'payable' END
    FROM payments p WHERE p.id = d.payment_id;
ALTER TABLE debts ADD PRIMARY KEY (id);
ALTER TABLE debts ADD CHECK (status IN ('waiting', 'payable', 'sending', 'unknown', 'by_hand', 'paid'));
CREATE UNIQUE INDEX debts_receipt ON debts (receipt, reason) WHERE receipt IS NOT NULL;
CREATE UNIQUE INDEX debts_awaited ON debts (payment_id) WHERE receipt IS NULL;
CREATE UNIQUE INDEX debts_refund ON debts (refund_receipt) WHERE refund_receipt IS NOT NULL;
CREATE INDEX debts_payment ON debts (payment_id);
