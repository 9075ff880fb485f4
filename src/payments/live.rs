//! Tells open pay panels at once that their payment has ended. While somebody watches, this process asks
//! every 400 ms, in one query, which of the watched payments have ended; what it settles itself it tells
//! without asking. An event says only that there is news: the panel then asks as it does every five seconds
//! anyway. A stream ends with the session that opened it: every two seconds all sessions that have one are
//! looked at, and each once more before its stream says anything.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::store::ended;
use super::{Payments, Status, messages};
use crate::platform::sessions::living;
use crate::platform::viewer::{SignedIn, Viewer};
use crate::types::{AppError, AppResult, PaymentId, PersonId};

const ASK_EVERY: Duration = Duration::from_millis(400);
const ASK_FOR_SESSIONS_EVERY: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Then the browser opens a new one.
const STREAM_LIVES: Duration = Duration::from_mins(10);
const STREAMS_PER_SESSION: u32 = 3;
/// From all their sessions.
const STREAMS_PER_PERSON: u32 = 6;
/// Payments or sessions in one query.
const AT_ONCE: usize = 500;

/// Who watches what, in this process.
#[derive(Clone, Default)]
pub struct Watches(Arc<LiveInner>);

#[derive(Default)]
struct LiveInner {
    lists: Mutex<Lists>,
    somebody: Notify,
    closed: CancellationToken,
}

#[derive(Default)]
struct Lists {
    payments: HashMap<PaymentId, watch::Sender<bool>>,
    /// Open streams.
    streams: HashMap<Holder, u32>,
    /// The sessions that have some; cancelled when the session has ended.
    sessions: HashMap<String, CancellationToken>,
}

/// Who may have only so many streams.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    Session(String),
    Person(PersonId),
}

impl Holder {
    const fn most(&self) -> u32 {
        match self {
            Self::Session(_) => STREAMS_PER_SESSION,
            Self::Person(_) => STREAMS_PER_PERSON,
        }
    }
}

/// One open stream; dropping it ends the watching.
struct Watching {
    watches: Watches,
    payment: PaymentId,
    holders: [Holder; 2],
    session: String,
    signed_out: CancellationToken,
    ended: watch::Receiver<bool>,
}

impl Watches {
    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.0.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` if the session or its person has as many streams as they may.
    fn watch(&self, payment: PaymentId, viewer: &Viewer) -> Option<Watching> {
        let session = viewer.standing.session.clone();
        let holders = [Holder::Session(session.clone()), Holder::Person(viewer.id)];
        let mut lists = self.lock();
        if holders
            .iter()
            .any(|holder| lists.streams.get(holder).is_some_and(|streams| *streams >= holder.most()))
        {
            return None;
        }
        for holder in &holders {
            *lists.streams.entry(holder.clone()).or_default() += 1;
        }
        let signed_out = lists.sessions.entry(session.clone()).or_default().clone();
        let ended = lists.payments.entry(payment).or_insert_with(|| watch::channel(false).0).subscribe();
        drop(lists);
        self.0.somebody.notify_one();
        Some(Watching { watches: self.clone(), payment, holders, session, signed_out, ended })
    }

    /// A payment has ended, and its transaction is committed.
    pub(super) fn tell(&self, payment: PaymentId) {
        if let Some(sender) = self.lock().payments.get(&payment) {
            sender.send_replace(true);
        }
    }

    fn watched(&self) -> Vec<PaymentId> {
        self.lock()
            .payments
            .iter()
            .filter(|(_, sender)| !*sender.borrow())
            .map(|(payment, _)| *payment)
            .collect()
    }
}

impl Payments {
    /// Ends the streams of sessions that have ended.
    async fn end_streams(&self) -> Result<(), sqlx::Error> {
        let watching: Vec<String> = self.watches.lock().sessions.keys().cloned().collect();
        for some in watching.chunks(AT_ONCE) {
            let living = living(&self.db, some, self.clock.now()).await?;
            let lists = self.watches.lock();
            let ended = some.iter().filter(|session| !living.contains(session));
            ended.filter_map(|session| lists.sessions.get(session)).for_each(CancellationToken::cancel);
        }
        Ok(())
    }

    /// Whether a session still is one; not if nobody knows.
    async fn is_living(&self, session: &str) -> bool {
        let found = living(&self.db, &[session.to_owned()], self.clock.now()).await;
        found.is_ok_and(|found| !found.is_empty())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut lists = self.watches.lock();
        // This stream's own receiver is still there.
        if lists.payments.get(&self.payment).is_some_and(|sender| sender.receiver_count() <= 1) {
            lists.payments.remove(&self.payment);
        }
        for holder in &self.holders {
            if let Some(streams) = lists.streams.get_mut(holder) {
                *streams -= 1;
                if *streams == 0 {
                    lists.streams.remove(holder);
                    if let Holder::Session(session) = holder {
                        lists.sessions.remove(session);
                    }
                }
            }
        }
    }
}

/// Asks for all who watch, until it is told to stop; then every stream ends.
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
                watches.0.somebody.notified().await;
            } else {
                tokio::time::sleep(ASK_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = next => {}
        }
    }
    watches.0.closed.cancel();
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    payment_id: String,
}

/// `GET /api/payments/events?payment_id=…`: server-sent events about one of the viewer's own payments: one,
/// when it has ended.
pub async fn events(
    State(payments): State<Payments>,
    SignedIn(viewer): SignedIn,
    Query(wanted): Query<Wanted>,
) -> AppResult<Response> {
    let payment = payments.own(&viewer, &wanted.payment_id).await?;
    let Some(watching) = payments.watches.watch(payment.id, &viewer) else {
        return Err(AppError::TooMany { message: messages::too_many_streams(), retry_after: STREAM_LIVES });
    };
    // It may have ended while we were about to listen.
    if payments.own(&viewer, &wanted.payment_id).await?.status != Status::Pending {
        payments.watches.tell(payment.id);
    }
    let stream = stream::once(until_ended(payments, watching)).filter_map(std::future::ready);
    let events = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // A proxy must hand every byte on at once, and nobody may keep it.
    let headers = [
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, events).into_response())
}

async fn until_ended(payments: Payments, mut watching: Watching) -> Option<Result<Event, Infallible>> {
    let closed = watching.watches.0.closed.clone();
    let has_ended = tokio::select! {
        ended = watching.ended.wait_for(|ended| *ended) => ended.is_ok(),
        () = watching.signed_out.cancelled() => false,
        () = closed.cancelled() => false,
        () = tokio::time::sleep(STREAM_LIVES) => false,
    };
    let is_told = has_ended && payments.is_living(&watching.session).await;
    is_told.then(|| Ok(Event::default().data("ended")))
}
