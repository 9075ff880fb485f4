//! What made-up data writes, many rows in a statement.

pub mod history;
pub mod ledger;
pub mod payments;
