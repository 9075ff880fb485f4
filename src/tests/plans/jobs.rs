//! What work that waits looks for, and what `ligisoo jobs` counts.

use chrono::TimeDelta;

use super::{PlanCase, TestApp, Value, some};
use crate::mpesa::store::{bodies, sends};
use crate::outbox::store as outbox;
use crate::payments::store::schedule;
use Value::{At, Int, Text};

/// SQL that adds what waits in a market that has been open for a while, made from its payments.
pub const MORE: &[&str] = &[
    "INSERT INTO callbacks (id, purpose, subject_id, path, is_from_elsewhere, body, received_at, processed_at)
        SELECT subject_id, purpose, subject_id, 'token', FALSE, token_hash, made_at, made_at FROM mpesa_addresses",
    "UPDATE payments SET next_check_at = ended_at WHERE id IN (SELECT id FROM payments ORDER BY pushed_at DESC LIMIT 100)",
    "UPDATE payments SET status = 'pending', outcome = NULL WHERE id IN (SELECT id FROM payments ORDER BY pushed_at DESC LIMIT 50)",
    "INSERT INTO mpesa_sends (id, purpose, subject_id, number, certainty, server, made_at, send_before, answered_at)
        SELECT id, 'payment', id, 1, 'accepted', '', pushed_at, pushed_at, pushed_at FROM payments",
    "INSERT INTO messages (id, kind, state, text, language, due_at, attempts, expires_at, ended_at)
        SELECT id, 'sms', 'sent', 'your_code', 'en', pushed_at, 1, pushed_at, pushed_at FROM payments",
    "UPDATE messages SET state = 'due', ended_at = NULL, recipient = '', text_values = ''
        WHERE id IN (SELECT id FROM payments ORDER BY pushed_at DESC LIMIT 20)",
    "UPDATE messages SET state = 'dead', recipient = '', text_values = ''
        WHERE id IN (SELECT id FROM payments ORDER BY pushed_at LIMIT 20)",
];

pub fn cases(app: &TestApp) -> Vec<PlanCase> {
    let (now, long_ago) = (app.clock.now(), app.clock.now() - TimeDelta::days(500));
    vec![
        some("questions that wait", schedule::WAITING_QUESTIONS, vec![At(now)], "payments_due"),
        some("shares that are held", schedule::WAITING_RELEASES, vec![At(now)], "purchases_unreleased"),
        some("bodies that wait", bodies::WAITING, vec![Text("payment"), At(now)], "callbacks_unprocessed"),
        some("sends to give up", sends::GIVE_UP, vec![At(long_ago), At(now)], "mpesa_sends_unfinished"),
        some("unfinished sends", sends::WAITING, vec![At(long_ago)], "mpesa_sends_unfinished"),
        some("messages to send", outbox::DUE, vec![At(now), Int(40)], "messages_due"),
        some("messages that wait", outbox::WAITING, vec![At(now)], "messages_d"),
        some("dead messages", outbox::DEAD, vec![Int(100)], "messages_dead"),
        some("old messages", outbox::PURGE, vec![At(long_ago)], "messages_ended"),
    ]
}
