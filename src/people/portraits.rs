//! Portraits: the picture of a person, which everybody may see. It is small and square, and each new picture
//! has a new random name, so browsers can keep pictures for good.

use std::net::IpAddr;

use axum::body::Bytes;
use image::imageops::FilterType;

use super::People;
use super::store::{self, profile as rows};
use crate::platform::db::{Failure, transaction};
use crate::platform::files::Files;
use crate::platform::picture::{Unfit, flat, no_such_picture, open, webp};
use crate::platform::random::{Random, hex};
use crate::platform::uploads::{Refused, Upload};
use crate::platform::viewer::Viewer;
use crate::tips::selling::{draft_picture, store as drafts};
use crate::types::{AppError, AppResult, PersonId};

/// The side of a portrait in pixels: twice as wide as it is ever shown, for sharp screens.
const SIDE: u32 = 192;

/// The service of portraits. It also closes accounts, because their pictures must go with them.
#[derive(Clone)]
pub struct Portraits {
    people: People,
    files: Files,
    random: Random,
}

/// Makes a portrait of an uploaded file, as WebP. It takes a whole core for up to a second.
fn read(file: &[u8]) -> Result<Vec<u8>, Unfit> {
    webp(&flat(open(file)?.resize_to_fill(SIDE, SIDE, FilterType::CatmullRom)))
}

impl Portraits {
    /// Makes the service; portraits are kept in `files`.
    pub const fn new(people: People, files: Files, random: Random) -> Self {
        Self { people, files, random }
    }

    /// Keeps an uploaded file as a person's picture, and deletes the one before.
    ///
    /// # Errors
    /// [`Refused::Unfit`] if the file is no picture that we can use. [`Refused::Other`] with
    /// [`AppError::Invalid`] if the form has no picture or cannot be read, with [`AppError::SignIn`] if the
    /// account was closed meanwhile, or with [`AppError::Busy`] or [`AppError::Internal`] if the disk or the
    /// database fails.
    pub async fn set(&self, person: &Viewer, upload: Upload) -> Result<(), Refused> {
        let portrait = upload.open(read).await?;
        let name = hex(&self.random.bytes::<16>());
        self.files.write(&key(&name), portrait).await.map_err(|error| {
            tracing::error!(%error, "a portrait could not be kept");
            AppError::Busy
        })?;
        // If that fails, the commit may be done and its answer lost: the new file stays, it may be in use.
        let Some(before) = self.swap(person.id, Some(&name)).await.map_err(AppError::from)? else {
            // The account was closed while the file was on its way.
            self.forget(Some(name)).await;
            return Err(AppError::sign_in_first().into());
        };
        self.forget(before).await;
        Ok(())
    }

    /// Removes a person's picture. Without a picture it does nothing.
    ///
    /// # Errors
    /// A database error.
    pub async fn remove(&self, person: &Viewer) -> Result<(), Failure> {
        let before = self.swap(person.id, None).await?;
        self.forget(before.flatten()).await;
        Ok(())
    }

    /// Closes an account (`People::close`), and then deletes its portrait and the pictures of its drafts.
    ///
    /// # Errors
    /// The errors of [`People::close`]. A picture that cannot be deleted is only logged.
    pub async fn close_account(&self, person: &Viewer, address: IpAddr, password: &str) -> AppResult<()> {
        let portrait = self.people.profile(person).await?.picture;
        let drafts = self.people.close(person, address, password).await?;
        self.forget(portrait).await;
        self.forget_drafts(&drafts).await;
        Ok(())
    }

    /// Deletes the drafts, and their pictures, of accounts that an older version closed without doing so.
    /// Every start of the server calls it.
    ///
    /// # Errors
    /// A database error.
    pub async fn finish_closings(&self) -> Result<(), Failure> {
        let drafts: Result<Vec<String>, Failure> =
            transaction!(self.people.db, |tx| Ok(drafts::delete_drafts_of_closed(tx).await?));
        self.forget_drafts(&drafts?).await;
        Ok(())
    }

    async fn forget_drafts(&self, documents: &[String]) {
        for key in documents.iter().filter_map(|document| draft_picture(document)) {
            if let Err(error) = self.files.delete(&key).await {
                tracing::error!(
                    %error,
                    alarm = true,
                    key,
                    "a picture of a closed account could not be deleted"
                );
            }
        }
    }

    /// A portrait, as WebP, by its name of 32 hexadecimal digits.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such picture; [`AppError::Busy`] if it cannot be read.
    pub async fn find(&self, name: &str) -> AppResult<Bytes> {
        if name.len() != 32 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(no_such_picture());
        }
        let found = self.files.read(&key(name)).await.map_err(|error| {
            tracing::error!(%error, "a portrait could not be read");
            AppError::Busy
        })?;
        found.ok_or_else(no_such_picture)
    }

    /// Sets the name of a person's picture, and returns the name before; `None` if the account is closed.
    /// Where the commit's answer was lost and it runs again, the name before is the new one, which nobody must
    /// delete.
    async fn swap(&self, person: PersonId, name: Option<&str>) -> Result<Option<Option<String>>, Failure> {
        transaction!(self.people.db, |tx| {
            store::lock_person(tx, person).await?;
            let before = rows::swap_picture(tx, person, name).await?;
            Ok(before.map(|before| before.filter(|before| Some(before.as_str()) != name)))
        })
    }

    /// Deletes an old portrait. If that fails it is only logged, because the file costs just a little room.
    async fn forget(&self, name: Option<String>) {
        if let Some(name) = name
            && let Err(error) = self.files.delete(&key(&name)).await
        {
            tracing::warn!(%error, "an old portrait could not be deleted");
        }
    }
}

fn key(name: &str) -> String {
    format!("portraits/{name}.webp")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::picture::sample;
    use image::ImageFormat;

    #[test]
    fn a_portrait_is_square_and_small() {
        for (width, height) in [(3_000, 200), (100, 700), (400, 400)] {
            let portrait = read(&sample(width, height, ImageFormat::Jpeg)).expect("a portrait");
            let kept = image::load_from_memory(&portrait).expect("a picture");
            assert_eq!((kept.width(), kept.height()), (SIDE, SIDE));
            assert!(portrait.len() < 16 * 1024, "{}", portrait.len());
        }
    }
}
