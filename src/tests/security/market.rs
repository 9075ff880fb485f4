//! A market in which everything has happened once, its readers, and the addresses of all its pages.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::LOCATION;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app;
use crate::platform::db::read;
use crate::tests::harness::{Person, TestApp, client, text};

const HANDLES: &str = "SELECT handle FROM people WHERE handle IS NOT NULL";
const TIPS: &str = "SELECT CAST(id AS TEXT) FROM tips";

/// Adds what the desk keeps of a result.
const SETTLED_BY: &str = "INSERT INTO result_events (id, tip_id, position, result, score, reason, person_id, happened_at)
    SELECT p.id, t.id, 1, 'won', '2-1', 'Seen on the league''s page.', p.id, t.created_at FROM people p, tips t
    WHERE p.id = $1 AND t.result = 'won'";

/// The name of a person who waits for a code; the document of the registration holds it.
pub const NEWCOMER: &str = "Nia Newcomer";

pub struct Market {
    pub tipster: Person,
    pub buyer: Person,
    pub operator: Person,
    /// The browser of a person who is about to join.
    visitor: reqwest::Client,
    tips: Vec<String>,
    handles: Vec<String>,
    payments: Vec<String>,
    codes: Vec<String>,
    drafts: Vec<String>,
}

impl Market {
    /// Adds tips on sale, bought, settled and waiting, a failed payment, news, a draft, and a person who is
    /// about to join. What is kept as one document is written by its form, with `written` in it.
    pub async fn fill(app: &TestApp, written: &str) -> Self {
        let tipster = app.verified_tipster().await;
        let (sold, settled) = (app.tip(&tipster, 3, 50).await, app.tip(&tipster, 2, 30).await);
        let buyer = Person::register(app, "0712345678", "Baraka Buyer", &["buyer"]).await;
        let mut payments = Vec::new();
        for (tip, answer, status) in [
            (sold, "pay", "completed"),
            (settled, "pay", "completed"),
            (app.tip(&tipster, 1, 20).await, "cancel", "cancelled"),
        ] {
            let started = buyer.start(app, tip).await;
            app.answer(text(&started, "checkout_request_id"), answer).await;
            buyer.until_status(app, text(&started, "payment_id"), status).await;
            payments.push(text(&started, "payment_id").to_owned());
        }
        app.execute(
            "UPDATE tips SET result = 'won', settled_at = created_at, units_thousandths = 3250 WHERE id = $1",
            settled,
        )
        .await;
        app.execute("UPDATE tip_matches SET result = 'won', score = '2-1' WHERE tip_id = $1", settled).await;
        let follow = [("want", "follow")];
        assert_eq!(
            buyer.submit(app, &format!("/follows/{}", tipster.id), &follow).await.status(),
            StatusCode::SEE_OTHER
        );
        let claim = buyer
            .submit(app, &format!("/api/payments/{}/claim", payments[2]), &[("receipt", "UKQ1234567")])
            .await;
        assert_eq!(claim.status(), StatusCode::SEE_OTHER);
        let newcomer = Person::register(app, "0744000002", "Nobody Yet", &["tipster"]).await;
        let draft = newcomer.whole_draft(app).await;
        newcomer.publish(app, &draft).await;
        let operator = Person::register(app, "0744000001", "Halima Desk", &["buyer"]).await;
        app.set(&operator, "UPDATE people SET staff = 'operator' WHERE id = $1").await;
        app.set(&operator, SETTLED_BY).await;
        let drafts = vec![write_draft(app, &tipster, written).await];
        let visitor = client();
        let codes = vec![begin_to_join(app, &visitor).await];
        let (handles, tips) = (strings(app, HANDLES).await, strings(app, TIPS).await);
        Self { tipster, buyer, operator, visitor, tips, handles, payments, codes, drafts }
    }

    /// The readers: a visitor, and one of each kind whose pages differ.
    pub fn readers(&self) -> [(&'static str, reqwest::Client); 4] {
        let Self { tipster, buyer, operator, visitor, .. } = self;
        [
            ("visitor", visitor.clone()),
            ("buyer", buyer.http.clone()),
            ("tipster", tipster.http.clone()),
            ("operator", operator.http.clone()),
        ]
    }

    /// The addresses of all pages.
    pub fn pages(&self) -> Vec<String> {
        app::ROUTES.iter().flat_map(|route| self.addresses(route.path())).collect()
    }

    /// The addresses of a route, with each value that its parameter can have.
    fn addresses(&self, route: &str) -> Vec<String> {
        let Some((before, rest)) = route.split_once('{') else { return vec![route.to_owned()] };
        let (_, after) = rest.split_once('}').expect("the end of a parameter");
        let values = match before {
            "/tips/" | "/desk/results/" => &self.tips,
            "/tipsters/" => &self.handles,
            "/payments/" | "/purchases/" => &self.payments,
            "/code/" => &self.codes,
            "/sell/" => &self.drafts,
            _ => panic!("what stands in {route}?"),
        };
        values.iter().map(|value| format!("{before}{value}{after}")).collect()
    }
}

async fn strings(app: &TestApp, query: &'static str) -> Vec<String> {
    read!(&app.db, |c| sqlx::query_scalar(query).fetch_all(c).await).expect("texts")
}

async fn write_draft(app: &TestApp, tipster: &Person, written: &str) -> String {
    let draft = tipster.begin(app).await;
    let path = format!("/api/selling/drafts/{draft}");
    let details = [
        ("bookmaker", "betika"),
        ("bet_code", "QWERTY12"),
        ("odds", "2.00"),
        ("price", "50"),
        ("note", written),
    ];
    assert_eq!(
        tipster.submit(app, &format!("{path}/details"), &details).await.status(),
        StatusCode::SEE_OTHER
    );
    let kick_off = (app.clock.now() + chrono::TimeDelta::hours(6)).format("%Y-%m-%dT%H:%M").to_string();
    let named = ["home_team", "away_team", "league", "market", "selection"]
        .map(|field| (field, format!("{written}{}", &field[..1])));
    let mut leg: Vec<(&str, &str)> = named.iter().map(|(field, text)| (*field, text.as_str())).collect();
    leg.extend([("kick_off", kick_off.as_str()), ("leg_odds", "2.00")]);
    let answer = tipster.submit(app, &format!("{path}/matches"), &leg).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap_or_default());
    draft
}

async fn begin_to_join(app: &TestApp, browser: &reqwest::Client) -> String {
    let form = [
        ("phone_number", "0745000003"),
        ("display_name", NEWCOMER),
        ("birth_date", "1990-01-01"),
        ("buyer", "on"),
    ];
    let answer = browser.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
    let page = answer.headers()[LOCATION].to_str().expect("text").to_owned();
    page.strip_prefix("/code/").expect("the page of a code").to_owned()
}

/// Sends bytes as they are, which no client would, and reads until the server ends the connection.
pub async fn raw(app: &TestApp, request: &str) -> String {
    let mut connection = TcpStream::connect(app.running.addr).await.expect("a connection");
    connection.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let reading = connection.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), reading)
        .await
        .expect("an answer in time")
        .expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}
