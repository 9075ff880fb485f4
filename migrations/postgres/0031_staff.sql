-- Auditors read everything and change nothing.
ALTER TABLE people DROP CONSTRAINT people_staff_check;
ALTER TABLE people ADD CONSTRAINT people_staff_check CHECK (staff IN ('operator', 'admin', 'auditor'));

-- The first two different members of staff who surely said that the money came. The texts beside them stay as they were written; a
-- name that was only written, or that the shell said, has no id here and counts as no second person.
ALTER TABLE payments ADD COLUMN first_operator_id UUID REFERENCES people (id);
ALTER TABLE payments ADD COLUMN second_operator_id UUID REFERENCES people (id);
CREATE INDEX payments_first_operator ON payments (first_operator_id) WHERE first_operator_id IS NOT NULL;
CREATE INDEX payments_second_operator ON payments (second_operator_id) WHERE second_operator_id IS NOT NULL;

-- What a second person agreed to. It is for one amount to one number, lasts for a time, and is used once.
CREATE TABLE approvals (
    id UUID PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind = ANY (ARRAY['refund'])),
    subject_id TEXT NOT NULL,
    -- Of the subject, so that an approval of what has changed since is of no use.
    version BIGINT NOT NULL,
    person_id UUID NOT NULL REFERENCES people (id),
    -- Who wants to do it; null until then where nobody has to ask first.
    asked_by UUID REFERENCES people (id),
    kind TEXT NOT NULL CHECK (kind IN ('second', 'second_look')),
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    msisdn TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    used_for TEXT,
    UNIQUE (subject_kind, subject_id, version, person_id),
    CHECK (person_id <> asked_by OR kind = 'second_look')
);
