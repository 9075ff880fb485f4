//! Starting a payment: the intent is written first, then Safaricom is called, then the result of the call is
//! noted.

use std::net::IpAddr;
use std::time::Duration;

use chrono::TimeDelta;

use super::engine::Payments;
use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::intent::{Intent, StartRequest};
use super::{FIRST_QUERY_AFTER, Payment, PaymentView, PushState, Refusal, Status, messages, store, view};
use crate::daraja::{
    AccountReference, Certainty, DarajaError, Push, PushAccepted, RefusalKind, TransactionDescription,
};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::store::sends::{self, OpenSend, SendCertainty};
use crate::people::spending_limits::Charge;
use crate::people::store::attempts;
use crate::platform::db::{Failure, transaction};
use crate::platform::paths;
use crate::platform::viewer::Viewer;
use crate::types::{AppError, AppResult, Language, PaymentId, TipId};

/// Every CheckoutRequestID is shorter, in bytes. Longer texts are not looked up.
const ID_LENGTH: usize = 100;
/// After this age a push without an answer is not waited for: its process has died.
const PUSH_MAY_TAKE: TimeDelta = TimeDelta::seconds(40);
/// How long a second press waits for the first one's push (MONEY §2).
const JOIN_WAIT: Duration = Duration::from_secs(10);
/// If the database does not take the note of a push, it is tried for about half a minute.
const NOTE_TRIES: u32 = 15;
const NOTE_AGAIN_AFTER: Duration = Duration::from_secs(2);
const JOIN_STEP: Duration = Duration::from_millis(200);

impl Payments {
    /// Starts a payment, or joins the buyer's open one for the tip (MONEY §1, MONEY §2).
    ///
    /// The work goes on in its own task if the caller goes away, because a request that reached Safaricom
    /// must be noted. `Payment::push` tells whether the push was accepted or its fate is unknown.
    ///
    /// # Errors
    /// [`AppError::Refused`] if Safaricom certainly did not take the push; [`AppError::NotFound`] if there is
    /// no such tip; [`AppError::SignIn`] if the account was closed; [`AppError::Conflict`] if the buyer may
    /// not buy this tip now, is out of their own spending limits, or has another number's prompt open;
    /// [`AppError::Conflict`] or [`AppError::TooMany`] if the phone, the buyer or the network may have no
    /// prompt now; [`AppError::Internal`] if the database holds the other kind of money; [`AppError::Busy`]
    /// or [`AppError::Internal`] if it fails.
    pub async fn start(&self, buyer: Viewer, address: IpAddr, request: StartRequest) -> AppResult<Payment> {
        let engine = self.clone();
        let work = tokio::spawn(async move {
            let payment = engine.start_or_find(&buyer, address, &request).await?;
            engine.join(payment).await
        });
        work.await.map_err(|_| AppError::Internal)?
    }

    /// Does the work of `start`, but does not wait for the push of an open payment: that one is returned as
    /// it is.
    ///
    /// # Errors
    /// The errors of `start`; but an open payment whose push was refused meanwhile is returned.
    pub async fn start_or_find(
        &self,
        buyer: &Viewer,
        address: IpAddr,
        request: &StartRequest,
    ) -> AppResult<Payment> {
        match self.intend(buyer, address, request).await? {
            Intent::New { payment, send, token, charge } => {
                let answer = match charge {
                    Charge::Allowed => self.push(&payment, &send, &token).await,
                    Charge::Refused => Err(self.pace.refusal().await),
                };
                self.note_push(*payment, &send, answer).await
            }
            Intent::Open(payment) => Ok(*payment),
            Intent::Busy(error) => Err(error),
        }
    }

    async fn push(
        &self,
        payment: &Payment,
        send: &OpenSend,
        token: &str,
    ) -> Result<PushAccepted, DarajaError> {
        let unsuitable = |_| DarajaError::not_sent("the account reference is unsuitable");
        let push = Push {
            amount: payment.price,
            payer: payment.msisdn.clone(),
            callback_url: format!("{}{}", self.callback_base, paths::callback(token)),
            account_reference: AccountReference::new(&payment.account_reference).map_err(unsuitable)?,
            description: TransactionDescription::new(&format!("Tip {}", payment.tip_id)),
            send_before: send.send_before,
        };
        // The process may have been paused since the commit.
        if !self.sends.may_leave(send) {
            return Err(DarajaError::not_sent("its latest moment has passed, or the clock is in doubt"));
        }
        self.pace.keep(self.daraja.push(&push)).await
    }

    /// Notes what became of the push. A certain refusal ends the payment and is returned as the buyer's
    /// error. The note is tried several times: without Safaricom's ids the payment could never be asked
    /// about.
    async fn note_push(
        &self,
        payment: Payment,
        send: &OpenSend,
        answer: Result<PushAccepted, DarajaError>,
    ) -> AppResult<Payment> {
        let id = payment.id;
        if let Err(error) = &answer {
            tracing::warn!(payment.id = %id, %error, "the push was not accepted");
        }
        let mut tries = 1;
        while let Err(failure) = self.write_push(id, send, &answer).await {
            tracing::error!(payment.id = %id, %failure, "what became of a push could not be noted");
            // The payment's row is committed and the phone may ring, so the buyer is told what we know, and
            // Safaricom is asked later.
            if tries >= NOTE_TRIES || failure.is_for_good() {
                break;
            }
            tries += 1;
            tokio::time::sleep(NOTE_AGAIN_AFTER).await;
        }
        match answer {
            Err(error) if error.certainty() != Certainty::Unknown => {
                Err(AppError::Refused(messages::refused(refusal(&error))))
            }
            _ => Ok(self.reload(id).await.unwrap_or(payment)),
        }
    }

