//! Nobody sees or does more than their task needs, and a refusal tells no secret.

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};
use serde_json::json;

use super::stranger::{self, Stranger};
use crate::app;
use crate::demo::people::{DEMO_PASSWORD, PEOPLE};
use crate::demo::tips;
use crate::platform::db::read;
use crate::platform::random::Random;
use crate::server::{self, Access, Route};
use crate::tests::harness::seller::CODE;
use crate::tests::harness::{BET_CODE, Engine, Person, TestApp, both, text};

/// The pages for everybody, signed in or not.
const PUBLIC: [&str; 12] = [
    "/",
    "/tips",
    "/tips/{number}",
    "/tipsters/{handle}",
    "/leaderboard",
    "/about",
    "/terms",
    "/privacy",
    "/help",
    "/reset",
    "/register",
    "/sign-in",
];
/// What is behind these addresses belongs to nobody, or is for everybody.
const NOBODYS: [&str; 3] = ["/follows/{person}", "/portraits/{name}", "/tips/{number}/preview.jpg"];

/// What is kept of refused payments.
const KEPT: &str = "SELECT status, result_code, result_description, push FROM payments";

async fn looks(app: &TestApp) -> Vec<(String, String, String)> {
    // Ids that were made within one millisecond are in no order.
    const LOOKS: &str =
        "SELECT actor, action, subject_id FROM audit WHERE subject_kind = 'tip' ORDER BY action DESC, id";
    read!(&app.db, |c| sqlx::query_as(LOOKS).fetch_all(c).await).expect("looks")
}

/// The ids of things that belong to another person.
struct Foreign {
    payment: String,
    tip: String,
    draft: String,
    notice: String,
    session: String,
    tipster: String,
}

impl Foreign {
    async fn of(app: &TestApp) -> Self {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(app, text(&started, "payment_id"), "completed").await;
        let draft = tipster.begin(app).await;
        let notice: uuid::Uuid =
            read!(&app.db, |c| sqlx::query_scalar("SELECT id FROM notices").fetch_one(c).await)
                .expect("a notice");
        let session =
            read!(&app.db, |c| sqlx::query_scalar("SELECT MIN(id) FROM sessions").fetch_one(c).await)
                .expect("a session");
        let (payment, tip) = (text(&started, "payment_id").to_owned(), tip.to_string());
        Self { payment, tip, draft, notice: notice.to_string(), session, tipster: tipster.id.to_string() }
    }

    /// The address with another person's ids in it.
    fn at(&self, path: &str) -> String {
        let id = match path {
            path if path.contains("drafts") || path.starts_with("/sell") => &self.draft,
            path if path.contains("notices") => &self.notice,
            path if path.contains("sessions") => &self.session,
            path if path.contains("code") => "01a20b21-0000-7000-8000-000000000000",
            _ => &self.payment,
        };
        let values = [
            ("{id}", id),
            ("{draft}", id),
            ("{person}", &self.tipster),
            ("{position}", "1"),
            ("{number}", &self.tip),
        ];
        let more =
            [("{name}", "0123456789abcdef0123456789abcdef"), ("{handle}", "asha-tipster"), ("{token}", "0")];
        let path = path.replace("/matches/{number}", "/matches/1");
        values.into_iter().chain(more).fold(path, |path, (name, value)| path.replace(name, value))
    }
}

/// Whether the answer turns the caller away as it should: nothing was done and nothing is shown, be it
/// absent, another person's, only for sellers or buyers, or not readable.
fn is_turned_away(answer: &Response) -> bool {
    let to_sign_in = || {
        answer
            .headers()
            .get(LOCATION)
            .is_some_and(|to| to.to_str().is_ok_and(|to| to.starts_with("/sign-in")))
    };
    answer.status().is_client_error() || (matches!(answer.status().as_u16(), 302 | 303) && to_sign_in())
}

/// Somebody who asks: a visitor, a buyer, a tipster or an operator.
struct RouteCaller {
    name: &'static str,
    http: reqwest::Client,
    may: &'static [Access],
}

async fn callers(app: &TestApp) -> Vec<RouteCaller> {
    let seller = Person::register(app, "0733000002", "Wanjiru Kamau", &["tipster"]).await;
    let (buyer, operator) = (app.buyer("0712345679").await, app.operator().await);
    let caller = |name, http, may| RouteCaller { name, http, may };
    vec![
        caller("visitor", app.http.clone(), &[Access::Anyone]),
        caller("buyer", buyer.http, &[Access::Anyone, Access::SignedIn, Access::Buyer]),
        caller("tipster", seller.http, &[Access::Anyone, Access::SignedIn, Access::Tipster]),
        caller("operator", operator.http, &[Access::Anyone, Access::SignedIn, Access::Buyer, Access::Staff]),
    ]
}

