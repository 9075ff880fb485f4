//! What can go wrong between a service and its database.

use crate::types::AppError;

/// Why a service did not do what it was asked: a reason for the user, or a database that failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// What the transaction read was changed before it wrote; reading again will tell.
    #[error("the rows changed meanwhile")]
    Changed,
}

impl Failure {
    pub fn is_worth_another_try(&self) -> bool {
        match self {
            Self::App(_) => false,
            Self::Db(error) => is_conflict(error),
            Self::Changed => true,
        }
    }

    /// This server stops, and has closed its database.
    pub const fn is_for_good(&self) -> bool {
        matches!(self, Self::Db(sqlx::Error::PoolClosed))
    }
}

/// At the edge a database error is logged, once, and becomes a sentence without a cause.
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

/// Lost to another transaction: running again may succeed.
pub fn is_conflict(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        // The connection died: a transaction that was not committed was rolled back, one that was is seen
        // when it runs again.
        return matches!(error, sqlx::Error::Io(_));
    };
    match error.code().as_deref() {
        // PostgreSQL: serialization_failure, deadlock_detected, admin_shutdown, crash_shutdown.
        Some("40001" | "40P01" | "57P01" | "57P02") => true,
        // SQLite: BUSY and its extended codes, LOCKED.
        Some(code) => {
            error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
                && matches!(code, "5" | "6" | "261" | "517" | "262")
        }
        None => false,
    }
}
