//! Reading a request's body up to a limit, without breaking the connection of a sender who goes over it.

use axum::body::Body;
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
