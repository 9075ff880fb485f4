//! The rows of what every movement of money needs.

pub mod addresses;
pub mod bodies;
pub mod sends;
