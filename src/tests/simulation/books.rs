//! What the database holds after a run, read for the oracle.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, read};
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId};

/// A payment with what it bought or what is owed for it.
#[derive(FromRow)]
pub struct BookRow {
    pub id: PaymentId,
    pub buyer_id: PersonId,
    pub tip_id: TipId,
    pub tipster_id: PersonId,
    pub price_cents: Kes,
    pub share_bps: i64,
    pub msisdn: Msisdn,
    pub account_reference: String,
    pub status: String,
    pub review_reason: Option<String>,
    pub waiting_receipt: Option<String>,
    pub receipt: Option<String>,
    pub checkout_request_id: Option<String>,
    pub query_succeeded_at: Option<DateTime<Utc>>,
    pub awaits_receipt: bool,
    pub next_check_at: Option<DateTime<Utc>>,
    pub pushed_at: DateTime<Utc>,
    pub push: String,
    pub certainty: String,
    /// When the intent was written, by its send.
    pub made_at: DateTime<Utc>,
    pub bought_tip: Option<TipId>,
    pub bought_by: Option<PersonId>,
    pub bought_cents: Option<Kes>,
    pub share_cents: Option<Kes>,
    pub bought_at: Option<DateTime<Utc>>,
    pub release_after: Option<DateTime<Utc>>,
    pub released_at: Option<DateTime<Utc>>,
    pub owed_cents: Option<Kes>,
    pub owed_to: Option<Msisdn>,
    pub debt_reason: Option<String>,
    pub owed_at: Option<DateTime<Utc>>,
}

impl BookRow {
    pub fn is_completed(&self) -> bool {
        self.status == "completed"
    }
}

#[derive(FromRow)]
pub struct EventRow {
    pub payment_id: PaymentId,
    pub happened_at: DateTime<Utc>,
    pub source: String,
    pub kind: String,
    pub amount_cents: Option<Kes>,
    /// Whether it comes from a callback whose address is not Safaricom's.
    pub is_from_elsewhere: bool,
}

pub struct Books {
    pub rows: Vec<BookRow>,
    pub events: Vec<EventRow>,
    /// `(person, kind, balance)`
    pub balances: Vec<(PersonId, String, Kes)>,
    /// `(kind of account, kind of transfer, sum)`
    pub sums: Vec<(String, String, i64)>,
    pub callbacks: i64,
    pub money: Vec<MoneyRow>,
    pub debts: Vec<DebtRow>,
}

/// What is known of a receipt.
#[derive(FromRow)]
pub struct MoneyRow {
    pub receipt: String,
    pub amount_cents: Kes,
    pub state: String,
    pub subject_id: Option<PaymentId>,
    pub named_at: Option<DateTime<Utc>>,
    pub callback_at: Option<DateTime<Utc>>,
    pub query_at: Option<DateTime<Utc>>,
    pub c2b_at: Option<DateTime<Utc>>,
    pub statement_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub struct DebtRow {
    pub receipt: Option<String>,
    pub msisdn: Option<Msisdn>,
    pub owed_cents: Kes,
}

pub async fn read_books(db: &Db) -> Result<Books, sqlx::Error> {
    const ROWS: &str = "SELECT p.id, p.buyer_id, p.tip_id, p.tipster_id, p.price_cents, p.share_bps, p.msisdn, p.account_reference,
            p.status, p.review_reason, p.waiting_receipt, p.receipt, p.checkout_request_id,
            p.query_succeeded_at, p.awaits_receipt, p.next_check_at, p.pushed_at, p.push, s.certainty, s.made_at, b.tip_id AS bought_tip, b.buyer_id AS bought_by,
            b.price_cents AS bought_cents, b.share_cents, b.bought_at, b.release_after, b.released_at,
            d.owed_cents, d.msisdn AS owed_to, d.reason AS debt_reason, d.owed_at
        FROM payments p JOIN mpesa_sends s ON s.purpose = 'payment' AND s.subject_id = p.id LEFT JOIN purchases b ON b.payment_id = p.id LEFT JOIN debts d ON d.payment_id = p.id AND d.reason NOT IN ('further_receipt', 'returned')
        ORDER BY p.pushed_at, p.id";
    const EVENTS: &str =
        "SELECT e.subject_id AS payment_id, e.happened_at, e.source, e.kind, e.amount_cents, COALESCE(c.is_from_elsewhere, FALSE) AS is_from_elsewhere
        FROM mpesa_events e LEFT JOIN callbacks c ON c.id = e.body_id WHERE e.purpose = 'payment'
        ORDER BY e.happened_at, e.id";
    const BALANCES: &str = "SELECT person_id, kind, balance_cents FROM accounts WHERE person_id IS NOT NULL ORDER BY person_id, kind";
    const SUMS: &str = "SELECT a.kind, t.kind, CAST(SUM(e.amount_cents) AS BIGINT) FROM entries e JOIN accounts a ON a.id = e.account_id
        JOIN transfers t ON t.id = e.transfer_id GROUP BY a.kind, t.kind ORDER BY a.kind, t.kind";
    const CALLBACKS: &str = "SELECT COUNT(*) FROM callbacks WHERE processed_at IS NULL";
    const MONEY: &str = "SELECT receipt, amount_cents, state, subject_id, named_at, callback_at, query_at, c2b_at, statement_at
        FROM money_in ORDER BY receipt";
    const DEBTS: &str = "SELECT receipt, msisdn, owed_cents FROM debts ORDER BY id";
    Ok(Books {
        money: read!(db, |c| sqlx::query_as(MONEY).fetch_all(c).await)?,
        debts: read!(db, |c| sqlx::query_as(DEBTS).fetch_all(c).await)?,
        rows: read!(db, |c| sqlx::query_as(ROWS).fetch_all(c).await)?,
        events: read!(db, |c| sqlx::query_as(EVENTS).fetch_all(c).await)?,
        balances: read!(db, |c| sqlx::query_as(BALANCES).fetch_all(c).await)?,
        sums: read!(db, |c| sqlx::query_as(SUMS).fetch_all(c).await)?,
        callbacks: read!(db, |c| sqlx::query_scalar(CALLBACKS).fetch_one(c).await)?,
    })
}
