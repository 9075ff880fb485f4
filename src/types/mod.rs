//! The words both sides share: money, phone numbers, ids, odds and errors.

mod error;
mod ids;
mod kes;
mod msisdn;
mod odds;

pub use error::{AppError, AppResult};
pub use ids::{CallbackId, PaymentId, PersonId, TipId};
pub use kes::Kes;
pub use msisdn::{Msisdn, NotMsisdn};
pub use odds::Odds;
