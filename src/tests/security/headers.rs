//! The headers of every answer, and the cookie of a session.

use reqwest::header::{COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Response, StatusCode};

use super::market::Market;
use super::routes::somewhere;
use crate::server;
use crate::tests::harness::{Engine, PASSWORD, Person, TestApp, both, client};

fn assert_safe(headers: &HeaderMap, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(
            headers.get(name).map(|value| value.to_str().expect("text")),
            Some(value),
            "{name} of {what}"
        );
    }
    let denied = headers
        .get("permissions-policy")
        .unwrap_or_else(|| panic!("no permissions-policy of {what}"))
        .to_str()
        .expect("text");
    for feature in ["camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"] {
        assert!(denied.contains(feature), "{feature} of {what}");
    }
    assert!(headers.contains_key("cache-control"), "cache-control of {what}");
}

async fn get(app: &TestApp, path: &str, more: &[(&str, &str)]) -> Response {
    // The client keeps no cookies, so that only the given ones are sent.
    let mut request = client().get(app.at(path)).header("accept", "text/html");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

both! {
    async fn every_answer_carries_the_safe_headers(app: TestApp) {
        let market = Market::fill(&app, "Written").await;
        for (reader, http) in market.readers() {
            for page in market.pages() {
                let answer = http.get(app.at(&page)).header("accept", "text/html").send().await.expect("an answer");
                assert_safe(answer.headers(), &format!("{page} for the {reader}"));
            }
        }
        for route in server::routes() {
            let answer = app.http.request(route.method.clone(), app.at(&somewhere(route.path))).send().await.expect("an answer");
            assert_safe(answer.headers(), route.path);
        }
        let tag = get(&app, "/tips", &[]).await.headers()["etag"].to_str().expect("a tag of a copy").to_owned();
        for (path, headers, status) in [
            ("/tips", &[][..], StatusCode::OK),
            ("/about", &[("if-none-match", "*")], StatusCode::OK),
            ("/tips", &[("if-none-match", tag.as_str())], StatusCode::NOT_MODIFIED),
            ("/nowhere", &[], StatusCode::NOT_FOUND),
            ("/api/nowhere", &[], StatusCode::NOT_FOUND),
            ("/api/accounts/sign-in", &[], StatusCode::METHOD_NOT_ALLOWED),
            ("/tips", &[("host", "evil.example")], StatusCode::SERVICE_UNAVAILABLE),
            ("/healthz", &[], StatusCode::OK),
            ("/payments/api/callback/", &[], StatusCode::METHOD_NOT_ALLOWED),
        ] {
            let answer = get(&app, path, headers).await;
            assert_eq!(answer.status(), status, "{path}");
            assert_safe(answer.headers(), path);
        }
        let forged = app.http.post(app.at("/api/accounts/sign-out")).header("origin", "https://evil.example").send().await.expect("an answer");
        assert_eq!(forged.status(), StatusCode::FORBIDDEN);
        assert_safe(forged.headers(), "a forged request");
    }

    async fn nobody_gets_the_page_of_another(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        let form = [("phone_number", buyer.phone.as_str()), ("password", PASSWORD)];
        let entered = client().post(app.at("/api/accounts/sign-in")).form(&form).send().await.expect("an answer");
        let (_, id) = session_cookie(&entered, "ligisoo_session");
        // However a browser encodes the cookie's name, the session and the cache of pages read it in the same
        // way.
        for name in ["ligisoo_session", "ligisoo%5Fsession", "%6cigisoo_session"] {
            let own = get(&app, "/tips", &[("cookie", &format!("{name}={id}"))]).await.text().await.expect("HTML");
            let others = get(&app, "/tips", &[]).await.text().await.expect("HTML");
            assert!(!others.contains("Baraka Buyer"), "{name}");
            assert_eq!(own.contains("Baraka Buyer"), !own.contains("href=\"/sign-in\""), "{name}");
        }
        let named_alike = get(&app, "/tips", &[("cookie", "not_ligisoo_session=1; x=ligisoo_session")]).await;
        assert!(named_alike.headers().contains_key("etag"), "no session: a copy will do");
    }
}

/// The attributes and the value of the cookie that an answer sets.
fn session_cookie(answer: &Response, name: &str) -> (String, String) {
    let mut cookies =
        answer.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().expect("text"));
    let cookie = cookies.find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='));
    let (id, attributes) = cookie.unwrap_or_else(|| panic!("no {name}")).split_once(';').expect("attributes");
    (attributes.to_owned(), id.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_https_the_session_belongs_to_its_host_alone() {
    let app = TestApp::with(
        Engine::Sqlite,
        &[("SITE_URL", "https://ligisoo.example"), ("SIMULATION_PUBLIC", "true")],
    )
    .await;
    let buyer = Person::register(&app, "0712345678", "Baraka Buyer", &["buyer"]).await;
    let form = [("phone_number", buyer.phone.as_str()), ("password", PASSWORD)];
    let answer = client().post(app.at("/api/accounts/sign-in")).form(&form).send().await.expect("an answer");
    assert!(answer.headers().contains_key("strict-transport-security"));
    let (attributes, id) = session_cookie(&answer, "__Host-ligisoo_session");
    for wanted in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(wanted), "{attributes}");
    }
    assert!(!attributes.contains("Domain"), "{attributes}");

    let account = |cookie: String| {
        let request = client().get(app.at("/account")).header("accept", "text/html").header(COOKIE, cookie);
        async move { request.send().await.expect("an answer") }
    };
    let entered = account(format!("__Host-ligisoo_session={id}")).await;
    assert_eq!(entered.status(), StatusCode::OK);
    assert!(
        entered.headers().get_all(SET_COOKIE).iter().all(|cookie| cookie.as_bytes().starts_with(b"__Host-"))
    );
    let old = account(format!("ligisoo_session={id}")).await;
    assert_eq!(old.status(), StatusCode::FOUND, "the old name is worth nothing");
    let (attributes, id) = session_cookie(&old, "ligisoo_session");
    assert!(
        id.is_empty() && attributes.contains("Max-Age=0") && attributes.contains("Path=/"),
        "{attributes}"
    );
    let visitor =
        client().get(app.at("/tips")).header(COOKIE, "ligisoo_session=1").send().await.expect("an answer");
    assert!(visitor.headers().contains_key(SET_COOKIE), "also on a copy of a page");
}
