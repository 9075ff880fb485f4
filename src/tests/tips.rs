//! What must be paid for is not sent before it is paid for, in pages, answers, pictures or files.

use reqwest::StatusCode;

use super::harness::{BET_CODE, TestApp, both, client, text};

const SECRETS: [&str; 5] = [BET_CODE, "Secretmarket", "Secretpick", "1.77", "1777"];

both! {
    async fn nothing_paid_is_sent_before(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        for http in [&buyer.http, &app.http] {
            for path in ["/", "/tips", &format!("/tips/{tip}"), &format!("/tips/{tip}?__err=x&__path=y"), "/purchases"] {
                let answer = http.get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
                let page = format!("{:?}", answer.headers()) + &answer.text().await.expect("HTML");
                for secret in SECRETS {
                    assert!(!page.contains(secret), "{path} shows {secret}");
                }
            }
        }
        let started = buyer.start(&app, tip).await;
        let state = app.at(&format!("/api/payments/state?payment_id={}", text(&started, "payment_id")));
        let answers = [started.to_string(), buyer.http.get(state).send().await.expect("an answer").text().await.expect("JSON")];
        for answer in answers {
            assert!(SECRETS.iter().all(|secret| !answer.contains(secret)), "{answer}");
        }
    }

    async fn previews_hide_enough(app: TestApp) {
        let tipster = app.tipster().await;
        for (matches, shown) in [(1, 0), (2, 1), (3, 2), (5, 2)] {
            let tip = app.tip(&tipster, matches, 50).await;
            let page = app.http.get(app.at(&format!("/tips/{tip}"))).send().await.expect("an answer").text().await.expect("HTML");
            let named = (0..matches).filter(|leg| page.contains(&format!("Home{leg}"))).count();
            assert_eq!(named, shown, "{matches} matches");
            assert!(page.contains(">••••••<"), "no letter of the code");
        }
    }

    async fn the_clear_picture_is_for_who_paid(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let clear = app.at(&format!("/tips/{tip}/betslip"));
        let get = |http: reqwest::Client, url: reqwest::Url| async move { http.get(url).send().await.expect("an answer") };
        for http in [client(), buyer.http.clone()] {
            assert_eq!(get(http, clear.clone()).await.status(), StatusCode::NOT_FOUND);
        }
        let own = get(tipster.http.clone(), clear.clone()).await;
        assert_eq!(own.status(), StatusCode::OK);
        assert_eq!(own.headers()["cache-control"], "private, no-store");
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let paid = get(buyer.http.clone(), clear).await;
        assert_eq!((paid.status(), paid.headers()["content-type"].to_str().expect("text")), (StatusCode::OK, "image/webp"));
        for path in [format!("/uploads/betslip-{tip}.webp"), format!("/betslip-{tip}.webp"), format!("/pkg/../betslip-{tip}.webp")] {
            assert_eq!(get(client(), app.at(&path)).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn what_was_never_offered_is_nobodys(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        app.execute("UPDATE tips SET status = 'draft' WHERE id = $1", tip).await;
        assert_eq!(buyer.page(&app, &format!("/tips/{tip}")).await.0, StatusCode::NOT_FOUND);
        assert_eq!(tipster.page(&app, &format!("/tips/{tip}")).await.0, StatusCode::OK);
        assert!(!buyer.page(&app, "/tips").await.1.contains(&format!("/tips/{tip}\"")));
    }

    async fn unknown_addresses_are_clear(app: TestApp) {
        for (path, wanted) in [
            ("/tips/999999", StatusCode::NOT_FOUND),
            ("/tips/abc", StatusCode::NOT_FOUND),
            ("/nothing/here", StatusCode::NOT_FOUND),
            ("/tips/99999999999999999999", StatusCode::NOT_FOUND),
            ("/tips/", StatusCode::PERMANENT_REDIRECT),
            ("/api/nothing", StatusCode::NOT_FOUND),
            ("/payments/not-an-id", StatusCode::FOUND),
        ] {
            let answer = client().get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
            assert_eq!(answer.status(), wanted, "{path}");
        }
    }

    async fn pages_are_whole_and_strict(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        for path in ["/", "/tips", "/register", "/sign-in", "/purchases", &format!("/tips/{tip}")] {
            let answer = buyer.http.get(app.at(path)).send().await.expect("an answer");
            let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
            assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.headers()["cache-control"], "private, no-store", "{path} is made for one person");
            let page = answer.text().await.expect("HTML");
            assert!(page.contains("</body></html>"), "{path} is whole");
            assert!(page.contains("DEV MODE"), "{path} says that the money is play money");
            assert!(!page.contains("__RESOLVED_RESOURCES=[\""), "{path} repeats no data");
        }
    }

    async fn the_form_without_scripts_pays_too(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let (_, page) = buyer.page(&app, &format!("/tips/{tip}")).await;
        assert!(page.contains("action=\"/api/payments/start\""));
        let form = [("tip_id", tip.to_string()), ("phone_number", "0712 345 678".to_owned())];
        let answer = buyer.http.post(app.at("/api/payments/start")).header("accept", "text/html").form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()["location"].to_str().expect("text").to_owned();
        let (status, waiting) = buyer.page(&app, &location).await;
        assert_eq!(status, StatusCode::OK);
        assert!(waiting.contains("http-equiv=\"refresh\"") && waiting.contains("Check your phone"), "{waiting}");
        let prompt = app.prompts().await.remove(0);
        app.answer(text(&prompt, "checkout_request_id"), "pay").await;
        app.until("paid", || async { buyer.page(&app, &location).await.1.contains("Paid") }).await;
        assert!(!buyer.page(&app, &location).await.1.contains("http-equiv=\"refresh\""), "it stops asking");
        let stranger = app.buyer("0712000222").await;
        assert_eq!(stranger.page(&app, &location).await.0, StatusCode::NOT_FOUND);
    }

    async fn a_refused_form_shows_the_page_with_the_reason(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let form = [("tip_id", tip.to_string()), ("phone_number", "0722 11122\"".to_owned())];
        let request = buyer.http.post(app.at("/api/payments/start")).header("accept", "text/html").header("referer", app.at(&format!("/tips/{tip}")).as_str());
        let answer = request.form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let page = answer.text().await.expect("HTML");
        assert!(page.contains("not a Kenyan mobile number") && page.contains("action=\"/api/payments/start\""));
        assert!(page.contains("value=\"0722 11122&quot;\""), "the number that was typed is there to be mended");
        // A link of another person cannot put words onto the page.
        let planted = "eyJlcnJvciI6IlNlbmQgbW9uZXkgdG8gMDcwMCJ9";
        let (_, page) = buyer.page(&app, &format!("/tips/{tip}?__err={planted}&__path=/api/payments/start")).await;
        assert!(!page.contains("Send money"));
    }

    async fn who_is_signed_out_meanwhile_is_led_to_sign_in(app: TestApp) {
        let (_, tip, _) = app.shop().await;
        let came_from = app.at(&format!("/tips/{tip}"));
        let request = client().post(app.at("/api/payments/start")).header("accept", "text/html").header("referer", came_from.as_str());
        let answer = request.form(&[("tip_id", tip.to_string())]).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()["location"].to_str().expect("text");
        assert!(location.starts_with("/sign-in?") && location.contains(&tip.to_string()), "{location}");
    }

    async fn a_broken_form_is_told_in_words(app: TestApp) {
        let (_, _, buyer) = app.shop().await;
        for (body, wanted) in [("", StatusCode::BAD_REQUEST), ("tip_id=abc", StatusCode::BAD_REQUEST), ("tip_id=99999", StatusCode::NOT_FOUND), ("tip_id=%FF", StatusCode::BAD_REQUEST)] {
            let request = buyer.http.post(app.at("/api/payments/start")).header("content-type", "application/x-www-form-urlencoded");
            let answer = request.header("accept", "application/json").body(body).send().await.expect("an answer");
            assert_eq!(answer.status(), wanted, "{body}");
            let json: serde_json::Value = answer.json().await.expect("JSON");
            assert!(json["error"].is_string(), "{body}: {json}");
        }
    }
}
