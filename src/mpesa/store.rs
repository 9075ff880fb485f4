//! The rows of what every movement of money needs.

pub mod events;
pub mod rates;
