//! The rows of payments and receipts.

pub mod claims;
pub mod counts;
pub mod lists;
pub mod purchases;
pub mod schedule;

use chrono::{DateTime, Utc};

use super::decide::Case;
use super::evidence::UnpaidCause;
use super::{Outcome, Payment, PushState, ReviewReason, Status};
use crate::mpesa::events::EvidenceSource;
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

macro_rules! columns {
    () => {
        "p.id, p.buyer_id, p.tip_id, p.tipster_id, p.price_cents, p.share_bps, p.msisdn, \
            p.account_reference, p.status, p.outcome,
         p.review_reason, p.open, p.push, p.merchant_request_id, p.checkout_request_id, p.result_code, \
         p.refusal, p.receipt,
         p.callback_succeeded_at, p.query_succeeded_at, p.statement_succeeded_at, p.first_operator, \
         p.second_operator, p.waiting_receipt, p.hinted, p.check_count, p.next_check_at, p.pushed_at, \
         p.ended_at"
    };
}

pub(crate) use columns;

macro_rules! case {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", t.status AS tip_status, t.first_kick_off_at, t.last_kick_off_at, \
                b.payment_id IS NOT NULL AS is_bought, r.payment_id AS receipt_owner
             FROM payments p JOIN tips t ON t.id = p.tip_id
             LEFT JOIN purchases b ON b.tip_id = p.tip_id AND b.buyer_id = p.buyer_id
             LEFT JOIN receipts r ON r.receipt = COALESCE($2, p.waiting_receipt) WHERE ",
            $condition
        )
    };
}

/// The payment with this id, with what decides about its money. `Case::receipt_owner` is the owner of
/// `receipt`, or without one, of the receipt that waits.
///
/// # Errors
/// A database error.
pub async fn case_by_id(
    tx: &mut Tx,
    payment: PaymentId,
    receipt: Option<&str>,
) -> Result<Option<Case>, sqlx::Error> {
    const FIND: &str = case!("p.id = $1");
    on!(tx, |c| sqlx::query_as(FIND).bind(payment).bind(receipt).fetch_optional(c).await)
}

/// The same, by our account reference, in capitals; `None` for a reference that is not ours.
///
/// # Errors
/// A database error.
pub async fn case_by_reference(
    tx: &mut Tx,
    reference: &str,
    receipt: Option<&str>,
) -> Result<Option<Case>, sqlx::Error> {
    const FIND: &str = case!("p.account_reference = $1");
    on!(tx, |c| sqlx::query_as(FIND).bind(reference).bind(receipt).fetch_optional(c).await)
}

/// The row of an intent to pay.
pub struct NewPayment<'a> {
    pub id: PaymentId,
    pub buyer: PersonId,
    pub tip: TipId,
    pub tipster: PersonId,
    pub price: Kes,
    pub share_bps: i64,
    pub msisdn: &'a Msisdn,
    pub account_reference: &'a str,
    pub pushed_at: DateTime<Utc>,
    pub next_check_at: DateTime<Utc>,
}

/// Writes a pending payment. Returns false if the buyer has an open payment for this tip already: there is at
/// most one.
///
/// # Errors
/// A database error.
pub async fn insert_payment(tx: &mut Tx, new: &NewPayment<'_>) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO payments (id, buyer_id, tip_id, tipster_id, price_cents, share_bps, \
        msisdn,
            account_reference, status, open, push, pushed_at, next_check_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', TRUE, 'sending', $9, $10) \
        ON CONFLICT DO NOTHING";
    changes_one!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.buyer)
            .bind(new.tip)
            .bind(new.tipster)
            .bind(new.price)
            .bind(new.share_bps);
        let insert = insert.bind(new.msisdn).bind(new.account_reference);
        insert.bind(new.pushed_at).bind(new.next_check_at)
    })
}

