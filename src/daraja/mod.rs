//! Safaricom's Daraja API: what goes over the wire, the client, and a simulator that serves the same API.

mod answer;
mod callback;
mod client;
mod credentials;
mod error;
mod http;
mod port;
mod result_code;
pub mod simulator;
mod text;
mod token;
mod wire;

#[cfg(test)]
mod tests;

pub use callback::{CALLBACK_MAX_BYTES, StkCallback, Unreadable, parse_callback};
pub use client::{Client, Push, PushAccepted, QueryAnswer};
pub use credentials::Credentials;
pub use error::{Certainty, DarajaError, RefusalKind};
pub use port::Daraja;
pub use result_code::{CodeClass, ResultCode};
pub use text::{AccountReference, TransactionDescription};
