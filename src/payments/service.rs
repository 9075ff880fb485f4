//! Starting a payment: the intent is written first, then Safaricom is called, and what became of the call is
//! noted.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::intent::Intent;
use super::live::Watches;
use super::pace::RefusalPace;
use super::settle::{Evidence, EvidenceSource, Verdict};
use super::store;
use super::store::events::NewEvent;
use super::{FIRST_QUERY_AFTER, Payment, PaymentView, PushState, Status, messages, no_such_payment, view};
use crate::daraja::{
    AccountReference, Certainty, Daraja, DarajaError, Push, PushAccepted, RefusalKind, TransactionDescription,
};
use crate::people::spending_limits::Charge;
use crate::people::store::attempts;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, Tx, transaction};
use crate::platform::paths;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{CallbackPolicy, Limits, Rules};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, AppResult, Language, Msisdn, PaymentId, Text, TipId};

/// A CheckoutRequestID is shorter.
const ID_LENGTH: usize = 100;
/// An older push without an answer died with its process: there is nothing to wait for.
const PUSH_MAY_TAKE: TimeDelta = TimeDelta::seconds(40);
/// How long a second press waits for the first one's push (MONEY §2).
const JOIN_WAIT: Duration = Duration::from_secs(10);
/// A note that the database did not take is written again for half a minute.
const NOTE_TRIES: u32 = 15;
const NOTE_AGAIN_AFTER: Duration = Duration::from_secs(2);
const JOIN_STEP: Duration = Duration::from_millis(200);

/// The payment engine.
#[derive(Clone)]
pub struct Payments {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) secret_key: SecretKey,
    pub(super) daraja: Arc<dyn Daraja>,
    pub(super) rules: Rules,
    pub(super) limits: Limits,
    pub(super) callbacks: CallbackPolicy,
    /// The address under which Safaricom reaches us, without a slash at the end.
    pub(super) callback_base: String,
    /// Real money, or play money.
    pub(super) is_live: bool,
    pub(super) watches: Watches,
    pace: RefusalPace,
}

/// What a payment engine is made of.
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    /// Keys what limits remember of addresses.
    pub secret_key: SecretKey,
    pub daraja: Arc<dyn Daraja>,
    pub rules: Rules,
    pub limits: Limits,
    pub callbacks: CallbackPolicy,
    pub callback_base: reqwest::Url,
    pub is_live: bool,
}

#[derive(Debug, Clone)]
pub struct StartRequest {
    pub tip: TipId,
    /// Another number than the buyer's own.
    pub phone: Option<Msisdn>,
    pub send_again: bool,
}

impl Payments {
    pub fn new(parts: Parts) -> Self {
        let Parts { db, clock, random, secret_key, daraja, rules, limits, callbacks, callback_base, is_live } =
            parts;
        let callback_base = callback_base.as_str().trim_end_matches('/').to_owned();
        let pace = RefusalPace::new(random.clone());
        Self {
            db,
            clock,
            random,
            secret_key,
            daraja,
            rules,
            limits,
            callbacks,
            callback_base,
            is_live,
            watches: Watches::default(),
            pace,
        }
    }

    /// The same engine on a database under a test's hand.
    #[cfg(test)]
    pub fn on(&self, db: Db) -> Self {
        Self { db, ..self.clone() }
    }

    /// Starts a payment, or joins the open one. The work goes on if the asker goes away: a request that
    /// reached Safaricom must be noted. The answer's `push` tells whether it was accepted or is unknown; a
    /// refusal is an error.
    pub async fn start(&self, buyer: Viewer, address: IpAddr, request: StartRequest) -> AppResult<Payment> {
        let engine = self.clone();
        let work = tokio::spawn(async move {
            let payment = engine.start_or_find(&buyer, address, &request).await?;
            engine.join(payment).await
        });
        work.await.map_err(|_| AppError::Internal)?
    }

    /// Starts a payment, or finds the open one as it stands.
    pub async fn start_or_find(
        &self,
        buyer: &Viewer,
        address: IpAddr,
        request: &StartRequest,
    ) -> AppResult<Payment> {
        match self.intend(buyer, address, request).await? {
            Intent::New { payment, token, charge } => {
                let answer = match charge {
                    Charge::Allowed => self.push(&payment, &token).await,
                    Charge::Refused => Err(self.pace.refusal().await),
                };
                self.note_push(*payment, answer).await
            }
            Intent::Open(payment) => Ok(*payment),
            Intent::Busy(error) => Err(error),
        }
    }

    async fn push(&self, payment: &Payment, token: &str) -> Result<PushAccepted, DarajaError> {
        let unsuitable = |_| DarajaError::NotSent {
            reason: "the account reference is unsuitable".to_owned(),
            retry_after: None,
            rest: None,
        };
        let push = Push {
            amount: payment.price_cents,
            payer: payment.msisdn.clone(),
            callback_url: format!("{}{}", self.callback_base, paths::callback(token)),
            account_reference: AccountReference::new(&payment.account_reference).map_err(unsuitable)?,
            description: TransactionDescription::new(&format!("Tip {}", payment.tip_id)),
        };
        self.pace.keep(self.daraja.push(&push)).await
    }

