//! One run: the scheduler takes random steps, one at a time, until all of them are done.

use std::sync::Arc;

use chrono::DateTime;
use tokio::sync::oneshot;
use tokio::task::Id;

use super::faults::Fault;
use super::gate::Hand;
use super::process::{Process, Setting};
use super::safaricom::Safaricom;
use super::shop::{self, Shop, Voice};
use super::stage::Stage;
use super::turns::Open;
use super::world::{Payers, Shared, Vouched};
use crate::payments::StartRequest;
use crate::platform::db::{Db, read};
use crate::platform::lease::Lease;
use crate::platform::random::Random;
use crate::platform::settings::{AddressCheck, CallbackPolicy, Limits};
use crate::types::{Kes, PaymentId};

/// The time at which every run begins. Nothing depends on it.
const BEGINNING: i64 = 1_793_000_000;

pub struct Run {
    pub world: Shared,
    pub stage: Arc<Stage>,
    /// The database without the gate, for the test itself.
    pub db: Db,
    pub shop: Shop,
    pub setting: Setting,
    pub process: Process,
    /// The open transactions. No other task may run while there are any.
    pub open: Open,
    /// For each callback's task, how to end the time for settling it.
    pub patience: Vec<(Id, oneshot::Sender<()>)>,
    pub names: Vec<(Id, &'static str)>,
    /// Tasks whose push has been answered.
    pub noting: Vec<Id>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    GoOn,
    Deliver,
    AnswerPrompt,
    Press,
    Tick,
    TickElsewhere,
    Wait,
    WaitLong,
    Release,
    Strangers,
    TakeAway,
    HandOver,
    Vouch,
    PayByHand,
    Sweep,
}

impl Run {
    pub async fn new(seed: u64, stage: Arc<Stage>, db: Db) -> Self {
        let mut world = Payers::new(seed, DateTime::from_timestamp(BEGINNING, 0).expect("a moment"));
        let shop = Shop::open(&db, &mut world).await;
        let is_limited = world.dice.chance(300);
        let limit = |number| if is_limited { number } else { 0 };
        let limits = Limits {
            push_phone: limit(3),
            push_buyer: limit(20),
            push_address: limit(300),
            sign_in_address: 0,
            codes_address: 0,
            sms_minute: 0,
            sms_day: 0,
        };
        world.is_waiting_for_second = world.dice.chance(100);
        world.is_enforcing = world.dice.chance(200);
        let check = if world.is_enforcing { AddressCheck::Enforce } else { AddressCheck::Flag };
        let callbacks = CallbackPolicy {
            networks: Vec::new(),
            check,
            confirm_by_query: world.is_waiting_for_second,
            c2b_token: None,
            refuses_c2b: false,
        };
        let queries_per_minute = world.dice.pick(&[5, 60, 600]);
        let open = Open { beside: world.dice.pick(&[0, 100, 400]), ..Open::default() };
        let world = Shared::new(world);
        let safaricom = Arc::new(Safaricom { world: world.clone(), stage: stage.clone() });
        let gated = db.with_gate(Arc::new(Hand { world: world.clone(), stage: stage.clone() }));
        let random = Random::seeded(seed ^ 0x5eed);
        let clock = world.lock().clock.clone();
        let mut lease = Lease::new(db.clone(), clock, &random, "reconciler");
        let held = lease.hold().await.expect("asked").expect("nobody else is there");
        let setting = Setting {
            gated,
            random,
            safaricom,
            share_bps: shop.share_bps,
            limits,
            callbacks,
            queries_per_minute,
            held,
        };
        let process = Process::start(&setting, &world);
        Self {
            world,
            stage,
            db,
            shop,
            setting,
            process,
            open,
            patience: Vec::new(),
            names: Vec::new(),
            noting: Vec::new(),
        }
    }

    /// Takes a number of random steps.
    pub async fn play(&mut self) {
        let steps = self.world.lock().dice.between(200, 1_600);
        for _ in 0..steps {
            self.world.lock().wait_a_moment();
            self.step().await;
        }
    }

    async fn step(&mut self) {
        if self.world.lock().strikes(Fault::Killed) {
            return self.kill().await;
        }
        if self.open.is_any() {
            return self.go_on().await;
        }
        let step = self.choose();
        match step {
            Step::GoOn => self.go_on().await,
            Step::Deliver => self.deliver().await,
            Step::AnswerPrompt => self.world.lock().answer_some_prompt(),
            Step::Press => self.press().await,
            Step::Tick => self.spawn("tick", self.process.clone().tick()).await,
            Step::TickElsewhere => self.spawn("elsewhere", self.process.clone().tick_elsewhere()).await,
            Step::Release => self.spawn("release", self.process.clone().release()).await,
            Step::Wait | Step::WaitLong => self.world.lock().let_time_pass(matches!(step, Step::WaitLong)),
            Step::Strangers => self.world.lock().post_strangely(),
            Step::TakeAway => self.take_away().await,
            Step::Vouch => self.vouch().await,
            Step::PayByHand => self.world.lock().pay_by_hand(),
            Step::Sweep => self.spawn("sweep", self.process.clone().sweep()).await,
            Step::HandOver => self.spawn("parcel", self.process.parcels.clone().hand_over()).await,
        }
    }

