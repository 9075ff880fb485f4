-- The books by Kenyan days, counted from 1 January 1970: each transfer is on one of them, and a day that is closed takes no more.
DROP TRIGGER transfers_no_update ON transfers;
ALTER TABLE transfers ADD COLUMN day BIGINT;
UPDATE transfers SET day = CAST(FLOOR((EXTRACT(EPOCH FROM made_at) + 10800) / 86400) AS BIGINT);
ALTER TABLE transfers ALTER COLUMN day SET NOT NULL;
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE INDEX transfers_day ON transfers (day);

-- What an account came to at the end of a day on which it moved.
CREATE TABLE closings (
    account_id UUID NOT NULL REFERENCES accounts (id),
    day BIGINT NOT NULL,
    balance_cents BIGINT NOT NULL,
    closed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, day)
);
CREATE INDEX closings_day ON closings (day);
CREATE TRIGGER closings_no_update BEFORE UPDATE ON closings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closings_no_delete BEFORE DELETE ON closings FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What happened on open days, for their proof.
CREATE INDEX payments_ended ON payments (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX purchases_released ON purchases (released_at) WHERE released_at IS NOT NULL;
CREATE INDEX debts_paid ON debts (paid_at) WHERE paid_at IS NOT NULL;
