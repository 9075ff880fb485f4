//! Mobile networks put hundreds of customers behind one address, and none of them is taken for an attacker.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use tokio::net::TcpStream;

use super::super::harness::{Person, TestApp, both};
use super::senders::{cookie, door, status, write};
use crate::demo::tips;
use crate::platform::db::read;
use crate::platform::random::Random;
use crate::server::Patience;
use crate::types::TipId;

const CUSTOMERS: usize = 500;
/// A password takes so much computing that only some of them sign in with theirs, and only some join.
const SIGNED_IN: usize = 30;
const JOINED: usize = 20;
/// How many may join in a minute, from all networks together; here all come from one network.
const JOINED_A_MINUTE: usize = 10;
/// The limits of an installation with real money.
const LIMITS: [(&str, &str); 3] =
    [("SMS_LIMIT_ADDRESS", "500"), ("SMS_LIMIT_MINUTE", "60"), ("SMS_LIMIT_DAY", "5000")];
const TIPS: &str = "SELECT id FROM tips WHERE status = 'active' AND result IS NULL AND sales_close_at > $1 ORDER BY id LIMIT $2";

/// Each of them opens a connection and gets a page.
async fn look(app: &TestApp) {
    let address = door(app, Patience::default(), app.running.state.settings.connections_per_address).await;
    let mut connections = Vec::new();
    for _ in 0..CUSTOMERS {
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        write(&mut connection, "GET /tips HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        connections.push(connection);
    }
    for connection in &mut connections {
        assert_eq!(status(connection).await, "200");
    }
}

/// Some sign in, each with a new browser.
async fn sign_in(app: &TestApp) -> Vec<Arc<str>> {
    let mut cookies = Vec::new();
    for buyer in 0..SIGNED_IN {
        cookies.push(cookie(app, &format!("0722{buyer:06}"), "ligisoo-demo").await.into());
    }
    cookies
}

/// Others join by the code of an SMS. The limit of all messages counts by the minute.
async fn join(app: &TestApp) -> Vec<Person> {
    let mut people = Vec::new();
    for buyer in 0..JOINED {
        if buyer % JOINED_A_MINUTE == 0 {
            app.advance(61);
        }
        people.push(Person::register(app, &format!("0723{buyer:06}"), "Wanjiku Buyer", &["buyer"]).await);
    }
    people
}

/// All of them pay for all tips, some at the same time.
async fn pay(app: &TestApp, cookies: &[Arc<str>], joined: &[Person]) -> usize {
    let each = i64::try_from(CUSTOMERS / (SIGNED_IN + JOINED)).expect("few");
    let tips: Vec<TipId> =
        read!(app.db, |c| sqlx::query_scalar(TIPS).bind(app.clock.now()).bind(each).fetch_all(c).await)
            .expect("tips");
    let known = cookies.iter().map(|cookie| (app.http.clone(), Some(cookie.clone())));
    let buyers: Vec<_> = known.chain(joined.iter().map(|person| (person.http.clone(), None))).collect();
    let mut payments = 0;
    for tip in &tips {
        for some in buyers.chunks(5) {
            let pressed = some.iter().enumerate().map(|(index, (http, cookie))| {
                let body = json!({ "tip_id": tip, "phone_number": format!("0110{:06}", payments + index) });
                let request = http.post(app.at("/payments/api/initiate-tip-payment/")).json(&body);
                cookie.iter().fold(request, |request, cookie| request.header("cookie", &**cookie)).send()
            });
            for answer in join_all(pressed).await {
                let answer = answer.expect("an answer");
                assert_eq!(answer.status(), StatusCode::OK, "payment {payments}: {:?}", answer.text().await);
                payments += 1;
            }
        }
    }
    payments
}

both! {
    with LIMITS;

    async fn five_hundred_customers_share_an_address(app: TestApp) {
        let state = &app.running.state;
        let buyers = u32::try_from(SIGNED_IN).expect("few");
        tips::load(&state.people, &state.tips, &Random::System, &app.clock, 1, buyers).await.expect("seeded");
        look(&app).await;
        let (cookies, joined) = (sign_in(&app).await, join(&app).await);
        let payments = pay(&app, &cookies, &joined).await;
        assert!(payments >= CUSTOMERS, "{payments}");
        app.books_are_right().await;
    }
}
