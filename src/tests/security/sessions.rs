//! A session belongs to its browser alone, lives no longer than it should, and can be ended from any other.

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::platform::db::read;
use crate::tests::harness::{PASSWORD, Person, TestApp, both, client, text};

const PHONE: &str = "0712345678";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";
const DAY: u64 = 24 * 60 * 60;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Signs in once more, with a browser that describes itself so. Returns the browser and its secret.
async fn sign_in(app: &TestApp, phone: &str, says: &str) -> (Client, String) {
    let browser = client();
    let form = [("phone_number", phone), ("password", PASSWORD)];
    let answer = browser
        .post(app.at("/api/accounts/sign-in"))
        .header("user-agent", says)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookie = answer.headers()[SET_COOKIE].to_str().expect("text");
    let (_, rest) = cookie.split_once('=').expect("a cookie");
    (browser, rest.split(';').next().expect("a value").to_owned())
}

/// The name of the session that began last.
async fn newest(app: &TestApp, person: &Person) -> String {
    const NEWEST: &str = "SELECT id FROM sessions WHERE person_id = $1 ORDER BY signed_in_at DESC LIMIT 1";
    read!(&app.db, |c| sqlx::query_scalar(NEWEST).bind(person.id).fetch_one(c).await).expect("a session")
}

async fn watch(app: &TestApp, browser: &Client, started: &Value) -> Response {
    let path = format!("/api/payments/events?payment_id={}", text(started, "payment_id"));
    let stream = browser.get(app.at(&path)).send().await.expect("an answer");
    assert_eq!(stream.status(), StatusCode::OK);
    stream
}

async fn is_in(app: &TestApp, browser: &Client) -> bool {
    browser.get(app.at("/purchases")).send().await.expect("an answer").status() == StatusCode::OK
}

async fn ids(app: &TestApp, person: &Person) -> Vec<String> {
    const IDS: &str = "SELECT id FROM sessions WHERE person_id = $1 ORDER BY signed_in_at";
    read!(&app.db, |c| sqlx::query_scalar(IDS).bind(person.id).fetch_all(c).await).expect("sessions")
}

