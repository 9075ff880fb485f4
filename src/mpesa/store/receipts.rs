//! The rows of money that came in.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::mpesa::Subject;
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::receipts::{MoneyColumns, MoneyIn, MoneyState, Placing};
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::Kes;

/// The columns of a receipt's row `m`, for queries that join it.
macro_rules! money_columns {
    () => {
        "m.receipt AS money_receipt, m.id AS money_id, m.amount_cents AS money_cents, \
            m.payer AS money_payer, m.state AS money_state, m.subject_id AS money_subject, \
            m.named_at AS money_named_at"
    };
}

pub(crate) use money_columns;

/// The query of `find`; a test looks at its plan.
pub const FIND: &str = concat!("SELECT ", money_columns!(), " FROM money_in m WHERE m.receipt = $1");

/// What is known of a receipt.
///
/// # Errors
/// A database error.
pub async fn find(tx: &mut Tx, receipt: &str) -> Result<Option<MoneyIn>, sqlx::Error> {
    let found: Option<MoneyColumns> =
        on!(tx, |c| sqlx::query_as(FIND).bind(receipt).fetch_optional(c).await)?;
    Ok(found.and_then(Into::into))
}

/// Writes where the money of a receipt is. Returns false, and writes nothing, if its row is not as `known` has
/// it any more, or if `known` is `None` and there is one. What is known of an earlier source stays; of a claim
/// nothing but its time does.
///
/// # Errors
/// A database error.
pub async fn place(tx: &mut Tx, known: Option<&MoneyIn>, new: &Placing<'_>) -> Result<bool, sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO money_in (receipt, id, short_code, amount_cents, reference, payer, told_at, named_at, \
            callback_at, query_at, c2b_at, statement_at, operator_at, state, purpose, subject_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
        ON CONFLICT (receipt) DO NOTHING";
    const UPDATE: &str = "UPDATE money_in SET short_code = COALESCE(short_code, $3), amount_cents = $4,
            reference = CASE WHEN named_at IS NULL OR reference = '' THEN $5 ELSE reference END,
            payer = CASE WHEN payer = '' OR (payer LIKE '%*%' AND $6 <> '') THEN $6 ELSE payer END, told_at = COALESCE(told_at, $7),
            named_at = COALESCE(named_at, $8), callback_at = COALESCE(callback_at, $9),
            query_at = COALESCE(query_at, $10), c2b_at = COALESCE(c2b_at, $11),
            statement_at = COALESCE(statement_at, $12), operator_at = COALESCE(operator_at, $13),
            state = $14, purpose = $15, subject_id = $16
        WHERE receipt = $1 AND id = $2 AND state = $17 AND (named_at IS NOT NULL) = $18
            AND (subject_id = $19 OR (subject_id IS NULL AND $19 IS NULL))";
    let (sources, subject) = (&new.sources, new.subject);
    changes_one!(tx, {
        let place = sqlx::query(if known.is_some() { UPDATE } else { INSERT });
        let place = place.bind(new.receipt).bind(new.id).bind(new.short_code).bind(new.amount);
        let place = place.bind(new.reference).bind(new.payer).bind(new.at);
        let place = place.bind(new.is_named.then_some(new.at)).bind(sources.callback).bind(sources.query);
        let place = place.bind(sources.c2b).bind(sources.statement).bind(sources.operator).bind(new.state);
        let place = place.bind(subject.map(|subject| subject.purpose.as_str()));
        let place = place.bind(subject.map(|subject| subject.id));
        match known {
            Some(known) => place.bind(known.state).bind(!known.is_claim()).bind(known.subject),
            None => place,
        }
    })
}

/// Remembers that a source named a receipt, and what it told of the payer. The first time of each source stays.
///
/// # Errors
/// A database error.
pub async fn remember_source(
    tx: &mut Tx,
    receipt: &str,
    source: EvidenceSource,
    payer: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    macro_rules! remember {
        ($column:literal) => {
            concat!(
                "UPDATE money_in SET ",
                $column,
                " = COALESCE(",
                $column,
                ", $2), payer = CASE WHEN payer = '' OR (payer LIKE '%*%' AND $3 <> '') THEN $3 ELSE payer END \
                    WHERE receipt = $1"
            )
        };
    }
    let remember = match source {
        EvidenceSource::Callback => remember!("callback_at"),
        EvidenceSource::C2b => remember!("c2b_at"),
        EvidenceSource::Statement => remember!("statement_at"),
        EvidenceSource::Operator => remember!("operator_at"),
        EvidenceSource::Query | EvidenceSource::Push | EvidenceSource::Buyer => return Ok(()),
    };
    execute!(tx, sqlx::query(remember).bind(receipt).bind(at).bind(payer))
}

/// Says for which receipt of a subject a query's success at `at` counts: the one that the callback of our push
/// told; if none was told, the only one of the amount that was pushed; while there are two, none (MONEY §4).
///
/// # Errors
/// A database error.
pub async fn count_query(
    tx: &mut Tx,
    subject: Subject,
    pushed: Kes,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const COUNT: &str = "UPDATE money_in SET query_at = CASE WHEN amount_cents = $3 AND NOT EXISTS (
            SELECT 1 FROM money_in o WHERE o.purpose = $1 AND o.subject_id = $2
                AND o.receipt <> money_in.receipt AND o.amount_cents = $3
                AND (o.callback_at IS NOT NULL OR money_in.callback_at IS NULL)
                AND (o.named_at IS NOT NULL OR money_in.named_at IS NULL)) THEN COALESCE($4, query_at) END
        WHERE purpose = $1 AND subject_id = $2";
    execute!(tx, {
        let count = sqlx::query(COUNT).bind(subject.purpose.as_str()).bind(subject.id);
        count.bind(pushed).bind(at)
    })
}

