-- The secret addresses at which Safaricom tells of a movement of money, and the bodies that come there, are not of payments alone: each
-- names what it is for and the id of its row. A row may have several addresses.

-- What is copied here may be more than a request may take.
SET LOCAL statement_timeout = '30min';

CREATE TABLE mpesa_addresses (
    -- SHA-256 of the token in the address; the token itself is kept nowhere.
    token_hash BYTEA PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject_id UUID NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
INSERT INTO mpesa_addresses (token_hash, purpose, subject_id, made_at)
    SELECT callback_token_hash, 'payment', id, pushed_at FROM payments;
CREATE INDEX mpesa_addresses_subject ON mpesa_addresses (purpose, subject_id);
ALTER TABLE payments DROP COLUMN callback_token_hash;

ALTER TABLE callbacks DROP CONSTRAINT callbacks_payment_id_fkey;
ALTER TABLE callbacks RENAME COLUMN payment_id TO subject_id;
ALTER TABLE callbacks ADD COLUMN purpose TEXT NOT NULL DEFAULT 'payment';
ALTER TABLE callbacks ALTER COLUMN purpose DROP DEFAULT;
DROP INDEX callbacks_unprocessed;
DROP INDEX callbacks_payment;
CREATE INDEX callbacks_unprocessed ON callbacks (purpose, received_at) WHERE processed_at IS NULL;
CREATE INDEX callbacks_subject ON callbacks (purpose, subject_id);