    /// Writes what became of the push, once: a try that finds the send closed runs after one whose commit's
    /// answer was lost.
    async fn write_push(
        &self,
        id: PaymentId,
        send: &OpenSend,
        answer: &Result<PushAccepted, DarajaError>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let first_check_at = now + FIRST_QUERY_AFTER;
        transaction!(self.db, |tx| {
            if !sends::close(tx, send.id, SendCertainty::of(answer), now).await? {
                return Ok(());
            }
            match answer {
                Ok(accepted) => {
                    let ids =
                        Some((accepted.merchant_request_id.as_str(), accepted.checkout_request_id.as_str()));
                    store::record_push(tx, id, PushState::Accepted, ids, first_check_at).await?;
                    self.note(tx, id, EvidenceSource::Push, EventKind::Accepted, None, now).await
                }
                Err(error) if error.certainty() == Certainty::Unknown => {
                    store::record_push(tx, id, PushState::Unknown, None, first_check_at).await?;
                    let words = error.to_string();
                    self.note(tx, id, EvidenceSource::Push, EventKind::Unknown, Some(&words), now).await
                }
                Err(error) => {
                    store::record_push(tx, id, PushState::NotTaken, None, first_check_at).await?;
                    // No phone rang, so the attempt does not count against the limits.
                    attempts::delete(tx, id.0).await?;
                    let case = store::case_by_id(tx, id, None).await?.ok_or(Failure::Changed)?;
                    let says = Verdict::NotPaid(UnpaidCause::NotTaken(refusal(error)));
                    let mut evidence = Evidence::new(EvidenceSource::Push, says);
                    evidence.detail = Some(error.to_string());
                    self.settle(tx, &case, &evidence).await.map(|_| ())
                }
            }
        })
    }

    /// Waits until the open payment's push has an answer, at most `JOIN_WAIT`: a second press or tab sends no
    /// second prompt.
    async fn join(&self, mut payment: Payment) -> AppResult<Payment> {
        let mut waited = Duration::ZERO;
        let is_sending = |payment: &Payment| {
            let may_answer = payment.age(self.clock.now()) < PUSH_MAY_TAKE;
            payment.push == PushState::Sending && payment.status == Status::Pending && may_answer
        };
        while is_sending(&payment) && waited < JOIN_WAIT {
            tokio::time::sleep(JOIN_STEP).await;
            waited += JOIN_STEP;
            let Ok(now) = self.reload(payment.id).await else { break };
            payment = now;
        }
        if payment.push == PushState::NotTaken {
            return Err(AppError::Refused(messages::refused(payment.refusal.unwrap_or(Refusal::Other))));
        }
        Ok(payment)
    }

    async fn reload(&self, id: PaymentId) -> AppResult<Payment> {
        store::by_id(&self.db, id).await.map_err(Failure::from)?.ok_or(AppError::Internal)
    }

    /// One of the buyer's own payments, by our id or by the CheckoutRequestID.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such payment or it is another buyer's, which look the same on
    /// purpose; [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn own(&self, buyer: &Viewer, id: &str) -> AppResult<Payment> {
        let is_plausible = id.len() <= ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_graphic());
        let found = match id.parse::<PaymentId>() {
            Ok(id) => store::by_id(&self.db, id).await,
            Err(_) if is_plausible => store::by_checkout_request_id(&self.db, id).await,
            Err(_) => Ok(None),
        };
        let payment = found.map_err(Failure::from)?.filter(|payment| payment.buyer_id == buyer.id);
        payment.ok_or_else(messages::no_such_payment)
    }

    /// The buyer's open payment for a tip, or else the newest one; `None` if the buyer never tried to pay.
    ///
    /// # Errors
    /// A database error.
    pub async fn current(&self, buyer: &Viewer, tip: TipId) -> Result<Option<Payment>, Failure> {
        Ok(store::current(&self.db, buyer.id, tip).await?)
    }

    /// The payment as its buyer reads it at this moment, in one language.
    pub fn view(&self, payment: &Payment, language: Language) -> PaymentView {
        view::payment_view(payment, self.clock.now(), language)
    }
}

/// Why Safaricom certainly did not take a push.
const fn refusal(error: &DarajaError) -> Refusal {
    match error.kind() {
        Some(RefusalKind::InvalidPhoneNumber) => Refusal::UnknownNumber,
        Some(RefusalKind::SubscriberLocked) => Refusal::PhoneLocked,
        Some(RefusalKind::RateLimited) => Refusal::Busy,
        Some(RefusalKind::WrongCredentials | RefusalKind::MerchantNotFound) => Refusal::OurAccount,
        Some(RefusalKind::Other) | None => Refusal::Other,
    }
}
