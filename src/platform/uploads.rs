//! Files that people send by form: how many may arrive at once, how large and how slow they may be, and how
//! they are opened without holding up other requests.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::request::Parts;
use ipnet::IpNet;
use tokio::sync::Semaphore;

use super::address::networks_around;
use super::body::{BodyPace, Paced, Pieces, Unread};
use super::picture::{FILE_LIMIT, Unfit};
use super::random::Random;
use super::spool::{NotKept, Spool, Spooled};
use crate::types::{AppError, PersonId, words};

words! {
    took_too_long {
        "Sending the picture took too long. Try a smaller one."
        "Kutuma picha kumechukua muda mrefu mno. Jaribu ndogo zaidi."
    }
    others_on_their_way {
        "You are sending two pictures already. Wait until they have arrived."
        "Tayari unatuma picha mbili. Subiri zifike kwanza."
    }
    choose_picture { "Choose a picture first." "Chagua picha kwanza." }
}

/// How many pictures may be arriving or waiting to be opened before the server says that it is busy. Each
/// takes a connection and a file, so that a slow sender holds nothing that others lack. The number is far
/// below the number of files that a process may have open.
const UPLOADS: usize = 128;
/// How many of these may come from one address. A wider IPv6 network may have more.
const UPLOADS_A_NETWORK: usize = 32;
/// How many of these may be one person's.
const UPLOADS_A_PERSON: usize = 2;
/// How many bytes the parts of a form around its file may have.
const AROUND_A_FILE: usize = 16 * 1024;
/// A file that is too large is read to its end up to this many bytes, so that its sender gets the answer.
const THROWN_AWAY: usize = 24 * 1024 * 1024;
/// The pace of a screenshot over a bad connection. A slower sender is cut off, and every sender after five
/// minutes.
const PACE: BodyPace =
    BodyPace { silence: Duration::from_secs(10), start: Duration::from_secs(20), least_speed: 16 * 1024 };
const UPLOAD_WITHIN: Duration = Duration::from_mins(5);
/// The allocator gives the memory of a picture back within a tenth of a second. The next picture is opened
/// after that, because otherwise several would be in memory at once.
const GIVEN_BACK_AFTER: Duration = Duration::from_millis(150);
const TRY_AGAIN_IN: Duration = Duration::from_secs(20);

/// What all routes that take pictures share: the places of senders, the folder, and the one turn to open.
#[derive(Clone)]
pub struct Uploads {
    /// Lets one picture be in memory at a time: to open one takes a core and most of the memory that there is
    /// for pictures.
    opener: Arc<Semaphore>,
    senders: Senders,
    spool: Spool,
}

/// The senders of pictures at this moment, with one entry for each picture.
type Senders = Arc<Mutex<Vec<Sender>>>;

#[derive(Debug, PartialEq, Eq)]
struct Sender {
    person: PersonId,
    address: IpAddr,
}

/// Why a file was not taken.
#[derive(Debug)]
pub enum Refused {
    /// The file itself is the reason: its sender can send another one.
    Unfit(Unfit),
    /// The form, its sender or this server is the reason.
    Other(AppError),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

/// A form with a file, which has arrived and waits to be opened.
pub struct Upload {
    place: SenderPlace,
    opener: Arc<Semaphore>,
    head: Parts,
    body: Spooled,
}

/// A place among the senders, which is given back when it is dropped.
struct SenderPlace {
    senders: Senders,
    sender: Sender,
}

impl Drop for SenderPlace {
    fn drop(&mut self) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = senders.iter().position(|sender| *sender == self.sender) {
            senders.swap_remove(at);
        }
    }
}

