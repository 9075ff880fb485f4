//! What the check of the books reads. All queries are asked of one snapshot.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Balance, Rule};
use crate::platform::clock::start_of_day;
use crate::platform::db::{Tx, on};
use crate::types::TipId;

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
          UNION SELECT subject_id FROM transfers WHERE day >= $2 \
          UNION SELECT payment_id FROM purchases WHERE released_at >= $3
          UNION SELECT payment_id FROM debts WHERE paid_at >= $3)"
    };
}

/// The debts to which something happened since the day `$2`, which began at `$3`.
macro_rules! touched_debts {
    () => {
        concat!(
            "(SELECT id FROM debts WHERE paid_at >= $3 OR status <> 'paid'
              UNION SELECT subject_id FROM transfers WHERE day >= $2 AND subject_kind || '' = 'refund'
              UNION SELECT id FROM debts WHERE payment_id IN ",
            touched!(),
            ")"
        )
    };
}

/// Whether the debt `d` is what its payment came to. Others are of further receipts.
macro_rules! settles {
    () => {
        "d.reason NOT IN ('further_receipt', 'returned')"
    };
}

pub mod receipts;
pub mod shape;
pub mod subjects;
pub mod sums;

/// Every rule whose query finds ids, in the order in which they are asked.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    shape::RULES
        .iter()
        .chain([&*shape::TEMPLATES])
        .chain(subjects::RULES)
        .chain(receipts::RULES)
        .chain(sums::RULES)
}

/// The query of `balances`.
const BALANCES: &str = concat!(
    "SELECT a.kind AS account, CAST(COALESCE(g.gain, 0) + ",
    opening!("a.id"),
    " AS BIGINT) AS balance_cents FROM accounts a LEFT JOIN ",
    gains!(),
    " g ON g.account_id = a.id WHERE a.person_id IS NULL AND $3 IS NOT NULL ORDER BY a.id LIMIT $1"
);

/// Binds what every query here asks: the most rows wanted, the first day that is read, and when it began.
macro_rules! from_day {
    ($query:expr, $day:expr) => {
        $query.bind(FINDINGS_SHOWN).bind($day).bind(start_of_day($day))
    };
}

/// The ids that a rule's query finds from a day on.
///
/// # Errors
/// A database error.
pub async fn ids(tx: &mut Tx, query: &'static str, day: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    on!(tx, |c| from_day!(sqlx::query_scalar(query), day).fetch_all(c).await)
}

/// The tips that a rule's query finds from a day on.
///
/// # Errors
/// A database error.
pub async fn tips(tx: &mut Tx, query: &'static str, day: i64) -> Result<Vec<TipId>, sqlx::Error> {
    on!(tx, |c| from_day!(sqlx::query_scalar(query), day).fetch_all(c).await)
}

/// What the accounts without a running balance hold.
///
/// # Errors
/// A database error.
pub async fn balances(tx: &mut Tx, day: i64) -> Result<Vec<Balance>, sqlx::Error> {
    on!(tx, |c| from_day!(sqlx::query_as(BALANCES), day).fetch_all(c).await)
}

/// How many transfers, entries and completed payments there are from a day on.
///
/// # Errors
/// A database error.
pub async fn counts(tx: &mut Tx, day: i64) -> Result<[i64; 3], sqlx::Error> {
    const TRANSFERS: &str = "SELECT COUNT(*) FROM transfers WHERE day >= $1 AND $2 IS NOT NULL";
    const ENTRIES: &str = "SELECT COUNT(*) FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id \
        AND t.day >= $1 AND $2 IS NOT NULL";
    const COMPLETED: &str =
        "SELECT COUNT(*) FROM payments WHERE status = 'completed' AND ended_at >= $2 AND $1 IS NOT NULL";
    let mut counts = [0; 3];
    for (count, query) in counts.iter_mut().zip([TRANSFERS, ENTRIES, COMPLETED]) {
        *count = on!(tx, |c| sqlx::query_scalar(query).bind(day).bind(start_of_day(day)).fetch_one(c).await)?;
    }
    Ok(counts)
}

/// The name of the rule about the days of transfers, which compares them with moments.
pub const DAYS: &str = "a transfer's day must not be before it was made, nor to come";

/// A day that has transfers, and when the last of them was made.
#[derive(FromRow)]
pub struct DayOfTransfers {
    pub day: i64,
    pub last_made_at: DateTime<Utc>,
}

/// The days from `day` on that have transfers.
///
/// # Errors
/// A database error.
pub async fn days(tx: &mut Tx, day: i64) -> Result<Vec<DayOfTransfers>, sqlx::Error> {
    const DAYS: &str =
        "SELECT day, MAX(made_at) AS last_made_at FROM transfers WHERE day >= $1 GROUP BY day ORDER BY day";
    on!(tx, |c| sqlx::query_as(DAYS).bind(day).fetch_all(c).await)
}

/// The transfer of a day that was made last.
///
/// # Errors
/// A database error.
pub async fn last_of(tx: &mut Tx, day: i64) -> Result<Uuid, sqlx::Error> {
    const LAST: &str = "SELECT id FROM transfers WHERE day = $1 ORDER BY made_at DESC LIMIT 1";
    on!(tx, |c| sqlx::query_scalar(LAST).bind(day).fetch_one(c).await)
}
