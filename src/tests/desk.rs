//! The operator's desk: approving, rejecting and settling, and that nobody else can do these.

use reqwest::{Response, StatusCode};

use super::harness::seller::CODE;
use super::harness::{Person, TestApp, both, client, text};
use crate::types::TipId;

impl TestApp {
    pub async fn operator(&self) -> Person {
        let operator = Person::register(self, "0744000001", "Halima Desk", &["buyer"]).await;
        self.set(&operator, "UPDATE people SET staff = 'operator' WHERE id = $1").await;
        operator
    }

    /// A tip of an unverified tipster that waits for approval. Its first match is in two hours.
    pub async fn waiting(&self) -> (Person, TipId) {
        let tipster = self.tipster().await;
        let draft = tipster.whole_draft(self).await;
        let tip = tipster.publish(self, &draft).await;
        (tipster, tip)
    }

    pub async fn bought(&self, tip: TipId, phone: &str) -> Person {
        let buyer = self.buyer(phone).await;
        let started = buyer.start(self, tip).await;
        self.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(self, text(&started, "payment_id"), "completed").await;
        buyer
    }

    async fn outcome(&self, tip: TipId) -> (Option<String>, Option<i64>) {
        const OUTCOME: &str = "SELECT result, units_thousandths FROM tips WHERE id = $1";
        crate::platform::db::read!(&self.db, |c| sqlx::query_as(OUTCOME).bind(tip).fetch_one(c).await)
            .expect("a tip")
    }

    pub async fn notices(&self, person: &Person, kind: &str) -> Vec<Option<String>> {
        const NOTICES: &str =
            "SELECT detail FROM notices WHERE person_id = $1 AND kind = $2 ORDER BY noticed_at, id";
        crate::platform::db::read!(&self.db, |c| sqlx::query_scalar(NOTICES)
            .bind(person.id)
            .bind(kind)
            .fetch_all(c)
            .await)
        .expect("notices")
    }
}

impl Person {
    pub async fn settle(
        &self,
        app: &TestApp,
        tip: TipId,
        position: i64,
        was: &str,
        result: &str,
    ) -> Response {
        let form =
            [("was", was), ("result", result), ("score", "2-1"), ("reason", "Seen on the league's page.")];
        self.submit(app, &format!("/api/desk/results/{tip}/{position}"), &form).await
    }
}

fn result(text: &str, units: i64) -> (Option<String>, Option<i64>) {
    (Some(text.to_owned()), Some(units))
}

