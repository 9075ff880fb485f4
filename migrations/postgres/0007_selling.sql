-- Selling: drafts, what a published tip is sealed with, who decided about it, and how often it was looked at.
CREATE TABLE tip_drafts (
    id UUID PRIMARY KEY,
    tipster_id UUID NOT NULL REFERENCES people (id),
    -- JSON: what the tipster has filled in so far.
    document TEXT NOT NULL,
    -- Counts changes: one is made only to what its maker saw.
    version BIGINT NOT NULL,
    -- What it became; it becomes one tip at the most.
    tip_id BIGINT UNIQUE REFERENCES tips (id),
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX tip_drafts_open ON tip_drafts (tipster_id, id) WHERE tip_id IS NULL;

-- To buyers, after they have paid.
ALTER TABLE tips ADD COLUMN note TEXT;
-- Where its two pictures lie; null for those of the first days, named by the tip's number.
ALTER TABLE tips ADD COLUMN picture TEXT;
-- SHA-256 of the clear picture, in hex.
ALTER TABLE tips ADD COLUMN picture_hash TEXT;
-- SHA-256 of everything that is sold, in hex, for everybody from the start; the salt is for those who may see the tip.
ALTER TABLE tips ADD COLUMN seal TEXT;
ALTER TABLE tips ADD COLUMN seal_salt TEXT;
ALTER TABLE tips ADD COLUMN rejection_reason TEXT;
ALTER TABLE tips ADD COLUMN decided_by UUID REFERENCES people (id);
ALTER TABLE tips ADD COLUMN decided_at TIMESTAMPTZ;
CREATE INDEX tips_waiting ON tips (sales_close_at, id) WHERE status = 'pending_approval';
CREATE INDEX tips_to_settle ON tips (first_kick_off_at, id) WHERE result IS NULL AND status = 'active';
-- Whether a tip may be withdrawn.
CREATE INDEX payments_tip_pending ON payments (tip_id) WHERE status = 'pending';

-- What was published stays as it is.
CREATE TRIGGER tips_no_rewriting BEFORE UPDATE OF tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, match_count, note,
    picture, picture_hash, seal, seal_salt ON tips FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tips_no_delete BEFORE DELETE ON tips FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tip_matches_no_rewriting BEFORE UPDATE OF tip_id, position, home_team, away_team, league, kick_off_at, market, selection,
    odds_thousandths ON tip_matches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tip_matches_no_delete BEFORE DELETE ON tip_matches FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Counted in memory, added here some times a minute.
CREATE TABLE tip_views (
    tip_id BIGINT PRIMARY KEY REFERENCES tips (id),
    view_count BIGINT NOT NULL
);
