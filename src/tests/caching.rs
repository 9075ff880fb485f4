//! What browsers and proxies may keep, and for how long. They may keep nothing that was made for one person.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use sha2::{Digest, Sha256};

use super::harness::{Person, TestApp, both, text};

/// The `Cache-Control` that `person`, or a visitor, gets at this path.
async fn cache_control(app: &TestApp, person: Option<&Person>, path: &str) -> String {
    let http = person.map_or(&app.http, |person| &person.http);
    let answer = http.get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
    let all: Vec<&str> =
        answer.headers().get_all("cache-control").iter().map(|value| value.to_str().expect("text")).collect();
    all.join(" and ")
}

both! {
    async fn what_is_for_one_person_is_kept_by_nobody(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let page = format!("/tips/{tip}");
        // The page is asked for twice, because the second visitor gets a copy.
        for path in ["/", "/tips", "/sign-in", "/nowhere", &page, &page] {
            assert_eq!(cache_control(&app, None, path).await, "no-cache", "{path}");
        }
        let preview = format!("{page}/preview.jpg");
        for person in [None, Some(&buyer)] {
            assert_eq!(cache_control(&app, person, &preview).await, "public, max-age=86400");
        }
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let payment = format!("/payments/{}", text(&started, "payment_id"));
        let status = format!("/payments/api/status/{}/", text(&started, "payment_id"));
        let (betslip, sealed) = (format!("{page}/betslip"), format!("{page}/sealed.txt"));
        for path in ["/", "/tips", &page, "/purchases", "/account", "/nowhere", &payment, &status, &betslip, &sealed] {
            assert_eq!(cache_control(&app, Some(&buyer), path).await, "private, no-store", "{path}");
        }
    }

    async fn visitors_get_copies_whose_scripts_are_named_by_hash(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let page = app.at(&format!("/tips/{tip}"));
        let get = async |encoding: &'static str, http: &reqwest::Client| {
            http.get(page.clone()).header("accept", "text/html").header("accept-encoding", encoding).send().await.expect("an answer")
        };
        let (first, again) = (get("identity", &app.http).await, get("identity", &app.http).await);
        let policy = first.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert_eq!(again.headers()["content-security-policy"], *policy, "it is the same for all");
        let text = first.text().await.expect("HTML");
        assert!(!policy.contains("nonce") && !text.contains("nonce"), "{policy}");
        let scripts: Vec<&str> = text.split("<script").skip(1).filter_map(|script| script.split_once('>')?.1.split_once("</script>")).map(|(script, _)| script).collect();
        assert!(!scripts.is_empty());
        for script in scripts {
            let hash = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)));
            assert!(policy.contains(&hash), "{policy} does not allow {script}");
        }
        for (encoding, wanted) in [("gzip", "gzip"), ("deflate, gzip, br", "br"), ("gzip, br;q=0", "gzip")] {
            let answer = get(encoding, &app.http).await;
            assert_eq!(answer.headers()["content-encoding"], wanted, "{encoding}");
            let vary: Vec<&str> = answer.headers().get_all("vary").iter().map(|value| value.to_str().expect("text")).collect();
            assert!(vary.join(", ").contains("accept-encoding"), "{vary:?}");
            let length = answer.content_length().expect("a length");
            assert_eq!(answer.bytes().await.expect("a body").len() as u64, length);
            assert!(length < text.len() as u64 / 2, "{length} of {}", text.len());
        }
        let own = get("identity", &buyer.http).await;
        assert!(own.headers()["content-security-policy"].to_str().expect("text").contains("'nonce-"), "an answer of one's own");
    }

    async fn who_has_a_page_already_is_told_so(app: TestApp) {
        let get = async |encoding: &'static str, tag: &str| {
            let request = app.http.get(app.at("/terms")).header("accept", "text/html").header("accept-encoding", encoding);
            request.header("if-none-match", tag).send().await.expect("an answer")
        };
        let first = get("br", "\"another\"").await;
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()["etag"].to_str().expect("text").to_owned();
        for known in [tag.clone(), format!("\"another\", W/{tag}")] {
            let again = get("br", &known).await;
            assert_eq!((again.status(), &again.headers()["cache-control"]), (StatusCode::NOT_MODIFIED, &HeaderValue::from_static("no-cache")));
            assert_eq!(again.headers()["etag"], *tag);
            assert!(again.bytes().await.expect("a body").is_empty());
        }
        let other = get("gzip", &tag).await;
        assert_eq!(other.status(), StatusCode::OK, "compressed otherwise it is another one");
    }
}