    /// Notes what became of the push; a certain refusal ends the payment and is the buyer's error. The note
    /// is worth waiting for: without Safaricom's ids the payment could never be asked about.
    async fn note_push(
        &self,
        payment: Payment,
        answer: Result<PushAccepted, DarajaError>,
    ) -> AppResult<Payment> {
        let id = payment.id;
        if let Err(error) = &answer {
            tracing::warn!(payment.id = %id, %error, "the push was not accepted");
        }
        let mut tries = 1;
        while let Err(failure) = self.write_push(id, &answer).await {
            tracing::error!(payment.id = %id, %failure, "what became of a push could not be noted");
            // The phone may ring all the same, and the payment is written: who pays is told what we know, and
            // Safaricom is asked later.
            if tries >= NOTE_TRIES || failure.is_for_good() {
                break;
            }
            tries += 1;
            tokio::time::sleep(NOTE_AGAIN_AFTER).await;
        }
        match answer {
            Err(error) if error.certainty() != Certainty::Unknown => Err(AppError::Refused(refusal(&error))),
            _ => Ok(self.reload(id).await.unwrap_or(payment)),
        }
    }

    async fn write_push(
        &self,
        id: PaymentId,
        answer: &Result<PushAccepted, DarajaError>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let first_check_at = now + FIRST_QUERY_AFTER;
        match answer {
            Ok(accepted) => transaction!(self.db, |tx| {
                let ids =
                    Some((accepted.merchant_request_id.as_str(), accepted.checkout_request_id.as_str()));
                store::record_push(tx, id, PushState::Accepted, ids, first_check_at).await?;
                self.note(tx, id, "push", "accepted", None, now).await
            }),
            Err(error) if error.certainty() == Certainty::Unknown => transaction!(self.db, |tx| {
                store::record_push(tx, id, PushState::Unknown, None, first_check_at).await?;
                self.note(tx, id, "push", "unknown", Some(&error.to_string()), now).await
            }),
            Err(error) => transaction!(self.db, |tx| {
                store::record_push(tx, id, PushState::NotTaken, None, first_check_at).await?;
                // No phone rang.
                attempts::delete(tx, id.0).await?;
                let case = store::settlement_by_id(tx, id, None).await?.ok_or(Failure::Changed)?;
                let says = Verdict::NotPaid {
                    code: "not_taken".to_owned(),
                    description: refusal(error).as_str(Language::English).to_owned(),
                    status: Status::Failed,
                };
                let mut evidence = Evidence::new(EvidenceSource::Push, says);
                evidence.detail = Some(error.to_string());
                self.settle(tx, &case, &evidence).await
            }),
        }
    }

    /// A second press or tab gets the open payment, after its push has an answer.
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
            return Err(AppError::Refused(told_refusal(payment.result_description.as_deref())));
        }
        Ok(payment)
    }

    async fn reload(&self, id: PaymentId) -> AppResult<Payment> {
        store::by_id(&self.db, id).await.map_err(Failure::from)?.ok_or(AppError::Internal)
    }

    /// One of the buyer's own payments, by our id or Safaricom's.
    pub async fn own(&self, buyer: &Viewer, id: &str) -> AppResult<Payment> {
        let is_plausible = id.len() <= ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_graphic());
        let found = match id.parse::<PaymentId>() {
            Ok(id) => store::by_id(&self.db, id).await,
            Err(_) if is_plausible => store::by_checkout_request_id(&self.db, id).await,
            Err(_) => Ok(None),
        };
        let payment = found.map_err(Failure::from)?.filter(|payment| payment.buyer_id == buyer.id);
        payment.ok_or_else(no_such_payment)
    }

    /// The buyer's open or newest payment for a tip.
    pub async fn current(&self, buyer: &Viewer, tip: TipId) -> Result<Option<Payment>, Failure> {
        Ok(store::current(&self.db, buyer.id, tip).await?)
    }

    pub fn face(&self, payment: &Payment, language: Language) -> PaymentView {
        view::face(payment, self.clock.now(), language)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) async fn note(
        &self,
        tx: &mut Tx,
        payment: PaymentId,
        source: &'static str,
        kind: &str,
        detail: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let event = NewEvent {
            id: self.random.uuid(at),
            payment,
            at,
            source,
            kind,
            code: None,
            receipt: None,
            amount: None,
            detail,
            callback: None,
        };
        Ok(super::store::events::insert_event(tx, &event).await?)
    }
}

/// What a buyer is told when Safaricom certainly did not take the request.
const fn refusal(error: &DarajaError) -> Text {
    match error.kind() {
        Some(RefusalKind::InvalidPhoneNumber) => messages::refused_number(),
        Some(RefusalKind::SubscriberLocked) => messages::refused_locked(),
        Some(RefusalKind::RateLimited) => messages::refused_busy(),
        Some(RefusalKind::WrongCredentials | RefusalKind::MerchantNotFound) => messages::refused_account(),
        _ => messages::not_taken(),
    }
}

/// The same, told again: a payment keeps it in English.
pub(super) fn told_refusal(english: Option<&str>) -> Text {
    let all = [
        messages::refused_number(),
        messages::refused_locked(),
        messages::refused_busy(),
        messages::refused_account(),
    ];
    let told = all.into_iter().find(|text| Some(text.as_str(Language::English)) == english);
    told.unwrap_or(messages::not_taken())
}