both! {
    async fn a_copy_of_the_database_opens_no_session(app: TestApp) {
        let buyer = app.buyer(PHONE).await;
        let (browser, secret) = sign_in(&app, PHONE, ANDROID).await;
        assert!(is_in(&app, &browser).await);
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 2);
        for id in ids(&app, &buyer).await {
            assert_ne!(id, secret);
            let planted = client().get(app.at("/purchases")).header(COOKIE, format!("ligisoo_session={id}")).send().await.expect("an answer");
            assert_ne!(planted.status(), StatusCode::OK);
        }
        let own = client().get(app.at("/purchases")).header(COOKIE, format!("ligisoo_session={secret}")).send().await.expect("an answer");
        assert_eq!(own.status(), StatusCode::OK, "the secret itself does");
    }

    async fn a_session_in_use_lives_for_thirty_days_and_an_unused_one_for_fourteen(app: TestApp) {
        app.buyer(PHONE).await;
        let (used, _) = sign_in(&app, PHONE, ANDROID).await;
        let (unused, _) = sign_in(&app, PHONE, ANDROID).await;
        for _ in 0..2 {
            app.advance(10 * DAY);
            assert!(is_in(&app, &used).await);
        }
        assert!(!is_in(&app, &unused).await);
        app.advance(9 * DAY);
        assert!(is_in(&app, &used).await, "on the 29th day");
        app.advance(DAY);
        assert!(!is_in(&app, &used).await, "on the 30th");
    }

    async fn a_session_in_use_is_written_once_an_hour(app: TestApp) {
        const WRITTEN: &str = "SELECT COUNT(*) FROM sessions WHERE seen_at > signed_in_at";
        app.buyer(PHONE).await;
        let (browser, _) = sign_in(&app, PHONE, ANDROID).await;
        for (minutes, written) in [(0, 0), (59, 0), (1, 1)] {
            app.advance(minutes * 60);
            assert!(is_in(&app, &browser).await);
            assert_eq!(app.count(WRITTEN).await, written, "after {minutes} more minutes");
        }
    }

    async fn sessions_are_listed_and_ended_one_by_one(app: TestApp) {
        let buyer = app.buyer(PHONE).await;
        app.advance(60);
        let (phone, secret) = sign_in(&app, PHONE, ANDROID).await;
        let (_, page) = buyer.page(&app, "/account").await;
        assert!(page.contains("Chrome on Android") && page.contains("This one") && page.contains("A browser"));
        assert!(!page.contains(&secret) && !page.contains("Mozilla"));
        let ids = ids(&app, &buyer).await;
        let other = app.buyer("0712345679").await;
        let end = |id: &str| format!("/api/accounts/sessions/{id}/end");
        assert_eq!(other.submit(&app, &end(&ids[1]), &[]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(buyer.submit(&app, &end(&secret), &[]).await.status(), StatusCode::NOT_FOUND, "the secret is no name");
        assert!(is_in(&app, &phone).await);
        assert_eq!(app.http.post(app.at(&end(&ids[1]))).send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
        assert_eq!(buyer.submit(&app, &end(&ids[1]), &[]).await.status(), StatusCode::SEE_OTHER);
        assert!(!is_in(&app, &phone).await && is_in(&app, &buyer.http).await);
        assert_eq!(buyer.submit(&app, &end(&ids[0]), &[]).await.status(), StatusCode::SEE_OTHER, "also the one that asks");
        assert!(!is_in(&app, &buyer.http).await);
    }

    async fn a_person_has_twenty_sessions(app: TestApp) {
        let buyer = app.buyer(PHONE).await;
        let mut last = None;
        for _ in 0..21 {
            app.advance(1);
            last = Some(sign_in(&app, PHONE, ANDROID).await.0);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 20);
        assert!(is_in(&app, &last.expect("the last")).await && !is_in(&app, &buyer.http).await, "the oldest made room");
    }

    async fn a_person_has_six_streams(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let path = format!("/api/payments/events?payment_id={}", text(&started, "payment_id"));
        let (mut statuses, mut open) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let (browser, _) = sign_in(&app, PHONE, ANDROID).await;
            for _ in 0..3 {
                let stream = browser.get(app.at(&path)).send().await.expect("an answer");
                statuses.push(stream.status());
                open.push(stream);
            }
        }
        let expected = [[StatusCode::OK; 3], [StatusCode::OK; 3], [StatusCode::TOO_MANY_REQUESTS; 3]].concat();
        assert_eq!(statuses, expected);
    }

    async fn a_stream_ends_with_its_session(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        for way in ["one", "all", "password"] {
            app.advance(1);
            let (browser, _) = sign_in(&app, PHONE, ANDROID).await;
            let mut stream = watch(&app, &browser, &started).await;
            let ended = match way {
                "one" => buyer.post(&app, &format!("/api/accounts/sessions/{}/end", newest(&app, &buyer).await), &[]).await,
                "all" => sign_in(&app, PHONE, ANDROID).await.0.post(app.at("/api/accounts/sign-out-everywhere")).send().await.expect("an answer"),
                _ => {
                    let form = [("old_password", PASSWORD), ("password", "mvua ya masika")];
                    sign_in(&app, PHONE, ANDROID).await.0.post(app.at("/api/accounts/password")).form(&form).send().await.expect("an answer")
                }
            };
            assert_eq!(ended.status(), StatusCode::SEE_OTHER, "{way}");
            let news = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("soon").expect("a stream");
            assert_eq!(news, None, "{way}: it ends, and says nothing");
        }
    }

    async fn what_happens_after_a_session_is_not_told_to_its_streams(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let (living, _) = sign_in(&app, PHONE, ANDROID).await;
        app.advance(1);
        let (signed_out, _) = sign_in(&app, PHONE, ANDROID).await;
        let mut streams = [watch(&app, &living, &started).await, watch(&app, &signed_out, &started).await];
        let ended = living.post(app.at(&format!("/api/accounts/sessions/{}/end", newest(&app, &buyer).await))).send().await.expect("an answer");
        assert_eq!(ended.status(), StatusCode::SEE_OTHER);
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        let mut news = Vec::new();
        for stream in &mut streams {
            news.push(tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("soon").expect("a stream"));
        }
        assert_eq!((news[0].as_deref(), &news[1]), (Some(b"data: news\n\n".as_slice()), &None));
    }

    async fn a_signed_out_cookie_opens_nothing(app: TestApp) {
        app.buyer(PHONE).await;
        let (browser, secret) = sign_in(&app, PHONE, ANDROID).await;
        let cookie = format!("ligisoo_session={secret}");
        assert_eq!(browser.post(app.at("/api/accounts/sign-out")).send().await.expect("an answer").status(), StatusCode::SEE_OTHER);
        let kept = client().get(app.at("/purchases")).header(COOKIE, cookie).send().await.expect("an answer");
        assert_ne!(kept.status(), StatusCode::OK, "also where it was kept");
    }
}
