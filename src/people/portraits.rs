//! The picture of a person, which everybody may see: small, square, under a new name that nobody can guess
//! each time.

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

/// Twice as wide as it is ever shown.
const SIDE: u32 = 192;

#[derive(Clone)]
pub struct Portraits {
    people: People,
    files: Files,
    random: Random,
}

/// Slow: takes a whole core for up to a second.
fn read(file: &[u8]) -> Result<Vec<u8>, Unfit> {
    webp(&flat(open(file)?.resize_to_fill(SIDE, SIDE, FilterType::CatmullRom)))
}

impl Portraits {
    pub const fn new(people: People, files: Files, random: Random) -> Self {
        Self { people, files, random }
    }

    /// Keeps an uploaded file as a person's picture, in place of the one before.
    pub async fn set(&self, person: &Viewer, upload: Upload) -> Result<(), Refused> {
        let portrait = upload.open(read).await?;
        let name = hex(&self.random.bytes::<16>());
        self.files.write(&key(&name), portrait).await.map_err(|error| {
            tracing::error!(%error, "a portrait could not be kept");
            AppError::Busy
        })?;
        // If that fails, the commit may be done and its answer lost: the new file stays, it may be in use.
        let before = self.swap(person.id, Some(&name)).await.map_err(AppError::from)?;
        self.forget(before).await;
        Ok(())
    }

    pub async fn remove(&self, person: &Viewer) -> Result<(), Failure> {
        let before = self.swap(person.id, None).await?;
        self.forget(before).await;
        Ok(())
    }

    /// Closes an account (`People::close`), and its pictures go with it.
    pub async fn close_account(&self, person: &Viewer, address: IpAddr, password: &str) -> AppResult<()> {
        let portrait = self.people.profile(person).await?.picture;
        let drafts = self.people.close(person, address, password).await?;
        self.forget(portrait).await;
        self.forget_drafts(&drafts).await;
        Ok(())
    }

    /// Of accounts that were closed when their drafts stayed.
    pub async fn finish_closings(&self) -> Result<(), Failure> {
        let drafts: Result<Vec<String>, Failure> =
            transaction!(self.people.db, |tx| Ok(drafts::delete_drafts_of_closed(tx).await?));
        self.forget_drafts(&drafts?).await;
        Ok(())
    }

    async fn forget_drafts(&self, documents: &[String]) {
        for key in documents.iter().filter_map(|document| draft_picture(document)) {
            if let Err(error) = self.files.delete(&key).await {
                tracing::error!(%error, alarm = true, key, "a picture of a closed account could not be deleted");
            }
        }
    }

    /// A picture by the name that pages use for it.
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

    /// Sets the name of a person's picture; the one before. Where the commit's answer was lost and it runs
    /// again, that is the new one, which nobody must delete.
    async fn swap(&self, person: PersonId, name: Option<&str>) -> Result<Option<String>, Failure> {
        transaction!(self.people.db, |tx| {
            store::lock_person(tx, person).await?;
            let before = rows::swap_picture(tx, person, name).await?;
            Ok(before.filter(|before| Some(before.as_str()) != name))
        })
    }

    /// One that stays behind costs a little room.
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
