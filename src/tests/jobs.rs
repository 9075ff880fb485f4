//! The scheduler: each kind of work has one round at a time whatever processes do, one that fails is tried
//! again and listed, and a kind that has nothing to do writes nothing.

use std::slice::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::harness::{TestApp, both};
use crate::jobs::report::{Report, report};
use crate::jobs::scheduler::{self, ALARM_AFTER};
use crate::jobs::{Waiting, Work};
use crate::platform::db::{Db, Failure, on, transaction};
use crate::platform::lease::Held;
use crate::platform::random::Random;
use crate::server;

/// Work that a test holds in its hand: a round ends when the test lets it.
struct Probe {
    kind: &'static str,
    every: Duration,
    may_end: Semaphore,
    fails: AtomicBool,
    begun: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
    bell: Notify,
}

impl Probe {
    fn new(kind: &'static str, every: Duration) -> Arc<Self> {
        let may_end = Semaphore::new(0);
        let (fails, begun, running) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self {
            kind,
            every,
            may_end,
            fails,
            begun,
            running,
            most_running: AtomicUsize::new(0),
            bell: Notify::new(),
        })
    }

    /// One that never waits for the test.
    fn free(kind: &'static str, every: Duration) -> Arc<Self> {
        let probe = Self::new(kind, every);
        probe.may_end.add_permits(Semaphore::MAX_PERMITS);
        probe
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    async fn until_begun(&self, app: &TestApp, times: usize) {
        app.until(self.kind, || async { self.begun() >= times }).await;
        assert_eq!(self.begun(), times, "rounds of {}", self.kind);
    }
}

/// Takes a round off those that run, also if it is dropped.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Work for Probe {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn every(&self) -> Duration {
        self.every
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(&self.running);
        self.most_running.fetch_max(running, Ordering::SeqCst);
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.may_end.acquire().await.expect("open").forget();
        if self.fails.load(Ordering::SeqCst) { Err(Failure::Changed) } else { Ok(3) }
    }

    async fn called(&self) {
        self.bell.notified().await;
    }

    async fn waiting(&self, _now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(Waiting { due: 7, ..Waiting::default() })
    }
}

/// A process's scheduler; to abort it is to kill the process.
fn process(app: &TestApp, probes: &[Arc<Probe>]) -> JoinHandle<()> {
    process_on(app, app.db.clone(), probes)
}

fn process_on(app: &TestApp, db: Db, probes: &[Arc<Probe>]) -> JoinHandle<()> {
    let works = probes.iter().map(|probe| probe.clone() as Arc<dyn Work>).collect();
    let lease = scheduler::lease(&db, &app.clock, &Random::System);
    tokio::spawn(scheduler::run(lease, db, app.clock.clone(), works, CancellationToken::new()))
}

async fn execute(app: &TestApp, statement: &'static str) {
    let done: Result<(), Failure> =
        transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(statement).execute(c).await.map(|_| ()))?));
    done.expect("done");
}

async fn look(app: &TestApp, probe: &Arc<Probe>) -> Report {
    report(&app.db, &[probe.clone() as Arc<dyn Work>], app.clock.now()).await.expect("a report")
}

