//! The SQL of made-up data, which writes many rows in a statement.

pub mod history;
pub mod payments;
