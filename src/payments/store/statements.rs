//! What a statement asks of payments.

use super::columns;
use crate::payments::Payment;
use crate::platform::db::{Db, read};

/// The beginning of the query of `by_references`; a test looks at its plan.
pub const BY_REFERENCES: &str =
    concat!("SELECT ", columns!(), " FROM payments p WHERE p.account_reference IN (");

/// The payments with these references.
///
/// # Errors
/// A database error.
pub async fn by_references(db: &Db, references: &[String]) -> Result<Vec<Payment>, sqlx::Error> {
    read!(db, |c| {
        let mut query = sqlx::QueryBuilder::new(BY_REFERENCES);
        let mut list = query.separated(", ");
        for reference in references {
            list.push_bind(reference);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })
}
