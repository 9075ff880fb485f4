-- What a tip tells before it is paid for (src/tips/public.rs) is kept beside it, so that lists filter and sort by nothing else.
-- Total odds, rounded down to two decimals, or to one if the tip is a single match.
ALTER TABLE tips ADD COLUMN public_odds_thousandths BIGINT NOT NULL DEFAULT 1000;
UPDATE tips SET public_odds_thousandths = CASE WHEN match_count = 1 THEN odds_thousandths / 100 * 100 ELSE odds_thousandths / 10 * 10 END;
DROP INDEX tips_by_odds;
CREATE INDEX tips_by_odds ON tips (public_odds_thousandths DESC, id) WHERE status = 'active' AND result IS NULL;

-- Sales end at a whole minute.
UPDATE tips SET sales_close_at = DATE_TRUNC('minute', sales_close_at)
    WHERE result IS NULL AND status IN ('active', 'pending_approval');

-- The league of every match is public, its teams only where a page names them.
UPDATE tips SET search_text = COALESCE((
    SELECT LOWER(STRING_AGG(CASE
        WHEN m.position <= CASE WHEN tips.match_count <= 1 THEN 0 WHEN tips.match_count = 2 THEN 1 ELSE 2 END
        THEN m.home_team || ' ' || m.away_team || ' ' || m.league ELSE m.league END, ' '))
    FROM tip_matches m WHERE m.tip_id = tips.id), '')
    WHERE result IS NULL;
