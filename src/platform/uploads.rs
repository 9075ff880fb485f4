//! Files that people send by form: how many at once, how large, how long, and opened where it holds nobody up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use tokio::sync::Semaphore;

use super::body::{self, Pace, Paced, Unread};
use super::picture::{FILE_LIMIT, Unfit};
use crate::types::{AppError, PersonId, words};

words! {
    took_too_long { "Sending the picture took too long. Try a smaller one." "Kutuma picha kumechukua muda mrefu mno. Jaribu ndogo zaidi." }
    others_on_their_way {
        "You are sending two pictures already. Wait until they have arrived."
        "Tayari unatuma picha mbili. Subiri zifike kwanza."
    }
    choose_picture { "Choose a picture first." "Chagua picha kwanza." }
}

/// How many pictures may be on their way or wait to be opened before the server says it is busy: each is held in memory.
const UPLOADS: usize = 12;
/// How many of these are one person's.
const UPLOADS_A_PERSON: usize = 2;
/// The parts of a form around its file.
const AROUND_A_FILE: usize = 16 * 1024;
/// A file that is too large is read to its end up to this size, so that its sender gets the answer.
const THROWN_AWAY: usize = 24 * 1024 * 1024;
/// Who sends slower keeps others from sending theirs: a screenshot over a bad connection, and never longer than five minutes.
const PACE: Pace = Pace { silence: Duration::from_secs(10), start: Duration::from_secs(20), least_speed: 16 * 1024 };
const UPLOAD_WITHIN: Duration = Duration::from_mins(5);
/// The allocator gives the memory of a picture back within a tenth of a second. The next one is not opened before, or there would be
/// several in memory all the same.
const GIVEN_BACK_AFTER: Duration = Duration::from_millis(150);
const TRY_AGAIN_IN: Duration = Duration::from_secs(20);

/// Shared by everything that takes pictures.
#[derive(Clone)]
pub struct Uploads {
    /// One picture is opened at a time: it takes a core and most of the memory that there is for pictures.
    opener: Arc<Semaphore>,
    senders: Senders,
}

/// Who sends a picture now; a name for each.
type Senders = Arc<Mutex<Vec<PersonId>>>;

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
    place: Place,
    opener: Arc<Semaphore>,
}

/// A place among the senders, until it is dropped.
struct Place {
    senders: Senders,
    sender: PersonId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = senders.iter().position(|sender| *sender == self.sender) {
            senders.swap_remove(at);
        }
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self { opener: Arc::new(Semaphore::new(1)), senders: Senders::default() }
    }
}

impl Uploads {
    pub fn begin(&self, sender: PersonId) -> Result<Upload, AppError> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.iter().filter(|other| **other == sender).count() >= UPLOADS_A_PERSON {
            return Err(AppError::TooMany { message: others_on_their_way(), retry_after: TRY_AGAIN_IN });
        }
        if senders.len() >= UPLOADS {
            return Err(AppError::Busy);
        }
        senders.push(sender);
        Ok(Upload { place: Place { senders: Arc::clone(&self.senders), sender }, opener: Arc::clone(&self.opener) })
    }
}

impl Upload {
    /// Opens a picture on a blocking thread, one at a time. Turn and place go with the work: it goes on when the asker goes away.
    pub async fn open<T: Send + 'static>(self, file: Bytes, read: fn(&[u8]) -> Result<T, Unfit>) -> Result<T, Refused> {
        let turn = self.opener.acquire_owned().await.map_err(|_| AppError::Busy)?;
        let place = self.place;
        let work = tokio::spawn(async move {
            let opened = tokio::task::spawn_blocking(move || read(&file)).await;
            drop(place);
            tokio::spawn(async move {
                tokio::time::sleep(GIVEN_BACK_AFTER).await;
                drop(turn);
            });
            opened
        });
        work.await.and_then(|opened| opened).map_err(|_| AppError::Internal)?.map_err(Refused::Unfit)
    }
}

/// The file named `picture` of a form; an empty one is no file.
pub async fn read_picture(request: Request) -> Result<Bytes, Refused> {
    let (parts, body) = request.into_parts();
    let body = Body::new(Paced::new(body, PACE));
    let reading = body::read_to(body, FILE_LIMIT + AROUND_A_FILE, THROWN_AWAY);
    let whole = match tokio::time::timeout(UPLOAD_WITHIN, reading).await {
        Ok(Ok(whole)) => whole,
        Ok(Err(Unread::TooLong)) => return Err(Refused::Unfit(Unfit::TooLarge)),
        Ok(Err(Unread::CutOff)) | Err(_) => return Err(AppError::invalid(took_too_long()).into()),
    };
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
