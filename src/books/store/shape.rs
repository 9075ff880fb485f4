//! The rules of the ledger's own shape. Each begins with the transfers of the days that are read, or with
//! closings.

use std::sync::LazyLock;

use crate::books::Rule;
use crate::ledger::templates;

/// The rule whose query is made of the ledger's templates: it names every account that a kind has, and on
/// which side.
pub static TEMPLATES: LazyLock<Rule> = LazyLock::new(|| {
    let mut known = Vec::new();
    for (kind, line) in
        templates::TEMPLATES.iter().flat_map(|of| of.lines.iter().map(move |line| (of.kind, line)))
    {
        for (factor, sign) in [(1, '+'), (-1, '-')] {
            if line.terms.iter().any(|(other, _)| *other == factor) {
                known.push(format!("'{kind} {} {sign}'", line.account));
            }
        }
    }
    let broken_by = format!(
        "SELECT t.id FROM transfers t WHERE t.day >= $2 AND $3 IS NOT NULL
            AND EXISTS (SELECT 1 FROM entries e JOIN accounts a ON a.id = e.account_id
                WHERE e.transfer_id = t.id
                AND (t.kind || ' ' || a.kind || CASE WHEN e.amount_cents < 0 THEN ' -' ELSE ' +' END) NOT
                    IN ({}))
            LIMIT $1",
        known.join(", ")
    );
    Rule { name: "an entry's account must be one of its transfer's template", broken_by: broken_by.leak() }
});

/// The entries of tipsters' accounts since the day `$2`, each beside the one before it in its account.
macro_rules! beside_the_one_before {
    () => {
        "transfers t CROSS JOIN entries e
            LEFT JOIN entries b ON b.account_id = e.account_id AND b.seq = e.seq - 1
            LEFT JOIN transfers o ON o.id = b.transfer_id
         WHERE e.transfer_id = t.id AND t.day >= $2 AND $3 IS NOT NULL AND e.seq IS NOT NULL"
    };
}

/// The rules, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    Rule {
        name: "a transfer's entries must sum to zero",
        broken_by: "SELECT t.id FROM transfers t WHERE t.day >= $2 AND $3 IS NOT NULL
            AND COALESCE((SELECT SUM(e.amount_cents) FROM entries e WHERE e.transfer_id = t.id), 1) <> 0 \
            LIMIT $1",
    },
    Rule {
        name: "an entry's account must exist",
        broken_by: "SELECT t.id FROM transfers t WHERE t.day >= $2 AND $3 IS NOT NULL \
            AND EXISTS (SELECT 1 FROM entries e WHERE e.transfer_id = t.id \
                AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = e.account_id)) LIMIT $1",
    },
    Rule {
        name: "a balance must be the sum of its account's entries",
        broken_by: concat!(
            "SELECT a.id FROM accounts a LEFT JOIN ",
            gains!(),
            " g ON g.account_id = a.id WHERE a.balance_cents IS NOT NULL AND $3 IS NOT NULL \
                AND a.balance_cents <> COALESCE(g.gain, 0) + ",
            opening!("a.id"),
            " LIMIT $1"
        ),
    },
    Rule {
        name: "the entries of a tipster's account must be numbered without a gap",
        broken_by: "SELECT a.id FROM accounts a LEFT JOIN (SELECT e.account_id, COUNT(*) AS total, \
                COUNT(e.seq) AS numbered, MIN(e.seq) AS lowest, MAX(e.seq) AS highest
                FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id AND t.day >= $2
                GROUP BY e.account_id) g ON g.account_id = a.id
            WHERE a.person_id IS NOT NULL AND $3 IS NOT NULL AND (g.numbered <> g.total
                OR g.highest - g.lowest + 1 <> g.total OR g.highest <> a.seq
                OR (g.lowest > 1 AND NOT EXISTS (SELECT 1 FROM entries b
                    WHERE b.account_id = a.id AND b.seq = g.lowest - 1))
                OR (g.total IS NULL AND a.seq <> 0 AND NOT EXISTS (SELECT 1 FROM entries l
                    WHERE l.account_id = a.id AND l.seq = a.seq))) LIMIT $1",
    },
    Rule {
        name: "the days of a tipster's account must not fall",
        broken_by: concat!(
            "SELECT e.account_id FROM ",
            beside_the_one_before!(),
            " AND o.day > t.day LIMIT $1"
        ),
    },
    Rule {
        name: "a tipster's account must know the day of its last entry",
        broken_by: "SELECT a.id FROM accounts a LEFT JOIN (SELECT e.account_id, MAX(t.day) AS last_day
                FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id AND t.day >= $2
                GROUP BY e.account_id) g ON g.account_id = a.id
            WHERE (a.last_day <> g.last_day OR (a.seq = 0 AND a.last_day <> 0)) AND $3 IS NOT NULL LIMIT $1",
    },
    Rule {
        name: "an entry's balance must be the one before it and its amount",
        broken_by: concat!(
            "SELECT e.account_id FROM ",
            beside_the_one_before!(),
            " AND e.balance_after_cents <> COALESCE(b.balance_after_cents, 0) + e.amount_cents LIMIT $1"
        ),
    },
    Rule {
        name: "the closings before the open days must sum to zero, as the entries do",
        broken_by: concat!(
            "SELECT c.account_id FROM closings c \
                WHERE c.day = (SELECT MAX(l.day) FROM closings l WHERE l.day < $2) AND $3 IS NOT NULL
                AND (SELECT SUM(",
            opening!("a.id"),
            ") FROM accounts a) <> 0 LIMIT $1"
        ),
    },
    Rule {
        name: "a closing must be the one before it and the entries of its day",
        broken_by: "SELECT c.account_id FROM closings c \
            LEFT JOIN (SELECT e.account_id, t.day, SUM(e.amount_cents) AS gain
                FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id AND t.day >= $2 \
                GROUP BY e.account_id, t.day) g
            ON g.account_id = c.account_id AND g.day = c.day
         WHERE c.day >= $2 AND $3 IS NOT NULL AND c.balance_cents <> COALESCE(g.gain, 0) + \
         COALESCE((SELECT b.balance_cents FROM closings b
                WHERE b.account_id = c.account_id AND b.day < c.day ORDER BY b.day DESC LIMIT 1), 0) \
                LIMIT $1",
    },
    Rule {
        name: "an account that moved on a closed day must have a closing of it",
        broken_by: "SELECT DISTINCT e.account_id FROM transfers t CROSS JOIN entries e
         WHERE e.transfer_id = t.id AND t.day >= $2 AND t.day <= (SELECT MAX(day) FROM closings) \
         AND $3 IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.account_id = e.account_id AND c.day = t.day) \
            LIMIT $1",
    },
];
