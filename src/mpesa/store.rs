//! The rows of what every movement of money needs.

pub mod addresses;
pub mod bodies;
pub mod events;
pub mod rates;
pub mod receipts;
pub mod sends;