    fn choose(&self) -> Step {
        let mut world = self.world.lock();
        let when = |is_so: bool, weight: u64| if is_so { weight } else { 0 };
        let is_idle = !self.process.is_ticking();
        let waiting = self.stage.waiting();
        let is_someone_waiting = !waiting.is_empty();
        // What was written as an intent is mostly sent at once; a pause before that would keep it from leaving.
        let is_leaving = waiting.iter().any(|(_, _, stop)| stop.is_before_a_send());
        let choices = [
            (when(is_someone_waiting, 260), Step::GoOn),
            (when(world.next_message().is_some(), 60), Step::Deliver),
            (when(!world.ringing().is_empty(), 40), Step::AnswerPrompt),
            (45, Step::Press),
            (when(is_idle, 30), Step::Tick),
            (4, Step::TickElsewhere),
            (if is_leaving { 4 } else { 40 }, Step::Wait),
            (when(!is_leaving, 1), Step::WaitLong),
            (4, Step::Release),
            (4, Step::Strangers),
            (1, Step::TakeAway),
            (6, Step::HandOver),
            (when(world.paid().next().is_some(), 3), Step::Vouch),
            (8, Step::PayByHand),
            (2, Step::Sweep),
        ];
        world.dice.weighted(&choices)
    }

    pub async fn spawn(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let stage = self.stage.clone();
        let mut task = None;
        self.watch(|| task = Some(stage.spawn(work))).await;
        self.names.extend(task.map(|task| (task, name)));
    }

    pub async fn deliver(&mut self) {
        let message = {
            let mut world = self.world.lock();
            let Some(next) = world.next_message() else { return };
            world.messages.swap_remove(next)
        };
        let (lose, too_slow) = oneshot::channel();
        self.spawn("callback", self.process.clone().receive(message, too_slow)).await;
        self.patience.extend(self.names.last().map(|(task, _)| (*task, lose)));
    }

    /// A buyer presses the button for a tip, perhaps on two tabs at once.
    async fn press(&mut self) {
        let (buyer, request, tabs) = {
            let dice = &mut self.world.lock().dice;
            let people = self.shop.tipsters.len() + self.shop.buyers.len();
            let buyer = self.shop.buyers[dice.place(self.shop.buyers.len())].clone();
            let tip = self.shop.tips[dice.place(self.shop.tips.len())].id;
            let phone = dice.chance(200).then(|| shop::msisdn(dice.place(people + 3)));
            let request = StartRequest { tip, phone, send_again: dice.chance(300) };
            (buyer, request, if dice.chance(150) { 2 } else { 1 })
        };
        for _ in 0..tabs {
            self.world.lock().counts.presses += 1;
            self.spawn("press", self.process.clone().press(buyer.clone(), request.clone())).await;
        }
    }

    /// An operator has seen the money of a prompt that was paid, or the shell says so.
    pub async fn vouch(&mut self) {
        const FIND: &str = "SELECT id FROM payments WHERE account_reference = $1";
        let (reference, money, operator) = {
            let mut world = self.world.lock();
            let paid: Vec<(String, (String, Kes))> = world
                .paid()
                .filter_map(|prompt| {
                    Some((prompt.reference.clone(), (prompt.receipt()?.to_owned(), prompt.amount)))
                })
                .collect();
            if paid.is_empty() {
                return;
            }
            let (reference, money) = paid[world.dice.place(paid.len())].clone();
            let Voice { operator, person } =
                self.shop.voices[world.dice.place(self.shop.voices.len())].clone();
            let at = world.now();
            world.vouched.push(Vouched { reference: reference.clone(), at, person });
            (reference, money, operator)
        };
        let found: Option<PaymentId> =
            read!(self.db, |c| sqlx::query_scalar(FIND).bind(&reference).fetch_optional(c).await)
                .expect("asked");
        let payment = found.expect("the payment of a prompt");
        self.spawn("vouch", self.process.clone().vouch(payment, money, operator)).await;
    }

    async fn take_away(&mut self) {
        let world = self.world.clone();
        // No task runs while the test writes.
        self.shop.take_away(&self.db, &world).await;
    }

    /// Lets the process die and start again.
    pub async fn kill(&mut self) {
        self.world.lock().counts.kills += 1;
        self.stage.kill().await;
        self.open.clear();
        self.patience.clear();
        self.names.clear();
        self.noting.clear();
        self.process = Process::start(&self.setting, &self.world);
    }
}

impl Payers {
    /// Lets a little time pass, so that no two moments are the same.
    pub fn wait_a_moment(&mut self) {
        let millis = self.dice.between(1, 40);
        self.wait(millis);
    }

    fn let_time_pass(&mut self, is_long: bool) {
        let (low, high) = if is_long {
            (60_000, 4 * 3_600_000)
        } else {
            self.dice.pick(&[(100, 3_000), (1_000, 20_000), (20_000, 100_000)])
        };
        let millis = self.dice.between(low, high);
        self.note(format_args!("{millis} ms pass"));
        self.wait(millis);
    }

    /// A message that may arrive now.
    pub fn next_message(&mut self) -> Option<usize> {
        let due: Vec<usize> =
            (0..self.messages.len()).filter(|&message| self.messages[message].due <= self.now()).collect();
        (!due.is_empty()).then(|| self.dice.pick(&due))
    }

    fn answer_some_prompt(&mut self) {
        let ringing = self.ringing();
        let number = self.dice.pick(&ringing);
        self.answer_prompt(number);
    }
}
