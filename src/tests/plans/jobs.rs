//! What work that waits looks for, and what `ligisoo jobs` counts.

use chrono::TimeDelta;

use super::{PlanCase, TestApp, Value, some};
use crate::mpesa::store::{bodies, sends};
use crate::payments::store::schedule;
use Value::{At, Text};

/// SQL that adds what waits in a market that has been open for a while, made from its payments.
pub const MORE: &[&str] = &[
    "INSERT INTO callbacks (id, purpose, subject_id, path, is_from_elsewhere, body, received_at, processed_at)
        SELECT subject_id, purpose, subject_id, 'token', FALSE, token_hash, made_at, made_at FROM mpesa_addresses",
    "UPDATE payments SET next_check_at = ended_at WHERE id IN (SELECT id FROM payments ORDER BY pushed_at DESC LIMIT 100)",
    "UPDATE payments SET status = 'pending', outcome = NULL WHERE id IN (SELECT id FROM payments ORDER BY pushed_at DESC LIMIT 50)",
    "INSERT INTO mpesa_sends (id, purpose, subject_id, number, certainty, server, made_at, send_before, answered_at)
        SELECT id, 'payment', id, 1, 'accepted', '', pushed_at, pushed_at, pushed_at FROM payments",
];

pub fn cases(app: &TestApp) -> Vec<PlanCase> {
    let (now, long_ago) = (app.clock.now(), app.clock.now() - TimeDelta::days(500));
    vec![
        some("questions that wait", schedule::WAITING_QUESTIONS, vec![At(now)], "payments_due"),
        some("shares that are held", schedule::WAITING_RELEASES, vec![At(now)], "purchases_unreleased"),
        some("bodies that wait", bodies::WAITING, vec![Text("payment")], "callbacks_unprocessed"),
        some("sends to give up", sends::GIVE_UP, vec![At(long_ago), At(now)], "mpesa_sends_unfinished"),
        some("unfinished sends", sends::WAITING, vec![At(long_ago)], "mpesa_sends_unfinished"),
    ]
}
