//! What a decision about a payment writes. Each write states again what was decided on, or changes nothing.

use chrono::{DateTime, Utc};

use crate::audit::Member;
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::UnpaidCause;
use crate::payments::{Outcome, Payment, ReviewReason, Status};
use crate::platform::db::{Tx, changes_one, execute};
use crate::types::PaymentId;

/// What a decision was made on. The decision is written only while the row still says this.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub status: Status,
    pub review_reason: Option<ReviewReason>,
    pub waiting_receipt: Option<&'a str>,
}

impl<'a> From<&'a Payment> for Expected<'a> {
    fn from(payment: &'a Payment) -> Self {
        Self {
            status: payment.status,
            review_reason: payment.review_reason,
            waiting_receipt: payment.waiting_receipt.as_deref(),
        }
    }
}

/// The condition that the row still is as the decision saw it. `NULL` and an empty text count as the same,
/// which is safe: neither is a word or a receipt.
macro_rules! as_expected {
    ($status:literal, $review_reason:literal, $waiting_receipt:literal) => {
        concat!(
            "id = $1 AND status = ",
            $status,
            " AND COALESCE(review_reason, '') = ",
            $review_reason,
            " AND COALESCE(waiting_receipt, '') = ",
            $waiting_receipt
        )
    };
}

impl Expected<'_> {
    fn review_reason(&self) -> &'static str {
        self.review_reason.map_or("", ReviewReason::as_str)
    }
}

/// What a success writes into the payment's row.
pub struct Completion<'a> {
    pub payment: PaymentId,
    pub expected: Expected<'a>,
    pub outcome: Outcome,
    pub receipt: Option<&'a str>,
    pub source: EvidenceSource,
    /// The operator, if the source is one.
    pub by: Option<&'a Member>,
    pub next_check_at: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

/// The one way into `completed`. Returns false if the row is not as expected any more; then nothing is
/// written.
///
/// # Errors
/// A database error.
pub async fn complete(tx: &mut Tx, done: &Completion<'_>) -> Result<bool, sqlx::Error> {
    const COMPLETE: &str = concat!(
        "UPDATE payments SET status = 'completed', outcome = $5, review_reason = NULL, open = FALSE, \
            receipt = $6,
            waiting_receipt = NULL, next_check_at = $7, check_count = 0, ended_at = $8, result_code = '0', \
            result_description = NULL,
            refusal = NULL, callback_succeeded_at = COALESCE(callback_succeeded_at, $9),
            query_succeeded_at = COALESCE(query_succeeded_at, $10), \
            statement_succeeded_at = COALESCE(statement_succeeded_at, $11),
            first_operator = $12, first_operator_id = $13
        WHERE status <> 'completed' AND ",
        as_expected!("$2", "$3", "$4")
    );
    let said_by = |sources: &[EvidenceSource]| sources.contains(&done.source).then_some(done.at);
    let (expected, callback, query) =
        (&done.expected, said_by(&[EvidenceSource::Callback]), said_by(&[EvidenceSource::Query]));
    let statement = said_by(&[EvidenceSource::C2b, EvidenceSource::Statement]);
    changes_one!(tx, {
        let complete = sqlx::query(COMPLETE).bind(done.payment).bind(expected.status);
        let complete = complete.bind(expected.review_reason()).bind(expected.waiting_receipt.unwrap_or(""));
        let complete = complete.bind(done.outcome).bind(done.receipt).bind(done.next_check_at).bind(done.at);
        let complete = complete.bind(callback).bind(query).bind(statement);
        complete.bind(done.by.map(Member::name)).bind(done.by.and_then(Member::proven))
    })
}

/// Fills in the receipt of a completed payment. Returns false if it has one.
///
/// # Errors
/// A database error.
pub async fn fill_in_receipt(tx: &mut Tx, payment: PaymentId, receipt: &str) -> Result<bool, sqlx::Error> {
    const FILL: &str =
        "UPDATE payments SET receipt = $2 WHERE id = $1 AND status = 'completed' AND receipt IS NULL";
    changes_one!(tx, sqlx::query(FILL).bind(payment).bind(receipt))
}

