//! Tipsters' records: what their pages and the leaderboard say, and what they never say.

use chrono::TimeDelta;
use reqwest::StatusCode;

use super::harness::{Engine, Person, TestApp, both, client, text};
use crate::demo::tips;
use crate::platform::random::Random;
use crate::types::TipId;

const WON: &str = "UPDATE tips SET result = 'won', units_thousandths = odds_thousandths - 1000, settled_at = created_at WHERE id = $1";
const LOST: &str =
    "UPDATE tips SET result = 'lost', units_thousandths = -1000, settled_at = created_at WHERE id = $1";
const VOID: &str = "UPDATE tips SET result = 'void', status = 'void', units_thousandths = 0, settled_at = created_at WHERE id = $1";
/// Copies this tip many times and settles all of them at once: five of nine won.
const MANY: &str = "INSERT INTO tips (tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, status, match_count,
        first_kick_off_at, last_kick_off_at, sales_close_at, created_at, result, units_thousandths, settled_at)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)
    SELECT tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, status, match_count, created_at, created_at, created_at,
        created_at, CASE WHEN i % 9 < 5 THEN 'won' ELSE 'lost' END, CASE WHEN i % 9 < 5 THEN odds_thousandths - 1000 ELSE -1000 END,
        created_at FROM tips, n WHERE id = $1";

async fn page(app: &TestApp, path: &str) -> (StatusCode, String) {
    let answer = client().get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("HTML").replace('\u{a0}', " "))
}

async fn settled(app: &TestApp, tipster: &Person, how: &'static str) -> TipId {
    let tip = app.tip(tipster, 2, 50).await;
    app.execute(how, tip).await;
    tip
}

