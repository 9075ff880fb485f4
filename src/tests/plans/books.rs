//! The statements that prove open days.

use super::{PlanCase, TestApp, Value, some};
use crate::books::store::{rules, sums};
use crate::platform::clock::{kenyan_day, start_of_day};
use Value::{At, Int};

pub fn cases(app: &TestApp) -> Vec<PlanCase> {
    let day = kenyan_day(app.clock.now()) + 1;
    let values = || vec![Int(100), Int(day), At(start_of_day(day))];
    // Each begins with the transfers of the day, except those that read closings or what is open.
    let index = |sql: &str| match sql {
        sql if sql.contains("transfers") => "transfers_day",
        sql if sql.contains("released_at IS NULL") => "purchases_unreleased",
        _ => "closings",
    };
    rules()
        .chain([&sums::TIPS])
        .map(|rule| some(rule.name, rule.broken_by, values(), index(rule.broken_by)))
        .collect()
}
