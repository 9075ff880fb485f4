//! The intent to pay. One transaction checks every rule and writes the payment before Safaricom is called
//! (MONEY §1).

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::engine::Payments;
use super::evidence::EventKind;
use super::limits;
use super::store::{self, NewPayment};
use super::{FIRST_QUERY_AFTER, Payment, SEND_AGAIN_AFTER, messages, reference, subject};
use crate::mpesa;
use crate::mpesa::addresses::{new_token, token_hash};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::store::sends::{self, OpenSend};
use crate::people;
use crate::people::spending_limits::{self, Charge};
use crate::platform::clock::seconds_between;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::money_mode;
use crate::platform::viewer::Viewer;
use crate::tips;
use crate::types::{AppError, Msisdn, PaymentId, TipId};

/// What a buyer asked for when pressing "Pay".
#[derive(Debug, Clone)]
pub struct StartRequest {
    pub tip: TipId,
    /// The number that shall pay, if it is not the buyer's own.
    pub phone: Option<Msisdn>,
    pub send_again: bool,
}

/// A press and what was made for its payment. It is made before the transaction, so that a transaction that
/// runs again writes the same.
struct Press<'a> {
    id: PaymentId,
    send: Uuid,
    buyer: &'a Viewer,
    request: &'a StartRequest,
    msisdn: Msisdn,
    reference: String,
    token_hash: [u8; 32],
    now: DateTime<Utc>,
}

/// What a press leads to.
pub(super) enum Intent {
    New {
        payment: Box<Payment>,
        send: OpenSend,
        token: String,
        charge: Charge,
    },
    /// The buyer has an open payment for this tip, and gets that one.
    Open(Box<Payment>),
    /// A phone that is not proven to be the buyer's takes no prompt now. The transaction is committed,
    /// because being told so counts against the buyer's limits.
    Busy(AppError),
}

impl Payments {
    /// Writes the intent in one transaction: it looks for an open payment, then checks the terms and the
    /// limits, and then writes the rows.
    pub(super) async fn intend(
        &self,
        buyer: &Viewer,
        address: IpAddr,
        request: &StartRequest,
    ) -> Result<Intent, Failure> {
        let (now, msisdn) = (self.clock.now(), number_to_charge(buyer, request)?);
        let token = new_token(&self.random);
        let press = Press {
            id: PaymentId(self.random.uuid(now)),
            send: self.random.uuid(now),
            buyer,
            request,
            reference: self.random.text(reference::ALPHABET, reference::LENGTH),
            token_hash: token_hash(&token),
            msisdn,
            now,
        };
        let asker = self.asker(press.id, buyer, &press.msisdn, address);
        let mut allowed = None;
        transaction!(self.db, |tx| {
            // Everything that is counted for each buyer is counted under the lock of the buyer's row.
            if !people::store::count_push(tx, buyer.id).await? {
                return Err(AppError::sign_in_first().into());
            }
            let open = store::open_payment(tx, buyer.id, request.tip).await?;
            // The commit's answer was lost, and the transaction runs again: this payment is the press's own,
            // and nobody else will push it.
            if let (Some(open), Some(charge)) = (&open, allowed)
                && open.id == press.id
            {
                let send = sends::by_id(tx, press.send).await?.ok_or(Failure::Changed)?;
                let payment = Box::new(open.clone());
                return Ok(Intent::New { payment, send, token: token.clone(), charge });
            }
            if let Some(open) = &open
                && !makes_room(open, &press.msisdn, request, now)?
            {
                return Ok(Intent::Open(Box::new(open.clone())));
            }
            let terms = sellable(tx, buyer, request.tip, now).await?;
            let charge = spending_limits::check(tx, buyer.id, &press.msisdn, terms.price, now).await?;
            if let Some(busy) = limits::check(tx, &asker, &press.msisdn, &self.limits, now).await? {
                return Ok(Intent::Busy(busy));
            }
            if let Some(open) = &open {
                self.set_aside(tx, open, now).await?;
            }
            limits::count_prompt(tx, &asker, now).await?;
            let payment = Box::new(self.record(tx, &press, &terms).await?);
            let send = self.sends.open(tx, press.send, subject(press.id), None).await?;
            allowed = Some(charge);
            Ok(Intent::New { payment, send, token: token.clone(), charge })
        })
    }

