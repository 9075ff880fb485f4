-- What is never changed is not replaced either. OR REPLACE takes a row away without a word to the triggers of DELETE: by a key of its
-- table, or by the number of its row. So a row whose place is taken is refused before it is written.
CREATE TRIGGER payment_events_no_replace BEFORE INSERT ON payment_events
    WHEN EXISTS (SELECT 1 FROM payment_events WHERE id = NEW.id OR rowid = NEW.rowid)
    BEGIN SELECT RAISE(ABORT, 'payment_events is append-only'); END;
CREATE TRIGGER transfers_no_replace BEFORE INSERT ON transfers
    WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id OR rowid = NEW.rowid OR (payment_id = NEW.payment_id AND kind = NEW.kind))
    BEGIN SELECT RAISE(ABORT, 'transfers is append-only'); END;
CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries
    WHEN EXISTS (SELECT 1 FROM entries WHERE rowid = NEW.rowid OR (transfer_id = NEW.transfer_id AND line = NEW.line))
    BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END;
CREATE TRIGGER closings_no_replace BEFORE INSERT ON closings
    WHEN EXISTS (SELECT 1 FROM closings WHERE rowid = NEW.rowid OR (account_id = NEW.account_id AND day = NEW.day))
    BEGIN SELECT RAISE(ABORT, 'closings is append-only'); END;
CREATE TRIGGER result_events_no_replace BEFORE INSERT ON result_events
    WHEN EXISTS (SELECT 1 FROM result_events WHERE id = NEW.id OR rowid = NEW.rowid)
    BEGIN SELECT RAISE(ABORT, 'result_events is append-only'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR rowid = NEW.rowid)
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER tips_no_replace BEFORE INSERT ON tips
    WHEN EXISTS (SELECT 1 FROM tips WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a published tip is never changed'); END;
CREATE TRIGGER tip_matches_no_replace BEFORE INSERT ON tip_matches
    WHEN EXISTS (SELECT 1 FROM tip_matches WHERE rowid = NEW.rowid OR (tip_id = NEW.tip_id AND position = NEW.position))
    BEGIN SELECT RAISE(ABORT, 'a published tip is never changed'); END;
-- Tips and their matches may be settled, but never take the place of another row.
CREATE TRIGGER tips_no_moving BEFORE UPDATE ON tips WHEN NEW.id <> OLD.id
    BEGIN SELECT RAISE(ABORT, 'a published tip is never changed'); END;
CREATE TRIGGER tip_matches_no_moving BEFORE UPDATE ON tip_matches WHEN NEW.rowid <> OLD.rowid
    BEGIN SELECT RAISE(ABORT, 'a published tip is never changed'); END;

-- What names look like is computed anew, by more than before: the server does so at its start.
UPDATE people SET name_skeleton = NULL WHERE name_skeleton IS NOT NULL;
