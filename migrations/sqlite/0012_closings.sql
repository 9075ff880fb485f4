-- The books by Kenyan days, counted from 1 January 1970: each transfer is on one of them, and a day that is closed takes no more.
DROP TRIGGER transfers_no_update;
ALTER TABLE transfers ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
UPDATE transfers SET day = (CAST(STRFTIME('%s', made_at) AS INTEGER) + 10800) / 86400;
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE INDEX transfers_day ON transfers (day);

-- What an account came to at the end of a day on which it moved.
CREATE TABLE closings (
    account_id BLOB NOT NULL REFERENCES accounts (id),
    day INTEGER NOT NULL,
    balance_cents INTEGER NOT NULL,
    closed_at TEXT NOT NULL,
    PRIMARY KEY (account_id, day)
) STRICT;
CREATE INDEX closings_day ON closings (day);
CREATE TRIGGER closings_no_update BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'closings is append-only'); END;
CREATE TRIGGER closings_no_delete BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'closings is append-only'); END;

-- What happened on open days, for their proof.
CREATE INDEX payments_ended ON payments (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX purchases_released ON purchases (released_at) WHERE released_at IS NOT NULL;
CREATE INDEX debts_paid ON debts (paid_at) WHERE paid_at IS NOT NULL;
