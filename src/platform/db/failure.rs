//! What can go wrong between a service and its database.

use crate::types::AppError;

/// Why a service did not do what it was asked to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A reason that the user is told.
    #[error(transparent)]
    App(#[from] AppError),
    /// An error of the database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// What the transaction read was changed by another one before it wrote. It must read again.
    #[error("the rows changed meanwhile")]
    Changed,
}

impl Failure {
    /// Whether the same transaction may succeed if it runs again. `transaction!` asks this.
    pub fn is_worth_another_try(&self) -> bool {
        match self {
            Self::App(_) => false,
            Self::Db(error) => is_conflict(error),
            Self::Changed => true,
        }
    }

    /// Whether the database of this process is closed because the server stops. Background tasks end then.
    pub const fn is_for_good(&self) -> bool {
        matches!(self, Self::Db(sqlx::Error::PoolClosed))
    }
}

/// A database error is logged here, once, and the user gets a text without its cause.
impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::App(error) => error,
            Failure::Changed => Self::Busy,
            Failure::Db(error)
                if matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
                    || is_conflict(&error) =>
            {
                tracing::warn!(error = %error, "the database is busy");
                Self::Busy
            }
            Failure::Db(error) => {
                tracing::error!(error = %error, "the database failed");
                Self::Internal
            }
        }
    }
}

/// Whether the error means that the transaction lost against another one, or lost its connection. It may then
/// succeed if it runs again.
pub fn is_conflict(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        // If the connection died, a transaction that was not committed was rolled back. One that was
        // committed must find what it wrote when it runs again.
        return matches!(error, sqlx::Error::Io(_));
    };
    match error.code().as_deref() {
        // The codes of PostgreSQL: serialization_failure, deadlock_detected, admin_shutdown, crash_shutdown.
        Some("40001" | "40P01" | "57P01" | "57P02") => true,
        // The codes of SQLite: BUSY with its extended codes, and LOCKED.
        Some(code) => {
            error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
                && matches!(code, "5" | "6" | "261" | "517" | "262")
        }
        None => false,
    }
}

/// Whether the error means that a table of the statement does not exist.
pub fn has_no_table(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    // PostgreSQL has a code for it, undefined_table; SQLite has only words.
    error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
}
