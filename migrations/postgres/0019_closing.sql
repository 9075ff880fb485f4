-- What is kept of people is what is needed. Of a birthday, which was checked when they joined, the year is enough.
UPDATE people SET birth_date = CAST(DATE_TRUNC('year', birth_date) AS DATE);
-- Accounts that were closed before keep no name in an address either. Their drafts, whose pictures are files, the server deletes.
UPDATE people SET handle = NULL, name_skeleton = NULL, name_doubted_at = NULL, break_until = NULL, break_kind = NULL
    WHERE closed_at IS NOT NULL;
DELETE FROM payment_claims WHERE person_id IN (SELECT id FROM people WHERE closed_at IS NOT NULL);

-- Notices that nobody reads are forgotten too.
CREATE INDEX notices_noticed ON notices (noticed_at);
