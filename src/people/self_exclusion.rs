//! Breaks from buying: a short time-out of days, or a self-exclusion of months or years. A break can be made
//! longer, never shorter.

use chrono::{DateTime, TimeDelta, Utc};

use super::store::self_exclusion::begin_break;
use super::{BreakKind, People};
use crate::platform::clock::day_and_time;
use crate::platform::db::{Failure, transaction};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Text, text_enum, words};

words! {
    day_long { "24 hours" "masaa 24" }
    week_long { "7 days" "siku 7" }
    month_long { "30 days" "siku 30" }
    half_year_long { "6 months" "miezi 6" }
    year_long { "1 year" "mwaka 1" }
    five_years_long { "5 years" "miaka 5" }

    choose_length { "Choose how long." "Chagua muda." }
    longer_already {
        "Your break is longer already. It can be made longer, not shorter."
        "Mapumziko yako tayari ni marefu zaidi. Yanaweza kuongezwa, si kupunguzwa."
    }
    resting(time) { "You are taking a break from buying until {time}." "Umepumzika kununua hadi {time}." }
}

text_enum! {
    /// The lengths of a break that a person can choose, by the words that forms send.
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
    /// The length in words for people.
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

    /// Lengths up to 30 days are time-outs; longer ones are self-exclusions.
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

/// Why a person who takes a break cannot pay; `None` if there is no break or it is over.
pub fn resting_at(break_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Text> {
    break_until.filter(|until| *until > now).map(|until| resting(day_and_time(until)))
}

impl People {
    /// Begins a break of one of the lengths of [`Break`], or makes a running one longer. It counts from now.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if `length` is no such word, [`AppError::Conflict`] if the running break ends
    /// later, and [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn take_break(&self, person: &Viewer, length: &str) -> Result<(), AppError> {
        let length = Break::read(length).ok_or_else(|| AppError::invalid(choose_length()))?;
        let now = self.clock.now();
        let begun: Result<bool, Failure> = transaction!(self.db, |tx| Ok(begin_break(
            tx,
            person.id,
            length.kind(),
            now + length.length(),
            now
        )
        .await?));
        if begun? {
            return Ok(());
        }
        Err(AppError::conflict(longer_already()))
    }
}
