//! Bodies and queries in a shape that no page of ours sends are refused in words, and never taken for a fault
//! of ours.

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use reqwest::{Client, Method, StatusCode};

use super::routes::somewhere;
use crate::server::{self, Access};
use crate::tests::harness::{Person, TestApp, both, client};

const FORM: &str = "application/x-www-form-urlencoded";

/// The names of the fields of this site's forms.
const NAMES: [&str; 24] = [
    "tip_id",
    "phone_number",
    "send_again",
    "payment_id",
    "want",
    "next",
    "until",
    "stay",
    "id",
    "code",
    "password",
    "old_password",
    "display_name",
    "birth_date",
    "reason",
    "result",
    "was",
    "score",
    "receipt",
    "home_team",
    "odds",
    "language",
    "limit",
    "version",
];

/// A form in which each field is what `field` writes for its name.
fn form(field: impl Fn(&str) -> String) -> Vec<u8> {
    NAMES.map(field).join("&").into_bytes()
}

fn in_parts(boundary: &str) -> Vec<u8> {
    let part =
        |name: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n1\r\n");
    (NAMES.map(part).concat() + &format!("--{boundary}--\r\n")).into_bytes()
}

/// Forms with contents that are not ours. All of them can be sent as a query too.
fn odd_fields() -> Vec<Vec<u8>> {
    vec![
        form(|name| format!("{name}=1&{name}=2")),
        form(|name| format!("{name}[]=1")),
        form(|name| format!("{name}[a]=1")),
        form(|name| format!("{name}[a][b][c][d][e][f][g]=1")),
        form(|name| format!("{name}[0]=1&{name}=1&{name}[a]=2")),
        form(|name| format!("{name}=")),
        form(|name| format!("{name}=%FF%00%FE")),
        form(|name| format!("{name}={}", "9".repeat(60))),
        form(|name| format!("x{name}=1")),
        b"=&&=1&%&%zz=%zz&[]=1&]=&a[=1".to_vec(),
    ]
}

