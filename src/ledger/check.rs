//! The proof of the books: everything that must be true of the ledger and the payments, asked of one
//! snapshot. It reads the open days, which begin where the last closing ends, or all days.

use serde::Serialize;
use sqlx::FromRow;

use super::store::closings;
use crate::platform::clock::start_of_day;
use crate::platform::db::{Db, Failure, Tx, on};
use crate::types::TipId;

/// How much of the books is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The days since the last closing, on top of the closings.
    OpenDays,
    /// Everything from the first shilling on. Only this proves each closing from the entries.
    All,
}

/// One rule that does not hold for one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: &'static str,
    /// The id of the transfer, account or payment, or the tip's number.
    pub id: String,
}

/// What the proof found, as `ligisoo ledger check` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// The first Kenyan day that was read, counted from 1 January 1970; `None` if all days were.
    pub first_day: Option<i64>,
    pub transfers: i64,
    pub entries: i64,
    pub completed_payments: i64,
    /// The accounts without a running balance: the last closing and the entries since.
    pub balances: Vec<Balance>,
    /// At most 100 of each rule.
    pub findings: Vec<Finding>,
}

/// What one account of the platform holds, in cents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Balance {
    pub account: String,
    pub balance_cents: i64,
}

const FINDINGS_SHOWN: i64 = 100;

/// What an account held before the day `$2`.
macro_rules! opening {
    ($account:literal) => {
        concat!(
            "COALESCE((SELECT o.balance_cents FROM closings o WHERE o.account_id = ",
            $account,
            " AND o.day < $2 ORDER BY o.day DESC LIMIT 1), 0)"
        )
    };
}

/// What each account has gained since that day. SQLite reads the first table of a CROSS JOIN first: it begins
/// with the transfers of some days, and not with all entries.
macro_rules! gains {
    () => {
        "(SELECT e.account_id, SUM(e.amount_cents) AS gain FROM transfers t CROSS JOIN entries e
          WHERE e.transfer_id = t.id AND t.day >= $2 GROUP BY e.account_id)"
    };
}

/// The payments to which something happened since the day `$2`, which began at `$3`.
macro_rules! touched {
    () => {
        "(SELECT id FROM payments WHERE pushed_at >= $3 UNION SELECT id FROM payments WHERE ended_at >= $3
          UNION SELECT payment_id FROM transfers WHERE day >= $2 \
          UNION SELECT payment_id FROM purchases WHERE released_at >= $3
          UNION SELECT payment_id FROM debts WHERE paid_at >= $3)"
    };
}

