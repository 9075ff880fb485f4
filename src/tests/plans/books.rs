//! The statements that prove open days.

use super::{PlanCase, TestApp, Value, some};
use crate::books::store::{rules, sums};
use crate::platform::clock::{kenyan_day, start_of_day};
use Value::{At, Int};

/// SQL that adds debts, made from payments.
pub const MORE: &[&str] = &[
    "INSERT INTO debts (id, payment_id, receipt, msisdn, owed_cents, status, reason, refund_receipt, owed_at, due_at, paid_at)
        SELECT id, id, receipt, msisdn, price_cents, 'paid', 'withdrawn', receipt, ended_at, ended_at, ended_at FROM payments",
    "UPDATE debts SET status = 'payable' WHERE payment_id IN (SELECT id FROM payments ORDER BY pushed_at DESC LIMIT 20)",
];

pub fn cases(app: &TestApp) -> Vec<PlanCase> {
    let day = kenyan_day(app.clock.now()) + 1;
    let values = || vec![Int(100), Int(day), At(start_of_day(day))];
    // Each begins with the transfers of the day, except those that read closings or what is open.
    let index = |sql: &str| match sql {
        sql if sql.contains("transfers") => "transfers_day",
        sql if sql.contains("released_at IS NULL") => "purchases_unreleased",
        sql if sql.contains("closings") => "closings",
        // There are three for each tipster.
        _ => "accounts",
    };
    rules()
        .chain([&sums::TIPS])
        .map(|rule| some(rule.name, rule.broken_by, values(), index(rule.broken_by)))
        .collect()
}
