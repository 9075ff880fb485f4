//! Where a page of a list starts: before a moment and an id, written as `micros_id` in the page's address.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use uuid::Uuid;

use crate::types::{AppError, words};

words! {
    page_not_found { "This page does not exist. Go back to the first one." "Ukurasa huu haupo. Rudi kwenye wa kwanza." }
}

/// Lists are sorted by time and then by id, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

impl Before {
    /// No cursor is the first page: everything before tomorrow.
    pub fn read(after: Option<&str>, now: DateTime<Utc>) -> Result<Self, AppError> {
        let Some(text) = after.filter(|text| !text.is_empty()) else {
            return Ok(Self { at: now + TimeDelta::days(1), id: Uuid::max() });
        };
        let read = text.split_once('_').and_then(|(micros, id)| {
            let at = DateTime::from_timestamp_micros(micros.parse().ok()?)
                .filter(|at| (2000..2200).contains(&at.year()))?;
            Some(Self { at, id: id.parse().ok()? })
        });
        read.ok_or_else(no_such_page)
    }

    /// Cuts the rows that only show that there is another page; that page's cursor.
    pub fn cut<T>(
        rows: &mut Vec<T>,
        page: usize,
        key: impl Fn(&T) -> (DateTime<Utc>, Uuid),
    ) -> Option<String> {
        if rows.len() <= page {
            return None;
        }
        rows.truncate(page);
        rows.last().map(key).map(|(at, id)| format!("{}_{id}", at.timestamp_micros()))
    }
}

/// A list has no page that begins there.
pub fn no_such_page() -> AppError {
    AppError::invalid(page_not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let mut rows = vec![(now, Uuid::from_u128(7)), (now - TimeDelta::days(1), Uuid::nil())];
        assert_eq!(Before::cut(&mut rows, 2, |row| *row), None);
        let next = Before::cut(&mut rows, 1, |row| *row).expect("another page");
        assert_eq!(
            Before::read(Some(&next), now).map(|before| (before.at, before.id)),
            Ok((now, Uuid::from_u128(7)))
        );
        for odd in ["x", "1_2", "99999999999999999999_00000000-0000-0000-0000-000000000000"] {
            assert!(Before::read(Some(odd), now).is_err(), "{odd}");
        }
    }
}
