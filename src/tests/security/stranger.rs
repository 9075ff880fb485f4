//! A browser of a stranger, with an address and cookies of its own.

use reqwest::header::LOCATION;
use reqwest::{Client, Response, StatusCode};

use crate::tests::harness::{TestApp, client};

/// With this proxy, requests can come from any address.
pub const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");
/// With this, visitors from elsewhere are answered.
pub const PUBLIC: (&str, &str) = ("SIMULATION_PUBLIC", "true");

#[derive(Clone)]
pub struct Stranger {
    pub http: Client,
    address: String,
}

impl Stranger {
    pub fn at(address: &str) -> Self {
        Self { http: client(), address: address.to_owned() }
    }

    /// The browser of another person, moved to this address.
    pub fn with(http: &Client, address: &str) -> Self {
        Self { http: http.clone(), address: address.to_owned() }
    }

    pub async fn post(&self, app: &TestApp, path: &str, form: &[(&str, &str)]) -> Response {
        self.http
            .post(app.at(path))
            .header("x-forwarded-for", &self.address)
            .form(form)
            .send()
            .await
            .expect("an answer")
    }

    pub async fn page(&self, app: &TestApp, path: &str) -> (StatusCode, String) {
        let answer =
            self.http.get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a body"))
    }

    pub async fn sign_in(&self, app: &TestApp, phone: &str, password: &str) -> StatusCode {
        self.post(app, "/api/accounts/sign-in", &[("phone_number", phone), ("password", password)])
            .await
            .status()
    }

    pub async fn reset(&self, app: &TestApp, phone: &str) -> StatusCode {
        self.post(app, "/api/accounts/reset", &[("phone_number", phone)]).await.status()
    }

    /// Asks to join, and returns the id of the code.
    pub async fn begin_to_join(&self, app: &TestApp, phone: &str, password: &str) -> String {
        let form = [
            ("phone_number", phone),
            ("password", password),
            ("display_name", "A Stranger"),
            ("birth_date", "1990-01-01"),
            ("buyer", "on"),
        ];
        code_id(&self.post(app, "/api/accounts/register", &form).await)
    }

    pub async fn enter_code(&self, app: &TestApp, id: &str, code: &str, password: &str) -> StatusCode {
        self.post(app, "/api/accounts/code", &[("id", id), ("code", code), ("password", password)])
            .await
            .status()
    }
}

/// The id in the address of a code's page.
pub fn code_id(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION]
        .to_str()
        .expect("text")
        .strip_prefix("/code/")
        .expect("the page of a code")
        .to_owned()
}
