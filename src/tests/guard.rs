//! Play money is for this machine only, and a database keeps its kind of money (MONEY §5).

use reqwest::StatusCode;

use super::harness::{Engine, TestApp, both};
use crate::platform::money_mode;

both! {
    async fn play_money_is_not_shown_to_others(app: TestApp) {
        let get = |name: &'static str, value: &'static str| {
            let request = app.http.get(app.at("/tips")).header(name, value);
            async move { request.send().await.expect("an answer").status() }
        };
        assert_eq!(get("host", "ligisoo.example").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get("host", "127.0.0.1.evil.example:3000").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get("x-forwarded-for", "203.0.113.9").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get("forwarded", "for=203.0.113.9").await, StatusCode::SERVICE_UNAVAILABLE);
        for host in ["localhost:3000", "127.0.0.1", "[::1]:3000"] {
            assert_eq!(get("host", host).await, StatusCode::OK, "{host}");
        }
    }

    async fn a_database_keeps_its_kind_of_money(app: TestApp) {
        money_mode::check_money(&app.db, true).await.expect("a database without money has no kind yet");
        let (_, tip, buyer) = app.shop().await;
        buyer.start(&app, tip).await;
        money_mode::check_money(&app.db, true).await.expect_err("from the first payment on");
        money_mode::claim_money(&app.db, false).await.expect("the same kind");
        let refused = money_mode::claim_money(&app.db, true).await.expect_err("the other kind");
        assert!(refused.to_string().contains("simulated"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn play_money_may_be_shown_when_asked_for() {
    let app = TestApp::with(
        Engine::Sqlite,
        &[("SITE_URL", "https://ligisoo.example"), ("SIMULATION_PUBLIC", "true")],
    )
    .await;
    let answer = app
        .http
        .get(app.at("/tips"))
        .header("host", "ligisoo.example")
        .header("x-forwarded-for", "203.0.113.9")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()["strict-transport-security"].to_str().expect("text").starts_with("max-age="));
    assert!(answer.text().await.expect("HTML").contains("DEV MODE"));
    let form = [
        ("phone_number", "0712345678"),
        ("display_name", "Asha"),
        ("birth_date", "1990-01-01"),
        ("buyer", "on"),
    ];
    let begun = app
        .http
        .post(app.at("/api/accounts/register"))
        .header("host", "ligisoo.example")
        .form(&form)
        .send()
        .await
        .expect("an answer");
    let cookie = begun.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(
        cookie.starts_with("__Host-ligisoo_code_")
            && cookie.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    let page = begun.headers()["location"].to_str().expect("text").to_owned();
    let code = app.code_on("0712345678").await;
    let form =
        [("id", page.trim_start_matches("/code/")), ("code", &code), ("password", super::harness::PASSWORD)];
    let request = app
        .http
        .post(app.at("/api/accounts/code"))
        .header("host", "ligisoo.example")
        .header("cookie", cookie);
    let answer = request.form(&form).send().await.expect("an answer");
    let cookies: Vec<&str> =
        answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text")).collect();
    assert!(
        cookies.len() == 2
            && cookies.iter().all(|cookie| cookie.contains("Secure") && cookie.contains("HttpOnly")),
        "{cookies:?}"
    );
    assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-ligisoo_known=")), "{cookies:?}");
}
