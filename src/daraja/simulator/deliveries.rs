//! What is posted to the app: callbacks and confirmations, when, and in which order.

use std::time::Duration;

/// One body that is posted to the app.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub kind: DeliveryKind,
    pub url: String,
    pub body: String,
    pub phone_number: String,
    pub wait: Option<Delay>,
    /// Whether the body never leaves. The inspector shows it all the same.
    pub is_lost: bool,
}

/// What a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryKind {
    /// The outcome of a prompt (daraja §3).
    Callback,
    /// A C2B confirmation (daraja §5.2).
    Confirmation,
    /// The question whether the short code takes money that is about to be paid by hand.
    Validation,
}

/// Deliveries that leave one after the other. Several batches leave at the same time.
pub type Batch = Vec<Delivery>;

/// How long something is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// A time on the wall clock.
    Real(Duration),
    /// Until the simulator's clock is later by this. A test moves that clock.
    Clock(Duration),
}
