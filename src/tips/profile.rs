//! What everybody may see of tipsters: one's page, and the board of all.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::catalogue::Tips;
use super::record::{SettledTip, Span, Streaks, Tally};
use super::standings::Standings;
use super::store::{self, record::ProfileRow};
use super::view::TipCard;
use crate::platform::db::Failure;
use crate::types::{AppError, AppResult, PersonId, words};

words! {
    tipster_not_found { "There is no such tipster." "Hakuna mtoa tips kama huyo." }
    no_such_page { "This record has no such page." "Rekodi hii haina ukurasa huo." }
}

/// How many tips a record goes back: nobody has published so many.
const HISTORY: i64 = 10_000;
/// How many settled tips a page shows.
const PAGE: usize = 20;
/// How many of a tipster's tips on sale are shown.
const ON_SALE: i64 = 12;

pub fn no_such_tipster() -> AppError {
    AppError::not_found(tipster_not_found())
}

/// A tipster's public page.
#[derive(Debug)]
pub struct TipsterProfile {
    pub id: PersonId,
    pub handle: String,
    pub name: String,
    pub is_verified: bool,
    /// What the tipster says of themself.
    pub bio: String,
    /// The name of the portrait.
    pub picture: Option<String>,
    pub since: DateTime<Utc>,
    pub tally: Tally,
    pub streaks: Streaks,
    /// All in the span, newest first, for the chart.
    pub history: Vec<SettledTip>,
    /// Those of `history` that this page lists.
    pub listed: std::ops::Range<usize>,
    pub has_more: bool,
    pub on_sale: Vec<TipCard>,
    pub now: DateTime<Utc>,
}

impl Tips {
    /// Every tipster's sums over a span, some seconds old at most.
    pub async fn standings(&self, span: Span) -> Result<Arc<Standings>, Failure> {
        let make = async {
            let rows = store::record::tallies(&self.db, span.since(self.clock.now())).await?;
            Ok::<_, sqlx::Error>(Arc::new(Standings::of(&rows)))
        };
        self.standings.try_get_with(span, make).await.map_err(|error| {
            tracing::warn!(%error, "the records could not be read");
            AppError::Busy.into()
        })
    }

    /// A tipster's record over a span, a page of its tips, and what is on sale: three questions in one round
    /// trip.
    pub async fn profile(&self, handle: &str, span: Span, page: u32) -> AppResult<TipsterProfile> {
        let now = self.clock.now();
        if !handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(no_such_tipster());
        }
        let found = store::record::tipster(&self.db, handle);
        let settled = store::record::settled(&self.db, handle, span.since(now), HISTORY);
        let on_sale = store::market::on_sale_of(&self.db, handle, now, ON_SALE);
        let (found, history, on_sale) = tokio::try_join!(found, settled, on_sale).map_err(Failure::from)?;
        let ProfileRow { tipster, bio, picture } = found.ok_or_else(no_such_tipster)?;
        let tipster_record = self.standings(Span::All).await?.tally(tipster.id);
        let first = PAGE * usize::try_from(page.max(1) - 1).unwrap_or(usize::MAX);
        if page > 1 && first >= history.len() {
            return Err(AppError::not_found(no_such_page()));
        }
        let end = history.len().min(first + PAGE);
        Ok(TipsterProfile {
            id: tipster.id,
            bio,
            picture,
            handle: tipster.handle,
            name: tipster.display_name,
            is_verified: tipster.is_verified,
            since: tipster.created_at,
            tally: Tally::of(&history),
            streaks: Streaks::of(&history),
            has_more: end < history.len(),
            listed: first.min(end)..end,
            history,
            on_sale: on_sale.into_iter().map(|row| TipCard { tipster_record, ..row.into() }).collect(),
            now,
        })
    }
}
