//! People: registering, signing in, and who is asking.

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
        Register = "register",
        /// The number of somebody who is signed in.
        Prove = "prove",
        /// A new password.
        Reset = "reset",
    }
}

impl CodePurpose {
    /// Whether the code comes back with a password.
    pub const fn sets_password(self) -> bool {
        matches!(self, Self::Register | Self::Reset)
    }
}

text_enum! {
    /// What a spending limit is over, by Kenyan time.
    pub enum LimitPeriod {
        Day = "day",
        Week = "week",
        Month = "month",
    }
}

text_enum! {
    /// How strict a break from buying is. Either can be made longer, never shorter.
    pub enum BreakKind {
        TimeOut = "time_out",
        SelfExclusion = "self_exclusion",
    }
}

/// Who signs in, and to which generation of their sessions the new one belongs.
pub struct Entrant {
    pub viewer: Viewer,
    pub generation: i64,
}

/// A field of a form and what is wrong with it.
pub type WrongField = (&'static str, AppError);
