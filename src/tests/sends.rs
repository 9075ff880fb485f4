//! Requests that move money: each is a row before it leaves, none leaves late, and none is forgotten because
//! the answer to a commit was lost.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::harness::{AfterCommits, Person, TestApp, both};
use crate::jobs::Work;
use crate::mpesa::sends::Sends;
use crate::mpesa::store::sends::{self, OpenSend, SendCertainty};
use crate::mpesa::unfinished::UnfinishedSends;
use crate::mpesa::{Purpose, Subject};
use crate::payments::{Payment, Payments, PushState, StartRequest, Status};
use crate::platform::clock::{Clock, Offset, own_now};
use crate::platform::db::{Failure, read, transaction};
use crate::platform::lease::{Held, Lease};
use crate::platform::random::Random;
use crate::types::{AppError, TipId};

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// What nobody sells.
const PURPOSE: Purpose = Purpose::new("lottery");

async fn press(payments: &Payments, buyer: &Person, tip: TipId) -> Result<Payment, AppError> {
    let request = StartRequest { tip, phone: None, send_again: false };
    payments.start_or_find(&buyer.viewer(), ADDRESS, &request).await
}

/// The sends of payments: what is known of them, and how long they had.
async fn known(app: &TestApp) -> Vec<(SendCertainty, TimeDelta)> {
    const SENDS: &str = "SELECT certainty, made_at, send_before FROM mpesa_sends
        WHERE purpose = 'payment' AND number = 1 AND lease_epoch IS NULL AND LENGTH(server) = 16 ORDER BY made_at";
    let rows: Vec<(SendCertainty, DateTime<Utc>, DateTime<Utc>)> =
        read!(app.db, |c| sqlx::query_as(SENDS).fetch_all(c).await).expect("sends");
    rows.into_iter().map(|(certainty, made_at, before)| (certainty, before - made_at)).collect()
}

async fn open(app: &TestApp, sends: &Sends, id: Uuid, held: Option<Held>) -> Result<OpenSend, Failure> {
    let subject = Subject { purpose: PURPOSE, id: Uuid::from_u128(7) };
    transaction!(app.db, |tx| sends.open(tx, id, subject, held).await)
}

async fn close(app: &TestApp, send: &OpenSend, certainty: SendCertainty) -> bool {
    let closed: Result<bool, Failure> =
        transaction!(app.db, |tx| Ok(sends::close(tx, send.id, certainty, app.clock.now()).await?));
    closed.expect("asked")
}

