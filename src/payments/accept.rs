//! A database that holds other money than the settings say goes on with it only if a person says so (MONEY
//! §5).

use super::engine::Payments;
use super::store::counts::{self, Holds};
use crate::audit::{self, Operator, Subject};
use crate::platform::db::{Failure, transaction};
use crate::platform::money_mode::{self, MoneyKind, MoneyMode, Remembered};
use crate::types::AppError;

/// What somebody has accepted.
#[derive(Debug)]
pub struct Accepted {
    /// What the database remembered of its money before.
    pub before: Remembered,
    /// What it remembers now.
    pub after: MoneyMode,
    /// What stands in it.
    pub holds: Holds,
}

impl Payments {
    /// Lets the database go on with this money, which is real or the sandbox's. Short codes of the same kind
    /// stay accepted.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if it holds play money and a payment, or a completed payment of another kind of money; a
    /// database error.
    pub async fn accept_money(&self, mode: &MoneyMode, operator: &Operator) -> Result<Accepted, Failure> {
        transaction!(self.db, |tx| {
            let before = money_mode::remembered(&mut *tx).await?;
            let holds = counts::holds(tx).await?;
            let is_played = matches!(&before, Remembered::Known(known) if known.kind == MoneyKind::Simulated);
            if is_played && holds.payments > 0 {
                return Err(AppError::conflict(format!(
                    "This database holds play money and {} payments: use another database.",
                    holds.payments
                ))
                .into());
            }
            let is_other = matches!(&before, Remembered::Known(known) if known.kind != mode.kind);
            if is_other && holds.completed > 0 {
                return Err(AppError::conflict(format!(
                    "This database holds {before} and {} completed payments, which would become {} money: use \
                     another database.",
                    holds.completed, mode.kind
                ))
                .into());
            }
            let after = before.with(mode);
            money_mode::set_money(tx, &after).await?;
            let (was, is) = (before.to_string(), after.to_string());
            let change = (Some(was.as_str()), Some(is.as_str()));
            let deed = operator.deed(self.clock.now(), "money_accepted", Subject::Money, change);
            audit::record(tx, &self.random, &[deed]).await?;
            Ok(Accepted { before, after, holds })
        })
    }
}
