//! What is posted to the app: a callback or a confirmation, when, and in which order.

use std::time::Duration;

/// One body to be posted.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub kind: DeliveryKind,
    pub url: String,
    pub body: String,
    pub phone_number: String,
    pub wait: Option<Delay>,
    /// Never leaves; the inspector shows it all the same.
    pub is_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryKind {
    Callback,
    Confirmation,
}

/// Deliveries that leave one after the other. Several batches leave at the same time.
pub type Batch = Vec<Delivery>;

/// How long something is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    Real(Duration),
    /// Until the simulator's clock is so much further.
    Clock(Duration),
}
