//! Moves tipsters' shares from held to available when the hold is over and two sources agree (MONEY §4).

use super::engine::Payments;
use super::store::schedule::{self, Releasable};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::platform::db::{Failure, transaction};
use crate::platform::settings::AddressCheck;
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
        let is_enforcing = self.callbacks.check == AddressCheck::Enforce;
        let now = self.clock.now();
        let due = schedule::releasable(&self.db, now, RELEASES_AT_ONCE, is_enforcing).await?;
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

    /// Releases one share; whether no other process had done it. It fills an open clawback of the tipster
    /// first.
    async fn release(&self, share: &Releasable) -> Result<bool, Failure> {
        let now = self.clock.now();
        let release = Movement {
            id: self.random.uuid(now),
            kind: TransferKind::Release,
            first: AccountKind::TipsterHeld,
            subject: (SubjectKind::Release, share.payment_id.0),
            owner: Some(share.tipster_id),
            amounts: vec![(Symbol::S, share.share_cents)],
            made_at: now,
        };
        transaction!(self.db, |tx| {
            if !schedule::mark_released(tx, share.payment_id, now).await? {
                return Ok(false);
            }
            if share.share_cents == Kes::ZERO {
                return Ok(true);
            }
            ledger::book(tx, &release).await?;
            Ok(true)
        })
    }
}