both! {
    async fn each_push_is_a_send_with_what_is_known_of_it(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        buyer.start(&app, tip).await;
        let mut wanted = vec![SendCertainty::Accepted];
        let faults = [
            ("refuse", json!("400.002.02"), SendCertainty::Refused),
            ("lose_answer", Value::Null, SendCertainty::Unknown),
        ];
        for (number, (fault, value, certainty)) in faults.into_iter().enumerate() {
            let other = app.buyer(&format!("071200000{number}")).await;
            app.fault(fault, value).await;
            app.advance(1);
            other.initiate(&app, &json!({ "tip_id": tip })).await;
            wanted.push(certainty);
        }
        let (found, times): (Vec<_>, Vec<_>) = known(&app).await.into_iter().unzip();
        assert_eq!(found, wanted);
        assert_eq!(times, [TimeDelta::seconds(20); 3]);
    }

    async fn a_push_whose_moment_has_passed_never_leaves(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        for (seconds, certainty) in [(19, SendCertainty::Accepted), (20, SendCertainty::NotSent)] {
            let clock = app.clock.clone();
            let paused = app.payments_behind(AfterCommits::new(move |commit| {
                clock.advance(Duration::from_secs(if commit == 0 { seconds } else { 0 }));
                Ok(())
            }));
            let buyer = if seconds == 19 { &buyer } else { &app.buyer("0712000001").await };
            let started = press(&paused, buyer, tip).await;
            assert_eq!(started.is_ok(), certainty == SendCertainty::Accepted, "{seconds} s");
            if let Err(error) = started {
                assert!(matches!(error, AppError::Refused(_)), "{error:?}");
            }
            assert_eq!(known(&app).await.last().map(|(known, _)| *known), Some(certainty), "{seconds} s");
        }
        assert_eq!(app.prompts().await.len(), 1, "one phone rang");
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE status = 'failed' AND push = 'not_taken' AND NOT open").await, 1);
        let again = app.buyer("0712000002").await.initiate(&app, &json!({ "tip_id": tip })).await;
        assert_eq!(again.status(), StatusCode::OK, "another press is another payment");
    }

    async fn a_clock_in_doubt_sends_nothing(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let offset = Arc::new(Offset::default());
        let clock = Clock::System(offset.clone());
        let gate = AfterCommits::new(move |_| {
            offset.measure(own_now(), own_now() + TimeDelta::seconds(3), own_now());
            Ok(())
        });
        let refused = press(&app.payments_behind(gate).by(clock), &buyer, tip).await;
        assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
        assert_eq!(known(&app).await.first().map(|(known, _)| *known), Some(SendCertainty::NotSent));
        assert!(app.prompts().await.is_empty());
    }

    async fn an_intent_whose_commits_answer_was_lost_is_pushed(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        // Its own price is all that the buyer wants to spend: the second run must not count it again.
        app.running.state.people.set_limit(&buyer.viewer(), "day", "50").await.expect("a limit");
        let started = press(&app.payments_behind(AfterCommits::losing_answers()), &buyer, tip).await.expect("accepted");
        assert_eq!((started.push, started.status), (PushState::Accepted, Status::Pending));
        assert_eq!(app.prompts().await.len(), 1, "the phone rings, once");
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_events WHERE source = 'push'").await, 1, "noted once");
        assert_eq!((app.count("SELECT COUNT(*) FROM payments").await, known(&app).await.len()), (1, 1));
        let again = press(&app.running.state.payments, &buyer, tip).await.expect("the open one");
        assert_eq!(again.id, started.id);
        assert_eq!(app.prompts().await.len(), 1);
        app.answer(started.checkout_request_id.as_deref().expect("an id"), "pay").await;
        buyer.until_status(&app, &started.id.to_string(), "completed").await;
        app.books_are_right().await;
    }

    async fn a_number_that_takes_a_break_is_not_pushed_after_a_lost_commit_either(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let owner = app.buyer("0712000009").await;
        app.running.state.people.set_limit(&owner.viewer(), "day", "10").await.expect("a limit");
        let mut viewer = buyer.viewer();
        viewer.standing.is_proven = true;
        let request = StartRequest { tip, phone: owner.phone.parse().ok(), send_again: false };
        let payments = app.payments_behind(AfterCommits::losing_answers());
        let refused = payments.start_or_find(&viewer, ADDRESS, &request).await;
        assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
        assert!(app.prompts().await.is_empty());
    }

    async fn any_purpose_may_send(app: TestApp) {
        let sends = Sends::new(app.clock.clone(), &Random::System);
        let ids = [1, 2, 3].map(Uuid::from_u128);
        let first = open(&app, &sends, ids[0], None).await.expect("a send");
        assert!(sends.may_leave(&first));
        app.advance(20);
        assert!(!sends.may_leave(&first));
        assert!(close(&app, &first, SendCertainty::NotSent).await);
        assert!(!close(&app, &first, SendCertainty::Accepted).await, "what is known stays");
        let second = open(&app, &sends, ids[1], None).await.expect("another send");
        assert!(sends.may_leave(&second));
        assert_eq!(app.count("SELECT number FROM mpesa_sends ORDER BY number DESC LIMIT 1").await, 2);
    }

    async fn a_send_that_nobody_answers_for_is_unknown_until_its_answer_comes(app: TestApp) {
        let sends = Sends::new(app.clock.clone(), &Random::System);
        let send = open(&app, &sends, Uuid::from_u128(1), None).await.expect("a send");
        let work = UnfinishedSends::new(app.db.clone(), app.clock.clone());
        let round = async || work.round(Held { name: "none", epoch: 0 }).await.expect("a round");
        app.advance(80);
        assert_eq!((round().await, work.waiting(app.clock.now()).await.expect("told").later), (0, 1), "its answer may come");
        app.advance(1);
        assert_eq!(work.waiting(app.clock.now()).await.expect("told").due, 1);
        assert_eq!((round().await, round().await), (1, 0));
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_sends WHERE certainty = 'unknown'").await, 1);
        assert!(close(&app, &send, SendCertainty::Accepted).await, "the answer came after all");
        assert!(!close(&app, &send, SendCertainty::Refused).await && round().await == 0);
    }

    async fn who_lost_the_lease_opens_no_send(app: TestApp) {
        let sends = Sends::new(app.clock.clone(), &Random::System);
        let lease = || Lease::new(app.db.clone(), app.clock.clone(), &Random::System, "test");
        let (mut first, mut second) = (lease(), lease());
        let slept = first.hold().await.expect("asked");
        open(&app, &sends, Uuid::from_u128(1), slept).await.expect("it holds the lease");
        assert_eq!(app.count("SELECT lease_epoch FROM mpesa_sends").await, 1);
        app.advance(16);
        let held = second.hold().await.expect("asked");
        let late = open(&app, &sends, Uuid::from_u128(2), slept).await;
        assert!(matches!(late, Err(Failure::Changed)), "{late:?}");
        open(&app, &sends, Uuid::from_u128(3), held).await.expect("the new holder");
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_sends").await, 2);
    }
}
