-- What became known of money that moves over M-Pesa, whatever it moves for: the facts about payments become the first of them.
CREATE TABLE mpesa_events (
    id UUID PRIMARY KEY,
    -- The kind of row above and its id. No foreign key and no list: the rooms above say what money moves for.
    purpose TEXT NOT NULL,
    subject_id UUID NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('buyer', 'push', 'callback', 'query', 'c2b', 'statement', 'operator')),
    kind TEXT NOT NULL,
    result_code TEXT,
    receipt TEXT,
    amount_cents BIGINT,
    detail TEXT,
    -- No foreign key: bodies are forgotten after 90 days, facts never.
    body_id UUID
);
INSERT INTO mpesa_events (id, purpose, subject_id, happened_at, source, kind, result_code, receipt, amount_cents, detail, body_id)
    SELECT id, 'payment', payment_id, happened_at, source, kind, result_code, receipt, amount_cents, detail, callback_id
    FROM payment_events ORDER BY id;
DROP TABLE payment_events;
CREATE INDEX mpesa_events_subject ON mpesa_events (purpose, subject_id, id);

CREATE TRIGGER mpesa_events_no_update BEFORE UPDATE ON mpesa_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mpesa_events_no_delete BEFORE DELETE ON mpesa_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mpesa_events_no_truncate BEFORE TRUNCATE ON mpesa_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
