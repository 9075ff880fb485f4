//! How a command ends, for the scripts that run it.

use std::process::ExitCode;

use crate::platform::db::Failure;
use crate::types::AppError;

/// What the program's help says about its exit codes.
pub const HELP: &str = "\
Exit codes: 0 all is right; 1 something was found wrong, or there is no such thing; 2 a person must look; \
3 it could not be told, because something did not answer or is not ready; 64 the command was not understood.";

/// How a command ended. The number is the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Right = 0,
    /// What the command looked at is wrong, or does not exist.
    Wrong = 1,
    /// A person must look.
    NeedsPerson = 2,
    /// Nobody knows, because something did not answer or is not ready.
    CannotTell = 3,
    /// The command makes no sense as it was typed, or with these settings.
    Usage = 64,
}

/// An error that knows how its command ends.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
struct Ended {
    exit: Exit,
    why: String,
}

impl Exit {
    /// An error that ends its command in this way, with the words for whoever typed it.
    pub fn because(self, why: impl Into<String>) -> anyhow::Error {
        Ended { exit: self, why: why.into() }.into()
    }

    /// How a command ends that failed with this error: a wrong request is `Usage`, another refusal `Wrong`,
    /// and what may work the next time `CannotTell`.
    pub fn of(error: &anyhow::Error) -> Self {
        if let Some(ended) = error.downcast_ref::<Ended>() {
            return ended.exit;
        }
        let refused = match error.downcast_ref::<Failure>() {
            Some(Failure::App(refused)) => Some(refused),
            Some(Failure::Db(_) | Failure::Changed) => None,
            None => error.downcast_ref::<AppError>(),
        };
        match refused {
            None | Some(AppError::Busy | AppError::Internal | AppError::TooMany { .. }) => Self::CannotTell,
            Some(AppError::Invalid(_)) => Self::Usage,
            Some(_) => Self::Wrong,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn an_error_ends_a_command_by_what_it_says() {
        assert_eq!(Exit::of(&Exit::NeedsPerson.because("look at it")), Exit::NeedsPerson);
        assert_eq!(Exit::of(&AppError::not_found("There is no such payment.").into()), Exit::Wrong);
        assert_eq!(Exit::of(&AppError::conflict("It has ended already.").into()), Exit::Wrong);
        assert_eq!(Exit::of(&AppError::invalid("That is no receipt.").into()), Exit::Usage);
        assert_eq!(Exit::of(&Failure::from(AppError::conflict("It is taken.")).into()), Exit::Wrong);
        assert_eq!(Exit::of(&Failure::Changed.into()), Exit::CannotTell);
        assert_eq!(Exit::of(&AppError::Busy.into()), Exit::CannotTell);
        assert_eq!(Exit::of(&anyhow!("no connection")), Exit::CannotTell);
    }

    #[test]
    fn what_is_told_around_an_error_does_not_change_its_end() {
        let told =
            Err::<(), _>(Exit::Usage.because("no")).context("while it was tried").expect_err("an error");
        assert_eq!(Exit::of(&told), Exit::Usage);
    }
}
