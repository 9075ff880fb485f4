//! The turns of the tasks: one task goes from its stop to the next, and no other runs meanwhile. Only
//! PostgreSQL has two transactions open at the same time: one waits with its commit, while the other works
//! and perhaps waits for its locks.

use std::sync::Arc;

use tokio::task::Id;

use super::faults::Fault;
use super::run::Run;
use super::stage::{StageSight, Stop};
use crate::platform::db::{GatePoint, Pools, read};

const BEGIN: Stop = Stop::Database(GatePoint::Begin);
const COMMIT: Stop = Stop::Database(GatePoint::Commit);

/// The open transactions.
#[derive(Default)]
pub struct Open {
    /// The tasks that wait with their commits: one, or two on PostgreSQL.
    pub committing: Vec<Id>,
    /// The task that waits for a lock of the one that is committing.
    pub blocked: Option<Id>,
    /// In how many of a thousand cases a second transaction begins beside the first.
    pub beside: u64,
}

impl Open {
    pub fn is_any(&self) -> bool {
        !self.committing.is_empty()
    }

    pub fn clear(&mut self) {
        self.committing.clear();
        self.blocked = None;
    }
}

impl Run {
    /// Lets one of the tasks that may move go on from its stop.
    pub async fn go_on(&mut self) {
        let waiting = self.stage.waiting();
        if self.open.blocked.is_some() {
            return self.unblock().await;
        }
        let is_second = self.open.committing.len() == 1 && waiting.iter().any(|(_, _, stop)| *stop == BEGIN);
        if is_second && self.is_beside() {
            return self.go_on_beside().await;
        }
        let may = |task: &Id| !self.open.is_any() || self.open.committing.contains(task);
        let candidates: Vec<_> = waiting.into_iter().filter(|(_, task, _)| may(task)).collect();
        let (ticket, task, stop) = self.world.lock().dice.pick(&candidates);
        if stop != Stop::Start && self.loses_patience(task).await {
            return;
        }
        self.announce(task, stop);
        self.open.committing.retain(|open| *open != task);
        let stage = self.stage.clone();
        self.watch(|| stage.release(ticket)).await;
        self.note_begun(task, stop);
    }

    fn is_beside(&self) -> bool {
        let is_postgres = matches!(self.db.pools, Pools::Postgres(_));
        is_postgres && self.world.lock().dice.chance(self.open.beside)
    }

    /// Begins a second transaction while the first waits with its commit.
    async fn go_on_beside(&mut self) {
        self.until_tidy().await;
        let beginning: Vec<_> =
            self.stage.waiting().into_iter().filter(|(_, _, stop)| *stop == BEGIN).collect();
        let (ticket, task, stop) = self.world.lock().dice.pick(&beginning);
        self.announce(task, stop);
        let stage = self.stage.clone();
        let is_blocked = tokio::select! {
            () = self.watch(|| stage.release(ticket)) => false,
            () = self.until_blocked() => true,
        };
        {
            let mut world = self.world.lock();
            world.note(format_args!("beside the other: blocked {is_blocked}"));
            world.counts.beside += 1;
            world.counts.blocked += u64::from(is_blocked);
        }
        if is_blocked {
            self.open.blocked = Some(task);
        } else {
            self.note_begun(task, stop);
        }
    }

    /// Returns when the database has rolled back what was given up. A lock that is still held for a moment
    /// would decide whether the next transaction waits, and a seed would not always give the same run.
    async fn until_tidy(&self) {
        const UNDER_WAY: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
            AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle' AND $1";
        let expected = i64::try_from(self.open.committing.len()).unwrap_or(i64::MAX);
        loop {
            let under_way: i64 =
                read!(&self.db, |c| sqlx::query_scalar(UNDER_WAY).bind(true).fetch_one(c).await)
                    .expect("an answer");
            if under_way == expected {
                return;
            }
        }
    }

    /// Returns when a transaction waits for a lock of one that is doing nothing.
    async fn until_blocked(&self) {
        const BLOCKED: &str = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity w CROSS JOIN unnest(pg_blocking_pids(w.pid)) AS b (pid)
            JOIN pg_stat_activity a ON a.pid = b.pid
            WHERE w.datname = current_database() AND w.wait_event_type = 'Lock' AND a.state = 'idle in transaction' AND $1)";
        loop {
            let is_blocked: bool =
                read!(&self.db, |c| sqlx::query_scalar(BLOCKED).bind(true).fetch_one(c).await)
                    .expect("an answer");
            if is_blocked {
                return;
            }
        }
    }

    /// Lets the task that holds the lock commit. The other one then goes on by itself.
    async fn unblock(&mut self) {
        let (Some(blocked), Some(holder)) = (self.open.blocked.take(), self.open.committing.pop()) else {
            return;
        };
        let (ticket, ..) = self
            .stage
            .waiting()
            .into_iter()
            .find(|(_, task, _)| *task == holder)
            .expect("it waits for its commit");
        // The statements of the other task come later, and its flag is its own.
        let is_noting = self.noting.contains(&blocked);
        self.announce(holder, COMMIT);
        {
            // Both tasks move now, so the one with the lock must come to its next stop without taking a
            // random number.
            let mut world = self.world.lock();
            world.is_sure = true;
            world.is_noting = is_noting;
        }
        let (moves, safaricom) = (self.stage.moves(), Arc::downgrade(&self.setting.safaricom));
        let owners = safaricom.strong_count();
        self.stage.release(ticket);
        let both = move |sight: &StageSight<'_>| {
            let has_other_ended = sight.moves >= moves + 2 || safaricom.strong_count() < owners;
            sight.waits(holder) && (sight.waits(blocked) || has_other_ended)
        };
        self.stage.until(both).await;
        self.note_begun(blocked, BEGIN);
    }

    /// Notes that a task which went on from `BEGIN` may now wait with its commit.
    fn note_begun(&mut self, task: Id, stop: Stop) {
        if stop == BEGIN
            && self.stage.waiting().into_iter().any(|(_, other, stop)| other == task && stop == COMMIT)
        {
            self.open.committing.push(task);
        }
    }

    fn announce(&mut self, task: Id, stop: Stop) {
        if stop == Stop::PushAnswers {
            self.noting.push(task);
        }
        let name = self.names.iter().find(|(named, _)| *named == task).map_or("query", |(_, name)| name);
        let mut world = self.world.lock();
        world.note(format_args!("{name} goes on from {stop:?}"));
        world.is_noting = self.noting.contains(&task);
        world.is_sure = false;
    }

    /// Whether the task is a callback's and its time for settling ends now.
    async fn loses_patience(&mut self, task: Id) -> bool {
        let Some(patience) =
            self.patience.iter().position(|(owner, lose)| *owner == task && !lose.is_closed())
        else {
            return false;
        };
        if !self.world.lock().strikes(Fault::CallbackTooSlow) {
            return false;
        }
        let (_, lose) = self.patience.swap_remove(patience);
        self.open.committing.retain(|open| *open != task);
        let impatient = || {
            let _ = lose.send(());
        };
        self.watch(impatient).await;
        true
    }

    /// Does something, and waits until the task that it moved has stopped or ended. A query runs in the
    /// reconciler's own task, so its end shows when Safaricom has one owner less.
    pub async fn watch(&self, moving: impl FnOnce()) {
        let moves = self.stage.moves();
        let safaricom = Arc::downgrade(&self.setting.safaricom);
        let owners = safaricom.strong_count();
        moving();
        self.stage.until(move |sight| sight.moves > moves || safaricom.strong_count() < owners).await;
    }
}
