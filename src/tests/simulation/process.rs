//! One process of ours: an engine and its tasks. When it dies, a new one starts on the same database.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::sync::{Mutex, oneshot};

use super::messages::{Answer, Meaning, Message};
use super::parcels::{Parcels, no_spool};
use super::safaricom::Safaricom;
use super::world::Shared;
use crate::audit::Operator;
use crate::mpesa::addresses::token_hash;
use crate::mpesa::bodies::{Bodies, Posted, Receiver, To};
use crate::mpesa::events::EvidenceSource;
use crate::payments::engine::Parts;
use crate::payments::listed::Placed;
use crate::payments::reconciler::Reconciler;
use crate::payments::{Payments, PushState, StartRequest};
use crate::platform::db::{Db, Failure};
use crate::platform::lease::Held;
use crate::platform::money_mode::{MoneyKind, MoneyMode};
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{CallbackPolicy, DeskRules, Limits, Rules};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Kes, PaymentId};

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(41, 90, 0, 1));
const HOLD: std::time::Duration = std::time::Duration::from_hours(48);

/// What stays the same when a process dies.
pub struct Setting {
    pub gated: Db,
    pub random: Random,
    pub safaricom: Arc<Safaricom>,
    pub share_bps: i64,
    pub limits: Limits,
    pub callbacks: CallbackPolicy,
    pub queries_per_minute: u32,
    /// Nobody takes the lease away here: each reconciler believes that it holds it.
    pub held: Held,
}

/// A process. It is cheap to clone, and each task of the engine has its own copy.
#[derive(Clone)]
pub struct Process {
    pub payments: Payments,
    pub parcels: Parcels,
    reconciler: Arc<Mutex<Reconciler>>,
    held: Held,
    world: Shared,
}

impl Process {
    pub fn start(setting: &Setting, world: &Shared) -> Self {
        let rules = Rules {
            tipster_share_bps: setting.share_bps,
            price_min: Kes::from_cents(1_000),
            price_max: Kes::from_cents(100_000),
            hold: HOLD,
            suspense_return_days: 7,
            queries_per_minute: setting.queries_per_minute,
        };
        let payments = Payments::new(Parts {
            db: setting.gated.clone(),
            clock: world.lock().clock.clone(),
            random: setting.random.clone(),
            secret_key: SecretKey::random(&Random::seeded(0)),
            daraja: setting.safaricom.clone(),
            rules,
            limits: setting.limits.clone(),
            callbacks: setting.callbacks.clone(),
            desk: DeskRules { alone_up_to: Kes::ZERO, is_one_person: false, password_file: None },
            callback_base: "https://ligisoo.example".parse().expect("an address"),
            short_codes: Vec::new(),
            money: MoneyMode { kind: MoneyKind::Simulated, short_codes: Vec::new() },
            spool: no_spool(),
        });
        let reconciler = Arc::new(Mutex::new(Reconciler::new(payments.clone())));
        let (db, random) = (setting.gated.clone(), setting.random.clone());
        let parcels = Parcels::new(db, random, world, &setting.safaricom.stage);
        Self { payments, parcels, reconciler, held: setting.held, world: world.clone() }
    }

    pub fn is_ticking(&self) -> bool {
        self.reconciler.try_lock().is_err()
    }

    /// Presses the button as a buyer.
    pub async fn press(self, buyer: Viewer, request: StartRequest) {
        let began_at = self.world.lock().now();
        let started = self.payments.start_or_find(&buyer, ADDRESS, &request).await;
        let mut world = self.world.lock();
        match started {
            Ok(payment) => {
                world.well_ended.insert(began_at);
                world.note(format_args!(
                    "{}: {} {:?}",
                    buyer.display_name, payment.account_reference, payment.push
                ));
                let noted = payment.push == PushState::Accepted && payment.checkout_request_id.is_some();
                let prompt =
                    world.prompts.iter_mut().find(|prompt| prompt.reference == payment.account_reference);
                if let Some(prompt) = prompt.filter(|_| noted) {
                    prompt.heard.ids = true;
                }
            }
            Err(error) => world.note(format_args!("{}: {error}", buyer.display_name)),
        }
    }

