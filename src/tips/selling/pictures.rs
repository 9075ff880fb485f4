//! The betslip of a draft: an uploaded file that is kept beside the draft until it is published.

use bytes::Bytes;
use uuid::Uuid;

use super::draft::{Draft, DraftPicture};
use super::service::{Selling, Trouble, no_such_draft};
use super::store;
use crate::platform::db::Failure;
use crate::platform::picture::no_such_picture;
use crate::platform::uploads::Upload;
use crate::platform::viewer::Viewer;
use crate::tips::betslip;
use crate::tips::service::clear_key;
use crate::types::AppError;

impl Selling {
    /// Keeps an uploaded file as the draft's betslip. The file of the one before is deleted.
    ///
    /// # Errors
    /// [`Trouble::Picture`] if the file is not taken. Otherwise [`Trouble::Other`]: [`AppError::NotFound`] if
    /// this tipster has no such open draft, [`AppError::Busy`] if the file cannot be kept, an error of the
    /// upload, or a database error.
    pub async fn set_picture(&self, tipster: &Viewer, id: Uuid, upload: Upload) -> Result<(), Trouble> {
        // This is checked before the work, because reading a picture is expensive.
        store::draft(&self.tips.db, id, tipster.id)
            .await?
            .filter(|row| row.tip_id.is_none())
            .ok_or_else(no_such_draft)?;
        let slip = upload.open(betslip::read).await?;
        let hash = slip.hash;
        let base = self.tips.keep_picture(slip.clear).await.map_err(|error| {
            tracing::error!(%error, "a picture could not be kept");
            AppError::Busy
        })?;
        let set = |draft: &mut Draft| {
            draft.picture = Some(DraftPicture { base: base.clone(), hash: hash.clone() });
            Ok(())
        };
        let before = match self.change(tipster, id, set).await {
            Ok(before) => before.picture,
            Err(failure) => {
                // Where the database failed, the commit may be done, and the file in use.
                if matches!(failure, Failure::App(_)) {
                    self.forget_picture(&base).await;
                }
                return Err(failure.into());
            }
        };
        if let Some(before) = before {
            self.forget_picture(&before.base).await;
        }
        Ok(())
    }

    /// Removes the draft's betslip and deletes its file. If there is none, nothing is done.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such draft; [`AppError::Conflict`] if it is published; a
    /// database error.
    pub async fn remove_picture(&self, tipster: &Viewer, id: Uuid) -> Result<(), Failure> {
        let remove = |draft: &mut Draft| {
            draft.picture = None;
            Ok(())
        };
        if let Some(before) = self.change(tipster, id, remove).await?.picture {
            self.forget_picture(&before.base).await;
        }
        Ok(())
    }

    /// The clear betslip of the tipster's own draft.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such draft or it has no picture; [`AppError::Internal`]
    /// if the file cannot be read; [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn draft_picture(&self, tipster: &Viewer, id: Uuid) -> Result<Bytes, AppError> {
        let row = store::draft(&self.tips.db, id, tipster.id)
            .await
            .map_err(Failure::from)?
            .ok_or_else(no_such_draft)?;
        let picture = Draft::read(&row.document).picture.ok_or_else(no_such_picture)?;
        self.tips.read_picture(&clear_key(&picture.base)).await
    }
}
