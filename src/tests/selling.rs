//! Drafts and publishing, as a tipster does it with plain forms.

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};

use super::harness::seller::{CODE, number, png};
use super::harness::{Person, TestApp, both, client, text};

async fn words(answer: Response) -> String {
    answer.text().await.expect("HTML")
}

both! {
    async fn a_draft_becomes_a_tip_that_is_bought(app: TestApp) {
        let tipster = app.verified_tipster().await;
        let draft = tipster.whole_draft(&app).await;
        let (_, page) = tipster.page(&app, &format!("/sell/{draft}")).await;
        assert!(page.contains(CODE) && page.contains("Tusker") && page.contains("Secretnote"), "what was filled in is there");
        let tip = tipster.publish(&app, &draft).await;
        assert!(app.http.get(app.at("/tips")).send().await.expect("an answer").text().await.expect("HTML").contains(&format!("/tips/{tip}\"")));
        let buyer = app.buyer("0712345678").await;
        let secrets = [CODE, "Secretmarket", "Secretpick", "Secretnote", "Salt:", "Sofapaka"];
        let (_, before) = buyer.page(&app, &format!("/tips/{tip}")).await;
        for secret in secrets {
            assert!(!before.contains(secret), "{secret} before payment");
        }
        let seal = before.split_once("class=\"fingerprint\">").expect("a seal").1.split('<').next().expect("hex").to_owned();
        let sealed = app.at(&format!("/tips/{tip}/sealed.txt"));
        for http in [&buyer.http, &app.http] {
            assert_eq!(http.get(sealed.clone()).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
        }
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let (_, after) = buyer.page(&app, &format!("/tips/{tip}")).await;
        for secret in secrets {
            assert!(after.contains(secret), "{secret} after payment");
        }
        let file = buyer.http.get(sealed).send().await.expect("an answer").bytes().await.expect("text");
        assert_eq!(crate::tips::fingerprint::hash(&file), seal, "the text is what was sealed");
        let picture = buyer.http.get(app.at(&format!("/tips/{tip}/betslip"))).send().await.expect("an answer").bytes().await.expect("a picture");
        assert!(String::from_utf8_lossy(&file).contains(&crate::tips::fingerprint::hash(&picture)), "the picture is sealed too");
        app.books_are_right().await;
    }

    async fn others_wait_for_approval(app: TestApp) {
        let tipster = app.tipster().await;
        let draft = tipster.whole_draft(&app).await;
        let tip = tipster.publish(&app, &draft).await;
        let buyer = app.buyer("0712345678").await;
        assert_eq!(buyer.page(&app, &format!("/tips/{tip}")).await.0, StatusCode::NOT_FOUND);
        assert!(!buyer.page(&app, "/tips").await.1.contains(&format!("/tips/{tip}\"")));
        let preview = app.at(&format!("/tips/{tip}/preview.jpg"));
        assert_eq!(buyer.http.get(preview).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
        assert!(tipster.page(&app, &format!("/tips/{tip}")).await.1.contains("Not on sale yet"));
        assert!(tipster.page(&app, "/my-tips").await.1.contains("Waiting for approval"));
        let refused = buyer.initiate(&app, &serde_json::json!({ "tip_id": tip })).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    }

    async fn one_draft_is_one_tip(app: TestApp) {
        let tipster = app.verified_tipster().await;
        let draft = tipster.whole_draft(&app).await;
        let version = tipster.checked(&app, &draft).await;
        let (one, two, three) = tokio::join!(
            tipster.press_publish(&app, &draft, &version),
            tipster.press_publish(&app, &draft, &version),
            tipster.press_publish(&app, &draft, &version)
        );
        let tip = number(&one);
        assert_eq!((number(&two), number(&three)), (tip, tip));
        assert_eq!(app.count("SELECT COUNT(*) FROM tips").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM tip_matches").await, 2);
        let late = tipster.leg(&app, &draft, "Ulinzi", 200).await;
        assert_eq!(late.status(), StatusCode::FOUND, "a published draft takes nothing more: its page leads to the tip");
        assert_eq!(app.count("SELECT COUNT(*) FROM tip_matches").await, 2);
        let gone = tipster.http.get(app.at(&format!("/sell/{draft}"))).send().await.expect("an answer");
        assert_eq!((gone.status(), &gone.headers()[LOCATION]), (StatusCode::FOUND, &format!("/tips/{tip}").parse().expect("a header")));
    }

    async fn only_what_was_checked_is_published(app: TestApp) {
        let tipster = app.verified_tipster().await;
        let draft = tipster.whole_draft(&app).await;
        let version = tipster.checked(&app, &draft).await;
        tipster.details(&app, &draft, "4.00", "60").await;
        let stale = tipster.press_publish(&app, &draft, &version).await;
        assert_eq!(stale.status(), StatusCode::CONFLICT);
        let page = words(stale).await;
        assert!(page.contains("changed after you checked it") && page.contains("KES 60"), "the page again, as it is now");
        for broken in ["", "x", "99"] {
            assert!(!tipster.press_publish(&app, &draft, broken).await.status().is_success());
        }
        app.advance(2 * 3600 - 14 * 60);
        let (_, page) = tipster.page(&app, &format!("/sell/{draft}/check")).await;
        assert!(page.contains("must kick off after") && !page.contains("Publish the tip"), "too late by now");
        let fresh = page.contains("name=\"version\"");
        assert!(!fresh, "nothing to press");
        assert_eq!(tipster.press_publish(&app, &draft, "6").await.status(), StatusCode::CONFLICT);
        assert_eq!(app.count("SELECT COUNT(*) FROM tips").await, 0);
    }

    async fn what_is_missing_is_named(app: TestApp) {
        let tipster = app.verified_tipster().await;
        let draft = tipster.begin(&app).await;
        assert_eq!(tipster.begin(&app).await, draft, "an untouched draft is used first");
        let (_, page) = tipster.page(&app, &format!("/sell/{draft}/check")).await;
        for missing in ["Choose the bookmaker", "Enter the bet code", "Set a price", "Add the matches", "total odds", "Add a picture"] {
            assert!(page.contains(missing), "{missing}");
        }
        assert_eq!(tipster.press_publish(&app, &draft, "1").await.status(), StatusCode::CONFLICT);
        tipster.details(&app, &draft, "5.00", "50").await;
        tipster.leg(&app, &draft, "Tusker", 120).await;
        tipster.leg(&app, &draft, "Sofapaka", 120).await;
        let (_, page) = tipster.page(&app, &format!("/sell/{draft}/check")).await;
        assert!(page.contains("The total odds are 5.00, but the odds of your matches make 4.00"), "{page}");
        tipster.details(&app, &draft, "4.04", "50").await;
        assert!(!tipster.page(&app, &format!("/sell/{draft}/check")).await.1.contains("The total odds"), "within 1 %");
    }

    async fn refused_forms_keep_what_was_typed(app: TestApp) {
        let tipster = app.tipster().await;
        let draft = tipster.begin(&app).await;
        let form = [("bookmaker", "betika"), ("bet_code", "AB CD"), ("odds", "0.5"), ("price", "5"), ("note", "Hello </textarea><b>")];
        let refused = tipster.submit(&app, &format!("/api/selling/drafts/{draft}/details"), &form).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let page = words(refused).await;
        for kept in ["AB CD", "0.5", "Hello &lt;/textarea&gt;&lt;b&gt;", "letters and digits", "number above 1", "KES 10 to KES 1,000"] {
            assert!(page.contains(kept), "{kept}: {page}");
        }
        let refused = tipster.leg(&app, &draft, "Kariobangi Sharks", 14).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let page = words(refused).await;
        assert!(page.contains("Kariobangi Sharks") && page.contains("must kick off after"), "{page}");
        tipster.leg(&app, &draft, "Tusker", 120).await;
        let twice = tipster.leg(&app, &draft, "Tusker", 120).await;
        assert!(words(twice).await.contains("in the list already"), "a double click adds one");
        let program = tipster.http.post(app.at(&format!("/api/selling/drafts/{draft}/matches"))).form(&[("home_team", "x")]).send().await;
        let program: serde_json::Value = program.expect("an answer").json().await.expect("JSON");
        assert!(program["error"].is_string() && program["fields"]["home_team"].is_string(), "{program}");
    }

    async fn matches_come_and_go(app: TestApp) {
        let tipster = app.tipster().await;
        let draft = tipster.begin(&app).await;
        for (home, minutes) in [("Tusker", 300), ("Sofapaka", 200), ("Ulinzi", 100)] {
            tipster.leg(&app, &draft, home, minutes).await;
        }
        for _ in 0..2 {
            let removed = tipster.submit(&app, &format!("/api/selling/drafts/{draft}/matches/2/remove"), &[]).await;
            assert_eq!(removed.status(), StatusCode::SEE_OTHER, "twice is once");
        }
        let (_, page) = tipster.page(&app, &format!("/sell/{draft}")).await;
        assert!(page.contains("Tusker") && page.contains("Ulinzi") && !page.contains("Sofapaka"));
        for number in ["x", "-1", "99999999999"] {
            let strange = tipster.submit(&app, &format!("/api/selling/drafts/{draft}/matches/{number}/remove"), &[]).await;
            assert_eq!(strange.status(), StatusCode::NOT_FOUND, "{number}");
        }
    }

    async fn a_change_whose_commits_answer_was_lost_is_made_once(app: TestApp) {
        let (tipster, second) = (app.tipster().await, app.beside_losing_answers().await);
        let draft = tipster.begin(&second).await;
        assert_eq!(tipster.leg(&second, &draft, "Tusker", 120).await.status(), StatusCode::SEE_OTHER);
        let (_, page) = tipster.page(&app, &format!("/sell/{draft}")).await;
        assert_eq!(page.matches("/matches/1/remove").count(), 1, "{page}");
        assert!(!page.contains("/matches/2/remove"), "{page}");
        for size in [300, 400] {
            assert_eq!(tipster.upload(&second, &draft, "slip.png", png(size, size)).await.status(), StatusCode::SEE_OTHER);
            let kept = tipster.http.get(app.at(&format!("/sell/{draft}/picture"))).send().await.expect("an answer");
            assert_eq!(kept.status(), StatusCode::OK, "its file is not taken for the one before");
        }
    }

    async fn pictures_are_taken_by_their_content(app: TestApp) {
        let tipster = app.tipster().await;
        let draft = tipster.begin(&app).await;
        let mut bomb = png(300, 300);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        for (name, bytes, status, reason) in [
            ("slip.png", b"#!/bin/sh\necho not a picture".to_vec(), StatusCode::UNPROCESSABLE_ENTITY, "not a picture we can use"),
            ("slip.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(), StatusCode::UNPROCESSABLE_ENTITY, "not a picture we can use"),
            ("slip.png", bomb, StatusCode::UNPROCESSABLE_ENTITY, "picture"),
            ("slip.png", vec![0x89; 6 * 1024 * 1024], StatusCode::PAYLOAD_TOO_LARGE, "larger than 5 MB"),
            ("slip.png", vec![0x89; 20 * 1024 * 1024], StatusCode::PAYLOAD_TOO_LARGE, "larger than 5 MB"),
            ("slip.png", Vec::new(), StatusCode::BAD_REQUEST, "Choose a picture first"),
        ] {
            let refused = tipster.upload(&app, &draft, name, bytes).await;
            assert_eq!(refused.status(), status, "{name}: {reason}");
            assert!(words(refused).await.contains(reason), "{reason}");
        }
        assert_eq!(tipster.upload(&app, &draft, "../../etc/passwd.exe", png(2_000, 1_000)).await.status(), StatusCode::SEE_OTHER);
        let kept = tipster.http.get(app.at(&format!("/sell/{draft}/picture"))).send().await.expect("an answer");
        assert_eq!((kept.status(), kept.headers()["content-type"].to_str().expect("text")), (StatusCode::OK, "image/webp"));
        let kept = image::load_from_memory(&kept.bytes().await.expect("a picture")).expect("a picture");
        assert_eq!((kept.width(), kept.height()), (1_080, 540));
        let removed = tipster.submit(&app, &format!("/api/selling/drafts/{draft}/picture/remove"), &[]).await;
        assert_eq!(removed.status(), StatusCode::SEE_OTHER);
        let gone = tipster.http.get(app.at(&format!("/sell/{draft}/picture"))).send().await.expect("an answer");
        assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    }

    async fn a_draft_is_its_tipsters_alone(app: TestApp) {
        let tipster = app.verified_tipster().await;
        let draft = tipster.whole_draft(&app).await;
        let other = Person::register(&app, "0733000002", "Other Tipster", &["tipster"]).await;
        let buyer = app.buyer("0712345678").await;
        for path in [format!("/sell/{draft}"), format!("/sell/{draft}/check"), format!("/sell/{draft}/picture")] {
            assert_eq!(other.page(&app, &path).await.0, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(buyer.page(&app, &path).await.0, StatusCode::CONFLICT, "{path}");
        }
        let api = format!("/api/selling/drafts/{draft}");
        for path in ["publish", "delete", "picture/remove", "matches/1/remove"] {
            let refused = other.submit(&app, &format!("{api}/{path}"), &[("version", "5")]).await;
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(other.details(&app, &draft, "2.00", "10").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(other.leg(&app, &draft, "Theirs", 100).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(other.upload(&app, &draft, "x.png", png(200, 200)).await.status(), StatusCode::NOT_FOUND);
        let stranger = client();
        let sent_on = stranger.post(app.at(&format!("{api}/publish"))).header("accept", "text/html").form(&[("version", "5")]).send().await.expect("an answer");
        assert_eq!(sent_on.status(), StatusCode::SEE_OTHER, "to sign in first");
        assert!(sent_on.headers()[LOCATION].to_str().expect("text").starts_with("/sign-in?next="));
        let program = stranger.post(app.at(&format!("{api}/publish"))).form(&[("version", "5")]).send().await.expect("an answer");
        assert_eq!(program.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(buyer.submit(&app, "/api/selling/drafts", &[]).await.status(), StatusCode::CONFLICT);
        assert_eq!(tipster.publish(&app, &draft).await.0, 1, "nothing was changed");
    }

    async fn drafts_are_few_and_can_be_deleted(app: TestApp) {
        let tipster = app.tipster().await;
        let mut last = String::new();
        for _ in 0..10 {
            last = tipster.begin(&app).await;
            tipster.details(&app, &last, "2.00", "50").await;
        }
        let refused = tipster.submit(&app, "/api/selling/drafts", &[]).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        assert!(words(refused).await.contains("You have 10 drafts"));
        assert_eq!(tipster.submit(&app, &format!("/api/selling/drafts/{last}/delete"), &[]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(tipster.submit(&app, &format!("/api/selling/drafts/{last}/delete"), &[]).await.status(), StatusCode::NOT_FOUND);
        assert_ne!(tipster.begin(&app).await, last);
    }

    async fn nobody_floods_the_market(app: TestApp) {
        let tipster = app.verified_tipster().await;
        for _ in 0..30 {
            app.tip(&tipster, 1, 20).await;
        }
        app.advance(23 * 3600);
        let draft = tipster.whole_draft(&app).await;
        let version = tipster.checked(&app, &draft).await;
        let refused = tipster.press_publish(&app, &draft, &version).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        assert!(words(refused).await.contains("30 tips in 24 hours"));
        app.advance(3601);
        assert_eq!(tipster.press_publish(&app, &draft, &version).await.status(), StatusCode::SEE_OTHER);
    }

    async fn an_unsold_tip_can_be_withdrawn(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let path = format!("/api/selling/tips/{tip}/withdraw");
        assert_eq!(buyer.submit(&app, &path, &[]).await.status(), StatusCode::CONFLICT, "buyers sell nothing");
        let other = Person::register(&app, "0733000002", "Other Tipster", &["tipster"]).await;
        assert_eq!(other.submit(&app, &path, &[]).await.status(), StatusCode::NOT_FOUND);
        let started = buyer.start(&app, tip).await;
        let busy = tipster.submit(&app, &path, &[]).await;
        assert_eq!(busy.status(), StatusCode::CONFLICT);
        assert!(words(busy).await.contains("Somebody is paying"));
        app.answer(text(&started, "checkout_request_id"), "cancel").await;
        buyer.until_status(&app, text(&started, "payment_id"), "cancelled").await;
        for _ in 0..2 {
            assert_eq!(tipster.submit(&app, &path, &[]).await.status(), StatusCode::SEE_OTHER, "twice is once");
        }
        assert!(tipster.page(&app, "/my-tips").await.1.contains("Withdrawn"));
        let late = buyer.initiate(&app, &serde_json::json!({ "tip_id": tip })).await;
        assert_eq!(late.status(), StatusCode::CONFLICT);
        app.books_are_right().await;
    }

    async fn a_sold_or_closed_tip_cannot_be_withdrawn(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let unsold = app.tip(&tipster, 2, 20).await;
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let sold = tipster.submit(&app, &format!("/api/selling/tips/{tip}/withdraw"), &[]).await;
        assert!(sold.status() == StatusCode::CONFLICT && words(sold).await.contains("has been sold"));
        app.advance(2 * 3600 - 5 * 60);
        let closed = tipster.submit(&app, &format!("/api/selling/tips/{unsold}/withdraw"), &[]).await;
        assert!(closed.status() == StatusCode::CONFLICT && words(closed).await.contains("Sales of this tip have closed"));
        assert!(!buyer.page(&app, "/tips").await.1.contains(&format!("/tips/{unsold}\"")), "it left the market by itself");
    }

    async fn withdrawing_and_paying_at_once_never_sells_what_is_gone(app: TestApp) {
        let tipster = app.tipster().await;
        for round in 0..6 {
            let tip = app.tip(&tipster, 2, 20).await;
            let buyer = app.buyer(&format!("071234568{round}")).await;
            let path = format!("/api/selling/tips/{tip}/withdraw");
            let body = serde_json::json!({ "tip_id": tip });
            let (withdrawn, paid) = tokio::join!(tipster.submit(&app, &path, &[]), buyer.initiate(&app, &body));
            let both = (withdrawn.status() == StatusCode::SEE_OTHER, paid.status().is_success());
            assert!(both.0 != both.1, "exactly one of them: {both:?}");
        }
        app.books_are_right().await;
    }

    async fn what_is_published_is_never_changed(app: TestApp) {
        let (_, tip, _) = app.shop().await;
        for statement in [
            "UPDATE tips SET bet_code = 'OTHER1' WHERE id = $1",
            "UPDATE tips SET price_cents = 100 WHERE id = $1",
            "UPDATE tips SET seal = 'x' WHERE id = $1",
            "UPDATE tip_matches SET selection = 'Away win' WHERE tip_id = $1",
            "DELETE FROM tip_matches WHERE tip_id = $1",
            "DELETE FROM tips WHERE id = $1",
        ] {
            use crate::platform::db::{Failure, on, transaction};
            let done: Result<(), Failure> = transaction!(app.db, |tx| {
                Ok(on!(tx, |c| sqlx::query(statement).bind(tip).execute(c).await.map(|_| ()))?)
            });
            done.expect_err(statement);
        }
    }

    async fn views_are_counted_without_a_write_each(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let path = format!("/tips/{tip}");
        let look = async |browser: &str| {
            let answer = app.http.get(app.at(&path)).header("user-agent", browser).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
        };
        // Thirty visits of one visitor count as one view, whether they get a copy or a page that was made for
        // them.
        for _ in 0..30 {
            look("Opera Mini").await;
        }
        look("Chrome").await;
        buyer.page(&app, &path).await;
        buyer.page(&app, &path).await;
        tipster.page(&app, &path).await;
        app.http.get(app.at("/tips/999999")).send().await.expect("an answer");
        assert_eq!(app.count("SELECT COUNT(*) FROM tip_views").await, 0);
        app.running.state.tips.views.flush(&app.db).await;
        assert_eq!(app.count("SELECT view_count FROM tip_views").await, 3, "copies too, the tipster's own not");
        // A visit on another day is another view.
        app.advance(24 * 3_600);
        buyer.page(&app, &path).await;
        app.running.state.tips.views.flush(&app.db).await;
        app.running.state.tips.views.flush(&app.db).await;
        assert_eq!(app.count("SELECT view_count FROM tip_views").await, 4);
        let (_, mine) = tipster.page(&app, "/my-tips").await;
        assert!(mine.contains("<dt>Views</dt><dd>4</dd>"), "{mine}");
    }

    async fn my_tips_have_pages(app: TestApp) {
        let tipster = app.tipster().await;
        for _ in 0..22 {
            app.tip(&tipster, 1, 20).await;
        }
        let (_, first) = tipster.page(&app, "/my-tips").await;
        let (_, rest) = first.split_once("href=\"/my-tips?").expect("a second page");
        let next = rest.split('"').next().expect("an address").to_owned();
        let (_, second) = tipster.page(&app, &format!("/my-tips?{next}")).await;
        let items = |page: &str| page.matches("card line").count();
        assert_eq!((items(&first), items(&second)), (20, 2));
        assert_eq!(tipster.page(&app, "/my-tips?after=x").await.0, StatusCode::BAD_REQUEST);
        let empty = Person::register(&app, "0733000002", "Other Tipster", &["tipster"]).await;
        assert!(empty.page(&app, "/my-tips").await.1.contains("Nothing here yet"));
    }
}
