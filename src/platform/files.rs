//! Where pictures lie: a folder that no route serves directly.

use std::io;
use std::path::PathBuf;

use crate::types::TipId;

/// The folder of uploads (`UPLOADS_DIR`). Names are made here, from ids only.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
}

/// A betslip has two pictures: the clear one, which must be paid for, and a small one blurred for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    Clear,
    Blurred,
}

impl Files {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, tip: TipId, picture: Picture) -> PathBuf {
        self.folder.join(match picture {
            Picture::Clear => format!("betslip-{tip}.webp"),
            Picture::Blurred => format!("betslip-{tip}-blurred.jpg"),
        })
    }

    /// `None` if there is no such picture.
    pub async fn read(&self, tip: TipId, picture: Picture) -> io::Result<Option<Vec<u8>>> {
        match tokio::fs::read(self.path(tip, picture)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn write(&self, tip: TipId, picture: Picture, bytes: &[u8]) -> io::Result<()> {
        tokio::fs::create_dir_all(&self.folder).await?;
        // Written beside and renamed: a reader never sees half a picture.
        let path = self.path(tip, picture);
        let part = path.with_extension("part");
        tokio::fs::write(&part, bytes).await?;
        tokio::fs::rename(&part, &path).await
    }
}
