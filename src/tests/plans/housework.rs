//! What the house looks for beside money: sessions, attempts, notices, days to close.

use chrono::{DateTime, TimeDelta};

use super::{PlanCase, TestApp, Value, some, somebody};
use crate::{ledger, notices, people, platform};
use Value::{At, Id, Int, Text};

pub async fn cases(app: &TestApp) -> Vec<PlanCase> {
    let ((buyer, ..), now) = (somebody(app).await, app.clock.now());
    vec![
        some(
            "sessions of streams",
            &format!("{}$1, $2) AND expires_at > $3", platform::sessions::LIVING),
            vec![Text("x"), Text("y"), At(DateTime::UNIX_EPOCH)],
            if app.is_sqlite() { "autoindex_sessions" } else { "sessions_pkey" },
        ),
        some("session", platform::sessions::LOAD, vec![Text("x"), At(now)], "notices_unread"),
        some(
            "a person's sessions",
            people::store::devices::LIST,
            vec![Id(buyer.0), At(now - TimeDelta::days(500)), Int(20)],
            "sessions_person",
        ),
        some(
            "sessions that are over",
            platform::sessions::SWEEP,
            vec![At(now - TimeDelta::days(500))],
            "sessions_expires_at",
        ),
        some(
            "notices read long ago",
            notices::store::PURGE_READ,
            vec![At(now - TimeDelta::days(500))],
            "notices_read",
        ),
        some(
            "attempts under a key",
            people::store::attempts::COUNT,
            vec![Text("x"), At(DateTime::UNIX_EPOCH)],
            "attempts_recent",
        ),
        some(
            "old attempts",
            people::store::attempts::PURGE,
            vec![At(now - TimeDelta::days(500))],
            "attempts_old",
        ),
        some(
            "notices of long ago",
            notices::store::PURGE_UNREAD,
            vec![At(now - TimeDelta::days(500))],
            "notices_noticed",
        ),
        some("the day to close", ledger::store::closings::NEXT, Vec::new(), "transfers_day"),
    ]
}
