//! A tipster's wallet and a buyer's purchases, a page at a time.

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use super::store::{self, SaleRow};
use super::{PurchaseLine, Purchases, Release, Sale, Wallet};
use crate::accounts::Viewer;
use crate::payments::Payments;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure};
use crate::types::{AppError, Kes, PaymentId};

const PAGE: usize = 30;
/// One row more tells whether there is another page.
const FETCHED: i64 = 31;

#[derive(Clone)]
pub struct Wallets {
    db: Db,
    clock: Clock,
    payments: Payments,
}

/// Where a page starts: before this moment and payment.
type Before = (DateTime<Utc>, PaymentId);

impl Wallets {
    pub fn new(db: Db, clock: Clock, payments: Payments) -> Self {
        Self { db, clock, payments }
    }

    pub async fn wallet(&self, tipster: &Viewer, after: Option<&str>) -> Result<Wallet, Failure> {
        let before = self.read_cursor(after)?;
        let balances = store::balances(&self.db, tipster.id).await?;
        let balance = |kind: &str| balances.iter().find(|(found, _)| found == kind).map_or(Kes::ZERO, |(_, balance)| *balance);
        let mut rows = store::sales(&self.db, tipster.id, before, FETCHED).await?;
        let next = cut(&mut rows, |row| (row.bought_at, row.payment_id));
        let now = self.clock.now();
        let sales = rows.into_iter().map(|row| sale(row, now)).collect();
        Ok(Wallet { held: balance("tipster_held"), available: balance("tipster_available"), sales, next })
    }

    pub async fn purchases(&self, buyer: &Viewer, after: Option<&str>) -> Result<Purchases, Failure> {
        let before = self.read_cursor(after)?;
        let mut rows = store::purchases(&self.db, buyer.id, before, FETCHED).await?;
        let next = cut(&mut rows, |row| (row.payment.pushed_at, row.payment.id));
        let line = |row: store::PurchaseRow| PurchaseLine {
            tip: row.payment.tip_id,
            tipster: row.tipster,
            match_count: row.match_count,
            odds: row.odds_thousandths,
            price: row.payment.price_cents,
            started_at: row.payment.pushed_at,
            payment: self.payments.face(&row.payment),
        };
        Ok(Purchases { payments: rows.into_iter().map(line).collect(), next })
    }

    /// No cursor is the first page: everything before tomorrow.
    fn read_cursor(&self, after: Option<&str>) -> Result<Before, Failure> {
        let Some(text) = after.filter(|text| !text.is_empty()) else {
            return Ok((self.clock.now() + chrono::TimeDelta::days(1), PaymentId(Uuid::max())));
        };
        let read = text.split_once('_').and_then(|(micros, id)| {
            let at = DateTime::from_timestamp_micros(micros.parse().ok()?).filter(|at| (2000..2200).contains(&at.year()))?;
            Some((at, id.parse().ok()?))
        });
        read.ok_or_else(|| AppError::invalid("This page does not exist. Go back to the first one.").into())
    }
}

/// Cuts the row that only shows that there is another page; that page's cursor.
fn cut<T>(rows: &mut Vec<T>, key: impl Fn(&T) -> Before) -> Option<String> {
    if rows.len() <= PAGE {
        return None;
    }
    rows.truncate(PAGE);
    rows.last().map(key).map(|(at, id)| format!("{}_{id}", at.timestamp_micros()))
}

fn sale(row: SaleRow, now: DateTime<Utc>) -> Sale {
    let release = match row.released_at {
        Some(at) => Release::Released(at),
        None if now < row.release_after => Release::HeldUntil(row.release_after),
        None => Release::WaitingForConfirmation,
    };
    Sale { sold_at: row.bought_at, tip: row.tip_id, price: row.price_cents, share: row.share_cents, release }
}
