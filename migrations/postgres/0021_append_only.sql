-- What is never changed is not emptied either: TRUNCATE says nothing to the triggers of DELETE. A row whose place is taken is refused
-- by its key.
CREATE TRIGGER payment_events_no_truncate BEFORE TRUNCATE ON payment_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closings_no_truncate BEFORE TRUNCATE ON closings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER result_events_no_truncate BEFORE TRUNCATE ON result_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tips_no_truncate BEFORE TRUNCATE ON tips FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tip_matches_no_truncate BEFORE TRUNCATE ON tip_matches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Tips and their matches may be settled, but never take another number.
CREATE TRIGGER tips_no_moving BEFORE UPDATE OF id ON tips FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What names look like is computed anew, by more than before: the server does so at its start.
UPDATE people SET name_skeleton = NULL WHERE name_skeleton IS NOT NULL;