/// Bodies that are odd, each with its content type, if it names one.
fn odd_bodies() -> Vec<(Option<&'static str>, Vec<u8>)> {
    let fields = odd_fields().into_iter().map(|fields| (Some(FORM), fields));
    let others = [
        (Some(FORM), vec![0xff, 0xfe, 0x00]),
        (Some("Application/X-WWW-Form-Urlencoded; Charset=utf-8"), form(|name| format!("{name}=1&{name}=2"))),
        (None, form(|name| format!("{name}=1"))),
        (Some("text/plain"), form(|name| format!("{name}=1"))),
        (Some("application/json"), br#"{"tip_id":[],"phone_number":{},"send_again":"x"}"#.to_vec()),
        (Some("application/json"), b"null".to_vec()),
        (Some("application/json"), "[".repeat(4_000).into_bytes()),
        (Some("; /"), b"x".to_vec()),
    ];
    fields.chain(others).collect()
}

fn odd_parts() -> [(&'static str, Vec<u8>); 4] {
    [
        ("multipart/form-data; boundary=X", in_parts("X")),
        ("Multipart/Form-Data; boundary=X", in_parts("X")),
        ("multipart/form-data", in_parts("X")),
        ("multipart/mixed; boundary=X", vec![b'x'; 300_000]),
    ]
}

struct Callers {
    buyer: Person,
    tipster: Person,
    operator: Person,
    draft: String,
}

impl Callers {
    async fn come(app: &TestApp) -> Self {
        let tipster = app.verified_tipster().await;
        app.tip(&tipster, 1, 50).await;
        let buyer = app.buyer("0712345678").await;
        let operator = Person::register(app, "0744000001", "Halima Desk", &["buyer"]).await;
        app.set(&operator, "UPDATE people SET staff = 'operator' WHERE id = $1").await;
        let draft = tipster.begin(app).await;
        Self { buyer, tipster, operator, draft }
    }

    /// A client that may use the route, because a refusal of the others would come before the body is read.
    fn who(&self, who: Access) -> Client {
        match who {
            Access::Anyone | Access::Safaricom => client(),
            Access::SignedIn | Access::Buyer => self.buyer.http.clone(),
            Access::Tipster => self.tipster.http.clone(),
            Access::Staff => self.operator.http.clone(),
        }
    }

    /// Every address of the router with the people who may use it; those that end a session come last.
    fn addresses(&self, method: &Method) -> Vec<(String, Access, bool)> {
        let routes = server::routes().into_iter().filter(|route| route.method == *method);
        let routes = routes.map(|route| {
            let own = if route.who == Access::Tipster {
                route.path.replace("{id}", &self.draft)
            } else {
                route.path.to_owned()
            };
            (somewhere(&own), route.who, route.is_upload)
        });
        let mut all: Vec<_> = routes.collect();
        all.sort_by_key(|(path, ..)| path.contains("sign-out"));
        all
    }
}

both! {
    async fn nothing_that_is_sent_is_our_fault(app: TestApp) {
        let people = Callers::come(&app).await;
        let mut tried = 0;
        for (path, who, is_upload) in people.addresses(&Method::POST) {
            let http = people.who(who);
            for (index, (kind, body)) in odd_bodies().into_iter().enumerate() {
                let accept = if index % 2 == 0 { "text/html" } else { "application/json" };
                let mut request = http.post(app.at(&path)).header(ACCEPT, accept).body(body);
                if let Some(kind) = kind {
                    request = request.header(CONTENT_TYPE, kind);
                }
                let status = request.send().await.expect("an answer").status();
                assert!(status.as_u16() < 500, "{path}, body {index} as {kind:?}: {status}");
                assert!(!is_upload || status == StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} takes files alone: {status}");
                tried += 1;
            }
        }
        assert!(tried > 400, "only {tried}");
    }

    async fn files_are_sent_where_files_are_taken(app: TestApp) {
        let people = Callers::come(&app).await;
        for (path, who, is_upload) in people.addresses(&Method::POST) {
            for (kind, body) in odd_parts() {
                let request = people.who(who).post(app.at(&path)).header(CONTENT_TYPE, kind).body(body);
                let status = request.send().await.expect("an answer").status();
                let is_whole = kind.to_ascii_lowercase().starts_with("multipart/form-data");
                match (who, is_upload) {
                    // The body has the kind that Safaricom sends. For somebody who does not know the secret
                    // in its address, the route does not exist.
                    (Access::Safaricom, _) => assert!(matches!(status.as_u16(), 200 | 404 | 413), "{path}: {status}"),
                    (_, true) if is_whole => assert_eq!(status, StatusCode::BAD_REQUEST, "{path}, {kind}: no file in it"),
                    _ => assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}, {kind}"),
                }
            }
        }
    }

    async fn no_question_is_our_fault(app: TestApp) {
        let people = Callers::come(&app).await;
        let pages = crate::app::ROUTES.iter().map(|route| (somewhere(route.path()), Access::Buyer, false));
        let files = people.addresses(&Method::GET).into_iter().filter(|(path, ..)| path != "/api/payments/events");
        for (path, who, _) in files.chain(pages) {
            for fields in odd_fields() {
                let question = String::from_utf8(fields).expect("text");
                let answer = people.who(who).get(format!("{}?{question}", app.at(&path))).send().await.expect("an answer");
                assert!(answer.status().as_u16() < 500, "{path}?{question}: {}", answer.status());
            }
        }
    }

    async fn the_pay_panel_is_refused_in_the_readers_words(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        let fields = "tip_id=1&tip_id=2&payment_id=1&payment_id=2";
        let start = |accept: &'static str| {
            let request = buyer.http.post(app.at("/api/payments/start")).header(CONTENT_TYPE, FORM).body(fields);
            request.header(ACCEPT, accept).header(ACCEPT_LANGUAGE, "sw").send()
        };
        let state = buyer.http.get(app.at(&format!("/api/payments/state?{fields}"))).header(ACCEPT_LANGUAGE, "sw").send();
        for for_a_program in [start("application/json").await, state.await] {
            let for_a_program = for_a_program.expect("an answer");
            assert_eq!(for_a_program.status(), StatusCode::BAD_REQUEST);
            let said: serde_json::Value = for_a_program.json().await.expect("JSON");
            assert_eq!(said["error"], "Ombi halikuweza kusomwa.");
        }
        // The same holds for a browser that does not send `Referer`.
        let page = start("text/html").await.expect("an answer");
        assert_eq!(page.status(), StatusCode::BAD_REQUEST);
        let html = page.text().await.expect("HTML");
        assert!(html.contains("lang=\"sw\"") && html.contains("Ombi halikuweza kusomwa."), "{html}");
    }

    async fn what_is_of_another_kind_is_refused_in_the_readers_words(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        for path in ["/api/accounts/sign-in", "/api/accounts/profile", "/api/payments/start"] {
            let request = buyer.http.post(app.at(path)).header(CONTENT_TYPE, "Multipart/Form-Data; boundary=X").body(in_parts("X"));
            let page = request.header(ACCEPT, "text/html").header(ACCEPT_LANGUAGE, "sw").send().await.expect("an answer");
            assert_eq!(page.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
            let html = page.text().await.expect("HTML");
            assert!(html.contains("lang=\"sw\"") && html.contains("haiwezi kutumwa"), "{path}: {html}");
        }
    }

    async fn a_kind_is_read_whatever_its_letters(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        let request = buyer.http.post(app.at("/api/accounts/profile")).header(CONTENT_TYPE, "Application/X-WWW-FORM-urlencoded");
        let set = request.body("display_name=Asha+Buyer&bio=Hello").send().await.expect("an answer");
        assert_eq!(set.status(), StatusCode::SEE_OTHER, "{:?}", set.text().await);
        let file = crate::tests::harness::seller::png(200, 200);
        let around = "--X\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"me.png\"\r\n\r\n";
        let body = [around.as_bytes(), &file, b"\r\n--X--\r\n"].concat();
        let request = buyer.http.post(app.at("/api/accounts/portrait")).header(CONTENT_TYPE, "Multipart/Form-Data; Boundary=X");
        let set = request.body(body).send().await.expect("an answer");
        assert_eq!(set.status(), StatusCode::SEE_OTHER, "{:?}", set.text().await);
    }
}
