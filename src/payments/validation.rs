//! C2B validation: Safaricom asks whether our short code takes money that a payer is about to send by hand
//! (daraja §5.2). Money is refused only where it can surely buy nothing, and only if the installation wants
//! that; what has come is booked whatever was answered here.

use std::time::Duration;

use axum::body::Body;
use chrono::{DateTime, Utc};

use super::Status;
use super::engine::Payments;
use super::reference::{letters_and_digits, without_prefix};
use super::store::validation::{self, Asked};
use crate::daraja::{C2bConfirmation, CALLBACK_MAX_BYTES, parse_c2b_confirmation};
use crate::platform::body;
use crate::tips::TipStatus;
use crate::types::Kes;

/// Safaricom goes on without us soon. Whoever cannot decide within this time accepts.
const DECIDED_WITHIN: Duration = Duration::from_millis(900);

/// Why money is refused before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The reference is none of ours.
    Reference,
    /// The amount is neither the price nor what is missing of it.
    Amount,
    /// It could buy nothing any more.
    Nothing,
}

impl Rejection {
    /// Safaricom's code for it (daraja §5.2).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reference => "C2B00012",
            Self::Amount => "C2B00013",
            Self::Nothing => "C2B00016",
        }
    }
}

impl Payments {
    /// Why this money is refused; `None` if it is accepted, also because it is not known in time whether it
    /// can buy something.
    pub(super) async fn validate(&self, body: Body) -> Option<Rejection> {
        if !self.callbacks.refuses_c2b {
            return None;
        }
        tokio::time::timeout(DECIDED_WITHIN, self.decide_validation(body)).await.ok().flatten()
    }

    async fn decide_validation(&self, body: Body) -> Option<Rejection> {
        let body = body::read(body, CALLBACK_MAX_BYTES).await.ok()?;
        let told = parse_c2b_confirmation(&body).ok()?;
        let typed = letters_and_digits(&told.account_reference);
        match validation::asked(&self.db, &typed, without_prefix(&typed)).await {
            Ok(found) => reject(found.as_ref(), &told, self.clock.now()),
            Err(error) => {
                tracing::warn!(%error, "a C2B validation could not be decided, and was accepted");
                None
            }
        }
    }
}

fn reject(found: Option<&Asked>, told: &C2bConfirmation, now: DateTime<Utc>) -> Option<Rejection> {
    let Some(asked) = found else { return Some(Rejection::Reference) };
    if asked.status == Status::Pending && told.amount == asked.price {
        return None;
    }
    let can_buy = asked.status != Status::Completed
        && !asked.is_bought
        && asked.tip_status == TipStatus::Active
        && now < asked.first_kick_off_at;
    let missing = Kes::from_cents(asked.price.cents() - asked.suspense.cents());
    if !can_buy {
        Some(Rejection::Nothing)
    } else if told.amount != asked.price && told.amount != missing {
        Some(Rejection::Amount)
    } else {
        None
    }
}
