//! Reading a request's body up to a limit, without breaking the connection of a sender who goes over it.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use http_body_util::BodyExt;

/// Read and thrown away beyond the limit, at the most; who sends more is cut off.
const THROWN_AWAY: usize = 8 * 1024 * 1024;

/// The whole body, or nothing if it is longer than `limit` or was cut off. A body that is too long is read to its end all the same:
/// a sender still writing would lose the answer.
pub async fn read(body: Body, limit: usize) -> Option<Vec<u8>> {
    read_to(body, limit, THROWN_AWAY).await
}

/// The same, throwing away another amount.
pub async fn read_to(mut body: Body, limit: usize, thrown_away: usize) -> Option<Vec<u8>> {
    let (mut kept, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length <= limit {
            kept.extend_from_slice(&data);
        } else if length > thrown_away {
            return None;
        }
    }
    (length <= limit).then_some(kept)
}

/// The body for who answers, and what they leave of it.
pub fn lend(body: Body) -> (Body, Rest) {
    let pieces = Arc::new(Mutex::new(body.into_data_stream()));
    let lent = pieces.clone();
    (Body::from_stream(poll_fn(move |context| next(&lent, context))), Rest(pieces))
}

/// What was not read of a body.
pub struct Rest(Arc<Mutex<BodyDataStream>>);

impl Rest {
    /// Reads and throws away what is left; false if that is too much, takes too long or breaks off.
    pub async fn is_read(self, limit: usize, within: Duration) -> bool {
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

fn next(pieces: &Mutex<BodyDataStream>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
    pieces.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context)
}
