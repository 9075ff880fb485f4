//! Finding a tip: search, filters, order and pages, and what these must not tell.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;

use super::harness::{BET_CODE, Person, TestApp, both, client};
use crate::platform::db::{Failure, on, read, transaction};
use crate::tips::{Bookmaker, Match, NewTip};
use crate::types::{Kes, Odds, TipId};

/// How the tips of these tests differ.
struct Sold<'a> {
    teams: &'a [&'a str],
    league: &'a str,
    bookmaker: Bookmaker,
    odds: i64,
    price: i64,
    kick_off_in: TimeDelta,
}

const USUAL: Sold<'_> = Sold {
    teams: &["Tusker"],
    league: "Kenya Premier League",
    bookmaker: Bookmaker::Betika,
    odds: 2_500,
    price: 50,
    kick_off_in: TimeDelta::hours(2),
};

async fn sell(app: &TestApp, tipster: &Person, sold: &Sold<'_>) -> TipId {
    let leg = |team: &&str| Match {
        home_team: (*team).to_owned(),
        away_team: "Visitors".to_owned(),
        league: sold.league.to_owned(),
        kick_off_at: app.clock.now() + sold.kick_off_in,
        market: "Secretmarket".to_owned(),
        selection: "Secretpick".to_owned(),
        odds: Odds::from_thousandths(1_500).expect("odds"),
    };
    let legs: Vec<Match> = sold.teams.iter().map(leg).collect();
    let tip = NewTip {
        tipster: tipster.id,
        bookmaker: sold.bookmaker,
        bet_code: BET_CODE,
        odds: Odds::from_thousandths(sold.odds).expect("odds"),
        price: Kes::from_shillings(sold.price).expect("a price"),
        matches: &legs,
        created_at: app.clock.now(),
    };
    app.running.state.tips.publish(&tip, None).await.expect("a tip")
}

/// A page as a visitor who is not signed in sees it.
async fn page(app: &TestApp, path: &str) -> (StatusCode, String) {
    let answer = client().get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("HTML"))
}

