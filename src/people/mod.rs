//! People: registering, signing in, and who is asking.

pub mod api;
mod attempts;
pub mod browser;
mod code_limits;
pub mod devices;
mod hashing;
pub mod http;
pub mod names;
pub mod otp;
mod password;
pub mod portraits;
pub mod profile;
mod proof;
mod registration;
pub mod service;
mod sign_in;
mod slug;
pub mod spending_limits;
pub mod store;
mod turns;

pub use password::check_password;
#[cfg(test)]
pub use registration::Registration;
pub use service::{AttemptLimits, People};
#[cfg(test)]
pub use sign_in::Caller;

use crate::types::AppError;

/// A field of a form and what is wrong with it.
pub type WrongField = (&'static str, AppError);
