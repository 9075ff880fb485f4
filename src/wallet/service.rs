//! A tipster's wallet, a page of sales at a time.

use chrono::{DateTime, Utc};

use super::store::{self, SaleRow};
use super::{Release, Sale, Wallet};
use crate::platform::clock::Clock;
use crate::platform::cursor::{Before, cut, one_more};
use crate::platform::db::{Db, Failure};
use crate::platform::viewer::Viewer;
use crate::types::Kes;

const PAGE: usize = 30;

/// The service behind the wallet's page. It reads only.
#[derive(Clone)]
pub struct Wallets {
    pub db: Db,
    pub clock: Clock,
}

impl Wallets {
    /// Puts the service together.
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// The balances of a tipster, and a page of their sales after the cursor `after`. Both balances are zero
    /// for a person who never became a tipster.
    ///
    /// # Errors
    /// `AppError::Invalid` if the cursor cannot be read; [`Failure::Db`] if the database fails.
    pub async fn wallet(&self, tipster: &Viewer, after: Option<&str>) -> Result<Wallet, Failure> {
        let before = Before::read(after, self.clock.now())?;
        let balances = store::balances(&self.db, tipster.id).await?;
        let balance = |kind: &str| {
            balances.iter().find(|(found, _)| found == kind).map_or(Kes::ZERO, |(_, balance)| *balance)
        };
        let mut rows = store::sales(&self.db, tipster.id, before, one_more(PAGE)).await?;
        let next = cut(&mut rows, PAGE, |row| (row.bought_at, row.payment_id.0));
        let now = self.clock.now();
        let sales = rows.into_iter().map(|row| sale(row, now)).collect();
        Ok(Wallet { held: balance("tipster_held"), available: balance("tipster_available"), sales, next })
    }
}

fn sale(row: SaleRow, now: DateTime<Utc>) -> Sale {
    let release = match row.released_at {
        Some(at) => Release::Released(at),
        None if now < row.release_after => Release::HeldUntil(row.release_after),
        None => Release::WaitingForConfirmation,
    };
    Sale { sold_at: row.bought_at, tip: row.tip_id, price: row.price, share: row.share_cents, release }
}
