//! Bodies that the database could not take lie here, a file each, until it can: Safaricom may never send them
//! again. A file holds one line of JSON that says what the body is, and then its bytes. It appears under its
//! name only when all of it is on the disk, and nobody else on this machine may read it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::private;
use crate::types::CallbackId;

/// The most files that the folder holds, those that cannot be read among them.
const FILES_MAX: usize = 10_000;
/// The most bytes that they have together.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
const KEPT: &str = "body";
const UNFINISHED: &str = "new";
const BAD: &str = "bad";

/// The folder. It is made when the first body comes. Clones share it, and so may processes.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: Arc<PathBuf>,
    files_max: usize,
}

/// A body, and what its row will say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spooled {
    /// The id under which it will be kept. Stored twice, it is one row.
    pub id: CallbackId,
    /// The word of the purpose at whose address it came.
    pub purpose: String,
    /// The hash of the token in the address of a row.
    pub token_hash: Option<[u8; 32]>,
    /// Whether its sender's network address is none of Safaricom's.
    pub is_from_elsewhere: bool,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The bytes.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// The first line of a file. The length tells a file that was cut off.
#[derive(Serialize, Deserialize)]
struct Head<T> {
    #[serde(flatten)]
    spooled: T,
    length: usize,
}

impl Spool {
    /// The spool in this folder. Nothing is made yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder: Arc::new(folder), files_max: FILES_MAX }
    }

    /// The same with room for fewer files.
    #[cfg(test)]
    pub fn with_room_for(self, files_max: usize) -> Self {
        Self { files_max, ..self }
    }

    /// Writes a body. When this returns, it is on the disk.
    ///
    /// # Errors
    /// The folder is full, or a file cannot be written.
    pub async fn keep(&self, spooled: Spooled) -> anyhow::Result<()> {
        let spool = self.clone();
        on_a_thread(move || spool.write(&spooled)).await
    }

    /// The files of bodies that wait, the oldest first; none if there is no folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let folder = self.folder.clone();
        on_a_thread(move || {
            let mut files = list(&folder)?;
            files.retain(|file| file.extension().is_some_and(|extension| extension == KEPT));
            // Ids sort by their time.
            files.sort();
            Ok(files)
        })
        .await
    }

    /// Reads one of these files.
    ///
    /// # Errors
    /// It cannot be read, was cut off, or holds something else than a body.
    pub async fn read(&self, file: &Path) -> anyhow::Result<Spooled> {
        let file = file.to_owned();
        on_a_thread(move || {
            let bytes = fs::read(&file)?;
            let end = bytes.iter().position(|byte| *byte == b'\n').context("it has no first line")?;
            let Head { spooled, length }: Head<Spooled> =
                serde_json::from_slice(&bytes[..end]).context("its first line says nothing of a body")?;
            let body = bytes[end + 1..].to_vec();
            if body.len() != length {
                bail!("it has {} bytes of {length}", body.len());
            }
            Ok(Spooled { body, ..spooled })
        })
        .await
    }

    /// Removes the file of a body that is stored. Another process may have done so.
    ///
    /// # Errors
    /// It cannot be removed.
    pub async fn remove(&self, file: &Path) -> anyhow::Result<()> {
        let file = file.to_owned();
        on_a_thread(move || absent_is_fine(fs::remove_file(&file))).await
    }

    /// Leaves a file that cannot be read under a name at which nobody looks again.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub async fn set_bad_aside(&self, file: &Path) -> anyhow::Result<()> {
        let file = file.to_owned();
        on_a_thread(move || absent_is_fine(fs::rename(&file, file.with_extension(BAD)))).await
    }

    fn write(&self, spooled: &Spooled) -> anyhow::Result<()> {
        private::keep_others_out();
        fs::create_dir_all(&*self.folder).with_context(|| self.folder.display().to_string())?;
        private::tighten(&self.folder);
        self.check_room(spooled.body.len(), spooled.is_from_elsewhere)?;
        let file = self.folder.join(format!("{}.{KEPT}", spooled.id));
        let aside = file.with_extension(UNFINISHED);
        let written = write_aside(&aside, spooled).and_then(|()| fs::rename(&aside, &file));
        if written.is_err() {
            let _ = fs::remove_file(&aside);
        }
        written?;
        // The name is on the disk only when the folder is.
        Ok(File::open(&*self.folder)?.sync_all()?)
    }

    /// What comes from elsewhere than Safaricom may fill only a part, or strangers would leave no room.
    fn check_room(&self, more: usize, is_from_elsewhere: bool) -> anyhow::Result<()> {
        let share = if is_from_elsewhere { 4 } else { 1 };
        let files = list(&self.folder)?;
        let mut bytes = u64::try_from(more)?;
        for file in &files {
            // Another process may have removed it meanwhile.
            bytes += fs::metadata(file).map_or(0, |about| about.len());
        }
        if files.len() >= self.files_max.div_ceil(share) || bytes > BYTES_MAX / share as u64 {
            bail!("{} is full: {} files, {bytes} bytes", self.folder.display(), files.len());
        }
        Ok(())
    }
}

fn write_aside(aside: &Path, spooled: &Spooled) -> io::Result<()> {
    let mut head = serde_json::to_vec(&Head { spooled, length: spooled.body.len() })?;
    head.push(b'\n');
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(aside)?;
    file.write_all(&head)?;
    file.write_all(&spooled.body)?;
    file.sync_all()
}

/// All files of a folder; none if there is no folder.
fn list(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        found => Ok(found?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?),
    }
}

fn absent_is_fine(done: io::Result<()>) -> anyhow::Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await?
}
