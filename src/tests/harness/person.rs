//! A person who is signed in with a browser or a program.

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, TestApp};
use crate::platform::viewer::Viewer;
use crate::types::{PersonId, TipId};

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("a client")
}

pub struct Person {
    pub id: PersonId,
    pub phone: String,
    pub http: reqwest::Client,
    viewer: Viewer,
}

impl Person {
    pub async fn register(app: &TestApp, phone: &str, name: &str, roles: &[&str]) -> Self {
        let http = client();
        let mut form = vec![("phone_number", phone), ("display_name", name), ("birth_date", "1995-04-30")];
        form.extend(roles.iter().map(|role| (*role, "on")));
        let answer = http.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap_or_default());
        let page = answer.headers()["location"].to_str().expect("text").to_owned();
        let cookie = answer.headers()[SET_COOKIE]
            .to_str()
            .expect("text")
            .split(';')
            .next()
            .expect("a pair")
            .to_owned();
        let id = page.strip_prefix("/code/").expect("the page of a code");
        let code = app.code_on(phone).await;
        let form = [("id", id), ("code", &code), ("password", PASSWORD)];
        // Browsers send a Secure cookie back only on https. The tests have no TLS, so the cookie is sent by
        // hand.
        let request = http.post(app.at("/api/accounts/code")).header(COOKIE, cookie);
        let entered = request.form(&form).send().await.expect("an answer");
        assert_eq!(entered.status(), StatusCode::SEE_OTHER, "{}", entered.text().await.unwrap_or_default());
        let row = crate::people::store::person_by_msisdn(&app.db, &phone.parse().expect("a number"))
            .await
            .expect("a row");
        let viewer = row.expect("registered").into_viewer();
        Self { id: viewer.id, phone: viewer.msisdn.to_string(), http, viewer }
    }

    pub fn viewer(&self) -> Viewer {
        self.viewer.clone()
    }

    /// The status and the HTML of a page.
    pub async fn page(&self, app: &TestApp, path: &str) -> (StatusCode, String) {
        let answer =
            self.http.get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a body"))
    }

    pub async fn initiate(&self, app: &TestApp, body: &Value) -> Response {
        self.http
            .post(app.at("/payments/api/initiate-tip-payment/"))
            .json(body)
            .send()
            .await
            .expect("an answer")
    }

    /// Starts a payment that is accepted, and returns the answer's JSON.
    pub async fn start(&self, app: &TestApp, tip: TipId) -> Value {
        let answer = self.initiate(app, &json!({ "tip_id": tip })).await;
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
        answer.json().await.expect("JSON")
    }

    /// The status of a payment, by our id or Safaricom's.
    pub async fn status(&self, app: &TestApp, id: &str) -> Value {
        let answer =
            self.http.get(app.at(&format!("/payments/api/status/{id}/"))).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.expect("JSON")
    }

    /// Waits until the payment has this status.
    pub async fn until_status(&self, app: &TestApp, id: &str, wanted: &str) -> Value {
        app.until(wanted, || async { self.status(app, id).await["status"] == wanted }).await;
        self.status(app, id).await
    }
}