/// The numbers of the tips on a page, in its order.
async fn listed(app: &TestApp, query: &str) -> Vec<i64> {
    let (status, page) = page(app, &format!("/tips?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{query}");
    numbers(&page)
}

fn numbers(page: &str) -> Vec<i64> {
    page.split("href=\"/tips/")
        .skip(1)
        .map(|rest| rest.split('"').next().expect("an address").parse().expect("a number"))
        .collect()
}

both! {
    async fn words_find_what_a_page_names_and_nothing_else(app: TestApp) {
        let asha = app.tipster().await;
        let kip = Person::register(&app, "0733000002", "Kip Sure", &["tipster"]).await;
        // The name is written as earlier versions allowed it.
        app.set(&kip, "UPDATE people SET display_name = 'Kip 100%_sure' WHERE id = $1").await;
        let three = sell(&app, &asha, &Sold { teams: &["Arsenal", "Gor Mahia", "Hidden Rovers"], ..USUAL }).await.0;
        let one = sell(&app, &kip, &Sold { teams: &["Single City"], league: "Serie A", ..USUAL }).await.0;
        for (query, wanted) in [
            ("text=arsenal", vec![three]),
            ("text=MAHIA+premier", vec![three]),
            ("text=asha", vec![three]),
            ("text=serie", vec![one]),
            ("text=asha+kip", vec![]),
            ("text=kip", vec![one]),
            ("text=100%25_", vec![one]),
            ("text=%25", vec![one]),
            ("text=_", vec![one]),
            ("text=!", vec![]),
            ("text=%27+OR+1%3D1", vec![]),
            // What is not shown before payment is not found either: a search must not tell what a page hides.
            ("text=hidden", vec![]),
            ("text=single", vec![]),
            ("text=secretpick", vec![]),
            ("text=secretmarket", vec![]),
            ("text=JYRCAV", vec![]),
            ("text=jy", vec![]),
            ("text=0733000002", vec![]),
            ("text=254733", vec![]),
        ] {
            assert_eq!(listed(&app, query).await, wanted, "{query}");
        }
    }

    async fn what_was_sold_before_is_found_as_what_is_sold_now(app: TestApp) {
        const PUBLIC: &str = "SELECT public_odds_thousandths, sales_close_at, search_text FROM tips ORDER BY id";
        let asha = app.tipster().await;
        for (teams, odds) in [(&["Solo"][..], 1_799), (&["Arsenal", "Hidden"], 2_359), (&["Arsenal", "Gor Mahia", "Hidden", "Away"], 12_345)] {
            sell(&app, &asha, &Sold { teams, odds, ..USUAL }).await;
        }
        let public = async || {
            let rows: Vec<(i64, DateTime<Utc>, String)> = read!(app.db, |c| sqlx::query_as(PUBLIC).fetch_all(c).await).expect("rows");
            let words = |text: String| text.split(' ').map(str::to_owned).collect::<BTreeSet<String>>();
            rows.into_iter().map(|(odds, close, text)| (odds, close, words(text))).collect::<Vec<_>>()
        };
        let now = public().await;
        assert_eq!(now.iter().map(|row| row.0).collect::<Vec<_>>(), [1_700, 2_350, 12_340]);
        // The migration calculates the same value from what older versions kept.
        let migration = if app.is_sqlite() { include_str!("../../migrations/sqlite/0015_previews.sql") } else { include_str!("../../migrations/postgres/0015_previews.sql") };
        let wiped: Result<(), Failure> = transaction!(app.db, |tx| {
            on!(tx, |c| sqlx::query("UPDATE tips SET public_odds_thousandths = 1000, search_text = ''").execute(c).await.map(|_| ()))?;
            for update in migration.split(';').filter_map(|part| part.find("UPDATE ").map(|at| &part[at..])) {
                on!(tx, |c| sqlx::query(update).execute(c).await.map(|_| ()))?;
            }
            Ok(())
        });
        wiped.expect("written again");
        assert_eq!(public().await, now);
    }

    async fn limits_narrow(app: TestApp) {
        let asha = app.tipster().await;
        let near = sell(&app, &asha, &USUAL).await.0;
        let dear = sell(&app, &asha, &Sold { price: 500, odds: 12_000, kick_off_in: TimeDelta::hours(20), ..USUAL }).await.0;
        let long = sell(&app, &asha, &Sold { teams: &["A", "B", "C", "D"], bookmaker: Bookmaker::Odibets, kick_off_in: TimeDelta::hours(80), ..USUAL }).await.0;
        for (query, wanted) in [
            ("", vec![near, dear, long]),
            ("min_odds=12", vec![dear]),
            ("max_odds=2.5", vec![near, long]),
            ("max_odds=2.49", vec![]),
            ("min_price=50&max_price=50", vec![near, long]),
            ("min_price=51", vec![dear]),
            ("bookmaker=odibets", vec![long]),
            ("matches=4-6", vec![long]),
            ("matches=1", vec![near, dear]),
            ("matches=7-", vec![]),
            ("kick_off=soon", vec![near]),
            ("order=newest", vec![long, dear, near]),
            ("order=odds", vec![dear, near, long]),
            ("order=price", vec![near, long, dear]),
            ("text=&bookmaker=&min_odds=&max_odds=&min_price=&max_price=&kick_off=&matches=&order=", vec![near, dear, long]),
        ] {
            assert_eq!(listed(&app, query).await, wanted, "{query}");
        }
        let (_, empty) = page(&app, "/tips?matches=7-").await;
        assert!(empty.contains("No tips match") && empty.contains("Clear filters"), "{empty}");
    }

    async fn what_has_closed_is_not_found(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, &USUAL).await;
        app.advance(2 * 3600 - 299);
        assert_eq!(listed(&app, "text=asha").await, Vec::<i64>::new());
        assert!(page(&app, "/tips").await.1.contains("Nothing on sale right now"));
    }

    async fn pages_keep_the_question(app: TestApp) {
        let asha = app.tipster().await;
        for _ in 0..27 {
            sell(&app, &asha, &USUAL).await;
        }
        let (_, first) = page(&app, "/tips?text=asha&order=price&max_price=50").await;
        let next = "/tips?text=asha&amp;max_price=50&amp;order=price&amp;page=2";
        assert!(first.contains(next), "{first}");
        let (status, second) = page(&app, &next.replace("&amp;", "&")).await;
        assert_eq!((status, numbers(&first).len(), numbers(&second).len()), (StatusCode::OK, 24, 3));
        assert!(second.contains("/tips?text=asha&amp;max_price=50&amp;order=price\"") && !second.contains("page=3"));
        let all: BTreeSet<i64> = numbers(&first).into_iter().chain(numbers(&second)).collect();
        assert_eq!(all.len(), 27, "no tip twice, none left out");
        for past in ["page=3", "page=100", "page=101", "page=0", "page=-1", "page=x", "page=99999999999999999999", "text=asha&page=3"] {
            let (status, page) = page(&app, &format!("/tips?{past}")).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{past}");
            assert!(page.contains("To the first page"), "{past}");
        }
    }

    async fn by_record_pages_are_whole_and_sell_nothing_that_is_gone(app: TestApp) {
        const WITHDRAW: &str = "UPDATE tips SET status = 'withdrawn' WHERE id = $1";
        let asha = app.tipster().await;
        for _ in 0..27 {
            sell(&app, &asha, &USUAL).await;
        }
        let (_, first) = page(&app, "/tips?order=record").await;
        let (_, second) = page(&app, "/tips?order=record&page=2").await;
        assert_eq!((numbers(&first).len(), numbers(&second).len()), (24, 3));
        let all: BTreeSet<i64> = numbers(&first).into_iter().chain(numbers(&second)).collect();
        assert_eq!(all.len(), 27, "no tip twice, none left out");
        assert_eq!(page(&app, "/tips?order=record&page=3").await.0, StatusCode::NOT_FOUND);
        // The order of a search is kept for a while, but a tip that is no longer on sale is not shown.
        let gone = numbers(&first)[0];
        app.execute(WITHDRAW, TipId(gone)).await;
        let (_, again) = page(&app, "/tips?order=record&again").await;
        assert_eq!((numbers(&again).len(), numbers(&again).contains(&gone)), (23, false));
        assert!(again.contains("page=2"), "there is another page still");
    }

    async fn a_filter_that_makes_no_sense_is_told(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, &USUAL).await;
        for (query, words) in [
            ("min_odds=abc", "Write the odds as a number"),
            ("min_odds=5&max_odds=2", "cannot be below the lowest"),
            ("min_price=-5", "Write the price as a number"),
            ("bookmaker=%3Cscript%3E", "There is no such choice"),
            ("order=bet_code", "There is no such choice"),
            ("kick_off=yesterday", "There is no such choice"),
            ("matches=2", "There is no such choice"),
            ("text=%00", "Search for at most"),
            ("text=a+b+c+d", "at most 3 words"),
        ] {
            let (status, page) = page(&app, &format!("/tips?{query}")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
            assert!(page.contains(words) && page.contains("See all tips on sale"), "{query}: {page}");
            assert!(!page.contains("<script>"));
        }
        assert!(page(&app, "/tips?min_odds=abc").await.1.contains("value=\"abc\""), "what was typed is kept");
        for odd in ["text=%FF", "text=%F0%9F%98%80", "&&&=", "text[]=1", "text=a&text=b", "after=x", "%", "text=%"] {
            let answer = client().get(app.at(&format!("/tips?{odd}"))).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "{odd}");
        }
    }

    async fn one_visitors_question_is_not_anothers_answer(app: TestApp) {
        let asha = app.tipster().await;
        let (cheap, dear) = (sell(&app, &asha, &USUAL).await.0, sell(&app, &asha, &Sold { price: 500, ..USUAL }).await.0);
        for _ in 0..2 {
            assert_eq!(listed(&app, "min_price=100").await, [dear]);
            assert_eq!(listed(&app, "max_price=100").await, [cheap]);
            assert_eq!(listed(&app, "").await, [cheap, dear]);
        }
        let long = format!("text={}", "a".repeat(60));
        assert_eq!(page(&app, &format!("/tips?{long}&bookmaker=&bookmaker=&{}", "x=1&".repeat(100))).await.0, StatusCode::OK);
    }
}
