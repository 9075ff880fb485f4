//! Files that people send by form: how many at once, how large, how long, and opened where it holds nobody up.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body;
use super::picture::{FILE_LIMIT, Unfit};
use crate::types::{AppError, words};

words! {
    took_too_long { "Sending the picture took too long. Try a smaller one." "Kutuma picha kumechukua muda mrefu mno. Jaribu ndogo zaidi." }
    choose_picture { "Choose a picture first." "Chagua picha kwanza." }
}

/// Pictures that are opened at once: each takes a core and up to 160 MB.
const OPENERS: usize = 2;
/// How many may be on their way or wait for that before the server says it is busy: each is held in memory.
const UPLOADS: usize = 32;
/// The parts of a form around its file.
const AROUND_A_FILE: usize = 16 * 1024;
/// A file that is too large is read to its end up to this size, so that its sender gets the answer.
const THROWN_AWAY: usize = 24 * 1024 * 1024;
/// 5 MB over a bad connection; who takes longer keeps others from sending theirs.
const UPLOAD_WITHIN: Duration = Duration::from_mins(4);

/// Shared by everything that takes pictures.
#[derive(Clone)]
pub struct Uploads {
    openers: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
}

/// Why a file was not taken.
#[derive(Debug)]
pub enum Refused {
    Unfit(Unfit),
    Other(AppError),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

/// The right to send one file now.
pub struct Upload {
    permit: OwnedSemaphorePermit,
    openers: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { openers: Arc::new(Semaphore::new(OPENERS)), uploads: Arc::new(Semaphore::new(UPLOADS)) }
    }
}

impl Uploads {
    pub fn begin(&self) -> Result<Upload, AppError> {
        let permit = Arc::clone(&self.uploads).try_acquire_owned().map_err(|_| AppError::Busy)?;
        Ok(Upload { permit, openers: Arc::clone(&self.openers) })
    }
}

impl Upload {
    /// Opens a picture on a blocking thread; a few at once. The permits go with the work: it goes on when the asker goes away.
    pub async fn open<T: Send + 'static>(self, file: Bytes, read: fn(&[u8]) -> Result<T, Unfit>) -> Result<T, Refused> {
        let turn = self.openers.acquire_owned().await.map_err(|_| AppError::Busy)?;
        let permit = self.permit;
        let open = move || {
            let opened = read(&file);
            drop((permit, turn));
            opened
        };
        tokio::task::spawn_blocking(open).await.map_err(|_| AppError::Internal)?.map_err(Refused::Unfit)
    }
}

/// The file named `picture` of a form; an empty one is no file.
pub async fn read_picture(request: Request) -> Result<Bytes, Refused> {
    let (parts, body) = request.into_parts();
    let reading = body::read_to(body, FILE_LIMIT + AROUND_A_FILE, THROWN_AWAY);
    let whole = tokio::time::timeout(UPLOAD_WITHIN, reading).await;
    let whole = whole.map_err(|_| AppError::invalid(took_too_long()))?;
    let whole = whole.ok_or(Refused::Unfit(Unfit::TooLarge))?;
    let mut form =
        Multipart::from_request(Request::from_parts(parts, Body::from(whole)), &()).await.map_err(|_| AppError::unreadable_form())?;
    while let Some(field) = form.next_field().await.map_err(|_| AppError::unreadable_form())? {
        if field.name() == Some("picture") {
            let file = field.bytes().await.map_err(|_| AppError::unreadable_form())?;
            if !file.is_empty() {
                return Ok(file);
            }
        }
    }
    Err(AppError::invalid(choose_picture()).into())
}
