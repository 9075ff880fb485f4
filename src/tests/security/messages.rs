//! Limits of SMS: strangers who use them up keep neither owners nor newcomers out, and learn nothing.

use reqwest::StatusCode;

use super::stranger::{PROXY, PUBLIC, Stranger};
use crate::tests::harness::{PASSWORD, TestApp, both};

const PHONE: &str = "0712345678";
const NEWCOMER: &str = "0712000222";
const ATTACKER: &str = "203.0.113.77";
const OWNER: &str = "198.51.100.9";
const CUSTOMERS: usize = 500;
const DAY: u64 = 24 * 3_600;

/// An attacker in the network of this number.
fn network(number: usize) -> Stranger {
    Stranger::at(&format!("203.0.{}.{}", number / 200, number % 200 + 1))
}

fn number(number: usize) -> String {
    format!("0722{number:06}")
}

async fn ask(app: &TestApp, stranger: &Stranger, phone: &str, times: usize) -> Vec<StatusCode> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(stranger.reset(app, phone).await);
    }
    answers
}

fn sent(answers: &[StatusCode]) -> usize {
    assert!(
        answers.iter().all(|answer| matches!(*answer, StatusCode::SEE_OTHER | StatusCode::TOO_MANY_REQUESTS)),
        "{answers:?}"
    );
    answers.iter().filter(|answer| **answer == StatusCode::SEE_OTHER).count()
}

both! {
    with [PROXY, PUBLIC];

    async fn strangers_in_many_networks_take_no_code_of_an_owner_or_a_newcomer(app: TestApp) {
        app.buyer(PHONE).await;
        app.advance(DAY + 1);
        for phone in [PHONE, NEWCOMER] {
            for stranger in 0..3 {
                assert_eq!(sent(&ask(&app, &network(stranger), phone, 5).await), 3, "each has three of its own");
            }
            let new_browser = Stranger::at(OWNER);
            assert_eq!(sent(&ask(&app, &new_browser, phone, 3).await), 3, "and so has the owner: the twelfth at last");
            // After twelve codes for a number, a network that is new to it gets one code.
            assert_eq!(sent(&ask(&app, &network(4), phone, 3).await), 1);
            let elsewhere = Stranger::at("198.51.100.10");
            assert_eq!(sent(&ask(&app, &elsewhere, phone, 1).await), 1);
            let refused = elsewhere.post(&app, "/api/accounts/reset", &[("phone_number", phone)]).await;
            assert!(refused.text().await.expect("words").contains("Many codes were sent to this number"), "not three");
            app.advance(601);
            assert_eq!(sent(&ask(&app, &network(0), phone, 5).await), 2, "five a day");
        }
    }

    async fn a_flood_of_codes_to_one_number_has_an_end(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        app.advance(DAY + 1);
        let mut all = 0;
        for stranger in 0..70 {
            all += sent(&ask(&app, &network(stranger), PHONE, 2).await);
        }
        assert_eq!(all, 60, "SMS a day, from however many networks");
        assert_eq!(sent(&ask(&app, &Stranger::at("198.51.100.10"), PHONE, 1).await), 0);
        assert_eq!(sent(&ask(&app, &Stranger::with(&owner.http, ATTACKER), PHONE, 4).await), 3, "a known browser has its own");
        app.advance(DAY + 1);
        assert_eq!(sent(&ask(&app, &Stranger::at("198.51.100.10"), PHONE, 1).await), 1);
    }

    async fn a_code_through_many_narrow_networks_is_one_customers(app: TestApp) {
        let mut answers = Vec::new();
        for narrow in 0..6 {
            answers.extend(ask(&app, &Stranger::at(&format!("2001:db8:7:{narrow:x}00::1")), PHONE, 1).await);
        }
        assert_eq!(sent(&answers), 3);
        assert_eq!(sent(&ask(&app, &Stranger::at("2001:db8:9::1"), PHONE, 1).await), 1);
    }
}

both! {
    with [PROXY, PUBLIC, ("SMS_LIMIT_DAY", "100"), ("SMS_LIMIT_MINUTE", "0"), ("SMS_LIMIT_ADDRESS", "12")];

    async fn one_network_cannot_use_up_all_messages(app: TestApp) {
        let owner = app.buyer(PHONE).await;
        app.advance(DAY + 1);
        let attacker = Stranger::at(ATTACKER);
        for phone in 0..10 {
            assert_eq!(sent(&ask(&app, &attacker, &number(phone), 1).await), 1);
        }
        let refused = attacker.post(&app, "/api/accounts/reset", &[("phone_number", PHONE)]).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "a tenth of a day's");
        assert!(refused.text().await.expect("words").contains("from another network"));
        assert_eq!(sent(&ask(&app, &Stranger::at(OWNER), PHONE, 1).await), 1, "others have the rest");
        assert_eq!(sent(&ask(&app, &Stranger::with(&owner.http, ATTACKER), PHONE, 3).await), 3, "and known browsers also behind that address");
    }

    async fn a_code_that_came_back_uses_up_no_share(app: TestApp) {
        for customer in 0..15 {
            // The limit of an hour, which counts all codes, is over.
            app.advance(400);
            let browser = Stranger::at(OWNER);
            let id = browser.begin_to_join(&app, &number(customer), "").await;
            let code = app.code_on(&number(customer)).await;
            assert_eq!(browser.enter_code(&app, &id, &code, PASSWORD).await, StatusCode::SEE_OTHER, "{customer}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM attempts WHERE key = 'sms'").await, 15, "of all messages each is one");
    }
}

both! {
    with [PROXY, PUBLIC, ("SMS_LIMIT_DAY", "5000"), ("SMS_LIMIT_MINUTE", "60"), ("SMS_LIMIT_ADDRESS", "500")];

    async fn hundreds_of_customers_behind_one_address_join_in_an_hour(app: TestApp) {
        for customer in 0..CUSTOMERS {
            app.advance(7);
            let id = Stranger::at(OWNER).begin_to_join(&app, &number(customer), "").await;
            assert_eq!(id.len(), 36, "{customer}");
        }
    }

    async fn one_network_cannot_use_up_the_messages_of_a_minute(app: TestApp) {
        let attacker = Stranger::at(ATTACKER);
        let mut answers = Vec::new();
        for phone in 0..20 {
            answers.extend(ask(&app, &attacker, &number(phone), 1).await);
        }
        assert_eq!(sent(&answers), 15, "a quarter of them");
        assert_eq!(sent(&ask(&app, &Stranger::at(OWNER), PHONE, 1).await), 1);
    }
}

both! {
    with [PROXY, PUBLIC, ("SMS_LIMIT_MINUTE", "5"), ("SMS_LIMIT_DAY", "100")];

    async fn near_the_limit_of_all_messages_known_numbers_answer_like_others(app: TestApp) {
        app.buyer(PHONE).await;
        app.advance(61);
        for asked in [["0712000001", "0712000002", "0712000003", "0712000004"], ["0712000005", "0712000006", "0712000007", PHONE]] {
            // Whatever is known of the numbers, four codes of the five that there are can be asked for, and
            // the next cannot.
            for (at, phone) in asked.into_iter().enumerate() {
                assert_eq!(sent(&ask(&app, &network(at), phone, 1).await), 1, "{phone}");
            }
            for phone in [PHONE, "0712000009"] {
                assert_eq!(sent(&ask(&app, &Stranger::at(ATTACKER), phone, 1).await), 0, "{phone}");
            }
            app.advance(61);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM attempts WHERE key = 'sms'").await, 9, "with the owner's own, of before");
    }
}