/// Each rule, with the query of the ids that break it. `$1` is the most rows wanted, `$2` the first day that
/// is read, and `$3` the moment at which that day began. Each query must use all three.
pub const RULES: &[(&str, &str)] = &[
    (
        "a transfer's entries must sum to zero",
        "SELECT t.id FROM transfers t WHERE t.day >= $2 AND $3 IS NOT NULL
            AND COALESCE((SELECT SUM(e.amount_cents) FROM entries e WHERE e.transfer_id = t.id), 1) <> 0 \
            LIMIT $1",
    ),
    (
        "an entry's account must exist",
        "SELECT t.id FROM transfers t WHERE t.day >= $2 AND $3 IS NOT NULL AND EXISTS (SELECT 1 FROM entries e
            WHERE e.transfer_id = t.id AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = e.account_id)) \
            LIMIT $1",
    ),
    (
        "a balance must be the sum of its account's entries",
        concat!(
            "SELECT a.id FROM accounts a LEFT JOIN ",
            gains!(),
            " g ON g.account_id = a.id WHERE a.balance_cents IS NOT NULL AND $3 IS NOT NULL \
                AND a.balance_cents <> COALESCE(g.gain, 0) + ",
            opening!("a.id"),
            " LIMIT $1"
        ),
    ),
    (
        "the closings before the open days must sum to zero, as the entries do",
        concat!(
            "SELECT c.account_id FROM closings c \
                WHERE c.day = (SELECT MAX(l.day) FROM closings l WHERE l.day < $2) AND $3 IS NOT NULL
                AND (SELECT SUM(",
            opening!("a.id"),
            ") FROM accounts a) <> 0 LIMIT $1"
        ),
    ),
    (
        "a closing must be the one before it and the entries of its day",
        "SELECT c.account_id FROM closings c \
            LEFT JOIN (SELECT e.account_id, t.day, SUM(e.amount_cents) AS gain
                FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id AND t.day >= $2 \
                GROUP BY e.account_id, t.day) g
            ON g.account_id = c.account_id AND g.day = c.day
         WHERE c.day >= $2 AND $3 IS NOT NULL AND c.balance_cents <> COALESCE(g.gain, 0) + \
         COALESCE((SELECT b.balance_cents FROM closings b
                WHERE b.account_id = c.account_id AND b.day < c.day ORDER BY b.day DESC LIMIT 1), 0) \
                LIMIT $1",
    ),
    (
        "an account that moved on a closed day must have a closing of it",
        "SELECT DISTINCT e.account_id FROM transfers t CROSS JOIN entries e
         WHERE e.transfer_id = t.id AND t.day >= $2 AND t.day <= (SELECT MAX(day) FROM closings) \
         AND $3 IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.account_id = e.account_id AND c.day = t.day) \
            LIMIT $1",
    ),
    (
        "a completed payment must have exactly one purchase or debt",
        concat!(
            "SELECT p.id FROM payments p LEFT JOIN purchases b ON b.payment_id = p.id \
                LEFT JOIN debts d ON d.payment_id = p.id
             WHERE p.id IN ",
            touched!(),
            " AND ((p.status = 'completed') <> ((b.payment_id IS NOT NULL) OR (d.payment_id IS NOT NULL))
                OR (b.payment_id IS NOT NULL AND d.payment_id IS NOT NULL)) LIMIT $1"
        ),
    ),
    (
        "a completed payment must have exactly one transfer, of its outcome's kind and its price",
        concat!(
            "SELECT p.id FROM payments p
             LEFT JOIN transfers t ON t.payment_id = p.id AND t.kind = CASE p.outcome WHEN 'unlocked' \
             THEN 'sale' ELSE 'debt' END
             LEFT JOIN transfers o ON o.payment_id = p.id AND o.kind = CASE p.outcome WHEN 'unlocked' \
             THEN 'debt' ELSE 'sale' END
             LEFT JOIN entries e ON e.transfer_id = t.id AND e.line = 1
             WHERE p.id IN ",
            touched!(),
            " AND ((p.status = 'completed') <> (t.id IS NOT NULL) OR o.id IS NOT NULL
                OR (t.id IS NOT NULL AND (e.amount_cents IS NULL OR e.amount_cents <> -p.price_cents))) \
                LIMIT $1"
        ),
    ),
    (
        "a receipt must belong to the payment that names it",
        concat!(
            "SELECT p.id FROM payments p LEFT JOIN receipts r ON r.receipt = p.receipt WHERE p.id IN ",
            touched!(),
            " AND p.receipt IS NOT NULL AND (r.payment_id IS NULL OR r.payment_id <> p.id) LIMIT $1"
        ),
    ),
    (
        "a purchase must be released exactly when its share was moved",
        concat!(
            "SELECT b.payment_id FROM purchases b LEFT JOIN transfers t ON t.payment_id = b.payment_id \
                AND t.kind = 'release'
             WHERE b.payment_id IN ",
            touched!(),
            " AND (b.released_at IS NOT NULL AND b.share_cents > 0) <> (t.id IS NOT NULL) LIMIT $1"
        ),
    ),
    (
        "a debt must be paid exactly when its refund was booked",
        concat!(
            "SELECT d.payment_id FROM debts d LEFT JOIN transfers t ON t.payment_id = d.payment_id \
                AND t.kind = 'refund'
             WHERE d.payment_id IN ",
            touched!(),
            " AND (d.status = 'paid') <> (t.id IS NOT NULL) LIMIT $1"
        ),
    ),
];

