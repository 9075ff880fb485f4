//! Playing safe: what a person wants to spend at most, and breaks from buying.
//!
//! A lower limit holds at once, a higher one or none after 24 hours. A break can be made longer, never
//! shorter. Both are checked before any push, in the transaction that writes the payment, for the account
//! that buys and for the account of the number that pays: a number whose owner takes a break is charged by
//! nobody. Days, weeks (from Monday) and months are Kenya's.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::store::spending_limits as rows;
use super::store::spending_limits::{Bound, LimitRow};
use super::{BreakKind, LimitPeriod, People, store};
use crate::platform::clock::{day_and_time, nairobi};
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Kes, Msisdn, PersonId, Text, text_enum, words};

words! {
    day_long { "24 hours" "masaa 24" }
    week_long { "7 days" "siku 7" }
    month_long { "30 days" "siku 30" }
    half_year_long { "6 months" "miezi 6" }
    year_long { "1 year" "mwaka 1" }
    five_years_long { "5 years" "miaka 5" }

    choose_period { "Choose a day, a week or a month." "Chagua siku, wiki au mwezi." }
    whole_shillings {
        "Write whole shillings, like 500, or nothing for no limit."
        "Andika shilingi kamili, kama 500, au acha wazi usiweke kikomo."
    }
    choose_length { "Choose how long." "Chagua muda." }
    longer_already {
        "Your break is longer already. It can be made longer, not shorter."
        "Mapumziko yako tayari ni marefu zaidi. Yanaweza kuongezwa, si kupunguzwa."
    }
    resting(time) { "You are taking a break from buying until {time}." "Umepumzika kununua hadi {time}." }
    over_day(limit, spent) {
        "Your limit is {limit} a day, and you have spent {spent} of it. You set it under My account, Limits."
        "Kikomo chako ni {limit} kwa siku, na umeshatumia {spent}. Unakiweka kwenye Akaunti yangu, Vikomo."
    }
    over_week(limit, spent) {
        "Your limit is {limit} a week, and you have spent {spent} of it. You set it under My account, Limits."
        "Kikomo chako ni {limit} kwa wiki, na umeshatumia {spent}. Unakiweka kwenye Akaunti yangu, Vikomo."
    }
    over_month(limit, spent) {
        "Your limit is {limit} a month, and you have spent {spent} of it. You set it under My account, Limits."
        "Kikomo chako ni {limit} kwa mwezi, na umeshatumia {spent}. Unakiweka kwenye Akaunti yangu, Vikomo."
    }
}

const LOOSER_AFTER: TimeDelta = TimeDelta::hours(24);
/// How long the limits of a closed account wait for its number to come back.
const KEPT: TimeDelta = TimeDelta::days(365);
/// A higher limit is a mistyped one.
const LIMIT_MAX: Kes = Kes::from_cents(100_000_000);

text_enum! {
    /// How long a break is, by its word in forms.
    pub enum Break {
        Day = "24-hours",
        Week = "7-days",
        Month = "30-days",
        HalfYear = "6-months",
        Year = "1-year",
        FiveYears = "5-years",
    }
}

impl Break {
    /// As people say it.
    pub const fn name(self) -> Text {
        match self {
            Self::Day => day_long(),
            Self::Week => week_long(),
            Self::Month => month_long(),
            Self::HalfYear => half_year_long(),
            Self::Year => year_long(),
            Self::FiveYears => five_years_long(),
        }
    }

    pub const fn kind(self) -> BreakKind {
        match self {
            Self::Day | Self::Week | Self::Month => BreakKind::TimeOut,
            Self::HalfYear | Self::Year | Self::FiveYears => BreakKind::SelfExclusion,
        }
    }

    const fn length(self) -> TimeDelta {
        match self {
            Self::Day => TimeDelta::hours(24),
            Self::Week => TimeDelta::days(7),
            Self::Month => TimeDelta::days(30),
            Self::HalfYear => TimeDelta::days(183),
            Self::Year => TimeDelta::days(366),
            Self::FiveYears => TimeDelta::days(1_827),
        }
    }
}

/// One of a person's limits as it stands.
#[derive(Debug, Clone)]
pub struct SpendingLimit {
    pub period: LimitPeriod,
    pub most: Option<Kes>,
    pub spent: Kes,
    pub next: Next,
}

/// A looser limit that waits, and from when it holds.
type Next = Option<(Option<Kes>, DateTime<Utc>)>;

/// The page of limits and breaks.
#[derive(Debug, Clone)]
pub struct Bounds {
    pub limits: Vec<SpendingLimit>,
    pub break_until: Option<DateTime<Utc>>,
    pub is_excluded: bool,
}