both! {
    async fn a_round_does_not_run_twice_at_once_and_holds_up_no_other(app: TestApp) {
        let (slow, quick) = (Probe::new("slow", Duration::from_mins(1)), Probe::free("quick", Duration::from_secs(1)));
        let probes = [slow.clone(), quick.clone()];
        let _processes = [process(&app, &probes), process_on(&app, Db::connect(app.database_url()).await.expect("a database"), &probes)];
        slow.until_begun(&app, 1).await;
        let told = look(&app, &slow).await;
        let last = told.jobs[0].last.clone().expect("a row");
        assert!(told.is_held && last.begun_at.is_some());
        assert_eq!(told.lease.expect("a lease").holder, last.owner, "the holder does it");
        let before = quick.begun();
        for more in 1..=2 {
            app.advance(5);
            app.until("the quick kind", || async { quick.begun() >= before + more }).await;
        }
        assert_eq!(slow.begun(), 1, "though its next round would be due");
        slow.may_end.add_permits(1);
        app.until("its end", || async { look(&app, &slow).await.jobs[0].last.as_ref().is_some_and(|last| last.begun_at.is_none()) }).await;
        let last = look(&app, &slow).await.jobs[0].last.clone().expect("a row");
        assert_eq!((last.done_count, last.attempts, last.last_error), (3, 0, None));
        for probe in probes {
            assert_eq!(probe.most_running.load(Ordering::SeqCst), 1);
        }
    }

    async fn who_dies_in_a_round_is_followed_when_the_lease_is_over(app: TestApp) {
        let work = Probe::new("work", Duration::from_mins(1));
        let first = process(&app, from_ref(&work));
        work.until_begun(&app, 1).await;
        first.abort();
        assert!(first.await.is_err_and(|error| error.is_cancelled()));
        let _second = process(&app, from_ref(&work));
        app.advance(10);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(work.begun(), 1, "nobody knows yet that it died");
        app.advance(6);
        work.until_begun(&app, 2).await;
        assert_eq!(work.most_running.load(Ordering::SeqCst), 1);
    }

    async fn a_holder_that_lost_the_lease_begins_no_slow_round(app: TestApp) {
        let work = Probe::free("work", Duration::from_mins(1));
        let _first = process(&app, from_ref(&work));
        work.until_begun(&app, 1).await;
        app.until("its end", || async { look(&app, &work).await.jobs[0].last.as_ref().is_some_and(|last| last.done_count == 3) }).await;
        // Another process took the lease and the kind, while the first believes that both are its own.
        execute(&app, "UPDATE leases SET epoch = epoch + 1, holder = 'other'").await;
        execute(&app, "UPDATE jobs SET epoch = epoch + 1, owner = 'other'").await;
        work.bell.notify_one();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(work.begun(), 1, "it was called, and saw that the kind is not its own any more");
    }

    async fn what_fails_is_tried_again_later_and_listed(app: TestApp) {
        let work = Probe::free("work", Duration::from_secs(1));
        work.fails.store(true, Ordering::SeqCst);
        let process = process(&app, from_ref(&work));
        for failures in 1..=ALARM_AFTER {
            app.until("a failure", || async { look(&app, &work).await.jobs[0].last.as_ref().is_some_and(|last| last.attempts == failures) }).await;
            let job = look(&app, &work).await.jobs.remove(0);
            let last = job.last.expect("a row");
            assert_eq!(last.due_at - app.clock.now(), chrono::TimeDelta::seconds(1 << (failures - 1)), "after {failures}");
            assert_eq!((job.is_failing, job.waiting.due), (failures == ALARM_AFTER, 7));
            assert_eq!(last.last_error.as_deref(), Some("others kept changing the same rows"));
            app.clock.advance((last.due_at - app.clock.now()).to_std().expect("later"));
        }
        assert!(look(&app, &work).await.needs_person());
        work.fails.store(false, Ordering::SeqCst);
        app.advance(60);
        app.until("a good round", || async { !look(&app, &work).await.needs_person() }).await;
        assert_eq!(look(&app, &work).await.jobs[0].last.as_ref().expect("a row").last_error, None);
        process.abort();
    }

    async fn every_kind_of_the_server_is_listed_and_does_its_rounds(app: TestApp) {
        let state = &app.running.state;
        let kinds = server::jobs::kinds((&app.db, &app.clock), &state.payments, &state.people, &state.notices, &CancellationToken::new());
        let told = report(&app.db, &kinds, app.clock.now()).await.expect("a report");
        assert!(told.lease.is_none() && !told.is_held && !told.needs_person(), "a database without a server");
        assert!(told.jobs.iter().all(|job| job.last.is_none() && job.waiting == Waiting::default()));
        let names: std::collections::BTreeSet<_> = kinds.iter().map(|work| work.kind()).collect();
        assert_eq!(names.len(), kinds.len(), "each has a name of its own");
        let held = Held { name: "none", epoch: 0 };
        for work in &kinds {
            assert_eq!(work.round(held).await.ok(), Some(0), "{}", work.kind());
        }
        let json = serde_json::to_value(&told).expect("JSON");
        let listed = json["jobs"].as_array().expect("a list");
        let questions = listed.iter().find(|job| job["kind"] == "questions").expect("they are listed");
        assert_eq!(questions["waiting"]["due"], 0);
    }
}
