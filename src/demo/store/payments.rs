//! The SQL of the demo's settled sales, which writes many rows in a statement. The lists must not be empty.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use crate::mpesa::events::NewEvent;
use crate::mpesa::receipts::MoneyState;
use crate::payments::PURPOSE;
use crate::platform::db::{Db, Tx, on, read};
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

/// All purchases so far, as tip and buyer.
///
/// # Errors
/// A database error.
pub async fn sold(db: &Db) -> Result<HashSet<(TipId, PersonId)>, sqlx::Error> {
    const SOLD: &str = "SELECT tip_id, buyer_id FROM purchases";
    let rows: Vec<(TipId, PersonId)> = read!(db, |c| sqlx::query_as(SOLD).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// A payment that bought its tip, proven by a callback and later by a query (MONEY §1).
pub struct SettledPayment {
    pub id: PaymentId,
    pub buyer: PersonId,
    pub msisdn: Msisdn,
    pub tip: TipId,
    pub tipster: PersonId,
    pub price: Kes,
    /// The tipster's share in basis points.
    pub share_bps: i64,
    /// The `AccountReference`. Safaricom's two ids are made up from it.
    pub reference: String,
    /// The hash of the secret in the callback's address. Nobody knows such a secret.
    pub token_hash: Vec<u8>,
    pub receipt: String,
    pub pushed_at: DateTime<Utc>,
    /// When the callback came.
    pub completed_at: DateTime<Utc>,
    /// When the query agreed.
    pub confirmed_at: DateTime<Utc>,
}

impl SettledPayment {
    fn checkout_request_id(&self) -> String {
        format!("ws_CO_{}", self.reference)
    }
}

/// Writes payments that are completed and have unlocked their tips.
///
/// # Errors
/// A database error.
pub async fn insert_payments(tx: &mut Tx, payments: &[&SettledPayment]) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO payments (id, buyer_id, tip_id, tipster_id, price_cents, share_bps, msisdn,
        account_reference, status, outcome, open, push, merchant_request_id, \
        checkout_request_id, result_code, receipt,
        callback_succeeded_at, query_succeeded_at, check_count, pushed_at, ended_at) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(payments, |mut row, payment| {
            row.push_bind(payment.id)
                .push_bind(payment.buyer)
                .push_bind(payment.tip)
                .push_bind(payment.tipster)
                .push_bind(payment.price);
            row.push_bind(payment.share_bps).push_bind(&payment.msisdn).push_bind(&payment.reference);
            row.push("'completed', 'unlocked', FALSE, 'accepted'").push_bind(&payment.reference);
            row.push_bind(payment.checkout_request_id())
                .push("'0'")
                .push_bind(&payment.receipt)
                .push_bind(payment.completed_at);
            row.push_bind(payment.confirmed_at)
                .push("1")
                .push_bind(payment.pushed_at)
                .push_bind(payment.completed_at);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Writes the addresses at which Safaricom would tell of payments.
///
/// # Errors
/// A database error.
pub async fn insert_addresses(tx: &mut Tx, payments: &[&SettledPayment]) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO mpesa_addresses (token_hash, purpose, subject_id, made_at) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(payments, |mut row, payment| {
            row.push_bind(&payment.token_hash).push_bind(PURPOSE.as_str());
            row.push_bind(payment.id).push_bind(payment.pushed_at);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Writes the money of payments by its receipts, of which a callback told first and a query second.
///
/// # Errors
/// A database error.
pub async fn insert_receipts(tx: &mut Tx, payments: &[&SettledPayment]) -> Result<(), sqlx::Error> {
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(
            "INSERT INTO money_in (receipt, id, amount_cents, reference, payer, told_at, named_at, callback_at, \
                query_at, state, purpose, subject_id) ",
        );
        insert.push_values(payments, |mut row, payment| {
            row.push_bind(&payment.receipt).push_bind(payment.id.0).push_bind(payment.price);
            row.push_bind(&payment.reference).push_bind(&payment.msisdn);
            for at in [payment.completed_at, payment.completed_at, payment.completed_at, payment.confirmed_at]
            {
                row.push_bind(at);
            }
            row.push_bind(MoneyState::Matched).push_bind(PURPOSE.as_str()).push_bind(payment.id);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Writes events of payments, without details and callbacks.
///
/// # Errors
/// A database error.
pub async fn insert_events(tx: &mut Tx, events: &[NewEvent<'_>]) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO mpesa_events (id, purpose, subject_id, happened_at, source, kind, \
        result_code, receipt, amount_cents) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(events, |mut row, event| {
            row.push_bind(event.id)
                .push_bind(event.subject.purpose.as_str())
                .push_bind(event.subject.id)
                .push_bind(event.at)
                .push_bind(event.source)
                .push_bind(event.kind);
            row.push_bind(event.code).push_bind(event.receipt).push_bind(event.amount);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}
