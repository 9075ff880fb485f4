//! What browsers and proxies may keep, and for how long: nothing that was made for one person.

use super::harness::{Person, TestApp, both, text};

/// The header of what `person`, or a visitor, gets there.
async fn cache_control(app: &TestApp, person: Option<&Person>, path: &str) -> String {
    let http = person.map_or(&app.http, |person| &person.http);
    let answer = http.get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
    let all: Vec<&str> = answer.headers().get_all("cache-control").iter().map(|value| value.to_str().expect("text")).collect();
    all.join(" and ")
}

both! {
    async fn what_is_for_one_person_is_kept_by_nobody(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let page = format!("/tips/{tip}");
        // Twice, since the second visitor gets a copy.
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
}
