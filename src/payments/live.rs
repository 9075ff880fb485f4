//! Tells open pay panels at once that their payment has ended. While somebody watches, this process asks its
//! database every 400 ms, in one query, which of the watched payments have ended; what it settles itself, it
//! tells without asking. An event says only that there is news: the panel then asks for the state, as it does
//! every five seconds anyway.
//!
//! A stream ends with the session that opened it: every two seconds all sessions with streams are looked at,
//! and each session once more before its stream says anything.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::engine::Payments;
use super::store::ended;
use super::watches::Watching;
use super::{Status, messages};
use crate::platform::sessions::living;
use crate::platform::viewer::SignedIn;
use crate::types::{AppError, AppResult};

const ASK_EVERY: Duration = Duration::from_millis(400);
const ASK_FOR_SESSIONS_EVERY: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a stream lives. Then the browser opens a new one.
const STREAM_LIVES: Duration = Duration::from_mins(10);
/// How many payments or sessions go into one query.
const AT_ONCE: usize = 500;

impl Payments {
    /// Ends the streams of sessions that have ended.
    async fn end_streams(&self) -> Result<(), sqlx::Error> {
        for some in self.watches.sessions().chunks(AT_ONCE) {
            let living = living(&self.db, some, self.clock.now()).await?;
            self.watches.end(some.iter().filter(|session| !living.contains(session)));
        }
        Ok(())
    }

    /// Whether a session still lives; false if the database does not answer.
    async fn is_living(&self, session: &str) -> bool {
        let found = living(&self.db, &[session.to_owned()], self.clock.now()).await;
        found.is_ok_and(|found| !found.is_empty())
    }
}

/// The loop that asks for all who watch, until it is told to stop; then it ends every stream. Errors are
/// logged.
pub async fn run(payments: Payments, stop: CancellationToken) {
    let watches = payments.watches.clone();
    let mut asked_for_sessions_at = Instant::now();
    while !stop.is_cancelled() {
        let waiting = watches.watched();
        for some in waiting.chunks(AT_ONCE) {
            match ended(&payments.db, some).await {
                Ok(ended) => ended.into_iter().for_each(|payment| watches.tell(payment)),
                Err(error) => tracing::warn!(%error, "watched payments could not be asked about"),
            }
        }
        if asked_for_sessions_at.elapsed() >= ASK_FOR_SESSIONS_EVERY {
            asked_for_sessions_at = Instant::now();
            if let Err(error) = payments.end_streams().await {
                tracing::warn!(%error, "the sessions of streams could not be asked about");
            }
        }
        let next = async {
            if waiting.is_empty() {
                watches.somebody().await;
            } else {
                tokio::time::sleep(ASK_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = next => {}
        }
    }
    watches.close();
}

/// The question of `events`.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    payment_id: String,
}

/// `GET /api/payments/events?payment_id=…`: server-sent events about one of the viewer's own payments. There
/// is one event, when something became known of the payment: that it has ended, mostly. The page then asks for
/// its state, and opens the next stream if it still waits.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's payment; [`AppError::TooMany`] if the session or the
/// viewer has too many streams open; [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn events(
    State(payments): State<Payments>,
    SignedIn(viewer): SignedIn,
    Query(wanted): Query<Wanted>,
) -> AppResult<Response> {
    let payment = payments.own(&viewer, &wanted.payment_id).await?;
    let Some(watching) = payments.watches.watch(payment.id, &viewer) else {
        return Err(AppError::TooMany { message: messages::too_many_streams(), retry_after: STREAM_LIVES });
    };
    // The payment may have ended before the stream was counted.
    if payments.own(&viewer, &wanted.payment_id).await?.status != Status::Pending {
        payments.watches.tell(payment.id);
    }
    let stream = stream::once(until_news(payments, watching)).filter_map(std::future::ready);
    let events = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // A proxy must pass every byte on at once, and nobody may keep the answer.
    let headers = [
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, events).into_response())
}

async fn until_news(payments: Payments, mut watching: Watching) -> Option<Result<Event, Infallible>> {
    let has_news = watching.has_news(STREAM_LIVES).await;
    let is_told = has_news && payments.is_living(&watching.session).await;
    is_told.then(|| Ok(Event::default().data("news")))
}
