//! All data that is made up: people, tips, their past, and sales in bulk for load. It is for play money only.

pub mod betslip;
pub mod payments;
pub mod people;
mod store;
pub mod tips;
