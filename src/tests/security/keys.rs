//! What limits keep about people: nothing that a copy of the database reveals, nothing for long, and enough
//! to count people who come again.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use super::stranger::{PROXY, PUBLIC, Stranger};
use crate::platform::db::read;
use crate::platform::random::hex;
use crate::tests::harness::{PASSWORD, TestApp, both};

const PHONE: &str = "0712345678";
const ADDRESS: &str = "203.0.113.77";

const SQLITE_COLUMNS: &str = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'";
const POSTGRES_COLUMNS: &str =
    "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";

/// Every value of every column, as text.
async fn every_value(app: &TestApp) -> BTreeSet<String> {
    let columns = if app.is_sqlite() { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
    let columns: Vec<(String, String)> =
        read!(app.db, |c| sqlx::query_as(columns).fetch_all(c).await).expect("columns");
    let mut found = BTreeSet::new();
    for (table, column) in columns {
        let text = if app.is_sqlite() {
            format!("CAST(\"{column}\" AS TEXT)")
        } else {
            format!("\"{column}\"::text")
        };
        let sql = format!("SELECT {text} FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        let values: Vec<Vec<u8>> = if app.is_sqlite() {
            let bytes =
                format!("SELECT CAST({text} AS BLOB) FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
            read!(app.db, |c| sqlx::query_scalar(AssertSqlSafe(bytes.clone())).fetch_all(c).await)
                .expect("values")
        } else {
            let texts: Vec<String> =
                read!(app.db, |c| sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_all(c).await)
                    .expect("values");
            texts.into_iter().map(String::into_bytes).collect()
        };
        found.extend(values.iter().map(|value| String::from_utf8_lossy(value).into_owned()));
    }
    found
}

both! {
    with [PROXY, PUBLIC];

    async fn a_number_or_an_address_is_not_had_from_its_hash(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let there = Stranger::with(&buyer.http, ADDRESS);
        for password in ["wrong password", PASSWORD] {
            there.sign_in(&app, PHONE, password).await;
            Stranger::at(ADDRESS).sign_in(&app, PHONE, password).await;
        }
        there.reset(&app, PHONE).await;
        Stranger::at(ADDRESS).begin_to_join(&app, "0712000222", "").await;
        let paid = there.http.post(app.at("/payments/api/initiate-tip-payment/")).header("x-forwarded-for", ADDRESS);
        assert_eq!(paid.json(&json!({ "tip_id": tip })).send().await.expect("an answer").status(), StatusCode::OK);
        let found = every_value(&app).await;
        assert!(found.contains("254712345678"), "numbers themselves are looked for where they must be");
        let labels = ["", "phone", "address", "code", "own", "number", "msisdn", "network", "failures", "sms"];
        let values = ["254712345678", "0712345678", "712345678", "+254712345678", "254712000222", ADDRESS, "203.0.113.77/32"];
        for label in labels {
            for value in values {
                for separator in ["\0", "", ":", " "] {
                    let digest = Sha256::digest(format!("{label}{separator}{value}"));
                    for known in [hex(&digest), hex(&digest[..16]), hex(&digest[..8])] {
                        assert!(!found.iter().any(|text| text.contains(&known)), "{label:?} {value}");
                    }
                }
            }
        }
        assert!(!found.iter().any(|text| text.contains(ADDRESS)), "an address is nowhere");
    }

    async fn what_was_counted_is_forgotten_when_no_limit_looks_at_it(app: TestApp) {
        Stranger::at(ADDRESS).sign_in(&app, PHONE, "wrong password").await;
        Stranger::at(ADDRESS).begin_to_join(&app, PHONE, "").await;
        let people = &app.running.state.people;
        let rows = async || (app.count("SELECT COUNT(*) FROM attempts").await > 0, app.count("SELECT COUNT(*) FROM codes").await > 0);
        for (wait, kept) in [(0, (true, true)), (3_601, (true, false)), (25 * 3_600, (false, false))] {
            app.advance(wait);
            people.purge_attempts().await.expect("purged");
            people.purge_codes().await.expect("purged");
            assert_eq!(rows().await, kept, "{wait} seconds later");
        }
    }

    async fn closing_and_joining_again_loosens_nothing(app: TestApp) {
        let (tipster, _, buyer) = app.shop().await;
        let limit = async |person: &crate::tests::harness::Person, most: &str| person.post(&app, "/api/accounts/limit", &[("period", "day"), ("limit", most)]).await.status();
        let close = async |person: &crate::tests::harness::Person| person.post(&app, "/api/accounts/close", &[("password", PASSWORD)]).await.status();
        assert_eq!(limit(&buyer, "10").await, StatusCode::SEE_OTHER);
        assert_eq!(limit(&buyer, "100").await, StatusCode::SEE_OTHER, "which waits for a day");
        app.advance(12 * 3_600);
        let tip_of_today = app.tip(&tipster, 1, 50).await;
        assert_eq!(close(&buyer).await, StatusCode::SEE_OTHER);
        assert!(!every_value(&app).await.iter().any(|text| text.contains("712345678")), "the number itself is kept nowhere");
        let again = app.buyer(PHONE).await;
        assert_ne!(again.id, buyer.id);
        assert_eq!(again.initiate(&app, &json!({ "tip_id": tip_of_today })).await.status(), StatusCode::CONFLICT, "the limit holds");
        assert_eq!(app.count("SELECT COUNT(*) FROM kept_limits").await, 0, "it is the new account's");
        assert_eq!(limit(&again, "").await, StatusCode::SEE_OTHER);
        assert_eq!(again.initiate(&app, &json!({ "tip_id": tip_of_today })).await.status(), StatusCode::CONFLICT, "and loosens as slowly as ever");
        // Counts that go by the number continue.
        for _ in 0..2 {
            assert_eq!(Stranger::at(ADDRESS).reset(&app, PHONE).await, StatusCode::SEE_OTHER);
        }
        assert_eq!(close(&again).await, StatusCode::SEE_OTHER);
        assert_eq!(Stranger::at(ADDRESS).reset(&app, PHONE).await, StatusCode::SEE_OTHER, "the third");
        assert_eq!(Stranger::at(ADDRESS).reset(&app, PHONE).await, StatusCode::TOO_MANY_REQUESTS);
        app.advance(366 * 24 * 3_600);
        app.running.state.people.purge_kept_limits().await.expect("purged");
        assert_eq!(app.count("SELECT COUNT(*) FROM kept_limits").await, 0, "not for ever");
    }
}
