//! Whom limits keep out: they hold guesses back, and no stranger can use them to lock an owner out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::stranger::{PROXY, PUBLIC, Stranger};
use crate::demo::people::DEMO_PASSWORD;
use crate::demo::tips;
use crate::people::Caller;
use crate::people::browser::Browser;
use crate::platform::db::on;
use crate::platform::random::Random;
use crate::tests::harness::{PASSWORD, Person, TestApp, both};

const PHONE: &str = "0712345678";
const ATTACKER: &str = "203.0.113.77";
const OWNER: &str = "198.51.100.9";
const CUSTOMERS: u32 = 300;
const AT_ONCE: u32 = 50;

async fn fail(app: &TestApp, stranger: &Stranger, times: usize) -> Vec<StatusCode> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(stranger.sign_in(app, PHONE, "wrong password").await);
    }
    answers
}

fn count(answers: &[StatusCode], wanted: StatusCode) -> usize {
    answers.iter().filter(|answer| **answer == wanted).count()
}

fn hashes(app: &TestApp) -> u64 {
    app.running.state.people.hash_count()
}

/// Makes sixty guesses at once. All of them are wrong, because a right one would restart the count for the
/// others.
async fn guess_at_once(app: &TestApp) -> Vec<StatusCode> {
    let guesses = (0..60).map(|turn| async move {
        let password = format!("guess number {turn}");
        Stranger::at(ATTACKER).sign_in(app, PHONE, &password).await
    });
    join_all(guesses).await
}

async fn change_password(app: &TestApp, person: &Person, old: &str, new: &str) -> StatusCode {
    person.post(app, "/api/accounts/password", &[("old_password", old), ("password", new)]).await.status()
}

