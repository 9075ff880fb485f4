//! What every movement of money looks for.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{PlanCase, TestApp, Value, some};
use crate::mpesa::store::{addresses, bodies, events};
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
        some("old callbacks", bodies::PURGE, vec![At(long_ago)], "callbacks_received"),
    ]
}
