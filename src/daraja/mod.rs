//! Safaricom's Daraja API: what goes over the wire, the client, and a simulator that serves the same API.

mod api;
mod c2b;
mod callback;
mod client;
mod credentials;
mod error;
mod fields;
mod http;
mod pull;
mod response;
mod result_code;
pub mod simulator;
mod statement;
mod token;
mod wire;

#[cfg(test)]
mod tests;

pub use api::Daraja;
pub use c2b::{C2bConfirmation, parse_c2b_confirmation};
pub use callback::{CALLBACK_MAX_BYTES, StkCallback, Unreadable, parse_callback, readable_receipt};
pub use client::{Client, Push};
pub use credentials::Credentials;
pub use error::{Certainty, DarajaError, PauseReason, RefusalKind};
pub use fields::{AccountReference, TransactionDescription};
pub use pull::{Pulled, PulledPage};
pub use result_code::{CodeClass, ResultCode};
pub use statement::{LineState, Statement, StatementLine, Sums, parse_statement};
pub use wire::{PushAccepted, QueryAnswer};
