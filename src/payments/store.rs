//! The rows of payments.

pub mod claims;
pub mod counts;
pub mod lists;
pub mod purchases;
pub mod schedule;
pub mod settling;
pub mod validation;

use chrono::{DateTime, Utc};

use super::decide::Case;
use super::{Payment, PushState};
use crate::mpesa::store::receipts::money_columns;
use crate::platform::db::{Db, Tx, changes_one, on, read};
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

macro_rules! columns {
    () => {
        "p.id, p.buyer_id, p.tip_id, p.tipster_id, p.price_cents, p.share_bps, p.msisdn, \
            p.account_reference, p.status, p.outcome,
         p.review_reason, p.open, p.push, p.merchant_request_id, p.checkout_request_id, p.result_code, \
         p.refusal, p.receipt,
         p.callback_succeeded_at, p.query_succeeded_at, p.statement_succeeded_at, p.first_operator, \
         p.second_operator, p.first_operator_id, p.second_operator_id, p.waiting_receipt, p.suspense_cents, p.awaits_receipt, p.hinted, \
         p.check_count, p.next_check_at, p.pushed_at, p.ended_at"
    };
}

pub(crate) use columns;

macro_rules! case {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", t.status AS tip_status, t.first_kick_off_at, t.last_kick_off_at, \
                b.payment_id IS NOT NULL AS is_bought, a.closed_at IS NOT NULL AS is_closed, ",
            money_columns!(),
            " FROM payments p JOIN tips t ON t.id = p.tip_id JOIN people a ON a.id = p.buyer_id
             LEFT JOIN purchases b ON b.tip_id = p.tip_id AND b.buyer_id = p.buyer_id
             LEFT JOIN money_in m ON m.receipt = COALESCE($2, p.waiting_receipt) WHERE ",
            $condition
        )
    };
}

/// The payment with this id, with what decides about its money. `Case::money` is what is known of `receipt`,
/// or without one, of the receipt that waits.
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

/// The payment that this M-Pesa receipt is of, whatever became of its money.
///
/// # Errors
/// A database error.
pub async fn by_receipt(db: &Db, receipt: &str) -> Result<Option<Payment>, sqlx::Error> {
    const FIND: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM money_in m JOIN payments p ON p.id = m.subject_id WHERE m.receipt = $1 AND m.purpose = 'payment'"
    );
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

/// The query of `is_source`; a test looks at its plan.
pub const SOURCE: &str = "SELECT EXISTS (SELECT 1 FROM payments
    WHERE (first_operator_id = $1 OR second_operator_id = $1) AND tipster_id = $2 AND ended_at >= $3)";

/// Whether a person was a source of one of this tipster's sales since a moment.
///
/// # Errors
/// A database error.
pub async fn is_source(
    tx: &mut Tx,
    person: PersonId,
    tipster: PersonId,
    since: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(SOURCE).bind(person).bind(tipster).bind(since).fetch_one(c).await)
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

/// The query of `waits_elsewhere`; a test looks at its plan.
pub const WAITS: &str = "SELECT id FROM payments WHERE waiting_receipt = $2 AND id <> $1 LIMIT 1";

/// Another payment on which this receipt waits for its second source.
///
/// # Errors
/// A database error.
pub async fn waits_elsewhere(
    tx: &mut Tx,
    payment: PaymentId,
    receipt: &str,
) -> Result<Option<PaymentId>, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(WAITS).bind(payment).bind(receipt).fetch_optional(c).await)
}
