//! All data that is made up: people, tips, their past, and sales in bulk for load. Play money only; no part
//! of what is sold.

pub mod betslip;
pub mod ledger;
pub mod payments;
pub mod people;
mod store;
pub mod tips;
