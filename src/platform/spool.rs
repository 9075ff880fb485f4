//! Bodies of requests that are still arriving are kept on disk, not in memory. Each is in a file without a
//! name, so the file is gone when its holder is dropped or the process dies.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use bytes::{Bytes, BytesMut};

use super::body::{Pieces, Unread};
use super::private;
use super::random::{Random, hex};

/// How many bytes are gathered before they are written: a body may come byte by byte.
const GATHERED: usize = 64 * 1024;

/// The folder of the files in which arriving bodies are kept. Clones share it.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: Arc<PathBuf>,
    random: Random,
}

/// Why a body was not kept.
#[derive(Debug)]
pub enum NotKept {
    /// The sender sent too much, too slowly, or broke off.
    Unread(Unread),
    /// The file could not be made or written.
    Disk(io::Error),
}

/// A body that has arrived completely and lies in its file.
#[derive(Debug)]
pub struct Spooled(File);

impl Spool {
    /// Opens the folder, which is made if it is absent and closed to other users of the machine.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path, random: Random) -> anyhow::Result<Self> {
        private::keep_others_out();
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        private::tighten(folder);
        Ok(Self { folder: Arc::new(folder.to_owned()), random })
    }

    /// Writes a body into a new file while it arrives.
    ///
    /// # Errors
    /// [`NotKept::Unread`] if the body is too long, too slow or cut off; [`NotKept::Disk`] if the file cannot
    /// be made or written.
    pub async fn keep(&self, mut body: Pieces) -> Result<Spooled, NotKept> {
        let path = self.folder.join(hex(&self.random.bytes::<16>()));
        let mut file = on_disk(move || nameless(&path)).await?;
        let mut gathered = BytesMut::new();
        while let Some(piece) = body.next().await.map_err(NotKept::Unread)? {
            gathered.extend_from_slice(&piece);
            if gathered.len() >= GATHERED {
                let piece = gathered.split().freeze();
                file = on_disk(move || append(file, &piece)).await?;
            }
        }
        file = on_disk(move || append(file, &gathered.freeze())).await?;
        Ok(Spooled(file))
    }
}

impl Spooled {
    /// The whole body in memory. The file is gone afterwards.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn read(self) -> io::Result<Vec<u8>> {
        let Self(mut file) = self;
        on_a_thread(move || {
            file.rewind()?;
            let mut whole = Vec::new();
            file.read_to_end(&mut whole)?;
            Ok(whole)
        })
        .await
    }
}

/// A new file whose name is removed at once: nobody else can open it, and it disappears when it is closed.
fn nameless(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    fs::remove_file(path)?;
    Ok(file)
}

fn append(mut file: File, piece: &Bytes) -> io::Result<File> {
    file.write_all(piece)?;
    Ok(file)
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, NotKept> {
    on_a_thread(work).await.map_err(NotKept::Disk)
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
