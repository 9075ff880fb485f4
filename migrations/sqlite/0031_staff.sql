-- Auditors read everything and change nothing. SQLite changes no CHECK, and nearly every table refers to `people`: so the column is
-- made anew beside the old one.
ALTER TABLE people RENAME COLUMN staff TO staff_before;
ALTER TABLE people ADD COLUMN staff TEXT CHECK (staff IN ('operator', 'admin', 'auditor'));
UPDATE people SET staff = staff_before WHERE staff_before IS NOT NULL;
ALTER TABLE people DROP COLUMN staff_before;

-- The first two different members of staff who surely said that the money came. The texts beside them stay as they were written; a
-- name that was only written, or that the shell said, has no id here and counts as no second person.
ALTER TABLE payments ADD COLUMN first_operator_id BLOB REFERENCES people (id);
ALTER TABLE payments ADD COLUMN second_operator_id BLOB REFERENCES people (id);
CREATE INDEX payments_first_operator ON payments (first_operator_id) WHERE first_operator_id IS NOT NULL;
CREATE INDEX payments_second_operator ON payments (second_operator_id) WHERE second_operator_id IS NOT NULL;

-- What a second person agreed to. It is for one amount to one number, lasts for a time, and is used once.
CREATE TABLE approvals (
    id BLOB PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('refund')),
    subject_id TEXT NOT NULL,
    -- Of the subject, so that an approval of what has changed since is of no use.
    version INTEGER NOT NULL,
    person_id BLOB NOT NULL REFERENCES people (id),
    -- Who wants to do it; null until then where nobody has to ask first.
    asked_by BLOB REFERENCES people (id),
    kind TEXT NOT NULL CHECK (kind IN ('second', 'second_look')),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    msisdn TEXT NOT NULL,
    at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    used_for TEXT,
    UNIQUE (subject_kind, subject_id, version, person_id),
    CHECK (person_id <> asked_by OR kind = 'second_look')
) STRICT;
