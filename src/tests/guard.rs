//! Play money is for this machine only, and a database keeps its kind of money (MONEY §5).

use reqwest::StatusCode;

use super::harness::{Engine, TestApp, both};
use crate::platform::money_mode::{self, MoneyKind, MoneyMode, Remembered};
use crate::types::TipId;

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
        money_mode::check_money(&app.db, &live()).await.expect("a database without money has no kind yet");
        let (_, tip, buyer) = app.shop().await;
        buyer.start(&app, tip).await;
        money_mode::check_money(&app.db, &live()).await.expect_err("from the first payment on");
        money_mode::claim_money(&app.db, &mode(MoneyKind::Simulated, &[])).await.expect("the same kind");
        let refused = money_mode::claim_money(&app.db, &live()).await.expect_err("the other kind");
        assert!(refused.to_string().contains("simulated"), "{refused}");
        assert!(!refused.to_string().contains("money accept"), "play money becomes no other: {refused}");
        let payments = &app.running.state.payments;
        let operator = app.acts("0744000001").await;
        payments.accept_money(&live(), &operator).await.expect_err("not once there are payments");
    }

    async fn another_kind_or_short_code_is_accepted_by_a_person(app: TestApp) {
        let (payments, operator) = (&app.running.state.payments, app.acts("0744000001").await);
        let sandbox = mode(MoneyKind::Sandbox, &["174379"]);
        money_mode::claim_money(&app.db, &sandbox).await.expect("its first");
        for other in [live(), mode(MoneyKind::Sandbox, &["600999"]), mode(MoneyKind::Sandbox, &["174379", "600999"])] {
            let refused = money_mode::check_money(&app.db, &other).await.expect_err("other money").to_string();
            let codes: String = other.short_codes.iter().flat_map(|code| [" --short-code ", code]).collect();
            let command = format!("ligisoo money accept --kind {}{codes} --by", other.kind);
            assert!(refused.contains(&command) && refused.contains("sandbox money of short code 174379"), "{refused}");
        }
        money_mode::check_money(&app.db, &mode(MoneyKind::Simulated, &[])).await.expect_err("play money");
        payments.accept_money(&mode(MoneyKind::Sandbox, &["600999"]), &operator).await.expect("accepted");
        for known in [sandbox.clone(), mode(MoneyKind::Sandbox, &["600999"])] {
            money_mode::check_money(&app.db, &known).await.expect("both were seen");
        }
        payments.accept_money(&live(), &operator).await.expect("accepted");
        money_mode::check_money(&app.db, &live()).await.expect("real money");
        money_mode::check_money(&app.db, &sandbox).await.expect_err("and no other");
        money_mode::check_money(&app.db, &mode(MoneyKind::Live, &["174379"])).await.expect_err("of the sandbox");
        assert_eq!(app.count("SELECT COUNT(*) FROM audit WHERE action = 'money_accepted'").await, 2);
    }

    async fn live_money_of_an_older_version_is_locked_until_somebody_says_what_it_is(app: TestApp) {
        app.execute("INSERT INTO facts (name, value) SELECT 'money', 'live' WHERE $1 > 0", TipId(1)).await;
        for kind in [MoneyKind::Sandbox, MoneyKind::Live] {
            let money = mode(kind, &["600000"]);
            let refused = money_mode::claim_money(&app.db, &money).await.expect_err("locked").to_string();
            let command = format!("ligisoo money accept --kind {kind} --short-code 600000 --by");
            assert!(refused.contains("older version") && refused.contains(&command), "{refused}");
        }
        money_mode::check_money(&app.db, &mode(MoneyKind::Simulated, &[])).await.expect_err("never play money");
        let operator = app.acts("0744000001").await;
        let accepted = app.running.state.payments.accept_money(&live(), &operator).await.expect("accepted");
        assert_eq!((accepted.before, accepted.after, accepted.holds.payments), (Remembered::Unclear, live(), 0));
        money_mode::check_money(&app.db, &live()).await.expect("unlocked");
    }
}

fn mode(kind: MoneyKind, short_codes: &[&str]) -> MoneyMode {
    MoneyMode { kind, short_codes: short_codes.iter().map(ToString::to_string).collect() }
}

fn live() -> MoneyMode {
    mode(MoneyKind::Live, &["600000"])
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
