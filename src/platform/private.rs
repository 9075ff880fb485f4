//! Files on disk can be read by their owner alone, because they hold phone numbers and codes that are for
//! sale.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::stat::{Mode, umask};

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// Sets the umask, so that nobody else may read what this process makes from now on. Whatever opens a folder
/// or a file calls it first.
pub fn keep_others_out() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}

/// Takes away the rights of others on a file, or on a folder with everything in it, because an earlier
/// version may have given them. A path that does not exist is fine; a failure is only logged.
pub fn tighten(path: &Path) {
    if let Err(error) = tighten_all(path) {
        tracing::warn!(%error, path = %path.display(), "others on this machine may be able to read this");
    }
}

fn tighten_all(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if found.is_symlink() {
        return Ok(());
    }
    let wanted = if found.is_dir() { FOLDER } else { FILE };
    if found.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(wanted))?;
    }
    if found.is_dir() {
        for inside in fs::read_dir(path)? {
            tighten_all(&inside?.path())?;
        }
    }
    Ok(())
}
