//! Spending limits: what a person wants to spend at most in a day, a week or a month.
//!
//! A lower limit holds at once; a higher one, or none, holds after 24 hours. Limits and breaks are checked
//! before any push, in the transaction that writes the payment. They are checked for the account that buys
//! and for the account of the number that pays, so nobody can charge a number whose owner takes a break.
//! Days, weeks (from Monday) and months are those of Nairobi.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::self_exclusion::resting_at;
use super::store::self_exclusion::break_of;
use super::store::spending_limits as rows;
use super::store::spending_limits::{Bound, LimitRow};
use super::{BreakKind, LimitPeriod, People, store};
use crate::platform::clock::{from_nairobi, nairobi};
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Kes, Msisdn, PersonId, Text, words};

words! {
    choose_period { "Choose a day, a week or a month." "Chagua siku, wiki au mwezi." }
    whole_shillings {
        "Write whole shillings, like 500, or nothing for no limit."
        "Andika shilingi kamili, kama 500, au acha wazi usiweke kikomo."
    }
    over_day(limit, spent) {
        "Your limit is {limit} a day, and you have spent {spent} of it. You set it under My account, Limits."
        "Kikomo chako ni {limit} kwa siku, na umeshatumia {spent}. Unakiweka kwenye Akaunti yangu, Vikomo."
    }
    over_week(limit, spent) {
        "Your limit is {limit} a week, and you have spent {spent} of it. You set it under My account, Limits."
        "Kikomo chako ni {limit} kwa wiki, na umeshatumia {spent}. Unakiweka kwenye Akaunti yangu, Vikomo."
    }
    over_month(limit, spent) {
        "Your limit is {limit} a month, and you have spent {spent} of it. \
            You set it under My account, Limits."
        "Kikomo chako ni {limit} kwa mwezi, na umeshatumia {spent}. Unakiweka kwenye Akaunti yangu, Vikomo."
    }
}

/// How long a looser limit waits before it holds.
const LOOSER_AFTER: TimeDelta = TimeDelta::hours(24);
/// How long the limits of a closed account are kept, in case its number registers again.
const KEPT: TimeDelta = TimeDelta::days(365);
/// The highest limit, a million shillings. A higher one was mistyped.
const LIMIT_MAX: Kes = Kes::from_cents(100_000_000);

/// One of a person's limits at this moment.
#[derive(Debug, Clone)]
pub struct SpendingLimit {
    pub period: LimitPeriod,
    /// `None` is no limit.
    pub most: Option<Kes>,
    /// What was spent since the period began.
    pub spent: Kes,
    pub next: Next,
}

/// A looser limit that waits, where `None` inside is no limit, and the time from which it holds.
type Next = Option<(Option<Kes>, DateTime<Utc>)>;

/// What the page of a person's limits and breaks shows.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Always three: for the day, the week and the month.
    pub limits: Vec<SpendingLimit>,
    /// When the running break ends; `None` without one.
    pub break_until: Option<DateTime<Utc>>,
    /// Whether the running break is a self-exclusion.
    pub is_excluded: bool,
}

/// The limit that holds now (`None` is no limit), and the looser one that waits.
fn standing(row: Option<&LimitRow>, now: DateTime<Utc>) -> (Option<Kes>, Next) {
    match row {
        None => (None, None),
        Some(LimitRow { next_at: Some(at), next_cents, .. }) if *at <= now => (*next_cents, None),
        Some(row) => (row.limit_cents, row.next_at.map(|at| (row.next_cents, at))),
    }
}

/// Whether the new limit lets more through than the old one.
fn is_looser(new: Option<Kes>, old: Option<Kes>) -> bool {
    match (new, old) {
        (None, old) => old.is_some(),
        (Some(_), None) => false,
        (Some(new), Some(old)) => new > old,
    }
}

/// When the day, the week and the month of a moment began in Nairobi.
fn starts(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>) {
    let today = nairobi(now).date_naive();
    let monday = today - TimeDelta::days(i64::from(today.weekday().num_days_from_monday()));
    let first = today.with_day(1).unwrap_or(today);
    let at = |date: NaiveDate| from_nairobi(date.and_time(NaiveTime::MIN)).unwrap_or(now);
    (at(today), at(monday), at(first))
}

impl People {
    /// The person's limits, what they have spent of each, and their break.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if there is no such person; a database error.
    pub async fn bounds(&self, person: &Viewer) -> Result<Bounds, Failure> {
        let now = self.clock.now();
        let resting = break_of(&self.db, person.id).await?.ok_or_else(AppError::sign_in_first)?;
        let found = rows::limits(&self.db, person.id).await?;
        let spent = rows::spent(&self.db, person.id, &person.msisdn, starts(now)).await?;
        let limits = LimitPeriod::ALL.into_iter().zip([spent.0, spent.1, spent.2]).map(|(period, spent)| {
            let (most, next) = standing(found.iter().find(|row| row.period == period), now);
            SpendingLimit { period, most, spent, next }
        });
        let break_until = resting.break_until.filter(|until| *until > now);
        let is_excluded = break_until.is_some() && resting.break_kind == Some(BreakKind::SelfExclusion);
        Ok(Bounds { limits: limits.collect(), break_until, is_excluded })
    }