/// The query of `open_payment`; a test looks at its plan.
pub const OPEN: &str =
    concat!("SELECT ", columns!(), " FROM payments p WHERE p.buyer_id = $1 AND p.tip_id = $2 AND p.open");

/// The buyer's open payment for a tip: the one that another press gets.
///
/// # Errors
/// A database error.
pub async fn open_payment(tx: &mut Tx, buyer: PersonId, tip: TipId) -> Result<Option<Payment>, sqlx::Error> {
    on!(tx, |c| sqlx::query_as(OPEN).bind(buyer).bind(tip).fetch_optional(c).await)
}

/// Lets a new payment in beside a pending one. Returns false if that one is not open and pending any more.
///
/// # Errors
/// A database error.
pub async fn stop_blocking(tx: &mut Tx, payment: PaymentId) -> Result<bool, sqlx::Error> {
    const STOP: &str = "UPDATE payments SET open = FALSE WHERE id = $1 AND open AND status = 'pending'";
    changes_one!(tx, sqlx::query(STOP).bind(payment))
}

/// The payment with this id, whoever its buyer is.
///
/// # Errors
/// A database error.
pub async fn by_id(db: &Db, payment: PaymentId) -> Result<Option<Payment>, sqlx::Error> {
    const FIND: &str = concat!("SELECT ", columns!(), " FROM payments p WHERE p.id = $1");
    read!(db, |c| sqlx::query_as(FIND).bind(payment).fetch_optional(c).await)
}

/// The payment with this CheckoutRequestID, whoever its buyer is.
///
/// # Errors
/// A database error.
pub async fn by_checkout_request_id(db: &Db, id: &str) -> Result<Option<Payment>, sqlx::Error> {
    const FIND: &str = concat!("SELECT ", columns!(), " FROM payments p WHERE p.checkout_request_id = $1");
    read!(db, |c| sqlx::query_as(FIND).bind(id).fetch_optional(c).await)
}

/// The payment that this M-Pesa receipt settled.
///
/// # Errors
/// A database error.
pub async fn by_receipt(db: &Db, receipt: &str) -> Result<Option<Payment>, sqlx::Error> {
    const FIND: &str = concat!("SELECT ", columns!(), " FROM payments p WHERE p.receipt = $1");
    read!(db, |c| sqlx::query_as(FIND).bind(receipt).fetch_optional(c).await)
}

/// The beginning of the query of `ended`; a test looks at its plan.
pub const ENDED: &str = "SELECT id FROM payments WHERE status <> 'pending' AND id IN (";

/// Those of these payments that are not pending any more.
///
/// # Errors
/// A database error.
pub async fn ended(db: &Db, payments: &[PaymentId]) -> Result<Vec<PaymentId>, sqlx::Error> {
    read!(db, |c| {
        let mut query = sqlx::QueryBuilder::new(ENDED);
        let mut ids = query.separated(", ");
        for payment in payments {
            ids.push_bind(*payment);
        }
        query.push(")");
        query.build_query_scalar().fetch_all(c).await
    })
}

/// The query of `current`; a test looks at its plan.
pub const CURRENT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM payments p WHERE p.buyer_id = $1 AND p.tip_id = $2 \
        ORDER BY p.open DESC, p.pushed_at DESC, p.id DESC LIMIT 1"
);

/// The open payment of a buyer for a tip, or else the newest one.
///
/// # Errors
/// A database error.
pub async fn current(db: &Db, buyer: PersonId, tip: TipId) -> Result<Option<Payment>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(CURRENT).bind(buyer).bind(tip).fetch_optional(c).await)
}

