//! Nobody else on the machine can read the files on disk.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::stat::{Mode, umask};
use reqwest::StatusCode;

use super::super::harness::seller::png;
use super::super::harness::{Engine, TestApp};

/// All files and folders below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let inside = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    inside
        .flat_map(|path| if path.is_dir() { [vec![path.clone()], walk(&path)].concat() } else { vec![path] })
        .collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

/// The files and folders that others may read, with their rights.
fn loose(folder: &Path) -> Vec<(PathBuf, u32)> {
    walk(folder)
        .into_iter()
        .map(|path| (path.clone(), mode(&path)))
        .filter(|(path, mode)| *mode != if path.is_dir() { 0o700 } else { 0o600 })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_reads_our_files() {
    // The umask of most systems.
    umask(Mode::S_IWGRP | Mode::S_IWOTH);
    let app = TestApp::new(Engine::Sqlite).await;
    let tipster = app.verified_tipster().await;
    let draft = tipster.whole_draft(&app).await;
    tipster.publish(&app, &draft).await;
    assert_eq!(
        tipster.send_picture(&app, "/api/accounts/portrait", "me.png", png(200, 200)).await.status(),
        StatusCode::SEE_OTHER
    );
    let folder = app.folder().to_owned();
    app.until("the simulator's phones", || async { folder.join("simulator.json").exists() }).await;
    let names = walk(&folder).iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n");
    for wanted in ["test.db", "test.db-wal", "simulator.json", "uploads/portraits/", "uploads/betslips/"] {
        assert!(names.contains(wanted), "{wanted} is not among\n{names}");
    }
    assert_eq!(loose(&folder), vec![]);

    // An earlier version let others read the files.
    for path in walk(&folder) {
        fs::set_permissions(&path, Permissions::from_mode(if path.is_dir() { 0o755 } else { 0o644 }))
            .expect("ours");
    }
    assert!(!loose(&folder).is_empty());
    let second = app.beside().await;
    crate::daraja::simulator::load_state(&folder.join("simulator.json")).await.expect("a state");
    assert_eq!(loose(&folder), vec![]);
    second.running.stop().await;
}
