//! Bodies on their way lie on disk, not in memory: each in a file without a name, which goes with whoever
//! holds it, whatever happens.

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

/// Written at once: a body may come byte by byte.
const GATHERED: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub struct Spool {
    folder: Arc<PathBuf>,
    random: Random,
}

/// Why a body was not kept.
#[derive(Debug)]
pub enum NotKept {
    Unread(Unread),
    Disk(io::Error),
}

/// A body that has arrived whole.
#[derive(Debug)]
pub struct Spooled(File);

impl Spool {
    /// The folder is made if absent.
    pub fn open(folder: &Path, random: Random) -> anyhow::Result<Self> {
        private::keep_others_out();
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        private::tighten(folder);
        Ok(Self { folder: Arc::new(folder.to_owned()), random })
    }

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

/// A new file whose name is taken away at once: nobody else finds it, and it is gone when it is closed.
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
