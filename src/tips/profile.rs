//! What everybody may see of tipsters: the page of one tipster, and the sums behind the leaderboard.

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

/// A record goes back this many tips. Nobody has published so many, so in practice it is whole.
const HISTORY: i64 = 10_000;
/// How many settled tips a page shows.
const PAGE: usize = 20;
/// How many of a tipster's tips on sale are shown.
const ON_SALE: i64 = 12;

/// A 404 that says that there is no such tipster.
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
    /// What the tipster wrote about themself.
    pub bio: String,
    /// The file name of the portrait, if the tipster sent one.
    pub picture: Option<String>,
    pub since: DateTime<Utc>,
    pub tally: Tally,
    pub streaks: Streaks,
    /// All settled tips in the span, newest first; the chart is drawn from them.
    pub history: Vec<SettledTip>,
    /// The part of `history` that this page lists.
    pub listed: std::ops::Range<usize>,
    pub has_more: bool,
    pub on_sale: Vec<TipCard>,
    pub now: DateTime<Utc>,
}

impl Tips {
    /// The sums of every tipster over a span. They are cached and at most ten seconds old.
    ///
    /// # Errors
    /// `AppError::Busy` if the sums could not be read. The cause is logged.
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

    /// A tipster's record over a span, one page of the settled tips, and what is on sale. The three queries
    /// run at the same time. A handle with signs that no handle has is not looked up.
    ///
    /// # Errors
    /// `AppError::NotFound` if there is no such tipster or the record has no such page; `AppError::Busy` or
    /// `AppError::Internal` if the database fails.
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
