//! The payment engine under a seeded scheduler, which runs it one step at a time at its ports. Buyers,
//! phones, Safaricom and the network take random steps, processes die, and statements fail. After each run an
//! oracle compares what the handsets paid with what the books say. The same seed gives exactly the same run.
//!
//! `make simulate SEEDS=1..1000` runs these seeds, and every test run takes as many seeds as fit into a
//! minute.

#![expect(
    clippy::struct_excessive_bools,
    reason = "what was heard and what may go wrong are lists of yes and no"
)]

mod books;
mod by_hand;
mod dice;
mod drain;
mod faults;
mod gate;
mod messages;
mod oracle;
mod parcels;
mod process;
mod report;
mod run;
mod safaricom;
mod shillings;
mod shop;
mod stage;
mod turns;
mod venue;
mod world;

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::tests::harness::Engine;
use oracle::Judge;
use report::{Outcome, Report};
use run::Run;
use stage::Stage;
use venue::Venue;

/// How many of the last steps of a failing run are shown.
const STEPS_SHOWN: usize = 400;

/// How long the test suite simulates on one database. It runs as many seeds as fit.
const SUITE_TAKES: Duration = Duration::from_mins(1);
const SUITE_SEEDS: Range<u64> = 0..250;
/// The least number of seeds of a test run; fewer would prove nothing.
const SUITE_SEEDS_LEAST: usize = 10;

/// Runs seeds one after the other on one engine, until there are no more or the time is over.
fn simulate(engine: Engine, seeds: Range<u64>, until: Option<Instant>) -> Report {
    let stage = Arc::new(Stage::default());
    let sleeping = stage.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(move || sleeping.about_to_sleep())
        .build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let mut venue = Venue::open(engine).await;
        let mut report = Report::default();
        for seed in seeds {
            if until.is_some_and(|until| Instant::now() > until) {
                break;
            }
            let outcome = Box::pin(play(&mut venue, &stage, seed)).await;
            report.add(seed, &outcome);
            if std::env::var_os("LOUD").is_some() {
                println!("seed {seed} ended");
            }
        }
        report
    })
}

/// Plays one run, from an empty database to the oracle's judgement.
async fn play(venue: &mut Venue, stage: &Arc<Stage>, seed: u64) -> Outcome {
    let db = venue.fresh().await;
    let mut run = Run::new(seed, stage.clone(), db).await;
    run.play().await;
    Box::pin(run.drain()).await;
    let (mut outcome, pending) = judge(&run, false).await;
    run.feed_statement(&pending).await;
    let (after, _) = judge(&run, true).await;
    outcome
        .findings
        .extend(after.findings.into_iter().map(|finding| format!("after the statement: {finding}")));
    let unresolved = after
        .unresolved
        .into_iter()
        .map(|(_, reference)| format!("{reference} is unresolved in spite of the statement"));
    outcome.findings.extend(unresolved);
    run.stage.kill().await;
    drop(run);
    venue.leave().await;
    outcome
}

/// What the oracle says now, with `is_last` of a run of which everything was told, and which pending payments were not paid.
async fn judge(run: &Run, is_last: bool) -> (Outcome, Vec<crate::types::PaymentId>) {
    let books = books::read_books(&run.db).await.expect("the books");
    let checked = crate::books::check(&run.db, crate::books::Extent::All).await.expect("a check");
    let audited = crate::audit::check(&run.db).await.expect("a report");
    let parcels = parcels::judge(&run.db, &run.world).await;
    let world = run.world.lock();
    let mut judge =
        Judge { books: &books, world: &world, shop: &run.shop, findings: world.violations.clone() };
    judge.safety();
    if is_last {
        judge.everything_is_booked();
    }
    let unresolved = judge.unresolved();
    let mut findings = judge.findings;
    findings.extend(parcels);
    findings.extend(checked.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.id)));
    findings.extend(audited.broken.map(|broken| format!("the audit at {}: {}", broken.seq, broken.why)));
    let is_paid = |reference: &str| world.paid().any(|prompt| prompt.reference == reference);
    let pending = books.rows.iter().filter(|row| row.status == "pending" && !is_paid(&row.account_reference));
    let pending = pending.map(|row| row.id).collect();
    (Outcome::new(&books, &world, unresolved, findings), pending)
}

/// Asserts that two runs of one seed take the same steps.
fn replays(engine: Engine) {
    let first = simulate(engine, 7..17, None);
    let second = simulate(engine, 7..17, None);
    assert_eq!(first.traces, second.traces, "a seed must replay exactly");
}

/// Runs seeds in several threads, each with its own database. The outcome of a run does not depend on the
/// threads.
fn simulate_beside(engine: Engine, seeds: &Range<u64>, threads: u64) -> Report {
    let share = (seeds.end - seeds.start).div_ceil(threads.max(1)).max(1);
    let parts = (0..threads).map(|part| {
        (seeds.start + part * share).min(seeds.end)..(seeds.start + (part + 1) * share).min(seeds.end)
    });
    std::thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| scope.spawn(move || simulate(engine, part, None))).collect();
        let mut all = Report::default();
        for part in running {
            all.join(part.join().expect("a report"));
        }
        all
    })
}

fn holds(report: &Report) {
    println!("{report}");
    assert!(report.failures.is_empty(), "seeds {:?} fail", report.failures);
}

/// Runs as many seeds as fit into the test suite.
fn holds_for_a_minute(engine: Engine) {
    let report = simulate(engine, SUITE_SEEDS, Some(Instant::now() + SUITE_TAKES));
    holds(&report);
    assert!(report.traces.len() >= SUITE_SEEDS_LEAST, "only {} seeds were played", report.traces.len());
}

mod on_sqlite {
    use super::{Engine, holds_for_a_minute, replays};

    #[test]
    fn a_seed_replays() {
        replays(Engine::Sqlite);
    }

    #[test]
    fn every_shilling_is_accounted_for() {
        holds_for_a_minute(Engine::Sqlite);
    }
}

mod on_postgres {
    use super::{Engine, holds_for_a_minute, replays};

    #[test]
    fn a_seed_replays() {
        replays(Engine::Postgres);
    }

    #[test]
    fn every_shilling_is_accounted_for() {
        holds_for_a_minute(Engine::Postgres);
    }
}

/// The test of `make simulate`: it runs `SEEDS=a..b` on `ENGINE=sqlite|postgres`, in `JOBS` threads.
#[test]
#[ignore = "takes as long as it is told to: make simulate"]
fn as_told() {
    let seeds = std::env::var("SEEDS").expect("SEEDS=a..b");
    let (from, until) = seeds.split_once("..").expect("SEEDS=a..b");
    let engine = if std::env::var("ENGINE").is_ok_and(|engine| engine == "postgres") {
        Engine::Postgres
    } else {
        Engine::Sqlite
    };
    let threads = std::env::var("JOBS").map_or(2, |jobs| jobs.parse().expect("a number"));
    let seeds = from.parse().expect("a number")..until.parse().expect("a number");
    let began = Instant::now();
    let report = simulate_beside(engine, &seeds, threads);
    println!("{seeds:?} on {engine:?}: {} s", began.elapsed().as_secs());
    holds(&report);
}
