//! Moves tipsters' shares from held to available when the hold is over and two sources agree (MONEY §4).

use super::engine::Payments;
use super::store::schedule::{self, Releasable};
use crate::ledger::{Account, TransferKind};
use crate::platform::db::{Failure, transaction};
use crate::types::Kes;

const RELEASES_AT_ONCE: i64 = 500;

impl Payments {
    /// Releases the shares that are due, 500 at most, each in its own transaction, and returns how many it
    /// released. The scheduler calls this every minute. A share that cannot be released is logged and stays
    /// due.
    ///
    /// # Errors
    /// A database error if the due shares cannot be read.
    pub async fn release_due(&self) -> Result<usize, Failure> {
        let due = schedule::releasable(&self.db, self.clock.now(), RELEASES_AT_ONCE).await?;
        let mut released = 0;
        for share in &due {
            match self.release(share).await {
                Ok(is_first) => released += usize::from(is_first),
                Err(failure) => {
                    tracing::error!(
                        payment.id = %share.payment_id, %failure,
                        "a share could not be released"
                    );
                }
            }
        }
        Ok(released)
    }

    /// Releases one share; whether no other process had done it.
    async fn release(&self, share: &Releasable) -> Result<bool, Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if !schedule::mark_released(tx, share.payment_id, now).await? {
                return Ok(false);
            }
            if share.share_cents == Kes::ZERO {
                return Ok(true);
            }
            let entries = vec![
                (Account::TipsterHeld(share.tipster_id), -share.share_cents),
                (Account::TipsterAvailable(share.tipster_id), share.share_cents),
            ];
            self.book(tx, TransferKind::Release, share.payment_id, entries, now).await?;
            Ok(true)
        })
    }
}
