//! Reads that are needed both inside and outside of a transaction.

use super::{Db, Tx};

/// Where such a read runs. A store function takes `impl Into<ReadFrom<'_>>`, so that its callers pass a `&Db`
/// or a `&mut Tx`.
pub enum ReadFrom<'a> {
    Db(&'a Db),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Db> for ReadFrom<'a> {
    fn from(db: &'a Db) -> Self {
        Self::Db(db)
    }
}

impl<'a> From<&'a mut Tx> for ReadFrom<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// Runs one read-only statement at that place: `read_from!(from, |c|
/// sqlx::query_as("…").fetch_all(c).await)`.
macro_rules! read_from {
    ($from:expr, |$connection:ident| $query:expr) => {
        match $from.into() {
            $crate::platform::db::ReadFrom::Db(db) => {
                $crate::platform::db::read!(db, |$connection| $query)
            }
            $crate::platform::db::ReadFrom::Tx(tx) => {
                $crate::platform::db::on!(tx, |$connection| $query)
            }
        }
    };
}

pub(crate) use read_from;
