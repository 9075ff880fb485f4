//! The types that every room shares: money, phone numbers, ids, odds, errors, and texts in every language.

mod error;
mod ids;
mod kes;
mod msisdn;
pub mod name;
mod odds;
mod result;
mod text;
pub mod text_enum;

pub use error::{AppError, AppResult};
pub use ids::{CallbackId, PaymentId, PersonId, TipId};
pub use kes::Kes;
pub use msisdn::{Msisdn, NotMsisdn};
pub use odds::Odds;
pub use result::TipResult;
pub(crate) use text::words;
pub use text::{Language, Text, Wording};
pub(crate) use text_enum::text_enum;
