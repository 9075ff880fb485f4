//! What members of staff may do alone, and how a command finds out who they are.

use std::path::PathBuf;

use super::SettingsSource;
use crate::types::Kes;

/// The settings about members of staff (MONEY §9).
#[derive(Debug, Clone)]
pub struct DeskRules {
    /// `DESK_ALONE_UP_TO`: the most that one operator sends back by hand without a second person, set in
    /// whole shillings.
    pub alone_up_to: Kes,
    /// `ONE_PERSON`: whether a second look, a day later, takes the place of a second person who is not there.
    pub is_one_person: bool,
    /// `STAFF_PASSWORD_FILE`: where commands read the password of the member of staff whom they name.
    pub password_file: Option<PathBuf>,
}

impl DeskRules {
    /// Reads them.
    ///
    /// # Errors
    /// A setting is wrong; the error names it.
    pub(super) fn load(source: &SettingsSource) -> anyhow::Result<Self> {
        Ok(Self {
            alone_up_to: Kes::from_cents(source.number("DESK_ALONE_UP_TO", 5_000, 0..=250_000)? * 100),
            is_one_person: source.flag("ONE_PERSON")?,
            password_file: source.text("STAFF_PASSWORD_FILE").map(PathBuf::from),
        })
    }
}