/// The rule about tips, whose query finds tip numbers instead of ids.
pub const TIP_RULE: (&str, &str) = (
    "what a tip has sold must be its purchases",
    concat!(
        "SELECT x.tip_id FROM (SELECT DISTINCT p.tip_id FROM payments p WHERE p.id IN ",
        touched!(),
        ") x LEFT JOIN tip_sales s ON s.tip_id = x.tip_id
         WHERE (SELECT COUNT(*) FROM purchases b WHERE b.tip_id = x.tip_id) <> COALESCE(s.sale_count, 0)
            OR (SELECT COALESCE(SUM(b.share_cents), 0) FROM purchases b WHERE b.tip_id = x.tip_id) \
                <> COALESCE(s.earned_cents, 0) LIMIT $1"
    ),
);

const BALANCES: &str = concat!(
    "SELECT a.kind AS account, CAST(COALESCE(g.gain, 0) + ",
    opening!("a.id"),
    " AS BIGINT) AS balance_cents FROM accounts a LEFT JOIN ",
    gains!(),
    " g ON g.account_id = a.id WHERE a.person_id IS NULL AND $3 IS NOT NULL ORDER BY a.id LIMIT $1"
);

/// A day before the first transfer.
const FIRST_DAY: i64 = 0;

/// Proves the books on one snapshot of the database. It changes nothing, and may run beside a server.
///
/// # Errors
/// [`Failure::Db`] if the database fails. A broken rule is a finding and no error.
pub async fn check(db: &Db, extent: Extent) -> Result<CheckReport, Failure> {
    const TRANSFERS: &str = "SELECT COUNT(*) FROM transfers WHERE day >= $1 AND $2 IS NOT NULL";
    const ENTRIES: &str = "SELECT COUNT(*) FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id \
        AND t.day >= $1 AND $2 IS NOT NULL";
    const COMPLETED: &str =
        "SELECT COUNT(*) FROM payments WHERE status = 'completed' AND ended_at >= $2 AND $1 IS NOT NULL";
    let mut tx = db.begin_snapshot().await?;
    let tx = &mut tx;
    let last_closed = closings::last(tx).await?.filter(|_| extent == Extent::OpenDays);
    let first_day = last_closed.map(|day| day + 1);
    if first_day.is_some() {
        closings::walk_along_indexes(tx).await?;
    }
    let day = first_day.unwrap_or(FIRST_DAY);
    let mut findings = Vec::new();
    for &(rule, query) in RULES {
        findings
            .extend(ids(tx, query, day).await?.into_iter().map(|id| Finding { rule, id: id.to_string() }));
    }
    let (rule, query) = TIP_RULE;
    findings.extend(tips(tx, query, day).await?.into_iter().map(|tip| Finding { rule, id: tip.to_string() }));
    Ok(CheckReport {
        first_day,
        transfers: count(tx, TRANSFERS, day).await?,
        entries: count(tx, ENTRIES, day).await?,
        completed_payments: count(tx, COMPLETED, day).await?,
        balances: balances(tx, day).await?,
        findings,
    })
}

async fn ids(tx: &mut Tx, query: &'static str, day: i64) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(query)
        .bind(FINDINGS_SHOWN)
        .bind(day)
        .bind(start_of_day(day))
        .fetch_all(c)
        .await)
}

async fn tips(tx: &mut Tx, query: &'static str, day: i64) -> Result<Vec<TipId>, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(query)
        .bind(FINDINGS_SHOWN)
        .bind(day)
        .bind(start_of_day(day))
        .fetch_all(c)
        .await)
}

async fn balances(tx: &mut Tx, day: i64) -> Result<Vec<Balance>, sqlx::Error> {
    on!(tx, |c| sqlx::query_as(BALANCES)
        .bind(FINDINGS_SHOWN)
        .bind(day)
        .bind(start_of_day(day))
        .fetch_all(c)
        .await)
}

async fn count(tx: &mut Tx, query: &'static str, day: i64) -> Result<i64, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(query).bind(day).bind(start_of_day(day)).fetch_one(c).await)
}
