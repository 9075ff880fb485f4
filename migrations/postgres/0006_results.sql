-- What became of matches and tips, and what people are told in the app.
ALTER TABLE tip_matches ADD COLUMN result TEXT CHECK (result IN ('won', 'lost', 'void'));
ALTER TABLE tip_matches ADD COLUMN score TEXT;
ALTER TABLE tips ADD COLUMN result TEXT CHECK (result IN ('won', 'lost', 'void'));
-- Won or lost at a stake of one, in thousandths; void legs count as odds of one.
ALTER TABLE tips ADD COLUMN units_thousandths BIGINT;
ALTER TABLE tips ADD COLUMN settled_at TIMESTAMPTZ;
CREATE INDEX tips_settled ON tips (tipster_id, settled_at) WHERE result IS NOT NULL;
CREATE INDEX tips_unsettled ON tips (last_kick_off_at) WHERE result IS NULL AND status = 'active';

-- Who said what of a match, when and why. Never changed.
CREATE TABLE result_events (
    id UUID PRIMARY KEY,
    tip_id BIGINT NOT NULL REFERENCES tips (id),
    position BIGINT NOT NULL,
    -- Null where a match was opened again.
    result TEXT CHECK (result IN ('won', 'lost', 'void')),
    score TEXT,
    reason TEXT NOT NULL,
    person_id UUID NOT NULL REFERENCES people (id),
    happened_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX result_events_tip ON result_events (tip_id, position, happened_at);
CREATE TRIGGER result_events_no_update BEFORE UPDATE ON result_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER result_events_no_delete BEFORE DELETE ON result_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE notices (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'approved', 'rejected', 'result', 'refund', 'new_tip')),
    tip_id BIGINT REFERENCES tips (id),
    payment_id UUID REFERENCES payments (id),
    detail TEXT,
    noticed_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ
);
CREATE INDEX notices_person ON notices (person_id, noticed_at, id);
CREATE INDEX notices_unread ON notices (person_id) WHERE read_at IS NULL;