/// The words of a page, without its tags.
fn words(page: &str) -> String {
    let mut words = String::new();
    let mut is_tag = false;
    for character in page.chars() {
        match character {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                words.push(' ');
            }
            _ if !is_tag => words.push(character),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_has_a_past_on_sqlite() {
    the_demo_has_a_past(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_has_a_past_on_postgres() {
    the_demo_has_a_past(Engine::Postgres).await;
}

/// The results of tips agree with those of their matches (the total odds of a slip are cut to the hundredth,
/// and units are not), seeding again adds nothing, and the books are right.
async fn the_demo_has_a_past(engine: Engine) {
    const TIPS: &str = "SELECT COUNT(*) FROM tips";
    const LOST_WITHOUT_A_LOSS: &str =
        "SELECT COUNT(*) FROM tips t WHERE t.result IS NOT NULL AND (t.result = 'lost') <>
        EXISTS (SELECT 1 FROM tip_matches m WHERE m.tip_id = t.id AND m.result = 'lost')";
    const UNSETTLED_MATCHES: &str = "SELECT COUNT(*) FROM tips t JOIN tip_matches m ON m.tip_id = t.id
        WHERE (t.result IS NULL) <> (m.result IS NULL) OR t.settled_at < m.kick_off_at";
    const WRONG_UNITS: &str =
        "SELECT COUNT(*) FROM tips WHERE (result = 'lost' AND units_thousandths <> -1000)
        OR (result = 'won' AND (units_thousandths <= 0 OR units_thousandths > odds_thousandths - 990))
        OR (result = 'void' AND units_thousandths <> 0)";
    let app = TestApp::with(engine, &[("SEED_DEMO", "true")]).await;
    let tips = app.count(TIPS).await;
    assert!(app.count("SELECT COUNT(*) FROM tips WHERE result = 'lost'").await > 100, "losses too");
    for wrong in [LOST_WITHOUT_A_LOSS, UNSETTLED_MATCHES, WRONG_UNITS] {
        assert_eq!(app.count(wrong).await, 0, "{wrong}");
    }
    let state = &app.running.state;
    tips::demo(&state.people, &state.tips, &Random::System, &app.clock).await.expect("seeded again");
    assert_eq!(app.count(TIPS).await, tips);
    for status in [
        "SELECT COUNT(*) FROM tips WHERE status = 'pending_approval'",
        "SELECT COUNT(*) FROM tips WHERE status = 'rejected'",
    ] {
        assert!(app.count(status).await > 0, "{status}");
    }
    let (_, board) = page(&app, "/leaderboard").await;
    assert!(board.contains("Asha Odhiambo") && board.contains("Not ranked yet"), "{}", words(&board));
    app.books_are_right().await;
}

both! {
    async fn a_record_keeps_every_loss(app: TestApp) {
        let asha = app.tipster().await;
        for how in [WON, LOST, LOST, WON, VOID, WON] {
            settled(&app, &asha, how).await;
            app.advance(60);
        }
        let on_sale = app.tip(&asha, 3, 50).await;
        let (status, page) = page(&app, "/tipsters/asha-tipster").await;
        assert_eq!(status, StatusCode::OK);
        let words = words(&page);
        // Three wins at 4.25 and two losses: 9.75 − 2 = 7.75 on five staked.
        for told in [
            "Asha Tipster", "Yield +155.0 %", "Units +7.75", "Won 60.0 %", "Average odds 4.25", "3 won, 2 lost, 1 void",
            "In a row now 2 wins", "Longest winning run 2 wins", "Longest losing run 2 losses", "Only 5 tips have won or lost so far",
        ] {
            assert!(words.contains(told), "{told}: {words}");
        }
        assert_eq!(page.matches("badge bad").count(), 2, "both losses are listed");
        assert!(page.contains(&format!("href=\"/tips/{on_sale}\"")), "what is on sale");
        assert!(page.contains("<polyline") && page.contains("aria-label=\"Units over 6 tips"), "a chart with words");
        assert!(!page.contains("style=\""), "nothing that the policy forbids");
    }

    async fn a_record_has_no_money_and_no_number(app: TestApp) {
        let (asha, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        app.execute(WON, tip).await;
        for path in ["/tipsters/asha-tipster", "/leaderboard"] {
            for (_, page) in [page(&app, path).await, buyer.page(&app, path).await, asha.page(&app, path).await] {
                for secret in ["733000001", "712345678", "JYRCAV", "Secretpick", "Secretmarket", "KES 30"] {
                    assert!(!page.contains(secret), "{path} shows {secret}");
                }
            }
        }
    }

    async fn spans_and_pages(app: TestApp) {
        let asha = app.tipster().await;
        let tip = app.tip(&asha, 2, 50).await;
        app.execute(MANY, tip).await;
        app.clock.advance(TimeDelta::days(20).to_std().expect("forwards"));
        settled(&app, &asha, LOST).await;
        let all = page(&app, "/tipsters/asha-tipster").await.1;
        assert!(words(&all).contains("50 won, 41 lost") && all.contains("/tipsters/asha-tipster?page=2"), "{all}");
        let week = page(&app, "/tipsters/asha-tipster?days=7").await.1;
        assert!(words(&week).contains("0 won, 1 lost"), "{}", words(&week));
        assert!(words(&page(&app, "/tipsters/asha-tipster?days=30").await.1).contains("50 won, 41 lost"));
        let second = page(&app, "/tipsters/asha-tipster?days=90&page=2").await.1;
        assert!(second.contains("/tipsters/asha-tipster?days=90&amp;page=3") && second.contains("/tipsters/asha-tipster?days=90\""), "{second}");
        for (path, wanted) in [
            ("/tipsters/asha-tipster?page=5", StatusCode::OK),
            ("/tipsters/asha-tipster?page=6", StatusCode::NOT_FOUND),
            ("/tipsters/asha-tipster?page=0", StatusCode::NOT_FOUND),
            ("/tipsters/asha-tipster?page=x", StatusCode::NOT_FOUND),
            ("/tipsters/asha-tipster?days=8", StatusCode::BAD_REQUEST),
            ("/tipsters/asha-tipster?days=x", StatusCode::BAD_REQUEST),
            ("/leaderboard?days=-7", StatusCode::BAD_REQUEST),
            ("/leaderboard?days=90", StatusCode::OK),
            ("/tipsters/nobody", StatusCode::NOT_FOUND),
            ("/tipsters/%00", StatusCode::NOT_FOUND),
            ("/tipsters/%FF", StatusCode::NOT_FOUND),
            ("/tipsters/", StatusCode::PERMANENT_REDIRECT),
            ("/tipsters", StatusCode::NOT_FOUND),
        ] {
            assert_eq!(page(&app, path).await.0, wanted, "{path}");
        }
    }

    async fn a_few_lucky_tips_do_not_lead(app: TestApp) {
        let asha = app.tipster().await;
        let lucky = Person::register(&app, "0733000002", "Lucky Luka", &["tipster"]).await;
        let silent = Person::register(&app, "0733000003", "Silent Simba", &["tipster"]).await;
        app.tip(&silent, 2, 50).await;
        for _ in 0..3 {
            settled(&app, &lucky, WON).await;
        }
        let tip = app.tip(&asha, 2, 50).await;
        app.execute(MANY, tip).await;
        let (status, board) = page(&app, "/leaderboard").await;
        assert_eq!(status, StatusCode::OK);
        let told = words(&board);
        let (ranked, others) = told.split_once("Not ranked yet").expect("both lists");
        assert!(ranked.contains("55.6 % won of 90 tips"), "{ranked}");
        assert!(others.contains("Lucky Luka 3 of 20 tips"), "{others}");
        assert!(!told.contains("Silent Simba"), "nothing settled, nothing said");
        assert!(told.contains("How the score is made"));
        // Ordered by record, the market begins with tipsters who have a rank.
        let (_, market) = page(&app, "/tips?order=record").await;
        let (first, last) = (market.find("Asha Tipster").expect("listed"), market.find("Silent Simba").expect("listed"));
        assert!(first < last);
        assert!(words(&market).contains("over 90 tips") && words(&market).contains("New: no settled tips"), "{}", words(&market));
    }

    async fn nothing_settled_is_said(app: TestApp) {
        app.tipster().await;
        let (status, board) = page(&app, "/leaderboard").await;
        assert!(status == StatusCode::OK && board.contains("Nothing settled yet"));
        let (status, own) = page(&app, "/tipsters/asha-tipster").await;
        assert!(status == StatusCode::OK && own.contains("nothing to judge by"));
    }

    async fn handles_are_ones_own(app: TestApp) {
        for (phone, name) in [("0733000001", "Asha T."), ("0733000002", "Аша Т"), ("0733000003", "足球")] {
            Person::register(&app, phone, name, &["tipster"]).await;
        }
        for (handle, name) in [("asha-t", "Asha T."), ("asha-t-2", "Аша Т"), ("zu-qiu", "足球")] {
            let (status, page) = page(&app, &format!("/tipsters/{handle}")).await;
            assert!(status == StatusCode::OK && page.contains(name), "{handle}");
        }
        app.buyer("0712345678").await;
        assert_eq!(page(&app, "/tipsters/baraka-buyer").await.0, StatusCode::NOT_FOUND, "buyers have no page");
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE handle IS NULL").await, 1);
        for number in 10..24 {
            let name = format!("Same Name That Is Long Enough To Be {number}");
            Person::register(&app, &format!("07330010{number}"), &name, &["tipster"]).await;
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE handle LIKE 'same-name%'").await, 14);
    }
}
