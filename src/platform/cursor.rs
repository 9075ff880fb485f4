//! The place in a list at which a page starts: after a row's time and id, written as `micros_id` in the
//! page's address (micros are microseconds since 1970).

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use uuid::Uuid;

use crate::types::{AppError, words};

words! {
    page_not_found {
        "This page does not exist. Go back to the first one."
        "Ukurasa huu haupo. Rudi kwenye wa kwanza."
    }
}

/// A place in a list that is sorted by time and then by id, newest first. The page holds what comes before it
/// in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

impl Before {
    /// The place in a page's address. Without one it is the first page, which starts with tomorrow.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the text is no cursor.
    pub fn read(after: Option<&str>, now: DateTime<Utc>) -> Result<Self, AppError> {
        let (at, id) = read(after)?.unwrap_or((now + TimeDelta::days(1), Uuid::max()));
        Ok(Self { at, id })
    }
}

/// The time and the id in a cursor; `None` for the first page.
///
/// # Errors
/// [`AppError::Invalid`] if the text is no cursor.
pub fn read<I: FromStr>(after: Option<&str>) -> Result<Option<(DateTime<Utc>, I)>, AppError> {
    let Some(text) = after.filter(|text| !text.is_empty()) else { return Ok(None) };
    let read = text.split_once('_').and_then(|(micros, id)| {
        let at = DateTime::from_timestamp_micros(micros.parse().ok()?)
            .filter(|at| (2000..2200).contains(&at.year()))?;
        Some((at, id.parse().ok()?))
    });
    read.map(Some).ok_or_else(no_such_page)
}

/// How many rows to fetch for a page: one more than it shows, which tells whether there is another page.
pub fn one_more(page: usize) -> i64 {
    i64::try_from(page).map_or(i64::MAX, |page| page + 1)
}

/// Removes the row beyond the page, if there is one, and returns the cursor of the next page. `None` means
/// that this page is the last.
pub fn cut<T, I: Display>(
    rows: &mut Vec<T>,
    page: usize,
    key: impl Fn(&T) -> (DateTime<Utc>, I),
) -> Option<String> {
    if rows.len() <= page {
        return None;
    }
    rows.truncate(page);
    rows.last().map(key).map(|(at, id)| format!("{}_{id}", at.timestamp_micros()))
}

/// The error for a page that does not exist.
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
        assert_eq!(cut(&mut rows, 2, |row| *row), None);
        let next = cut(&mut rows, 1, |row| *row).expect("another page");
        assert_eq!(
            Before::read(Some(&next), now).map(|before| (before.at, before.id)),
            Ok((now, Uuid::from_u128(7)))
        );
        for odd in ["x", "1_2", "99999999999999999999_00000000-0000-0000-0000-000000000000"] {
            assert!(Before::read(Some(odd), now).is_err(), "{odd}");
        }
    }
}