/// Whether the route must turn the caller away.
fn is_closed_to(route: &Route, caller: &RouteCaller) -> bool {
    let is_foreign = route.path.contains('{') && !NOBODYS.contains(&route.path) && route.who != Access::Staff;
    route.who != Access::Safaricom
        && (!caller.may.contains(&route.who) || (is_foreign && route.who != Access::Anyone))
}

both! {
    async fn every_route_refuses_who_may_not(app: TestApp) {
        let foreign = Foreign::of(&app).await;
        let mut wrong = Vec::new();
        for caller in callers(&app).await {
            for route in server::routes() {
                // These would end the caller's own session.
                if ["/api/accounts/sign-out", "/api/accounts/sign-out-everywhere"].contains(&route.path) {
                    continue;
                }
                let path = foreign.at(route.path);
                let request = caller.http.request(route.method.clone(), app.at(&path));
                let answer = request.form(&[("reason", "because"), ("result", "won"), ("want", "follow"), ("until", "0"), ("version", "1")]).send().await.expect("an answer");
                let status = answer.status();
                if status.is_server_error() || (is_closed_to(&route, &caller) && !is_turned_away(&answer)) {
                    wrong.push(format!("{} {} {path}: {status}", caller.name, route.method));
                }
            }
            for page in app::ROUTES.iter() {
                let pattern = page.path().to_owned();
                let path = foreign.at(&pattern);
                let answer = caller.http.get(app.at(&path)).header("accept", "text/html").send().await.expect("an answer");
                let is_public = PUBLIC.contains(&pattern.as_str());
                let is_desk = pattern.starts_with("/desk");
                let is_foreign = pattern.contains('{') && !is_public;
                // A visitor may be an operator who has not signed in yet, and is asked to sign in.
                let is_shown = is_desk && !["operator", "visitor"].contains(&caller.name) && answer.status() != StatusCode::NOT_FOUND;
                let is_closed = (caller.name == "visitor" && !is_public) || (is_desk && caller.name != "operator") || is_foreign;
                if answer.status().is_server_error() || (is_closed && !is_turned_away(&answer)) || is_shown {
                    wrong.push(format!("{} page {path}: {}", caller.name, answer.status()));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 5, "nobody's session was ended");
    }

    async fn staff_reads_no_tip_that_is_on_sale(app: TestApp) {
        let (tipster, tip, _) = app.shop().await;
        let operator = app.operator().await;
        let paths = [format!("/desk/results/{tip}"), format!("/desk/tips/{tip}/betslip"), format!("/tips/{tip}/betslip"), format!("/tips/{tip}/sealed.txt")];
        for path in &paths {
            assert_eq!(operator.page(&app, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        for path in [format!("/tips/{tip}"), "/desk/tips".to_owned(), "/desk/results".to_owned()] {
            let (_, page) = operator.page(&app, &path).await;
            assert!(!page.contains("Secretpick") && !page.contains("Secretmarket") && !page.contains(BET_CODE), "{path}");
        }
        assert_eq!(looks(&app).await, []);
        // Of three matches the first is over. To settle it the operator must know only what was picked in it.
        app.advance(4 * 3600);
        for path in [format!("/desk/results/{tip}"), "/desk/results".to_owned()] {
            let (status, page) = operator.page(&app, &path).await;
            assert_eq!((status, page.matches("Secretpick").count()), (StatusCode::OK, 1), "{path}");
            assert!(!page.contains(BET_CODE));
        }
        assert_eq!(operator.page(&app, &paths[1]).await.0, StatusCode::NOT_FOUND, "the picture shows the others too");
        let look = |action: &str| ("operator".to_owned(), action.to_owned(), tip.to_string());
        assert_eq!(looks(&app).await, [look("picks_seen"), look("picks_seen")]);
        drop(tipster);
    }

    async fn each_look_at_a_tip_that_waits_is_written_down(app: TestApp) {
        let (_, tip) = app.waiting().await;
        let operator = app.operator().await;
        let (_, page) = operator.page(&app, "/desk/tips").await;
        assert!(page.contains(CODE) && page.contains("Secretpick"));
        assert_eq!(operator.page(&app, &format!("/desk/tips/{tip}/betslip")).await.0, StatusCode::OK);
        let look = |action: &str| ("operator".to_owned(), action.to_owned(), tip.to_string());
        assert_eq!(looks(&app).await, [look("tip_seen"), look("betslip_seen")]);
        assert_eq!(operator.submit(&app, &format!("/api/desk/tips/{tip}/approve"), &[]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(operator.page(&app, &format!("/desk/tips/{tip}/betslip")).await.0, StatusCode::NOT_FOUND, "there is nothing left to do");
    }

    async fn nobody_settles_what_they_bought(app: TestApp) {
        let tipster = app.tipster().await;
        let tip = app.tip(&tipster, 2, 50).await;
        let operator = app.operator().await;
        let started = operator.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        operator.until_status(&app, text(&started, "payment_id"), "completed").await;
        app.advance(6 * 3600);
        let refused = operator.settle(&app, tip, 1, "", "won").await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        assert!(refused.text().await.expect("HTML").contains("You bought this tip"));
        assert_eq!(app.count("SELECT COUNT(*) FROM result_events").await, 0);
        let other = app.tip(&tipster, 2, 50).await;
        app.advance(6 * 3600);
        assert_eq!(operator.settle(&app, other, 1, "", "won").await.status(), StatusCode::SEE_OTHER, "others they do");
    }

    async fn a_foreign_numbers_break_tells_nothing(app: TestApp) {
        let (_, tip, owner) = app.shop().await;
        let asker = app.buyer("0712000222").await;
        let ask = async |phone: &str| {
            let answer = asker.initiate(&app, &json!({ "tip_id": tip, "phone_number": phone })).await;
            (answer.status(), answer.text().await.expect("JSON"))
        };
        app.fault("refuse", json!("400.002.02")).await;
        let unknown = ask("0712000777").await;
        assert_eq!(unknown.0, StatusCode::BAD_GATEWAY);
        owner.post(&app, "/api/accounts/break", &[("length", "7-days")]).await;
        assert_eq!(ask(&owner.phone).await, unknown, "a break");
        let limited = app.buyer("0712000333").await;
        limited.post(&app, "/api/accounts/limit", &[("period", "day"), ("limit", "10")]).await;
        assert_eq!(ask(&limited.phone).await, unknown, "a limit");
        assert_eq!(app.prompts().await.len(), 0, "no phone rang");
        let kept: Vec<(String, Option<String>, Option<String>, String)> = read!(&app.db, |c| sqlx::query_as(KEPT).fetch_all(c).await).expect("payments");
        assert_eq!(kept.len(), 3, "each is counted like a start");
        assert!(kept.iter().all(|payment| *payment == kept[0]), "{kept:?}");
        let own = owner.initiate(&app, &json!({ "tip_id": tip })).await;
        assert_eq!(own.status(), StatusCode::CONFLICT);
        assert!(own.text().await.expect("JSON").contains("taking a break"), "to oneself the reason is told");
        app.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_public_nobody_knows_the_password_of_the_demos_operator() {
    let operator = tips::operator().expect("an operator").phone;
    for seeded_before in [false, true] {
        let seeding = if seeded_before { "false" } else { "true" };
        let app =
            TestApp::with(Engine::Sqlite, &[stranger::PROXY, stranger::PUBLIC, ("SEED_DEMO", seeding)]).await;
        let (people, tips, random) = (&app.running.state.people, &app.running.state.tips, Random::System);
        if seeded_before {
            tips::demo(people, tips, &random, &app.clock).await.expect("seeded as for one machine");
            assert_eq!(
                Stranger::at("197.248.0.9").sign_in(&app, operator, DEMO_PASSWORD).await,
                StatusCode::SEE_OTHER
            );
            let password = tips::close_desk(people, tips, &random, &app.clock, false)
                .await
                .expect("closed")
                .expect("a new password");
            assert_eq!(
                Stranger::at("197.248.0.9").sign_in(&app, operator, &password).await,
                StatusCode::SEE_OTHER
            );
        }
        assert_ne!(
            Stranger::at("197.248.0.9").sign_in(&app, operator, DEMO_PASSWORD).await,
            StatusCode::SEE_OTHER
        );
        assert_eq!(
            tips::close_desk(people, tips, &random, &app.clock, true).await.expect("closed"),
            None,
            "it is told once"
        );
        let buyer = PEOPLE[0].phone;
        assert_eq!(
            Stranger::at("197.248.0.9").sign_in(&app, buyer, DEMO_PASSWORD).await,
            StatusCode::SEE_OTHER,
            "the others keep theirs"
        );
    }
}
