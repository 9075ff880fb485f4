//! The proof of the books: everything that must be true of the ledger and of what moved money (MONEY §10),
//! asked of one snapshot. It reads the open days, which begin where the last closing ends, or all days.
//!
//! Each rule is a query of what breaks it. Those of the ledger's own shape stand in `store/shape.rs`,
//! those of transfers beside what they are of in `store/subjects.rs`, those of receipts in
//! `store/receipts.rs`, and those of sums in `store/sums.rs`.

mod service;
pub mod store;

pub use service::check;
#[cfg(test)]
pub use service::inspect;

use serde::Serialize;
use sqlx::FromRow;

/// How much of the books is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The days since the last closing, on top of the closings.
    OpenDays,
    /// Everything from the first shilling on. Only this proves each closing from the entries.
    All,
}

/// Something that must be true, with the query of what breaks it: ids of transfers, accounts, payments or
/// debts. `$1` is the most rows wanted, `$2` the first day that is read, and `$3` the moment at which that
/// day began. Each query must use all three.
pub struct Rule {
    pub name: &'static str,
    pub broken_by: &'static str,
}

/// One rule that does not hold for one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: &'static str,
    /// The id of the transfer, account, payment or debt, or the tip's number.
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