impl Uploads {
    /// What arrives is kept in `folder`, which is made if it is absent.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path, random: Random) -> anyhow::Result<Self> {
        Ok(Self {
            opener: Arc::new(Semaphore::new(1)),
            senders: Senders::default(),
            spool: Spool::open(folder, random)?,
        })
    }

    /// Takes a form with a file into the folder while it arrives. `address` is the client's.
    ///
    /// # Errors
    /// `AppError::TooMany` if this person sends two already; `AppError::Busy` if all places or those of the
    /// network are taken, or the disk fails; [`Unfit::TooLarge`]; `AppError::Invalid` if it came too slowly.
    pub async fn receive(
        &self,
        person: PersonId,
        address: IpAddr,
        request: Request,
    ) -> Result<Upload, Refused> {
        let place = self.enter(person, address)?;
        let (head, body) = request.into_parts();
        let body = Pieces::new(Body::new(Paced::new(body, PACE)), FILE_LIMIT + AROUND_A_FILE, THROWN_AWAY);
        let body = match tokio::time::timeout(UPLOAD_WITHIN, self.spool.keep(body)).await {
            Ok(Ok(body)) => body,
            Ok(Err(NotKept::Unread(Unread::TooLong))) => return Err(Refused::Unfit(Unfit::TooLarge)),
            Ok(Err(NotKept::Unread(Unread::CutOff))) | Err(_) => {
                return Err(AppError::invalid(took_too_long()).into());
            }
            Ok(Err(NotKept::Disk(error))) => return Err(disk_failed(&error).into()),
        };
        Ok(Upload { place, opener: Arc::clone(&self.opener), head, body })
    }

    fn enter(&self, person: PersonId, address: IpAddr) -> Result<SenderPlace, AppError> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.iter().filter(|other| other.person == person).count() >= UPLOADS_A_PERSON {
            return Err(AppError::TooMany { message: others_on_their_way(), retry_after: TRY_AGAIN_IN });
        }
        let is_crowded = |(network, times): (IpNet, u8)| {
            senders.iter().filter(|other| network.contains(&other.address)).count()
                >= UPLOADS_A_NETWORK * usize::from(times)
        };
        let address = address.to_canonical();
        if senders.len() >= UPLOADS || networks_around(address).into_iter().any(is_crowded) {
            return Err(AppError::Busy);
        }
        senders.push(Sender { person, address });
        Ok(SenderPlace { senders: Arc::clone(&self.senders), sender: Sender { person, address } })
    }
}

impl Upload {
    /// Opens the picture with `read` on a blocking thread, one picture at a time in the whole server. The
    /// work keeps its place and its turn and goes on if the client disconnects.
    ///
    /// # Errors
    /// `AppError::Invalid` if the form cannot be read or has no picture; what `read` says of the picture;
    /// `AppError::Busy` if the disk fails; `AppError::Internal` if `read` panics.
    pub async fn open<T: Send + 'static>(self, read: fn(&[u8]) -> Result<T, Unfit>) -> Result<T, Refused> {
        let Self { place, opener, head, body } = self;
        let turn = opener.acquire_owned().await.map_err(|_| AppError::Busy)?;
        let form = body.read().await.map_err(|error| disk_failed(&error))?;
        let file = find_picture(Request::from_parts(head, Body::from(form))).await?;
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

/// The file in the form's field `picture`. An empty file counts as none, because browsers send one if nothing
/// was chosen.
async fn find_picture(form: Request) -> Result<Bytes, AppError> {
    let mut form = Multipart::from_request(form, &()).await.map_err(|_| AppError::unreadable_form())?;
    while let Some(field) = form.next_field().await.map_err(|_| AppError::unreadable_form())? {
        if field.name() == Some("picture") {
            let file = field.bytes().await.map_err(|_| AppError::unreadable_form())?;
            if !file.is_empty() {
                return Ok(file);
            }
        }
    }
    Err(AppError::invalid(choose_picture()))
}

fn disk_failed(error: &io::Error) -> AppError {
    tracing::error!(%error, "a picture on its way could not be kept");
    AppError::Busy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::Clock;

    fn uploads() -> (tempfile::TempDir, Uploads) {
        let folder = tempfile::tempdir().expect("a folder");
        let uploads = Uploads::open(&folder.path().join("incoming"), Random::System).expect("a folder");
        (folder, uploads)
    }

    fn anybody() -> PersonId {
        PersonId(Random::System.uuid(Clock::system().now()))
    }

    /// How many of so many people get a place, each at their own address.
    fn come(uploads: &Uploads, people: usize, address: impl Fn(usize) -> String) -> Vec<SenderPlace> {
        let address = |index| address(index).parse().expect("an address");
        (0..people).filter_map(|index| uploads.enter(anybody(), address(index)).ok()).collect()
    }

    #[test]
    fn places_are_bounded_by_person_network_and_in_all() {
        let (_folder, uploads) = uploads();
        let (person, address) = (anybody(), "203.0.113.9".parse().expect("an address"));
        let two = [uploads.enter(person, address), uploads.enter(person, address)];
        assert!(two.iter().all(Result::is_ok));
        assert!(matches!(uploads.enter(person, address), Err(AppError::TooMany { .. })));
        assert_eq!(come(&uploads, 40, |_| "203.0.113.9".to_owned()).len(), UPLOADS_A_NETWORK - 2);
        let home = come(&uploads, 40, |index| format!("2001:db8::{index:x}"));
        assert_eq!(home.len(), UPLOADS_A_NETWORK);
        let homes = come(&uploads, 80, |index| format!("2001:db8:0:{index:x}::1"));
        assert_eq!(home.len() + homes.len(), 2 * UPLOADS_A_NETWORK, "of one /56");
        let all = come(&uploads, 200, |index| format!("198.51.100.{index}"));
        assert_eq!(two.len() + home.len() + homes.len() + all.len(), UPLOADS);
        drop((two, home, homes, all));
        assert!(uploads.senders.lock().expect("a lock").is_empty());
    }
}
