//! What a decision about a payment writes. Each write states again what was decided on, or changes nothing.

use chrono::{DateTime, Utc};

use crate::audit::Member;
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::UnpaidCause;
use crate::payments::{Outcome, Payment, ReviewReason, Status};
use crate::platform::db::{Tx, changes_one, execute};
use crate::types::{Kes, PaymentId};

/// What a decision was made on. The decision is written only while the row still says this.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub status: Status,
    pub review_reason: Option<ReviewReason>,
    pub waiting_receipt: Option<&'a str>,
    pub suspense: Kes,
}

impl<'a> From<&'a Payment> for Expected<'a> {
    fn from(payment: &'a Payment) -> Self {
        Self {
            status: payment.status,
            review_reason: payment.review_reason,
            waiting_receipt: payment.waiting_receipt.as_deref(),
            suspense: payment.suspense,
        }
    }
}

/// The condition that the row still is as the decision saw it. `NULL` and an empty text count as the same,
/// which is safe: neither is a word or a receipt.
macro_rules! as_expected {
    ($status:literal, $review_reason:literal, $waiting_receipt:literal, $suspense:literal) => {
        concat!(
            "id = $1 AND status = ",
            $status,
            " AND COALESCE(review_reason, '') = ",
            $review_reason,
            " AND COALESCE(waiting_receipt, '') = ",
            $waiting_receipt,
            " AND suspense_cents = ",
            $suspense
        )
    };
}

/// Binds what `as_expected!` compares, in its order.
macro_rules! expecting {
    ($expected:expr, $query:expr) => {{
        let query = $query.bind($expected.status).bind($expected.review_reason());
        query.bind($expected.waiting_receipt.unwrap_or("")).bind($expected.suspense)
    }};
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
    /// No machine has named its receipt yet.
    pub awaits_receipt: bool,
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
        "UPDATE payments SET status = 'completed', outcome = $6, open = FALSE, \
            review_reason = CASE WHEN review_reason IN ('reversed', 'contradicted') THEN review_reason END, \
            receipt = $7,
            waiting_receipt = NULL, next_check_at = $8, check_count = 0, ended_at = $9, result_code = '0', \
            result_description = NULL,
            refusal = NULL, callback_succeeded_at = COALESCE(callback_succeeded_at, $10),
            query_succeeded_at = COALESCE(query_succeeded_at, $11), \
            statement_succeeded_at = COALESCE(statement_succeeded_at, $12),
            first_operator = $13, first_operator_id = $14, awaits_receipt = $15, suspense_cents = 0
        WHERE status <> 'completed' AND ",
        as_expected!("$2", "$3", "$4", "$5")
    );
    let said_by = |sources: &[EvidenceSource]| sources.contains(&done.source).then_some(done.at);
    let (expected, callback, query) =
        (&done.expected, said_by(&[EvidenceSource::Callback]), said_by(&[EvidenceSource::Query]));
    let statement = said_by(&[EvidenceSource::C2b, EvidenceSource::Statement]);
    changes_one!(tx, {
        let complete = expecting!(expected, sqlx::query(COMPLETE).bind(done.payment));
        let complete = complete.bind(done.outcome).bind(done.receipt).bind(done.next_check_at).bind(done.at);
        let complete = complete.bind(callback).bind(query).bind(statement);
        let complete = complete.bind(done.by.map(Member::name)).bind(done.by.and_then(Member::proven));
        complete.bind(done.awaits_receipt)
    })
}

/// Gives a completed payment that awaits its receipt the one that was named. It awaits it further if only an
/// operator claims it. Returns false if it does not await one any more.
///
/// # Errors
/// A database error.
pub async fn name_receipt(
    tx: &mut Tx,
    payment: PaymentId,
    receipt: &str,
    awaits_receipt: bool,
) -> Result<bool, sqlx::Error> {
    const NAME: &str = "UPDATE payments SET receipt = $2, awaits_receipt = $3
        WHERE id = $1 AND status = 'completed' AND awaits_receipt";
    changes_one!(tx, sqlx::query(NAME).bind(payment).bind(receipt).bind(awaits_receipt))
}

/// Takes a receipt from a payment that an operator claimed it for. Returns false if the payment has another.
///
/// # Errors
/// A database error.
pub async fn lose_receipt(tx: &mut Tx, payment: PaymentId, receipt: &str) -> Result<bool, sqlx::Error> {
    const LOSE: &str = "UPDATE payments SET receipt = NULL WHERE id = $1 AND receipt = $2 AND awaits_receipt";
    changes_one!(tx, sqlx::query(LOSE).bind(payment).bind(receipt))
}

/// Adds to what lies in suspense under a payment. Returns false if the row is not as expected any more.
///
/// # Errors
/// A database error.
pub async fn add_suspense(
    tx: &mut Tx,
    payment: PaymentId,
    expected: Expected<'_>,
    amount: Kes,
) -> Result<bool, sqlx::Error> {
    const ADD: &str = concat!(
        "UPDATE payments SET suspense_cents = suspense_cents + $6 WHERE ",
        as_expected!("$2", "$3", "$4", "$5")
    );
    changes_one!(tx, expecting!(expected, sqlx::query(ADD).bind(payment)).bind(amount))
}

/// Takes everything out of suspense under a payment. Returns false if the row is not as expected any more.
///
/// # Errors
/// A database error.
pub async fn clear_suspense(
    tx: &mut Tx,
    payment: PaymentId,
    expected: Expected<'_>,
) -> Result<bool, sqlx::Error> {
    const CLEAR: &str =
        concat!("UPDATE payments SET suspense_cents = 0 WHERE ", as_expected!("$2", "$3", "$4", "$5"));
    changes_one!(tx, expecting!(expected, sqlx::query(CLEAR).bind(payment)))
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
        "UPDATE payments SET waiting_receipt = $6, next_check_at = $7,
            callback_succeeded_at = COALESCE(callback_succeeded_at, $8) WHERE status <> 'completed' AND ",
        as_expected!("$2", "$3", "$4", "$5")
    );
    changes_one!(tx, {
        let wait = expecting!(expected, sqlx::query(WAIT).bind(payment));
        wait.bind(receipt).bind(check_at).bind(callback_at)
    })
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
        "UPDATE payments SET status = $6, open = FALSE, result_code = $7, result_description = $8, \
            refusal = $9, ended_at = $10,
            next_check_at = NULL, review_reason = NULL, outcome = NULL
        WHERE ",
        as_expected!("$2", "$3", "$4", "$5")
    );
    changes_one!(tx, {
        let end = expecting!(expected, sqlx::query(END).bind(payment));
        let end = end.bind(cause.status()).bind(cause.result_code()).bind(cause.description());
        end.bind(cause.refusal()).bind(at)
    })
}

/// Marks a payment for a person to look at. The first reason stays, unless the new one says that money is gone.
///
/// # Errors
/// A database error.
pub async fn ask_review(tx: &mut Tx, payment: PaymentId, reason: ReviewReason) -> Result<(), sqlx::Error> {
    const ASK: &str = "UPDATE payments SET review_reason = CASE
            WHEN $2 IN ('reversed', 'contradicted') THEN $2 ELSE COALESCE(review_reason, $2) END,
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
