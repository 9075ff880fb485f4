//! People: registering, signing in, one-time codes, profiles, and limits on spending.

pub mod api;
mod attempts;
pub mod browser;
mod code_limits;
pub mod devices;
mod hashing;
pub mod http;
pub mod names;
pub mod new_person;
pub mod otp;
mod password;
pub mod portraits;
pub mod profile;
mod proof;
mod registration;
pub mod self_exclusion;
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

use crate::platform::viewer::Viewer;
use crate::types::{AppError, text_enum};

text_enum! {
    /// What a one-time code is for.
    pub enum CodePurpose {
        /// It proves the number of a registration, and the account is made when the code comes back.
        Register = "register",
        /// It proves the number of somebody who is signed in.
        Prove = "prove",
        /// It allows a new password.
        Reset = "reset",
    }
}

impl CodePurpose {
    /// Whether a password is chosen in the form that the code is typed into.
    pub const fn sets_password(self) -> bool {
        matches!(self, Self::Register | Self::Reset)
    }
}

text_enum! {
    /// The period that a spending limit covers, by Nairobi time; a week begins on Monday.
    pub enum LimitPeriod {
        Day = "day",
        Week = "week",
        Month = "month",
    }
}

text_enum! {
    /// How strict a break from buying is: days for a time-out, months or years for a self-exclusion. Either
    /// can be made longer, never shorter.
    pub enum BreakKind {
        TimeOut = "time_out",
        SelfExclusion = "self_exclusion",
    }
}

/// The person who signs in, and the generation that their new session belongs to. Ending every session of a
/// person raises the generation, and a session of an older generation is not accepted any more.
pub struct Entrant {
    pub viewer: Viewer,
    pub generation: i64,
}

/// The name of a form's field, and what is wrong with the value in it.
pub type WrongField = (&'static str, AppError);