/// Notes what became of the push; returns false if that was noted before. Safaricom's `(merchant, checkout)`
/// ids fill only what is empty, and an id of another payment is not taken. The first query waits until
/// `first_check_at`, because the prompt may be much younger than its intent.
///
/// # Errors
/// A database error.
pub async fn record_push(
    tx: &mut Tx,
    payment: PaymentId,
    push: PushState,
    ids: Option<(&str, &str)>,
    first_check_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const RECORD: &str =
        "UPDATE payments SET push = $2, merchant_request_id = COALESCE(merchant_request_id, $3),
            checkout_request_id = CASE WHEN EXISTS (SELECT 1 FROM payments o \
            WHERE o.checkout_request_id = $4 AND o.id <> $1)
                THEN checkout_request_id ELSE COALESCE(checkout_request_id, $4) END,
            next_check_at = CASE WHEN status = 'pending' AND next_check_at < $5 THEN $5 ELSE next_check_at END
        WHERE id = $1 AND push = 'sending'";
    let (merchant, checkout) = ids.unzip();
    changes_one!(tx, {
        let record = sqlx::query(RECORD).bind(payment).bind(push).bind(merchant).bind(checkout);
        record.bind(first_check_at)
    })
}

/// Whether a CheckoutRequestID belongs to another payment.
///
/// # Errors
/// A database error.
pub async fn is_taken(
    tx: &mut Tx,
    checkout_request_id: &str,
    payment: PaymentId,
) -> Result<bool, sqlx::Error> {
    const TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM payments WHERE checkout_request_id = $1 AND id <> $2)";
    on!(tx, |c| sqlx::query_scalar(TAKEN).bind(checkout_request_id).bind(payment).fetch_one(c).await)
}

/// Writes the ids that a callback under the right token brought before the push's own answer did. Returns
/// false if the payment has a CheckoutRequestID already.
///
/// # Errors
/// A database error.
pub async fn set_ids(
    tx: &mut Tx,
    payment: PaymentId,
    merchant: Option<&str>,
    checkout: &str,
) -> Result<bool, sqlx::Error> {
    const SET: &str = "UPDATE payments SET merchant_request_id = COALESCE(merchant_request_id, $2), \
        checkout_request_id = $3
        WHERE id = $1 AND checkout_request_id IS NULL";
    changes_one!(tx, sqlx::query(SET).bind(payment).bind(merchant).bind(checkout))
}

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
    /// The operator's name, if the source is an operator.
    pub by: Option<&'a str>,
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
            first_operator = $12
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
        complete.bind(callback).bind(query).bind(statement).bind(done.by)
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

/// Remembers that a source said that the money was paid. The first time of each source stays. A second
/// operator counts only under another name, in whichever letters it is written.
///
/// # Errors
/// A database error.
pub async fn remember_source(
    tx: &mut Tx,
    payment: PaymentId,
    source: EvidenceSource,
    by: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const CALLBACK: &str = "UPDATE payments SET callback_succeeded_at = COALESCE(callback_succeeded_at, $2) \
        WHERE id = $1 AND $3 IS NULL";
    const QUERY: &str = "UPDATE payments SET query_succeeded_at = COALESCE(query_succeeded_at, $2), \
        next_check_at = NULL WHERE id = $1 AND $3 IS NULL";
    const STATEMENT: &str = "UPDATE payments SET statement_succeeded_at = COALESCE(statement_succeeded_at, \
        $2) WHERE id = $1 AND $3 IS NULL";
    const OPERATOR: &str = "UPDATE payments SET first_operator = COALESCE(first_operator, $3),
        second_operator = CASE WHEN LOWER(first_operator) <> LOWER($3) THEN COALESCE(second_operator, $3) \
        ELSE second_operator END
        WHERE id = $1 AND $2 IS NOT NULL";
    let remember = match source {
        EvidenceSource::Callback => CALLBACK,
        EvidenceSource::Query => QUERY,
        EvidenceSource::C2b | EvidenceSource::Statement => STATEMENT,
        EvidenceSource::Operator => OPERATOR,
        EvidenceSource::Push | EvidenceSource::Buyer => return Ok(()),
    };
    let by = by.filter(|_| source == EvidenceSource::Operator);
    execute!(tx, sqlx::query(remember).bind(payment).bind(at).bind(by))
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
