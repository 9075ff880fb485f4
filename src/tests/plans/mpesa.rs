//! What every movement of money looks for.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{PlanCase, TestApp, Value, some};
use crate::mpesa::store::{addresses, bodies, events, receipts};
use crate::payments::store::{WAITS, lists, validation};
use Value::{At, Bytes, Id, Int, Text};

pub fn cases(app: &TestApp) -> Vec<PlanCase> {
    let long_ago = app.clock.now() - TimeDelta::days(500);
    vec![
        some(
            "whose address it is",
            addresses::SUBJECT_OF,
            vec![Bytes(&[0; 32]), Text("payment")],
            if app.is_sqlite() { "mpesa_addresses USING PRIMARY KEY" } else { "mpesa_addresses_pkey" },
        ),
        some(
            "stored callbacks",
            bodies::UNPROCESSED,
            vec![Text("payment"), Int(100)],
            "callbacks_unprocessed",
        ),
        some("unreadable bodies", bodies::UNREADABLE, vec![Int(50)], "callbacks_unreadable"),
        some("facts", events::LIST, vec![Text("payment"), Id(Uuid::nil())], "mpesa_events_subject"),
        some(
            "a fact of a kind",
            events::NOTED,
            vec![Text("payment"), Id(Uuid::nil()), Text("reversed"), Text("UKN1AB2CD3")],
            "mpesa_events_subject",
        ),
        some(
            "a receipt",
            receipts::FIND,
            vec![Text("UKN1AB2CD3")],
            if app.is_sqlite() { "autoindex_money_in" } else { "money_in_pkey" },
        ),
        some("suspense", receipts::SUSPENSE, vec![Int(50)], "money_in_suspense"),
        some("old suspense", receipts::OLD_SUSPENSE, vec![At(long_ago), Int(50)], "money_in_suspense"),
        some("suspense, counted", receipts::COUNT_SUSPENSE, vec![At(long_ago)], "money_in_suspense"),
        some("unplaced money", receipts::UNPLACED_SINCE, vec![At(long_ago), Int(5_000)], "money_in_suspense"),
        some(
            "payments with suspense",
            lists::WITH_SUSPENSE,
            vec![Int(50), At(app.clock.now())],
            "payments_suspense",
        ),
        some("awaited at a price", lists::IS_AWAITED, vec![Int(5_000)], "payments_awaiting"),
        some("awaited receipts", lists::COUNT_AWAITING, vec![At(long_ago)], "payments_awaiting"),
        some(
            "payments that are nearly named",
            lists::OPEN_AT_PRICE,
            vec![At(app.clock.now() - TimeDelta::hours(48)), Int(5_000)],
            "payments_pushed",
        ),
        some(
            "a receipt that waits",
            WAITS,
            vec![Id(Uuid::nil()), Text("UKN1AB2CD3")],
            "payments_waiting_receipt",
        ),
        some(
            "what somebody is about to pay",
            validation::ASKED,
            vec![Text("A"), Text("B")],
            "account_reference",
        ),
        some("old callbacks", bodies::PURGE, vec![At(long_ago)], "callbacks_received"),
    ]
}
