-- Finding tips by words, and tipsters by name and record.
-- The words a search may find: what a page names before payment, in lower case. Never a code, a pick or a hidden match.
ALTER TABLE tips ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE tips SET search_text = COALESCE((
    SELECT LOWER(STRING_AGG(m.home_team || ' ' || m.away_team || ' ' || m.league, ' ')) FROM tip_matches m
    WHERE m.tip_id = tips.id AND m.position <= CASE WHEN tips.match_count <= 1 THEN 0 WHEN tips.match_count = 2 THEN 1 ELSE 2 END), '');
CREATE INDEX tips_tipster_on_sale ON tips (tipster_id, sales_close_at, id) WHERE status = 'active';

-- A tipster's record is read from the index alone.
DROP INDEX tips_settled;
CREATE INDEX tips_record ON tips (tipster_id, settled_at, id, result, units_thousandths, odds_thousandths, match_count)
    WHERE result IS NOT NULL;

-- A tipster's public name in addresses.
ALTER TABLE people ADD COLUMN handle TEXT;
UPDATE people SET handle = 'tipster-' || LOWER(SUBSTR(HEX(id), 21)) WHERE is_tipster;
CREATE UNIQUE INDEX people_handle ON people (handle);