    /// Takes a callback of Safaricom. `too_slow` ends the time for settling it.
    pub async fn receive(self, message: Message, too_slow: oneshot::Receiver<()>) {
        if message.meaning == Meaning::Hint {
            drop(too_slow);
            let hinted = self.payments.take_hint(&message.body).await;
            self.world.lock().note(format_args!("hint about prompt {}: {hinted:?}", message.prompt));
            return;
        }
        if message.meaning == Meaning::ByHand {
            drop(too_slow);
            let listed = self.world.lock().by_hand[message.prompt].clone();
            let placed = self.payments.book_listed(EvidenceSource::C2b, &listed, true, None).await;
            return self.world.lock().note(format_args!("by hand {}: {placed:?}", listed.receipt));
        }
        if message.meaning == Meaning::Confirmation {
            drop(too_slow);
            return self.confirm(message).await;
        }
        let answer = if message.meaning == Meaning::Parcel {
            Box::pin(answer(&self.parcels.bodies, &self.parcels, &message, too_slow)).await
        } else {
            Box::pin(answer(&self.payments.bodies, &self.payments, &message, too_slow)).await
        };
        self.world.lock().delivered(message, answer);
    }

    /// Takes a C2B confirmation of Safaricom.
    async fn confirm(self, message: Message) {
        let (listed, is_trusted) = {
            let world = self.world.lock();
            (world.prompts[message.prompt].listed(), !(world.is_enforcing && message.is_from_elsewhere))
        };
        let answer = match self.payments.book_listed(EvidenceSource::C2b, &listed, is_trusted, None).await {
            Ok(Placed::Unknown) => Answer::NotFound,
            Ok(_) => Answer::Settled,
            Err(_) => Answer::Failed,
        };
        self.world.lock().delivered(message, answer);
    }

    /// An operator says that the payment was paid with this receipt.
    pub async fn vouch(self, payment: PaymentId, (receipt, amount): (String, Kes), operator: Operator) {
        let said = Box::pin(self.payments.vouch(payment, (&receipt, amount), &operator)).await;
        let said = match said {
            Ok(()) => Ok(1),
            // The payment has another receipt, or this one is another payment's.
            Err(Failure::App(AppError::Conflict { .. })) => Ok(0),
            Err(failure) => Err(failure),
        };
        self.world.lock().ended("vouch", said);
    }

    /// Runs one round of this process's own reconciler.
    pub async fn tick(self) {
        // Another round may be running already; then this one ends.
        let Ok(reconciler) = self.reconciler.try_lock() else { return };
        if let Err(failure) = Box::pin(self.parcels.settle_stored()).await {
            self.world.lock().note(format_args!("parcels wait: {failure}"));
        }
        let asked = Box::pin(reconciler.tick(self.held)).await;
        self.world.lock().ended("tick", asked);
    }

    /// Runs one round of another process's reconciler, on the same database.
    pub async fn tick_elsewhere(self) {
        let reconciler = Reconciler::new(self.payments.clone());
        let asked = Box::pin(reconciler.tick(self.held)).await;
        self.world.lock().ended("tick elsewhere", asked);
    }

    pub async fn sweep(self) {
        let swept = Box::pin(self.payments.sweep_suspense()).await;
        self.world.lock().ended("sweep", swept);
    }

    pub async fn release(self) {
        let released = Box::pin(self.payments.release_due()).await;
        self.world.lock().ended("release", released);
    }
}

impl super::world::Payers {
    /// Notes the end of a round, which may fail only if the database does.
    fn ended(&mut self, what: &str, done: Result<usize, Failure>) {
        match done {
            Ok(count) => {
                self.note(format_args!("{what}: {count}"));
                self.last_count = count;
            }
            Err(failure) if self.faults.is_on => self.note(format_args!("{what} failed: {failure}")),
            Err(failure) => self.violation(format!("{what} failed without a fault: {failure}")),
        }
    }
}

fn is_not_found(failure: &Failure) -> bool {
    matches!(failure, Failure::App(AppError::NotFound(_)))
}

/// Settles a body, or stores it if that fails or takes too long.
async fn answer<R: Receiver>(
    bodies: &Bodies,
    receiver: &R,
    message: &Message,
    too_slow: oneshot::Receiver<()>,
) -> Answer {
    let posted = Posted {
        id: bodies.new_id(),
        to: To::Row(token_hash(&message.token)),
        body: &message.body,
        is_from_elsewhere: message.is_from_elsewhere,
    };
    let settled = tokio::select! {
        biased;
        settled = bodies.settle(receiver, &posted) => Some(settled),
        Ok(()) = too_slow => None,
    };
    match settled {
        Some(Ok(())) => Answer::Settled,
        Some(Err(failure)) if is_not_found(&failure) => Answer::NotFound,
        Some(Err(_)) | None => match bodies.store::<R>(&posted).await {
            Ok(()) => Answer::Stored,
            Err(failure) if is_not_found(&failure) => Answer::NotFound,
            Err(_) => Answer::Failed,
        },
    }
}