/// Moves everything in suspense under a subject to `state`, and returns what was there, the oldest first.
///
/// # Errors
/// A database error.
pub async fn empty_suspense(
    tx: &mut Tx,
    subject: Subject,
    state: MoneyState,
) -> Result<Vec<MoneyIn>, sqlx::Error> {
    // SQLite knows no name but the table's own here.
    const EMPTY: &str = "UPDATE money_in SET state = $3
        WHERE purpose = $1 AND subject_id = $2 AND state = 'suspense'
        RETURNING receipt AS money_receipt, id AS money_id, amount_cents AS money_cents, payer AS money_payer, \
            state AS money_state, subject_id AS money_subject, named_at AS money_named_at";
    let moved: Vec<MoneyColumns> = on!(tx, |c| {
        let empty = sqlx::query_as(EMPTY).bind(subject.purpose.as_str()).bind(subject.id);
        empty.bind(state).fetch_all(c).await
    })?;
    let mut moved: Vec<MoneyIn> = moved.into_iter().filter_map(Into::into).collect();
    moved.sort_by(|one, other| one.receipt.cmp(&other.receipt));
    Ok(moved)
}

/// The query of `unplaced_since`; a test looks at its plan.
pub const UNPLACED_SINCE: &str = "SELECT EXISTS (SELECT 1 FROM money_in
    WHERE state = 'suspense' AND told_at >= $1 AND amount_cents = $2 AND subject_id IS NULL)";

/// Whether money of this amount that names nothing of ours was told since a moment.
///
/// # Errors
/// A database error.
pub async fn unplaced_since(tx: &mut Tx, since: DateTime<Utc>, amount: Kes) -> Result<bool, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(UNPLACED_SINCE).bind(since).bind(amount).fetch_one(c).await)
}

/// Takes money out of suspense that names nothing of ours, to be owed. Returns false if it is not there any
/// more.
///
/// # Errors
/// A database error.
pub async fn owe(tx: &mut Tx, receipt: &str) -> Result<bool, sqlx::Error> {
    const OWE: &str = "UPDATE money_in SET state = 'owed'
        WHERE receipt = $1 AND state = 'suspense' AND subject_id IS NULL AND reversed_at IS NULL";
    changes_one!(tx, sqlx::query(OWE).bind(receipt))
}

/// Notes that the money of a receipt is said to have gone back. The first time stays.
///
/// # Errors
/// A database error.
pub async fn reverse(tx: &mut Tx, receipt: &str, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const REVERSE: &str = "UPDATE money_in SET reversed_at = COALESCE(reversed_at, $2) WHERE receipt = $1";
    execute!(tx, sqlx::query(REVERSE).bind(receipt).bind(at))
}

/// What was told of a receipt, as people look at it.
#[derive(Debug, FromRow)]
pub struct MoneyRow {
    /// The receipt.
    pub receipt: String,
    /// How much came.
    pub amount_cents: Kes,
    /// Where it is.
    pub state: MoneyState,
    /// The short code that was credited, if a source named it.
    pub short_code: Option<String>,
    /// The reference as it was typed.
    pub reference: String,
    /// What was told of the payer's number.
    pub payer: String,
    /// When it was first told.
    pub told_at: DateTime<Utc>,
    /// The row that it is for, if that is known.
    pub subject_id: Option<Uuid>,
}

macro_rules! told {
    ($condition:literal) => {
        concat!(
            "SELECT receipt, amount_cents, state, short_code, reference, payer, told_at, subject_id \
                FROM money_in WHERE ",
            $condition
        )
    };
}

/// The query of `suspense`; a test looks at its plan.
pub const SUSPENSE: &str = told!("state = 'suspense' ORDER BY told_at LIMIT $1");

/// Everything in suspense, the oldest first.
///
/// # Errors
/// A database error.
pub async fn suspense(db: &Db, limit: i64) -> Result<Vec<MoneyRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(SUSPENSE).bind(limit).fetch_all(c).await)
}

/// The query of `old_suspense`; a test looks at its plan.
pub const OLD_SUSPENSE: &str = told!(
    "state = 'suspense' AND subject_id IS NULL AND reversed_at IS NULL AND told_at <= $1 \
        AND (c2b_at IS NOT NULL OR callback_at IS NOT NULL) ORDER BY told_at LIMIT $2"
);

/// What a customer surely paid, names nothing of ours, and was told at a moment or before, the oldest first. A line
/// of a statement alone may as well be money that the house moved itself.
///
/// # Errors
/// A database error.
pub async fn old_suspense(db: &Db, at: DateTime<Utc>, limit: i64) -> Result<Vec<MoneyRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(OLD_SUSPENSE).bind(at).bind(limit).fetch_all(c).await)
}

/// What was told of one receipt.
///
/// # Errors
/// A database error.
pub async fn told(db: &Db, receipt: &str) -> Result<Option<MoneyRow>, sqlx::Error> {
    const TOLD: &str = told!("receipt = $1");
    read!(db, |c| sqlx::query_as(TOLD).bind(receipt).fetch_optional(c).await)
}

/// The query of `count_suspense`; a test looks at its plan.
pub const COUNT_SUSPENSE: &str = "SELECT COUNT(*) FROM money_in WHERE state = 'suspense' AND told_at <= $1";

/// How many receipts have lain in suspense since a moment or before.
///
/// # Errors
/// A database error.
pub async fn count_suspense(db: &Db, at: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    read!(db, |c| sqlx::query_scalar(COUNT_SUSPENSE).bind(at).fetch_one(c).await)
}
