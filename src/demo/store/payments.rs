//! What a demo's settled sales read and write, many in a statement.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use crate::mpesa::events::NewEvent;
use crate::platform::db::{Db, Tx, on, read};
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

/// Who bought what so far.
pub async fn sold(db: &Db) -> Result<HashSet<(TipId, PersonId)>, sqlx::Error> {
    const SOLD: &str = "SELECT tip_id, buyer_id FROM purchases";
    let rows: Vec<(TipId, PersonId)> = read!(db, |c| sqlx::query_as(SOLD).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// A payment that bought its tip, said so by a callback and then by a query.
pub struct SettledPayment {
    pub id: PaymentId,
    pub buyer: PersonId,
    pub msisdn: Msisdn,
    pub tip: TipId,
    pub tipster: PersonId,
    pub price: Kes,
    pub share_bps: i64,
    /// The `AccountReference`, out of which Safaricom's ids are made, too.
    pub reference: String,
    pub token_hash: Vec<u8>,
    pub receipt: String,
    pub pushed_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub confirmed_at: DateTime<Utc>,
}

impl SettledPayment {
    fn checkout_request_id(&self) -> String {
        format!("ws_CO_{}", self.reference)
    }
}

pub async fn insert_payments(tx: &mut Tx, payments: &[SettledPayment]) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO payments (id, buyer_id, tip_id, tipster_id, price_cents, share_bps, msisdn,
        account_reference, callback_token_hash, status, outcome, open, push, merchant_request_id, checkout_request_id, result_code, receipt,
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
            row.push_bind(&payment.token_hash)
                .push("'completed', 'unlocked', FALSE, 'accepted'")
                .push_bind(&payment.reference);
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

pub async fn insert_receipts(tx: &mut Tx, payments: &[SettledPayment]) -> Result<(), sqlx::Error> {
    on!(tx, |c| {
        let mut insert = QueryBuilder::new("INSERT INTO receipts (receipt, payment_id) ");
        insert.push_values(payments, |mut row, payment| {
            row.push_bind(&payment.receipt).push_bind(payment.id);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

pub async fn insert_events(tx: &mut Tx, events: &[NewEvent<'_>]) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO mpesa_events (id, purpose, subject_id, happened_at, source, kind, result_code, receipt, amount_cents) ";
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
