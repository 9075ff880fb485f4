//! The end of a run: all messages arrive, no fault happens any more, and time passes until all queries were
//! asked.

use chrono::TimeDelta;

use super::process::Process;
use super::run::Run;
use super::world::Payers;
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::Listed;
use crate::types::PaymentId;

/// The waits that pass all scheduled queries and then the hold, in seconds.
const WAITS: [i64; 12] = [40, 70, 120, 200, 900, 3_700, 15_000, 45_000, 90_000, 4_000, 100_000, 250_000];
/// From the end of a run until every hold is over, in seconds.
const PAST_EVERY_HOLD: i64 = 90 * 3_600;
/// More rounds than any wait can need.
const ROUNDS_MOST: usize = 60;
/// A rate that holds everybody up, while all ask at once, and how often they ask.
const SLOW: u32 = 5;
const RUSH_ROUNDS: usize = 40;
/// A rate of queries that delays none.
const FAST: u32 = 6_000;

impl Run {
    /// Ends the run without further faults.
    pub async fn drain(&mut self) {
        self.finish_prompts().await;
        self.world.lock().faults.is_on = false;
        self.finish_tasks().await;
        let is_rush = self.world.lock().dice.chance(250);
        if is_rush {
            Box::pin(self.rush()).await;
        }
        self.setting.queries_per_minute = FAST;
        self.kill().await;
        self.hold_with_one_source().await;
        for seconds in WAITS {
            self.world.lock().wait(seconds * 1_000);
            self.deliver_all().await;
            self.ask_all().await;
        }
        self.finish("sweep", self.process.clone().sweep()).await;
        for is_first in [true, false] {
            self.world.lock().wait_a_moment();
            let release = self.process.clone().release();
            self.finish("release", release).await;
            let mut world = self.world.lock();
            if !is_first && world.last_count > 0 {
                world.violation("a share was released again".to_owned());
            }
        }
    }

    /// In some runs everybody asks at once: this process, another one, and one that has just started. Safaricom counts.
    async fn rush(&mut self) {
        self.setting.queries_per_minute = SLOW;
        self.kill().await;
        {
            let mut world = self.world.lock();
            // Until many are due: young ones among them, or old ones alone.
            let seconds = world.dice.pick(&[70, 700]);
            world.wait(seconds * 1_000);
            world.counted_rate = Some(usize::try_from(SLOW).expect("small"));
        }
        for _ in 0..RUSH_ROUNDS {
            let who = self.world.lock().dice.below(3);
            if who == 0 {
                self.finish("elsewhere", self.process.clone().tick_elsewhere()).await;
            } else {
                if who == 1 {
                    self.kill().await;
                }
                self.finish("tick", self.process.clone().tick()).await;
            }
            self.world.lock().wait(1_000);
        }
        self.world.lock().counted_rate = None;
    }

    /// In some runs the hold ends while Safaricom answers no query. A sale that only one source knows must
    /// stay held.
    async fn hold_with_one_source(&mut self) {
        if !self.world.lock().dice.chance(200) {
            return;
        }
        self.deliver_all().await;
        {
            let mut world = self.world.lock();
            world.is_away = true;
            world.wait(PAST_EVERY_HOLD * 1_000);
        }
        self.ask_all().await;
        // Operators look at some of these sales; two of them may release one.
        let looks = self.world.lock().dice.below(12);
        for _ in 0..looks {
            self.world.lock().wait_a_moment();
            self.vouch().await;
            self.finish_tasks().await;
        }
        let release = self.process.clone().release();
        self.finish("release", release).await;
        self.world.lock().is_away = false;
    }

    /// Answers every phone that rings, or lets its prompt end. The callbacks may still be lost.
    async fn finish_prompts(&mut self) {
        self.finish_tasks().await;
        loop {
            {
                let mut world = self.world.lock();
                let Some(number) = world.prompts.iter().position(|prompt| prompt.end.is_none()) else {
                    break;
                };
                let wait = (world.prompts[number].taken_at - world.now()).max(TimeDelta::zero());
                world.wait(wait.num_milliseconds() + 1);
                world.answer_prompt(number);
            }
            self.finish_tasks().await;
        }
    }

    async fn finish_tasks(&mut self) {
        while !self.stage.waiting().is_empty() {
            self.world.lock().wait_a_moment();
            self.go_on().await;
        }
    }

    async fn finish(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.spawn(name, work).await;
        self.finish_tasks().await;
    }

    async fn deliver_all(&mut self) {
        loop {
            let is_due = self.world.lock().next_message().is_some();
            if !is_due {
                return;
            }
            self.deliver().await;
            self.finish_tasks().await;
        }
    }

    /// Runs the reconciler until nothing is due.
    async fn ask_all(&mut self) {
        for _ in 0..ROUNDS_MOST {
            let tick = self.process.clone().tick();
            self.finish("tick", tick).await;
            let world = self.world.lock();
            if world.last_count == 0 {
                return;
            }
            world.wait(500);
        }
        self.world.lock().violation("the reconciler finds no end".to_owned());
    }

    /// Feeds the statement of the run's time, with each payment under the reference of its prompt, and then
    /// tells which pending payments it does not list. After this no paid payment may be unresolved.
    pub async fn feed_statement(&mut self, pending_unpaid: &[PaymentId]) {
        self.setting.gated = self.db.clone();
        let payments = Process::start(&self.setting, &self.world).payments;
        let statement = self.world.lock().statement();
        for listed in statement {
            self.world.lock().wait_a_moment();
            if let Err(failure) = payments.book_listed(EvidenceSource::Statement, &listed, true, None).await {
                self.world.lock().violation(format!(
                    "the statement's {} could not be booked: {failure}",
                    listed.account_reference
                ));
            }
        }
        for payment in pending_unpaid {
            self.world.lock().wait_a_moment();
            if let Err(failure) = payments.book_unlisted(*payment, None).await {
                self.world
                    .lock()
                    .violation(format!("that {payment} is not listed could not be booked: {failure}"));
            }
        }
    }
}

impl Payers {
    fn statement(&self) -> Vec<Listed> {
        self.all_paid().into_values().collect()
    }
}