both! {
    async fn the_desk_is_for_staff_alone(app: TestApp) {
        let (tipster, tip) = app.waiting().await;
        let buyer = app.buyer("0712345678").await;
        let paths = ["/desk/tips".to_owned(), "/desk/results".to_owned(), format!("/desk/results/{tip}"), format!("/desk/tips/{tip}/betslip")];
        let posts = [format!("tips/{tip}/approve"), format!("tips/{tip}/reject"), format!("results/{tip}/1")];
        for person in [&tipster, &buyer] {
            for path in &paths {
                assert_eq!(person.page(&app, path).await.0, StatusCode::NOT_FOUND, "{path}");
            }
            for path in &posts {
                let refused = person.submit(&app, &format!("/api/desk/{path}"), &[("reason", "because"), ("result", "won")]).await;
                assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
            }
            assert!(!person.page(&app, "/tips").await.1.contains("/desk"));
        }
        for path in &posts {
            let refused = client().post(app.at(&format!("/api/desk/{path}"))).send().await.expect("an answer");
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let operator = app.operator().await;
        let (status, page) = operator.page(&app, "/desk/tips").await;
        assert_eq!(status, StatusCode::OK);
        for shown in [CODE, "Secretpick", "Secretnote", "Tusker", "Asha Tipster"] {
            assert!(page.contains(shown), "{shown}");
        }
        assert_eq!(operator.page(&app, &format!("/desk/tips/{tip}/betslip")).await.0, StatusCode::OK);
        app.set(&operator, "UPDATE people SET staff = NULL WHERE id = $1").await;
        assert_eq!(operator.page(&app, "/desk/tips").await.0, StatusCode::NOT_FOUND, "at once, whatever the session says");
    }

    async fn the_desk_sees_matches_in_the_order_of_their_kick_offs(app: TestApp) {
        let (tipster, tip) = app.waiting().await;
        let (operator, buyer) = (app.operator().await, app.buyer("0712345678").await);
        // Earlier versions did not sort the matches of a tip when it was published, and its seal holds them
        // in that order.
        let sold: Vec<crate::tips::Match> = (0..3_i64).map(|leg| crate::tips::Match {
            home_team: ["Third", "First", "Second"][usize::try_from(leg).expect("small")].to_owned(),
            away_team: "Bandari".to_owned(),
            league: "KPL".to_owned(),
            kick_off_at: app.clock.now() + chrono::TimeDelta::hours([50, 2, 26][usize::try_from(leg).expect("small")]),
            market: "Result".to_owned(),
            selection: "Home".to_owned(),
            odds: crate::types::Odds::from_thousandths(1_500).expect("odds"),
        }).collect();
        let new = crate::tips::NewTip {
            tipster: tipster.id,
            bookmaker: crate::tips::Bookmaker::Betika,
            bet_code: CODE,
            odds: crate::types::Odds::from_thousandths(3_375).expect("odds"),
            price: crate::types::Kes::from_shillings(50).expect("a price"),
            matches: &sold,
            created_at: app.clock.now(),
        };
        let number = app.running.state.tips.publish(&new, None).await.expect("a tip");
        let in_order = |page: &str| {
            let at = |name: &str| page.find(&format!("{name} – ")).or_else(|| page.find(name)).unwrap_or_else(|| panic!("{name}: {page}"));
            at("First") < at("Second") && at("Second") < at("Third")
        };
        app.execute("UPDATE tips SET status = 'pending_approval' WHERE id = $1", number).await;
        app.execute("UPDATE tips SET status = 'rejected' WHERE id = $1", tip).await;
        assert!(in_order(&operator.page(&app, "/desk/tips").await.1), "to approve");
        app.execute("UPDATE tips SET status = 'active' WHERE id = $1", number).await;
        assert!(in_order(&tipster.page(&app, &format!("/tips/{number}")).await.1), "the tipster's own");
        let started = buyer.start(&app, number).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        for path in [format!("/tips/{number}"), "/purchases".to_owned()] {
            assert!(in_order(&buyer.page(&app, &path).await.1), "{path}");
        }
        app.advance(5 * 3_600);
        for path in ["/desk/results".to_owned(), format!("/desk/results/{number}")] {
            assert!(in_order(&operator.page(&app, &path).await.1), "{path}");
        }
    }

    async fn approved_is_on_sale(app: TestApp) {
        let (tipster, tip) = app.waiting().await;
        let operator = app.operator().await;
        let path = format!("/api/desk/tips/{tip}/approve");
        let (one, two) = tokio::join!(operator.submit(&app, &path, &[]), operator.submit(&app, &path, &[]));
        let statuses = [one.status(), two.status()];
        assert!(statuses.contains(&StatusCode::SEE_OTHER) && statuses.contains(&StatusCode::CONFLICT), "{statuses:?}");
        assert_eq!(app.notices(&tipster, "approved").await, [None]);
        app.bought(tip, "0712345678").await;
        let late = operator.submit(&app, &format!("/api/desk/tips/{tip}/reject"), &[("reason", "Changed my mind.")]).await;
        assert_eq!(late.status(), StatusCode::CONFLICT);
        app.books_are_right().await;
    }

    async fn rejected_with_a_reason(app: TestApp) {
        let (tipster, tip) = app.waiting().await;
        let operator = app.operator().await;
        let path = format!("/api/desk/tips/{tip}/reject");
        let bare = operator.submit(&app, &path, &[("reason", " x ")]).await;
        assert_eq!(bare.status(), StatusCode::BAD_REQUEST);
        assert!(bare.text().await.expect("HTML").contains("Say why"));
        assert_eq!(operator.submit(&app, &path, &[("reason", "The code does not open.")]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(app.notices(&tipster, "rejected").await, [Some("The code does not open.".to_owned())]);
        for page in ["/my-tips".to_owned(), format!("/tips/{tip}")] {
            assert!(tipster.page(&app, &page).await.1.contains("The code does not open."), "{page}");
        }
        assert_eq!(app.http.get(app.at(&format!("/tips/{tip}"))).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
        assert_eq!(operator.submit(&app, &format!("/api/desk/tips/{tip}/approve"), &[]).await.status(), StatusCode::CONFLICT);
        assert_eq!(operator.submit(&app, "/api/desk/tips/999/approve", &[]).await.status(), StatusCode::NOT_FOUND);
    }

    async fn too_late_to_approve(app: TestApp) {
        let (tipster, tip) = app.waiting().await;
        let operator = app.operator().await;
        app.set(&tipster, "UPDATE people SET staff = 'admin' WHERE id = $1").await;
        let own = tipster.submit(&app, &format!("/api/desk/tips/{tip}/approve"), &[]).await;
        assert!(own.status() == StatusCode::CONFLICT && own.text().await.expect("HTML").contains("your own tip"));
        app.advance(115 * 60);
        let late = operator.submit(&app, &format!("/api/desk/tips/{tip}/approve"), &[]).await;
        assert_eq!(late.status(), StatusCode::CONFLICT);
        assert!(late.text().await.expect("HTML").contains("Too late"));
        assert!(operator.page(&app, "/desk/tips").await.1.contains("No tip is waiting"));
        assert!(tipster.page(&app, "/my-tips").await.1.contains("Not approved in time"));
    }

    async fn legs_make_the_result_and_everybody_is_told(app: TestApp) {
        let tipster = app.tipster().await;
        // Three legs with odds of 1.777, which kick off in two, three and four hours.
        let tip = app.tip(&tipster, 3, 50).await;
        let buyers = [app.bought(tip, "0712345671").await, app.bought(tip, "0712345672").await];
        let operator = app.operator().await;
        assert!(operator.page(&app, "/desk/results").await.1.contains("is settled"));
        assert_eq!(operator.settle(&app, tip, 1, "", "won").await.status(), StatusCode::NOT_FOUND, "nothing to settle yet");
        app.advance(4 * 3600);
        let early = operator.settle(&app, tip, 2, "", "won").await;
        assert!(early.status() == StatusCode::CONFLICT && early.text().await.expect("HTML").contains("can be settled from"));
        assert!(operator.page(&app, "/desk/results").await.1.contains(&format!("/desk/results/{tip}\"")));
        assert_eq!(operator.settle(&app, tip, 1, "", "won").await.status(), StatusCode::SEE_OTHER);
        assert!(!operator.page(&app, "/desk/results").await.1.contains(&format!("/desk/results/{tip}\"")), "nothing to do before the next is over");
        app.advance(2 * 3600);
        assert_eq!(operator.settle(&app, tip, 2, "", "void").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(app.outcome(tip).await, (None, None), "one is open");
        assert_eq!(app.notices(&tipster, "result").await, [] as [Option<String>; 0]);
        assert_eq!(operator.settle(&app, tip, 3, "", "won").await.status(), StatusCode::SEE_OTHER);
        // 1.777² = 3.157729
        assert_eq!(app.outcome(tip).await, result("won", 2_157));
        for person in [&tipster, &buyers[0], &buyers[1]] {
            assert_eq!(app.notices(person, "result").await, [Some("won".to_owned())]);
            let (_, page) = person.page(&app, &format!("/tips/{tip}")).await;
            assert!(page.contains("Won +2.16") && page.contains("(2-1)"), "{page}");
        }
        assert!(tipster.page(&app, "/my-tips").await.1.contains("Won +2.16"));
        assert!(operator.page(&app, &format!("/desk/results/{tip}")).await.1.contains("Seen on the league"));
        assert_eq!(app.count("SELECT COUNT(*) FROM result_events").await, 3);
        app.books_are_right().await;
    }

    async fn a_leg_can_be_opened_again(app: TestApp) {
        let tipster = app.tipster().await;
        let tip = app.tip(&tipster, 2, 50).await;
        let operator = app.operator().await;
        app.advance(6 * 3600);
        assert_eq!(operator.settle(&app, tip, 1, "", "lost").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(app.outcome(tip).await, result("lost", -1_000), "one lost leg is enough");
        let stale = operator.settle(&app, tip, 1, "won", "open").await;
        assert!(stale.status() == StatusCode::CONFLICT && stale.text().await.expect("HTML").contains("this match is lost now"));
        app.advance(1);
        assert_eq!(operator.settle(&app, tip, 1, "lost", "open").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(app.outcome(tip).await, (None, None));
        app.advance(1);
        operator.settle(&app, tip, 1, "", "void").await;
        operator.settle(&app, tip, 2, "", "void").await;
        assert_eq!(app.outcome(tip).await, result("void", 0));
        app.advance(1);
        assert_eq!(operator.settle(&app, tip, 2, "void", "won").await.status(), StatusCode::SEE_OTHER, "corrected in one step");
        assert_eq!(app.outcome(tip).await, result("won", 777));
        let told: Vec<_> = app.notices(&tipster, "result").await.into_iter().flatten().collect();
        assert_eq!(told, ["lost", "open", "void", "won"]);
        assert_eq!(app.count("SELECT COUNT(*) FROM result_events").await, 5);
    }

    async fn two_operators_at_once(app: TestApp) {
        let tipster = app.tipster().await;
        let tip = app.tip(&tipster, 2, 50).await;
        let operator = app.operator().await;
        app.advance(6 * 3600);
        let (one, two) = tokio::join!(operator.settle(&app, tip, 1, "", "won"), operator.settle(&app, tip, 1, "", "lost"));
        let statuses = [one.status(), two.status()];
        assert!(statuses.contains(&StatusCode::SEE_OTHER) && statuses.contains(&StatusCode::CONFLICT), "{statuses:?}");
        let other = app.tip(&tipster, 2, 50).await;
        app.advance(6 * 3600);
        tokio::join!(operator.settle(&app, other, 1, "", "won"), operator.settle(&app, other, 2, "", "won"));
        assert_eq!(app.outcome(other).await, result("won", 2_157), "the last of them sees both");
        assert_eq!(app.count("SELECT COUNT(*) FROM result_events").await, 3);
    }

    async fn nonsense_is_refused_in_words(app: TestApp) {
        let tipster = app.tipster().await;
        let tip = app.tip(&tipster, 2, 50).await;
        let operator = app.operator().await;
        app.advance(6 * 3600);
        for (position, was, what, wanted) in [
            (1, "", "maybe", StatusCode::BAD_REQUEST),
            (1, "", "", StatusCode::BAD_REQUEST),
            (9, "", "won", StatusCode::NOT_FOUND),
            (1, "nothing", "won", StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(operator.settle(&app, tip, position, was, what).await.status(), wanted, "{position} {was} {what}");
        }
        assert_eq!(operator.settle(&app, TipId(999), 1, "", "won").await.status(), StatusCode::NOT_FOUND);
        let form = [("result", "won"), ("reason", "I know"), ("score", "a very long score indeed")];
        let long = operator.submit(&app, &format!("/api/desk/results/{tip}/1"), &form).await;
        assert_eq!(long.status(), StatusCode::BAD_REQUEST);
        let page = long.text().await.expect("HTML");
        assert!(page.contains("A score has up to 20") && page.contains("I know"), "what was typed is kept: {page}");
        app.set(&tipster, "UPDATE people SET staff = 'operator' WHERE id = $1").await;
        assert_eq!(tipster.settle(&app, tip, 1, "", "won").await.status(), StatusCode::CONFLICT, "not one's own");
        for path in ["/desk/results/x", "/desk/results/999", "/desk/results?after=x", "/desk/tips?after=1_x"] {
            assert!(operator.page(&app, path).await.0.is_client_error(), "{path}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM result_events").await, 0);
    }

    async fn the_lists_have_pages(app: TestApp) {
        let tipster = app.tipster().await;
        let operator = app.operator().await;
        for _ in 0..12 {
            app.tip(&tipster, 2, 20).await;
        }
        let items = |page: &str| page.matches("<li class=\"card").count();
        for (list, seconds) in [("/desk/results", 6 * 3600), ("/desk/tips", 0)] {
            app.advance(seconds);
            if list == "/desk/tips" {
                for _ in 0..12 {
                    let tip = app.tip(&tipster, 2, 20).await;
                    app.execute("UPDATE tips SET status = 'pending_approval' WHERE id = $1", tip).await;
                }
            }
            let (_, first) = operator.page(&app, list).await;
            let (_, rest) = first.split_once(&format!("href=\"{list}?")).expect("a second page");
            let next = rest.split('"').next().expect("an address").to_owned();
            let (_, second) = operator.page(&app, &format!("{list}?{next}")).await;
            assert_eq!((items(&first), items(&second)), (10, 2), "{list}");
        }
    }
}
