//! No answer leads to another site, whatever is asked and wherever it comes from.

use reqwest::header::LOCATION;
use reqwest::{Client, Method};

use super::market::{Market, raw};
use super::routes::somewhere;
use crate::server;
use crate::tests::harness::{TestApp, both};

/// Texts that a browser could take for an address of another site.
const ELSEWHERE: [&str; 12] = [
    "https://evil.example/x",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%5cevil.example/../..//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\u{a0}//evil.example",
    "/.//evil.example\u{2028}",
    "javascript:alert(1)",
    "evil.example",
];
const REFERERS: [&str; 4] = [
    "https://evil.example/x",
    "https://evil.example//other.example/",
    "//evil.example",
    "javascript:alert(1)",
];

fn assert_own(location: &str, asked: &str) {
    let is_own = location.starts_with('/')
        && !location.starts_with("//")
        && location.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    assert!(is_own, "{asked} leads to {location:?}");
}

async fn assert_stays(request: reqwest::RequestBuilder, asked: &str) {
    let answer = request.header("accept", "text/html").send().await.expect("an answer");
    if let Some(location) = answer.headers().get(LOCATION) {
        assert_own(location.to_str().expect("text"), asked);
    }
}

/// Every address that is no page: forms and files.
fn addresses() -> Vec<(Method, String)> {
    server::routes().into_iter().map(|route| (route.method.clone(), somewhere(route.path))).collect()
}

async fn try_all(app: &TestApp, http: &Client, pages: &[String]) {
    for page in pages {
        for next in ELSEWHERE {
            let query = serde_urlencoded::to_string([("next", next), ("__err", next)]).expect("a query");
            let asked = format!("{page}?{query}");
            assert_stays(http.get(app.at(&asked)).header("referer", REFERERS[0]), &asked).await;
        }
    }
    for (method, path) in addresses() {
        for referer in REFERERS {
            let form = [("next", ELSEWHERE[1]), ("__err", ELSEWHERE[0]), ("__path", ELSEWHERE[0])];
            let request = http.request(method.clone(), app.at(&path)).header("referer", referer);
            let request = if method == Method::POST { request.form(&form) } else { request };
            assert_stays(request, &format!("{method} {path} from {referer}")).await;
        }
    }
}

both! {
    async fn no_answer_leads_to_another_site(app: TestApp) {
        let market = Market::fill(&app, "Written").await;
        for (_, http) in market.readers() {
            try_all(&app, &http, &market.pages()).await;
        }
        for next in ELSEWHERE {
            for path in ["/api/accounts/sign-in", "/api/language", &format!("/follows/{}", market.tipster.id)] {
                let form = [("phone_number", market.buyer.phone.as_str()), ("password", crate::tests::harness::PASSWORD), ("language", "sw"), ("want", "follow"), ("next", next)];
                assert_stays(market.buyer.http.post(app.at(path)).form(&form), &format!("{path} with {next:?}")).await;
            }
        }
    }

    async fn a_refused_form_sends_nobody_to_its_referer(app: TestApp) {
        let request = app.http.post(app.at("/api/payments/start")).header("accept", "text/html").header("referer", "https://evil.example/tips/1?a=b");
        let answer = request.form(&[("tip_id", "1")]).send().await.expect("an answer");
        assert_eq!(answer.headers()[LOCATION], "/sign-in?next=%2Ftips%2F1%3Fa%3Db", "and on to the page of ours that has this path, if there is one");
    }

    async fn no_odd_path_leads_to_another_site(app: TestApp) {
        for path in ["/\\evil.example/", "/\\evil.example//", "//evil.example/", "///evil.example/", "/%5cevil.example/", "/.//evil.example/", "/tips//", "http://evil.example/", "http://evil.example//evil.example/", "/%09/evil.example/", "/\u{e9}/"] {
            let answer = raw(&app, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\nconnection: close\r\n\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 "), "{path}: {answer}");
            let (head, _) = answer.split_once("\r\n\r\n").expect("a head");
            if let Some(location) = head.lines().find_map(|line| line.strip_prefix("location: ")) {
                assert_own(location, path);
            }
        }
    }
}