/// What holds now, and what will hold.
fn standing(row: Option<&LimitRow>, now: DateTime<Utc>) -> (Option<Kes>, Next) {
    match row {
        None => (None, None),
        Some(LimitRow { next_at: Some(at), next_cents, .. }) if *at <= now => (*next_cents, None),
        Some(row) => (row.limit_cents, row.next_at.map(|at| (row.next_cents, at))),
    }
}

/// Whether a limit lets more through than another.
fn is_looser(new: Option<Kes>, old: Option<Kes>) -> bool {
    match (new, old) {
        (None, old) => old.is_some(),
        (Some(_), None) => false,
        (Some(new), Some(old)) => new > old,
    }
}

/// When the Kenyan day, week and month of a moment began.
fn starts(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>) {
    let today = nairobi(now).date_naive();
    let monday = today - TimeDelta::days(i64::from(today.weekday().num_days_from_monday()));
    let first = today.with_day(1).unwrap_or(today);
    let at = |date: NaiveDate| {
        date.and_time(NaiveTime::MIN)
            .and_local_timezone(*nairobi(now).offset())
            .single()
            .map_or(now, |at| at.to_utc())
    };
    (at(today), at(monday), at(first))
}

impl People {
    pub async fn bounds(&self, person: &Viewer) -> Result<Bounds, Failure> {
        let now = self.clock.now();
        let resting = rows::break_of(&self.db, person.id).await?.ok_or_else(AppError::sign_in_first)?;
        let found = rows::limits(&self.db, person.id).await?;
        let spent = rows::spent_so_far(&self.db, person.id, &person.msisdn, starts(now)).await?;
        let limits = LimitPeriod::ALL.into_iter().zip([spent.0, spent.1, spent.2]).map(|(period, spent)| {
            let (most, next) = standing(found.iter().find(|row| row.period == period), now);
            SpendingLimit { period, most, spent, next }
        });
        let break_until = resting.break_until.filter(|until| *until > now);
        let is_excluded = break_until.is_some() && resting.break_kind == Some(BreakKind::SelfExclusion);
        Ok(Bounds { limits: limits.collect(), break_until, is_excluded })
    }

    /// Sets a limit in whole shillings, or takes it away with an empty text.
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
            let found = rows::limits_in(tx, person.id).await?;
            let (old, _) = standing(found.iter().find(|row| row.period == period), now);
            let (limit, next) =
                if is_looser(new, old) { (old, Some((new, now + LOOSER_AFTER))) } else { (new, None) };
            Ok(rows::set_limit(tx, person.id, period, limit, next).await?)
        });
        Ok(set?)
    }

    /// Begins a break, or makes it longer.
    pub async fn take_break(&self, person: &Viewer, length: &str) -> Result<(), AppError> {
        let length = Break::read(length).ok_or_else(|| AppError::invalid(choose_length()))?;
        let now = self.clock.now();
        let begun: Result<bool, Failure> = transaction!(self.db, |tx| Ok(rows::begin_break(
            tx,
            person.id,
            length.kind(),
            now + length.length()
        )
        .await?));
        if begun? {
            return Ok(());
        }
        Err(AppError::conflict(longer_already()))
    }

    /// Forgets the limits of accounts that were closed long ago.
    pub async fn purge_kept_limits(&self) -> Result<(), Failure> {
        let before = self.clock.now() - KEPT;
        transaction!(self.db, |tx| Ok(rows::purge_kept(tx, before).await?))
    }
}

/// What the bounds of other people say to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    Allowed,
    /// The number's owner, who is not the buyer, takes a break or would spend too much. That is nobody else's
    /// business: the buyer must not be able to tell it from a number that M-Pesa refuses.
    Refused,
}

/// Refuses a payment that is out of its buyer's bounds, and says whether it is within those of the owner of
/// the number that pays. Runs under the lock of the buyer's row; locks the owner's too.
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

/// Why a person, who buys or whose number pays for the buyer, may not pay so much now, in words for them
/// alone.
async fn out_of_bounds(
    tx: &mut Tx,
    person: &Bound,
    buyer: PersonId,
    price: Kes,
    now: DateTime<Utc>,
) -> Result<Option<Text>, Failure> {
    if let Some(until) = person.break_until.filter(|until| *until > now) {
        return Ok(Some(resting(day_and_time(until))));
    }
    let found = rows::limits_in(tx, person.id).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let spent = if person.id == buyer {
        rows::spent(tx, person.id, &person.msisdn, starts(now)).await?
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
