//! Reads the body of a request within a limit of bytes and time. A sender who goes over the limit still gets
//! an answer, as far as possible.

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

/// How many bytes of a body are read at the most, also beyond its limit. A sender of more is cut off.
const THROWN_AWAY: usize = 8 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// It was longer than its limit (413).
    TooLong,
    /// It was cut off, or came too slowly (408).
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

/// The whole body, if it is not longer than `limit` bytes.
///
/// # Errors
/// [`Unread::TooLong`] if it is longer, [`Unread::CutOff`] if it does not arrive completely.
pub async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut pieces = Pieces::new(body, limit, THROWN_AWAY);
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// A body piece by piece, up to a limit. A body that is too long is still read to its end, within bounds,
/// because a client that is still writing would not see the answer.
pub struct Pieces {
    body: Body,
    length: usize,
    limit: usize,
    thrown_away: usize,
}

impl Pieces {
    /// Reads up to `limit` bytes, and throws away what comes after them up to `thrown_away` bytes in all.
    pub const fn new(body: Body, limit: usize, thrown_away: usize) -> Self {
        Self { body, length: 0, limit, thrown_away }
    }

    /// The next piece; `None` at the end of the body.
    ///
    /// # Errors
    /// [`Unread::CutOff`] if the sender breaks off or is too slow; [`Unread::TooLong`] once more than the
    /// limit came.
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
    /// The longest time between two pieces.
    pub silence: Duration,
    /// How long a sender may take before the speed counts.
    pub start: Duration,
    /// The least average speed, in bytes a second.
    pub least_speed: u64,
}

impl BodyPace {
    /// The pace of a form that is sent over a very bad connection.
    pub const FORM: Self =
        Self { silence: Duration::from_secs(15), start: Duration::from_secs(20), least_speed: 1_024 };
}

/// A body that fails with an error when its sender is slower than the pace. The time starts when somebody
/// first waits for the body.
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
    /// Puts a pace on a body.
    pub const fn new(body: B, pace: BodyPace) -> Self {
        Self { body, pace, received: 0, wait: None }
    }

    /// The moment by which the next piece must come, as of now.
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

/// Divides a body in two: the first part is the body for the handler, and the second reads what the handler
/// left of it.
pub fn lend(body: Body) -> (Body, UnreadRest) {
    let pieces = Arc::new(Mutex::new(body.into_data_stream()));
    let lent = pieces.clone();
    (Body::from_stream(poll_fn(move |context| next(&lent, context))), UnreadRest(pieces))
}

/// What a handler did not read of a body.
pub struct UnreadRest(Arc<Mutex<BodyDataStream>>);

impl UnreadRest {
    /// Reads the rest and throws it away. `false` means that it was `limit` bytes or more, took longer than
    /// `within`, or broke off.
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