both! {
    with [PROXY, PUBLIC];

    async fn a_stranger_cannot_lock_the_owner_out(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        let (attacker, new_browser) = (Stranger::at(ATTACKER), Stranger::at(OWNER));
        assert_eq!(count(&fail(&app, &attacker, 6).await, StatusCode::UNAUTHORIZED), 5);
        assert_eq!(new_browser.sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER, "from another network, also with a new browser");
        let known = Stranger::with(&owner.http, ATTACKER);
        assert_eq!(known.sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER, "in the stranger's own network with a known one");
        assert_eq!(change_password(&app, &owner, PASSWORD, "mvua ya masika").await, StatusCode::SEE_OTHER, "and what is done when signed in");
        assert_eq!(attacker.sign_in(&app, PHONE, "mvua ya masika").await, StatusCode::TOO_MANY_REQUESTS, "the stranger stays out");
        let known = Stranger::with(&owner.http, ATTACKER);
        assert_eq!(known.sign_in(&app, PHONE, "mvua ya masika").await, StatusCode::SEE_OTHER, "the browser of the new password is known");
        // A known browser proves nothing: its guesses are limited too, and its mark ends with all sessions.
        assert_eq!(count(&fail(&app, &known, 6).await, StatusCode::UNAUTHORIZED), 5);
        app.advance(901);
        owner.post(&app, "/api/accounts/sign-out-everywhere", &[]).await;
        fail(&app, &attacker, 5).await;
        assert_eq!(known.sign_in(&app, PHONE, "mvua ya masika").await, StatusCode::TOO_MANY_REQUESTS, "a stranger's browser like others");
    }

    async fn guesses_from_everywhere_have_an_end(app: TestApp) {
        let (people, msisdn) = (&app.running.state.people, PHONE.parse().expect("a number"));
        let (browser, mut refused) = (Browser::default(), 0);
        for network in 0..1_010_u32 {
            let address = std::net::Ipv4Addr::from(0x0a00_0001 + (network << 8)).into();
            let limits = people.sign_in_limits(&msisdn, None, Caller { address, browser: &browser });
            refused += u32::from(people.begin_attempt(&limits).await.is_err());
        }
        assert_eq!(refused, 10, "a thousand a day");
        assert_eq!(Stranger::at(OWNER).sign_in(&app, PHONE, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(Stranger::at(OWNER).reset(&app, PHONE).await, StatusCode::SEE_OTHER, "a code opens it all the same");
    }

    async fn strangers_in_many_networks_take_no_try_of_the_owners(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        for network in 0..10 {
            fail(&app, &Stranger::at(&format!("203.0.114.{network}")), 5).await;
        }
        // From now on each network has one try in half a minute. Strangers try from many networks.
        let pollers: Vec<Stranger> = (0..10).map(|network| Stranger::at(&format!("203.0.115.{network}"))).collect();
        let poll = async || {
            let mut answers = Vec::new();
            for poller in &pollers {
                answers.extend(fail(&app, poller, 2).await);
            }
            answers
        };
        let answers = poll().await;
        assert_eq!((count(&answers, StatusCode::UNAUTHORIZED), count(&answers, StatusCode::TOO_MANY_REQUESTS)), (10, 10), "one each");
        let new_browser = Stranger::at(OWNER);
        assert_eq!(new_browser.sign_in(&app, PHONE, "mistyped").await, StatusCode::UNAUTHORIZED, "the owner's is not taken");
        app.advance(20);
        poll().await;
        let form = [("phone_number", PHONE), ("password", PASSWORD)];
        let early = new_browser.post(&app, "/api/accounts/sign-in", &form).await;
        assert_eq!((early.status(), early.headers()["retry-after"].to_str().expect("text")), (StatusCode::TOO_MANY_REQUESTS, "10"));
        app.advance(11);
        poll().await;
        assert_eq!(new_browser.sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER, "nor the next one");
        assert_eq!(Stranger::with(&owner.http, ATTACKER).sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
        // In IPv6 the widest network that one customer has counts.
        assert_eq!(Stranger::at("2001:db8:7:100::1").sign_in(&app, PHONE, "wrong password").await, StatusCode::UNAUTHORIZED);
        assert_eq!(Stranger::at("2001:db8:7:200::1").sign_in(&app, PHONE, "wrong password").await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(Stranger::at("2001:db8:9::1").sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
    }

    async fn guesses_at_an_own_password_lock_nobody_but_oneself_out(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        for _ in 0..5 {
            assert_eq!(change_password(&app, &owner, "not it at all", "mvua ya masika").await, StatusCode::BAD_REQUEST);
        }
        let before = hashes(&app);
        assert_eq!(change_password(&app, &owner, PASSWORD, "mvua ya masika").await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(owner.post(&app, "/api/accounts/close", &[("password", PASSWORD)]).await.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(hashes(&app), before);
        assert_eq!(Stranger::at(OWNER).sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
    }

    async fn a_stranger_cannot_use_up_the_owners_codes(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        app.advance(24 * 3_600 + 1);
        let (attacker, known) = (Stranger::at(ATTACKER), Stranger::with(&owner.http, ATTACKER));
        for _ in 0..3 {
            assert_eq!(attacker.reset(&app, PHONE).await, StatusCode::SEE_OTHER);
        }
        assert_eq!(attacker.reset(&app, PHONE).await, StatusCode::TOO_MANY_REQUESTS);
        for _ in 0..3 {
            assert_eq!(known.reset(&app, PHONE).await, StatusCode::SEE_OTHER, "a browser in which the owner was has some of its own");
        }
        assert_eq!(known.reset(&app, PHONE).await, StatusCode::TOO_MANY_REQUESTS);
        // One network cannot use up a day's codes: some are left for a new browser.
        for _ in 0..4 {
            app.advance(601);
            for _ in 0..3 {
                attacker.reset(&app, PHONE).await;
            }
        }
        app.advance(601);
        assert_eq!(attacker.reset(&app, PHONE).await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(Stranger::at(OWNER).reset(&app, PHONE).await, StatusCode::SEE_OTHER);
    }

    async fn a_try_is_counted_before_it_is_judged(app: TestApp) {
        app.buyer(PHONE).await;
        let before = hashes(&app);
        let answers = guess_at_once(&app).await;
        let judged = count(&answers, StatusCode::UNAUTHORIZED);
        assert!((1..=5).contains(&judged) && hashes(&app) - before <= 5, "{judged} judged");
    }

    async fn no_more_are_judged_while_the_database_is_slow(app: TestApp) {
        app.buyer(PHONE).await;
        let before = hashes(&app);
        let mut tx = app.db.begin().await.expect("a transaction");
        if !app.is_sqlite() {
            on!(tx, |c| sqlx::query("LOCK TABLE people, attempts IN EXCLUSIVE MODE").execute(c).await.map(|_| ())).expect("locked");
        }
        let release = async {
            tokio::time::sleep(std::time::Duration::from_secs(3)).await;
            assert_eq!(hashes(&app), before, "nothing is judged that could not be counted");
            drop(tx);
        };
        let (answers, ()) = tokio::join!(guess_at_once(&app), release);
        assert!((1..=5).contains(&count(&answers, StatusCode::UNAUTHORIZED)) && hashes(&app) - before <= 5, "{answers:?}");
    }

    async fn one_ipv6_customer_is_one_asker(app: TestApp) {
        app.buyer(PHONE).await;
        let mut answers = Vec::new();
        for network in 0..25 {
            // Each try comes from another /56 of one /48.
            answers.extend(fail(&app, &Stranger::at(&format!("2001:db8:7:{network:x}00::1")), 1).await);
        }
        assert_eq!(count(&answers, StatusCode::UNAUTHORIZED), 20);
        let mut answers = Vec::new();
        for network in 0..12 {
            answers.extend(fail(&app, &Stranger::at(&format!("2001:db8:8:12{network:02x}::1")), 1).await);
        }
        assert_eq!(count(&answers, StatusCode::UNAUTHORIZED), 10, "of one /56");
        assert_eq!(Stranger::at("2001:db8:9::1").sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
    }
}

both! {
    with [PROXY, PUBLIC, ("SMS_LIMIT_ADDRESS", "5")];

    async fn what_is_over_its_limit_costs_no_hash(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        let before = hashes(&app);
        let attacker = Stranger::at(ATTACKER);
        let mut sent = 0;
        for number in 0..70 {
            sent += usize::from(attacker.reset(&app, &format!("07120000{number:02}")).await == StatusCode::SEE_OTHER);
            let form = [("phone_number", PHONE), ("password", PASSWORD), ("display_name", "Another"), ("birth_date", "1990-01-01"), ("buyer", "on")];
            attacker.post(&app, "/api/accounts/register", &form).await;
        }
        assert!(sent <= 5, "{sent} codes from one address");
        owner.post(&app, "/api/accounts/prove", &[]).await;
        assert_eq!(hashes(&app), before, "six digits cost none, nor does asking for them");
        fail(&app, &attacker, 5).await;
        assert_eq!(hashes(&app) - before, 5);
        assert_eq!(count(&fail(&app, &attacker, 20).await, StatusCode::TOO_MANY_REQUESTS), 20);
        assert_eq!(hashes(&app) - before, 5, "nor what is refused");
    }

    async fn codes_from_the_networks_of_one_customer_are_counted_together(app: TestApp) {
        let mut sent = 0;
        for network in 0..25 {
            let stranger = Stranger::at(&format!("2001:db8:7:{network:x}00::1"));
            sent += usize::from(stranger.reset(&app, &format!("07120000{network:02}")).await == StatusCode::SEE_OTHER);
        }
        assert_eq!(sent, 20);
        assert_eq!(Stranger::at("2001:db8:9::1").reset(&app, "0712000099").await, StatusCode::SEE_OTHER);
    }
}

both! {
    with [PROXY, PUBLIC, ("SIGN_IN_LIMIT_ADDRESS", "0")];

    async fn one_address_keeps_nobody_else_from_signing_in(app: TestApp) {
        app.buyer(PHONE).await;
        let answered = Arc::new(AtomicUsize::new(0));
        let flood = (0..70).map(|number| {
            let (answered, app) = (answered.clone(), &app);
            async move {
                let answer = Stranger::at(ATTACKER).sign_in(app, &format!("07220000{number:02}"), "wrong password").await;
                answered.fetch_add(1, Ordering::SeqCst);
                answer
            }
        });
        let owner = async {
            app.until("a flood", || async { answered.load(Ordering::SeqCst) > 5 }).await;
            let answer = Stranger::at(OWNER).sign_in(&app, PHONE, PASSWORD).await;
            (answer, answered.load(Ordering::SeqCst))
        };
        let (answers, (owner, before)) = tokio::join!(join_all(flood), owner);
        assert_eq!(owner, StatusCode::SEE_OTHER);
        assert!(before < 60, "{before} of the flood were answered before");
        let refused = count(&answers, StatusCode::UNAUTHORIZED) + count(&answers, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused, 70, "who comes with many waits for their own, or in vain");
    }
}

both! {
    with [PROXY, PUBLIC];

    async fn a_stranger_does_not_lock_out_who_shares_their_address(app: TestApp) {
        let known = app.buyer(PHONE).await;
        let new = app.buyer("0712000222").await;
        let attacker = Stranger::at(ATTACKER);
        for number in 0..60 {
            attacker.sign_in(&app, &format!("07220000{number:02}"), "wrong password").await;
        }
        assert_eq!(Stranger::with(&known.http, ATTACKER).sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
        let neighbour = Stranger::at(ATTACKER);
        let form = [("phone_number", new.phone.as_str()), ("password", PASSWORD)];
        let slowed = neighbour.post(&app, "/api/accounts/sign-in", &form).await;
        assert_eq!((slowed.status(), slowed.headers()["retry-after"].to_str().expect("text")), (StatusCode::TOO_MANY_REQUESTS, "5"));
        app.advance(6);
        assert_eq!(neighbour.sign_in(&app, &new.phone, PASSWORD).await, StatusCode::SEE_OTHER, "seconds later, not a quarter of an hour");
    }

    async fn many_customers_behind_one_address_sign_in(app: TestApp) {
        let state = &app.running.state;
        tips::load(&state.people, &state.tips, &Random::System, &app.clock, 0, CUSTOMERS).await.expect("seeded");
        for wave in 0..CUSTOMERS / AT_ONCE {
            let customers = (0..AT_ONCE).map(|customer| {
                let (app, phone) = (&app, format!("0722{:06}", wave * AT_ONCE + customer));
                async move { Stranger::at(OWNER).sign_in(app, &phone, DEMO_PASSWORD).await }
            });
            assert_eq!(count(&join_all(customers).await, StatusCode::SEE_OTHER), AT_ONCE as usize, "as a mobile network's share one");
        }
    }
}
