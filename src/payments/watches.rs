//! Which pay panels are open in this process: on which payments, and from which sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::platform::viewer::Viewer;
use crate::types::{PaymentId, PersonId};

const STREAMS_PER_SESSION: u32 = 3;
/// Of one person, in all their sessions together.
const STREAMS_PER_PERSON: u32 = 6;

/// The open streams of this process. Clones share one state.
#[derive(Clone, Default)]
pub struct Watches(Arc<Shared>);

#[derive(Default)]
struct Shared {
    lists: Mutex<Lists>,
    somebody: Notify,
    closed: CancellationToken,
}

#[derive(Default)]
struct Lists {
    payments: HashMap<PaymentId, watch::Sender<()>>,
    /// How many streams each session and each person has open.
    streams: HashMap<Holder, u32>,
    /// The sessions that have open streams. The token is cancelled when the session has ended.
    sessions: HashMap<String, CancellationToken>,
}

/// Whose streams are counted.
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

/// One open stream. Dropping it takes it out of the counts.
pub struct Watching {
    watches: Watches,
    payment: PaymentId,
    holders: [Holder; 2],
    pub session: String,
    signed_out: CancellationToken,
    news: watch::Receiver<()>,
}

impl Watches {
    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.0.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a stream on a payment; `None` if the viewer's session or the viewer has as many streams as they
    /// may.
    pub fn watch(&self, payment: PaymentId, viewer: &Viewer) -> Option<Watching> {
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
        let news = lists.payments.entry(payment).or_insert_with(|| watch::channel(()).0).subscribe();
        drop(lists);
        self.0.somebody.notify_one();
        Some(Watching { watches: self.clone(), payment, holders, session, signed_out, news })
    }

    /// Wakes the streams of a payment of which something became known, after the commit: their panels then
    /// ask for its state. Streams that are opened later are not woken by it.
    pub fn tell(&self, payment: PaymentId) {
        if let Some(sender) = self.lock().payments.get(&payment) {
            sender.send_replace(());
        }
    }

    /// The payments that somebody waits for.
    pub fn watched(&self) -> Vec<PaymentId> {
        self.lock().payments.keys().copied().collect()
    }

    /// The sessions that have open streams.
    pub fn sessions(&self) -> Vec<String> {
        self.lock().sessions.keys().cloned().collect()
    }

    /// Ends the streams of these sessions, without news.
    pub fn end<'a>(&self, sessions: impl Iterator<Item = &'a String>) {
        let lists = self.lock();
        sessions.filter_map(|session| lists.sessions.get(session)).for_each(CancellationToken::cancel);
    }

    /// Waits until a new stream is opened, so that the loop rests while nobody watches.
    pub async fn somebody(&self) {
        self.0.somebody.notified().await;
    }

    /// Ends every stream, because the server stops.
    pub fn close(&self) {
        self.0.closed.cancel();
    }
}

impl Watching {
    /// Waits for news of the payment, for `lives` at most, and returns whether there is some. There is none
    /// if the session has ended, the server stops, or the time is over.
    pub async fn has_news(&mut self, lives: Duration) -> bool {
        tokio::select! {
            told = self.news.changed() => told.is_ok(),
            () = self.signed_out.cancelled() => false,
            () = self.watches.0.closed.cancelled() => false,
            () = tokio::time::sleep(lives) => false,
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut lists = self.watches.lock();
        // This stream's own receiver is one of those counted.
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
