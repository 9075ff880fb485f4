-- Tips and their matches.
CREATE TABLE tips (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tipster_id BLOB NOT NULL REFERENCES people (id),
    bookmaker TEXT NOT NULL CHECK (bookmaker IN ('betika', 'sportpesa', 'betin', 'mozzart', 'odibets', 'other')),
    bet_code TEXT NOT NULL,
    odds_thousandths INTEGER NOT NULL CHECK (odds_thousandths > 1000),
    price_cents INTEGER NOT NULL CHECK (price_cents > 0 AND price_cents % 100 = 0),
    status TEXT NOT NULL CHECK (status IN ('draft', 'pending_approval', 'active', 'rejected', 'withdrawn', 'void')),
    has_picture INTEGER NOT NULL DEFAULT 0 CHECK (has_picture IN (0, 1)),
    match_count INTEGER NOT NULL CHECK (match_count > 0),
    first_kick_off_at TEXT NOT NULL,
    last_kick_off_at TEXT NOT NULL,
    sales_close_at TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX tips_on_sale ON tips (status, sales_close_at, id);
CREATE INDEX tips_tipster ON tips (tipster_id, id);

CREATE TABLE tip_matches (
    tip_id INTEGER NOT NULL REFERENCES tips (id),
    position INTEGER NOT NULL,
    home_team TEXT NOT NULL,
    away_team TEXT NOT NULL,
    league TEXT NOT NULL,
    kick_off_at TEXT NOT NULL,
    market TEXT NOT NULL,
    selection TEXT NOT NULL,
    odds_thousandths INTEGER NOT NULL CHECK (odds_thousandths > 1000),
    PRIMARY KEY (tip_id, position)
) STRICT;