/// Remembers that a source said that the money was paid. The first time of each source stays. Of operators
/// the first two names are kept, and apart from them the first two people who were surely there.
///
/// # Errors
/// A database error.
pub async fn remember_source(
    tx: &mut Tx,
    payment: PaymentId,
    source: EvidenceSource,
    by: Option<&Member>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const CALLBACK: &str = "UPDATE payments SET callback_succeeded_at = COALESCE(callback_succeeded_at, $2) \
        WHERE id = $1 AND $3 IS NULL AND $4 IS NULL";
    const QUERY: &str = "UPDATE payments SET query_succeeded_at = COALESCE(query_succeeded_at, $2), \
        next_check_at = NULL WHERE id = $1 AND $3 IS NULL AND $4 IS NULL";
    const STATEMENT: &str = "UPDATE payments SET statement_succeeded_at = COALESCE(statement_succeeded_at, \
        $2) WHERE id = $1 AND $3 IS NULL AND $4 IS NULL";
    const OPERATOR: &str = "UPDATE payments SET first_operator = COALESCE(first_operator, $3),
        second_operator = CASE WHEN LOWER(first_operator) <> LOWER($3) THEN COALESCE(second_operator, $3) \
        ELSE second_operator END,
        first_operator_id = COALESCE(first_operator_id, $4),
        second_operator_id = CASE WHEN first_operator_id <> $4 THEN COALESCE(second_operator_id, $4) \
        ELSE second_operator_id END
        WHERE id = $1 AND $2 IS NOT NULL";
    let remember = match source {
        EvidenceSource::Callback => CALLBACK,
        EvidenceSource::Query => QUERY,
        EvidenceSource::C2b | EvidenceSource::Statement => STATEMENT,
        EvidenceSource::Operator => OPERATOR,
        EvidenceSource::Push | EvidenceSource::Buyer => return Ok(()),
    };
    let by = by.filter(|_| source == EvidenceSource::Operator);
    execute!(tx, {
        let remember = sqlx::query(remember).bind(payment).bind(at).bind(by.map(Member::name));
        remember.bind(by.and_then(Member::proven))
    })
}

/// Keeps the receipt of a success that waits for a second source, which is asked for at `check_at`. Returns
/// false if the row is not as expected any more.
///
/// # Errors
/// A database error.
pub async fn wait_for_second_source(
    tx: &mut Tx,
    payment: PaymentId,
    expected: Expected<'_>,
    receipt: &str,
    check_at: DateTime<Utc>,
    callback_at: Option<DateTime<Utc>>,
) -> Result<bool, sqlx::Error> {
    const WAIT: &str = concat!(
        "UPDATE payments SET waiting_receipt = $5, next_check_at = $6,
            callback_succeeded_at = COALESCE(callback_succeeded_at, $7) WHERE status <> 'completed' AND ",
        as_expected!("$2", "$3", "$4")
    );
    changes_one!(tx, {
        let wait = sqlx::query(WAIT).bind(payment).bind(expected.status);
        let wait = wait.bind(expected.review_reason()).bind(expected.waiting_receipt.unwrap_or(""));
        wait.bind(receipt).bind(check_at).bind(callback_at)
    })
}

/// Makes a receipt the payment's. Returns false if it was claimed before: a receipt settles one payment.
///
/// # Errors
/// A database error.
pub async fn claim_receipt(tx: &mut Tx, receipt: &str, payment: PaymentId) -> Result<bool, sqlx::Error> {
    const CLAIM: &str = "INSERT INTO receipts (receipt, payment_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    changes_one!(tx, sqlx::query(CLAIM).bind(receipt).bind(payment))
}

/// Ends a payment unpaid. Returns false if the row is not as expected any more.
///
/// # Errors
/// A database error.
pub async fn end_unpaid(
    tx: &mut Tx,
    payment: PaymentId,
    expected: Expected<'_>,
    cause: &UnpaidCause,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const END: &str = concat!(
        "UPDATE payments SET status = $5, open = FALSE, result_code = $6, result_description = $7, \
            refusal = $8, ended_at = $9,
            next_check_at = NULL, review_reason = NULL, outcome = NULL
        WHERE ",
        as_expected!("$2", "$3", "$4")
    );
    changes_one!(tx, {
        let end = sqlx::query(END).bind(payment).bind(expected.status);
        let end = end.bind(expected.review_reason()).bind(expected.waiting_receipt.unwrap_or(""));
        let end = end.bind(cause.status()).bind(cause.result_code()).bind(cause.description());
        end.bind(cause.refusal()).bind(at)
    })
}

/// Marks a payment for a person to look at. The first reason stays.
///
/// # Errors
/// A database error.
pub async fn ask_review(tx: &mut Tx, payment: PaymentId, reason: ReviewReason) -> Result<(), sqlx::Error> {
    const ASK: &str = "UPDATE payments SET review_reason = COALESCE(review_reason, $2),
        outcome = CASE WHEN status = 'completed' THEN outcome ELSE 'review' END WHERE id = $1";
    execute!(tx, sqlx::query(ASK).bind(payment).bind(reason))
}

/// Takes the mark from a payment that has ended. Returns false if it has none or is still pending.
///
/// # Errors
/// A database error.
pub async fn clear_review(tx: &mut Tx, payment: PaymentId) -> Result<bool, sqlx::Error> {
    const CLEAR: &str = "UPDATE payments SET review_reason = NULL, outcome = CASE WHEN outcome = 'review' \
        THEN NULL ELSE outcome END
        WHERE id = $1 AND status <> 'pending' AND review_reason IS NOT NULL";
    changes_one!(tx, sqlx::query(CLEAR).bind(payment))
}
