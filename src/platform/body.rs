//! Reading a request's body: up to a limit, without breaking the connection of a sender who goes over it, and
//! not for ever.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// Read and thrown away beyond the limit, at the most; who sends more is cut off.
const THROWN_AWAY: usize = 8 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    TooLong,
    /// It was cut off, or came too slowly.
    CutOff,
}

impl IntoResponse for Unread {
    fn into_response(self) -> Response {
        let status = match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::CutOff => StatusCode::REQUEST_TIMEOUT,
        };
        status.into_response()
    }
}

/// The whole body, if it is not longer than `limit`.
pub async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut pieces = Pieces::new(body, limit, THROWN_AWAY);
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// A body piece by piece, up to a limit. One that is too long is read to its end all the same, within bounds:
/// a sender still writing would lose the answer.
pub struct Pieces {
    body: Body,
    length: usize,
    limit: usize,
    thrown_away: usize,
}

impl Pieces {
    pub const fn new(body: Body, limit: usize, thrown_away: usize) -> Self {
        Self { body, length: 0, limit, thrown_away }
    }

    pub async fn next(&mut self) -> Result<Option<Bytes>, Unread> {
        while let Some(frame) = self.body.frame().await {
            let Ok(piece) = frame.map_err(|_| Unread::CutOff)?.into_data() else { continue };
            self.length += piece.len();
            if self.length <= self.limit {
                return Ok(Some(piece));
            }
            if self.length > self.thrown_away {
                break;
            }
        }
        if self.length <= self.limit { Ok(None) } else { Err(Unread::TooLong) }
    }
}

/// How fast a body must come.
#[derive(Debug, Clone, Copy)]
pub struct BodyPace {
    /// The longest silence.
    pub silence: Duration,
    /// What a sender has to begin with, before the speed counts.
    pub start: Duration,
    /// Bytes a second, on the whole.
    pub least_speed: u64,
}

impl BodyPace {
    /// A form over the worst of connections.
    pub const FORM: Self =
        Self { silence: Duration::from_secs(15), start: Duration::from_secs(20), least_speed: 1_024 };
}

/// A body that fails when its sender is slower than the pace, from the first time that somebody waits for it.
pub struct Paced<B> {
    body: B,
    pace: BodyPace,
    received: u64,
    wait: Option<BodyWait>,
}

struct BodyWait {
    began_at: Instant,
    deadline: Pin<Box<Sleep>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

impl<B> Paced<B> {
    pub const fn new(body: B, pace: BodyPace) -> Self {
        Self { body, pace, received: 0, wait: None }
    }

    /// Until when the next piece must come, from now on.
    fn next_deadline(&self, began_at: Instant) -> Instant {
        let latest = began_at + self.pace.start + Duration::from_secs(self.received / self.pace.least_speed);
        latest.min(Instant::now() + self.pace.silence)
    }
}

impl<B> HttpBody for Paced<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            if let Some(mut wait) = this.wait.take() {
                wait.deadline.as_mut().reset(this.next_deadline(wait.began_at));
                this.wait = Some(wait);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let first = this.next_deadline(Instant::now());
        let wait = this.wait.get_or_insert_with(|| BodyWait {
            began_at: Instant::now(),
            deadline: Box::pin(sleep_until(first)),
        });
        ready!(wait.deadline.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body for who answers, and what they leave of it.
pub fn lend(body: Body) -> (Body, UnreadRest) {
    let pieces = Arc::new(Mutex::new(body.into_data_stream()));
    let lent = pieces.clone();
    (Body::from_stream(poll_fn(move |context| next(&lent, context))), UnreadRest(pieces))
}

/// What was not read of a body.
pub struct UnreadRest(Arc<Mutex<BodyDataStream>>);

impl UnreadRest {
    /// Reads and throws away what is left; false if that is too much, takes too long or breaks off.
    pub async fn drain(self, limit: usize, within: Duration) -> bool {
        let reading = async {
            let mut pieces = poll_fn(|context| next(&self.0, context));
            let mut length = 0_usize;
            while let Some(piece) = pieces.next().await {
                length += piece.map_or(limit, |piece| piece.len());
                if length >= limit {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(within, reading).await.unwrap_or(false)
    }
}

fn next(
    pieces: &Mutex<BodyDataStream>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, axum::Error>>> {
    pieces.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context)
}