    /// Sets the limit of a period in whole shillings, or takes it away with an empty text. A looser one waits
    /// for 24 hours, and a newer one takes its place while it waits.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the period is none, or the text is no whole number of shillings up to a
    /// million; [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn set_limit(&self, person: &Viewer, period: &str, typed: &str) -> Result<(), AppError> {
        let period = LimitPeriod::read(period).ok_or_else(|| AppError::invalid(choose_period()))?;
        let new = match typed.trim() {
            "" => None,
            text => {
                let limit = text.parse::<Kes>().ok().filter(|limit| {
                    (Kes::ZERO..=LIMIT_MAX).contains(limit) && limit.whole_shillings().is_some()
                });
                Some(limit.ok_or_else(|| AppError::invalid(whole_shillings()))?)
            }
        };
        let now = self.clock.now();
        let set: Result<(), Failure> = transaction!(self.db, |tx| {
            store::lock_person(tx, person.id).await?;
            let found = rows::limits(&mut *tx, person.id).await?;
            let (old, _) = standing(found.iter().find(|row| row.period == period), now);
            let (limit, next) =
                if is_looser(new, old) { (old, Some((new, now + LOOSER_AFTER))) } else { (new, None) };
            Ok(rows::set_limit(tx, person.id, period, limit, next).await?)
        });
        Ok(set?)
    }

    /// Deletes the limits of accounts that were closed a year ago. The scheduler calls it once an hour.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge_kept_limits(&self) -> Result<(), Failure> {
        let before = self.clock.now() - KEPT;
        transaction!(self.db, |tx| Ok(rows::purge_kept(tx, before).await?))
    }
}

/// Whether the bounds of the owner of the charged number allow a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    Allowed,
    /// The number's owner, who is not the buyer, takes a break or would spend too much. That is private: the
    /// buyer must not be able to tell this answer from a number that M-Pesa refuses.
    Refused,
}

/// Checks a payment of `price` against the bounds of its buyer, and says whether it is within those of the
/// owner of the number that pays. The caller holds the lock of the buyer's row; this locks the owner's too.
///
/// # Errors
/// [`AppError::Conflict`] with the reason if the buyer takes a break or would spend too much; a database
/// error.
pub async fn check(
    tx: &mut Tx,
    buyer: PersonId,
    charged: &Msisdn,
    price: Kes,
    now: DateTime<Utc>,
) -> Result<Charge, Failure> {
    let mut charge = Charge::Allowed;
    for person in rows::lock_bounds(tx, buyer, charged).await? {
        match out_of_bounds(tx, &person, buyer, price, now).await? {
            Some(reason) if person.id == buyer => return Err(AppError::conflict(reason).into()),
            Some(_) => charge = Charge::Refused,
            None => {}
        }
    }
    Ok(charge)
}

/// Why this person, the buyer or the owner of the charged number, may not pay so much now; `None` if they
/// may. The words are for that person alone.
async fn out_of_bounds(
    tx: &mut Tx,
    person: &Bound,
    buyer: PersonId,
    price: Kes,
    now: DateTime<Utc>,
) -> Result<Option<Text>, Failure> {
    if let Some(reason) = resting_at(person.break_until, now) {
        return Ok(Some(reason));
    }
    let found = rows::limits(&mut *tx, person.id).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let spent = if person.id == buyer {
        rows::spent(&mut *tx, person.id, &person.msisdn, starts(now)).await?
    } else {
        rows::spent_by_number(tx, person.id, &person.msisdn, starts(now)).await?
    };
    for (period, spent) in LimitPeriod::ALL.into_iter().zip([spent.0, spent.1, spent.2]) {
        let (limit, _) = standing(found.iter().find(|row| row.period == period), now);
        if let Some(limit) = limit.filter(|limit| spent.checked_add(price).is_none_or(|sum| sum > *limit)) {
            return Ok(Some(match period {
                LimitPeriod::Day => over_day(limit, spent),
                LimitPeriod::Week => over_week(limit, spent),
                LimitPeriod::Month => over_month(limit, spent),
            }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn days_weeks_and_months_are_kenyas() {
        // Sunday 22:30 in UTC is Monday 1:30 in Nairobi, the first of the month.
        let now = Utc.with_ymd_and_hms(2027, 1, 31, 22, 30, 0).single().expect("a time");
        let midnight = Utc.with_ymd_and_hms(2027, 1, 31, 21, 0, 0).single().expect("a time");
        assert_eq!(starts(now), (midnight, midnight, midnight));
        let before = now - TimeDelta::hours(2);
        let (day, week, month) = starts(before);
        assert_eq!(day, midnight - TimeDelta::days(1));
        assert_eq!(week, midnight - TimeDelta::days(7));
        assert_eq!(month, midnight - TimeDelta::days(31));
    }

    #[test]
    fn looser_is_what_lets_more_through() {
        let kes = |shillings| Kes::from_shillings(shillings);
        assert!(is_looser(None, kes(100)) && is_looser(kes(200), kes(100)));
        assert!(
            !is_looser(kes(100), None)
                && !is_looser(kes(50), kes(100))
                && !is_looser(kes(100), kes(100))
                && !is_looser(None, None)
        );
    }
}
