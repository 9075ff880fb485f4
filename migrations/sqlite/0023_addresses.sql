-- The secret addresses at which Safaricom tells of a movement of money, and the bodies that come there, are not of payments alone: each
-- names what it is for and the id of its row. A row may have several addresses.
CREATE TABLE mpesa_addresses (
    -- SHA-256 of the token in the address; the token itself is kept nowhere.
    token_hash BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO mpesa_addresses (token_hash, purpose, subject_id, made_at)
    SELECT callback_token_hash, 'payment', id, pushed_at FROM payments;
CREATE INDEX mpesa_addresses_subject ON mpesa_addresses (purpose, subject_id);

CREATE TABLE callbacks_of_all_purposes (
    id BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    path TEXT NOT NULL CHECK (path IN ('token', 'bare')),
    -- It came from an address that is not Safaricom's, so far as we know.
    is_from_elsewhere INTEGER NOT NULL CHECK (is_from_elsewhere IN (0, 1)),
    body BLOB NOT NULL,
    received_at TEXT NOT NULL,
    processed_at TEXT
) STRICT;
INSERT INTO callbacks_of_all_purposes (id, purpose, subject_id, path, is_from_elsewhere, body, received_at, processed_at)
    SELECT id, 'payment', payment_id, path, is_from_elsewhere, body, received_at, processed_at FROM callbacks;
DROP TABLE callbacks;
ALTER TABLE callbacks_of_all_purposes RENAME TO callbacks;
CREATE INDEX callbacks_unprocessed ON callbacks (purpose, received_at) WHERE processed_at IS NULL;
CREATE INDEX callbacks_subject ON callbacks (purpose, subject_id);
CREATE INDEX callbacks_received ON callbacks (received_at);

-- SQLite drops no column that is UNIQUE, so `payments` is made anew, without `callback_token_hash`. Other tables refer to it: it keeps its
-- name, and their references are looked at when the migration ends, by when the same rows are there again. While rows go and come, SQLite
-- looks each of them up in those tables, and in three of them it would read everything each time.
PRAGMA defer_foreign_keys = ON;
CREATE INDEX receipts_for_0023 ON receipts (payment_id);
CREATE INDEX payment_claims_for_0023 ON payment_claims (payment_id);
CREATE INDEX notices_for_0023 ON notices (payment_id);
CREATE TEMPORARY TABLE payments_kept AS SELECT * FROM payments;
-- Without its indexes it is gone in a quarter of the time.
DROP INDEX payments_open;
DROP INDEX payments_due;
DROP INDEX payments_buyer_tip;
DROP INDEX payments_msisdn;
DROP INDEX payments_receipt;
DROP INDEX payments_review;
DROP INDEX payments_pushed;
DROP INDEX payments_pending;
DROP INDEX payments_tip_pending;
DROP INDEX payments_ended;
DROP INDEX payments_buyer;
DROP TABLE payments;
CREATE TABLE payments (
    id BLOB PRIMARY KEY,
    buyer_id BLOB NOT NULL REFERENCES people (id),
    tip_id INTEGER NOT NULL REFERENCES tips (id),
    tipster_id BLOB NOT NULL REFERENCES people (id),
    price_cents INTEGER NOT NULL CHECK (price_cents > 0 AND price_cents % 100 = 0),
    share_bps INTEGER NOT NULL CHECK (share_bps BETWEEN 0 AND 10000),
    msisdn TEXT NOT NULL,
    account_reference TEXT NOT NULL UNIQUE,
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
    asked_again_at TEXT,
    refusal TEXT CHECK (refusal IN ('unknown_number', 'phone_locked', 'busy', 'our_account', 'other')),
    -- Completed money has bought something or is owed; `review` marks a payment a person must look at.
    CHECK ((status = 'completed') = (outcome IS NOT NULL AND outcome <> 'review')),
    CHECK (status = 'pending' OR NOT open)
) STRICT;
INSERT INTO payments (id, buyer_id, tip_id, tipster_id, price_cents, share_bps, msisdn, account_reference, status, outcome, review_reason,
        open, push, merchant_request_id, checkout_request_id, result_code, result_description, receipt, callback_succeeded_at,
        query_succeeded_at, statement_succeeded_at, first_operator, second_operator, waiting_receipt, hinted, check_count,
        next_check_at, pushed_at, ended_at, asked_again_at, refusal)
    SELECT id, buyer_id, tip_id, tipster_id, price_cents, share_bps, msisdn, account_reference, status, outcome, review_reason,
        open, push, merchant_request_id, checkout_request_id, result_code, result_description, receipt, callback_succeeded_at,
        query_succeeded_at, statement_succeeded_at, first_operator, second_operator, waiting_receipt, hinted, check_count,
        next_check_at, pushed_at, ended_at, asked_again_at, refusal
    FROM payments_kept;
DROP TABLE payments_kept;
DROP INDEX receipts_for_0023;
DROP INDEX payment_claims_for_0023;
DROP INDEX notices_for_0023;
CREATE UNIQUE INDEX payments_open ON payments (buyer_id, tip_id) WHERE open;
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL AND checkout_request_id IS NOT NULL;
CREATE INDEX payments_buyer_tip ON payments (buyer_id, tip_id, pushed_at);
CREATE INDEX payments_msisdn ON payments (msisdn, pushed_at);
CREATE INDEX payments_receipt ON payments (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX payments_review ON payments (pushed_at) WHERE review_reason IS NOT NULL;
CREATE INDEX payments_pushed ON payments (pushed_at);
CREATE INDEX payments_pending ON payments (pushed_at) WHERE status = 'pending';
CREATE INDEX payments_tip_pending ON payments (tip_id) WHERE status = 'pending';
CREATE INDEX payments_ended ON payments (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX payments_buyer ON payments (buyer_id, pushed_at, id);