    /// Writes the payment with the tip's price and the tipster's share as they stand now.
    async fn record(
        &self,
        tx: &mut Tx,
        press: &Press<'_>,
        terms: &tips::store::SaleTerms,
    ) -> Result<Payment, Failure> {
        let Press { id, buyer, request, now, .. } = *press;
        let new = NewPayment {
            id,
            buyer: buyer.id,
            tip: request.tip,
            tipster: terms.tipster_id,
            price: terms.price,
            share_bps: self.rules.tipster_share_bps,
            msisdn: &press.msisdn,
            account_reference: &press.reference,
            pushed_at: now,
            next_check_at: now + FIRST_QUERY_AFTER,
        };
        if !store::insert_payment(tx, &new).await? {
            return Err(Failure::Changed);
        }
        mpesa::store::addresses::insert(tx, &press.token_hash, subject(id), now).await?;
        if !money_mode::stamp_money(tx, self.is_live).await? {
            tracing::error!(alarm = true, "the database holds the other kind of money");
            return Err(AppError::Internal.into());
        }
        // This is read after the insert: a purchase or a withdrawal that happened meanwhile either made the
        // insert fail or is seen here.
        sellable(tx, buyer, request.tip, now).await?;
        let kind = if request.send_again { EventKind::SentAgain } else { EventKind::Started };
        self.note(tx, id, EvidenceSource::Buyer, kind, None, now).await?;
        store::open_payment(tx, buyer.id, request.tip).await?.ok_or(Failure::Changed)
    }

    /// Lets a new payment in beside an open one, which stays pending and is still asked about.
    async fn set_aside(&self, tx: &mut Tx, open: &Payment, now: DateTime<Utc>) -> Result<(), Failure> {
        if !store::stop_blocking(tx, open.id).await? {
            return Err(Failure::Changed);
        }
        self.note(tx, open.id, EvidenceSource::Buyer, EventKind::SetAside, None, now).await
    }
}

/// The number that shall pay; an error if this person may not have it asked.
fn number_to_charge(buyer: &Viewer, request: &StartRequest) -> Result<Msisdn, AppError> {
    if !buyer.is_buyer {
        return Err(AppError::conflict(messages::not_a_buyer()));
    }
    let msisdn = request.phone.clone().unwrap_or_else(|| buyer.msisdn.clone());
    // Without this rule anybody could make any phone ring.
    if !buyer.standing.is_proven && msisdn != buyer.msisdn {
        return Err(AppError::conflict(messages::prove_first()));
    }
    Ok(msisdn)
}

/// Whether a new payment may be made beside the open one. It is an error if the open one waits on another
/// number.
fn makes_room(
    open: &Payment,
    msisdn: &Msisdn,
    request: &StartRequest,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    if request.send_again && open.can_send_again(now) {
        return Ok(true);
    }
    if request.phone.is_some() && open.msisdn != *msisdn {
        let seconds = seconds_between(now, open.pushed_at + SEND_AGAIN_AFTER);
        let in_use = open.msisdn.masked();
        let (message, wait) = if seconds > 0 {
            (messages::in_use_wait(in_use, seconds), Some(Duration::from_secs(seconds)))
        } else {
            (messages::in_use_send_again(in_use), None)
        };
        return Err(AppError::Conflict { message, retry_after: wait });
    }
    Ok(false)
}

/// The tip's terms; an error if this buyer may not buy it now.
async fn sellable(
    tx: &mut Tx,
    buyer: &Viewer,
    tip: TipId,
    now: DateTime<Utc>,
) -> Result<tips::store::SaleTerms, Failure> {
    let terms = tips::store::sale_terms(tx, tip).await?;
    let Some(terms) = terms.filter(|terms| terms.status.was_offered()) else {
        return Err(tips::service::no_such_tip().into());
    };
    if terms.tipster_id == buyer.id {
        return Err(AppError::conflict(messages::own_tip()).into());
    }
    if tips::store::has_bought(tx, tip, buyer.id).await? {
        return Err(AppError::conflict(messages::bought_already()).into());
    }
    if !terms.status.is_on_sale(terms.sales_close_at, now) {
        return Err(AppError::conflict(messages::not_on_sale()).into());
    }
    Ok(terms)
}
