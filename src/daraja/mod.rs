//! Safaricom's Daraja API: what goes over the wire, the client, and a simulator that serves the same API.

mod answer;
mod c2b;
mod callback;
mod client;
mod credentials;
mod error;
mod http;
mod port;
mod result_code;
pub mod simulator;
mod statement;
mod text;
mod token;
mod wire;

#[cfg(test)]
mod tests;

pub use c2b::{CONFIRMATION_MAX_BYTES, parse_c2b_confirmation};
pub use callback::{CALLBACK_MAX_BYTES, StkCallback, Unreadable, parse_callback};
pub use client::{Client, Push, PushAccepted, QueryAnswer};
pub use credentials::Credentials;
pub use error::{Certainty, DarajaError, RefusalKind, Rest};
pub use port::Daraja;
pub use result_code::{CodeClass, ResultCode};
pub use statement::{StatementLine, parse_statement};
pub use text::{AccountReference, TransactionDescription};
