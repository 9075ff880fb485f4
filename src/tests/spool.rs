//! What the database cannot take lies in the spool until it can (MONEY §6).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::harness::phone::success;
use super::harness::{Engine, TestApp, both, text};
use crate::mpesa::spool::{Spool, Spooled};
use crate::platform::db::Db;
use crate::types::CallbackId;

const TOKEN: &str = "c2b0secret0of0thirty0two0letters0";
const STORED: &str = "SELECT COUNT(*) FROM callbacks";

/// The files of the spool, by how they end.
fn files(app: &TestApp, extension: &str) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(app.folder().join("spool")) else { return Vec::new() };
    let all = folder.map(|entry| entry.expect("an entry").path());
    all.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn spooled(number: u128, body: &[u8]) -> Spooled {
    Spooled {
        id: CallbackId(uuid::Uuid::from_u128(number)),
        purpose: "c2b".to_owned(),
        token_hash: None,
        is_from_elsewhere: true,
        received_at: chrono::DateTime::UNIX_EPOCH,
        body: body.to_vec(),
    }
}

fn spool_in(folder: &Path) -> Spool {
    Spool::new(folder.join("spool"))
}

both! {
    with [("MPESA_C2B_TOKEN", TOKEN)];

    async fn what_the_database_cannot_take_is_spooled_and_booked_later(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let url = app.callback_url(&started).await;
        let body = success(&started, &json!(50), "UKN1AB2CD3").to_string();
        app.db.close().await;
        assert_eq!(app.post_callback(&url, body.clone()).await, 503);
        // Safaricom repeats it, and confirms it; a stranger posts too.
        assert_eq!(app.post_callback(&url, body.clone()).await, 503);
        let confirmation = app.at(&format!("/payments/api/c2b/{TOKEN}/confirmation"));
        assert_eq!(app.post_callback(confirmation.as_str(), "{}").await, 503);
        let stranger = format!("{}{}", &url[..url.len() - 4], "0000");
        assert_eq!(app.post_callback(&stranger, body.clone()).await, 503);
        let kept = files(&app, "body");
        assert_eq!(kept.len(), 4);
        let token = url.rsplit('/').next().expect("a token");
        for file in kept {
            assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
            assert!(!fs::read_to_string(&file).expect("text").contains(token), "the token is told nobody");
        }
        // A server that starts stores them by itself, whoever holds the lease.
        let after = app.beside().await;
        after.until("the spool is empty", async || files(&app, "body").is_empty()).await;
        assert_eq!(after.count(STORED).await, 3, "not the stranger's");
        after.reconcile().await;
        let paid = buyer.status(&after, text(&started, "payment_id")).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
        assert_eq!(after.count("SELECT COUNT(*) FROM callbacks WHERE processed_at IS NULL").await, 0);
        after.books_are_right().await;
    }

    async fn a_body_that_was_stored_and_not_removed_is_one_row(app: TestApp) {
        let payments = &app.running.state.payments;
        let spool = spool_in(app.folder());
        for settled in [1, 0] {
            spool.keep(spooled(7, b"{}")).await.expect("spooled");
            assert_eq!(payments.drain_spool().await.expect("drained"), 1);
            assert_eq!(payments.settle_stored().await.expect("a round"), settled);
        }
        assert_eq!(app.count(STORED).await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM callbacks WHERE is_from_elsewhere AND is_unreadable").await, 1);
    }

    async fn a_file_that_cannot_be_read_is_left_and_keeps_no_other_waiting(app: TestApp) {
        let payments = &app.running.state.payments;
        let spool = spool_in(app.folder());
        for number in 1..=3 {
            spool.keep(spooled(number, b"{\"a\":1}")).await.expect("spooled");
        }
        let mut foreign = spooled(4, b"{}");
        foreign.purpose = "weather".to_owned();
        spool.keep(foreign).await.expect("spooled");
        let kept = spool.files().await.expect("files");
        let whole = fs::read(&kept[0]).expect("a file");
        fs::write(&kept[0], &whole[..whole.len() - 1]).expect("cut off");
        fs::write(&kept[1], "junk").expect("spoiled");
        assert_eq!(payments.drain_spool().await.expect("drained"), 1);
        assert_eq!((files(&app, "bad").len(), files(&app, "body").len()), (3, 0));
        assert_eq!(payments.drain_spool().await.expect("drained"), 0, "nobody looks at them again");
        assert_eq!(app.count(STORED).await, 1);
    }
}

/// A writer that is locked for long is as good as away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_locked_database_cannot_take_is_spooled() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (_, tip, buyer) = app.shop().await;
    let started = buyer.start(&app, tip).await;
    let url = app.callback_url(&started).await;
    let other = Db::connect(app.database_url()).await.expect("a database");
    let lock = other.begin().await.expect("the lock");
    assert_eq!(app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await, 503);
    assert_eq!(files(&app, "body").len(), 1);
    drop(lock);
    app.running.state.payments.drain_spool().await.expect("drained");
    assert_eq!((files(&app, "body").len(), app.count(STORED).await), (0, 1));
}

#[tokio::test]
async fn the_spool_is_bounded_and_gives_back_what_it_took() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = spool_in(folder.path()).with_room_for(2);
    assert_eq!(spool.files().await.expect("no folder"), Vec::<PathBuf>::new());
    let of_safaricom = |number, body| Spooled { is_from_elsewhere: false, ..spooled(number, body) };
    let bodies = [of_safaricom(2, b"\xff\n\nsecond"), of_safaricom(1, b"")];
    for body in &bodies {
        spool.keep(body.clone()).await.expect("spooled");
    }
    let full = spool.keep(of_safaricom(3, b"third")).await.expect_err("full");
    assert!(full.to_string().contains("is full"), "{full}");
    let kept = spool.files().await.expect("files");
    let read = [spool.read(&kept[0]).await.expect("a body"), spool.read(&kept[1]).await.expect("a body")];
    assert_eq!([&read[0], &read[1]], [&bodies[1], &bodies[0]], "the oldest first");
    for _ in 0..2 {
        spool.remove(&kept[0]).await.expect("another process may have removed it");
    }
    spool.keep(spooled(3, b"third")).await.expect_err("strangers leave room for Safaricom");
    spool.keep(of_safaricom(3, b"third")).await.expect("there is room again");
}
