//! A closed account leaves no name behind. One list says of every column what becomes of it.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::StatusCode;
use sqlx::AssertSqlSafe;

use crate::platform::db::{Pools, read};
use crate::tests::harness::seller::png;
use crate::tests::harness::{PASSWORD, Person, TestApp, both, text};

/// A word in everything that the person writes. None of its letters looks like another one, so it is its own
/// skeleton.
const MARKER: &str = "zaxuzor";
const PHONE: &str = "0733000002";

/// What becomes of a column when its person closes their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The column says nothing of a person, or only by an id that leads to a row without a name.
    Nameless,
    /// The row is deleted.
    Deleted,
    /// The row stays, and this column of it is emptied.
    Emptied,
    /// The value is forgotten after this many days at the most.
    Expires(u32),
    /// The value stays, for this reason.
    Kept(&'static str),
}

use Fate::{Deleted, Emptied, Expires, Kept, Nameless};

const BOOKS: &str = "the books: money that is other people's too";
const SOLD: &str = "published: it was sold as it is, and its record must stay true";
const STAFF: &str = "said by staff about a tip or a payment, not by the person";
const KEYED: &str = "a keyed hash, which limits compare; it leads to nobody without the key";

/// Every table, its columns, and what becomes of them.
const COLUMNS: &[(&str, &[(&str, Fate)])] = &[
    ("accounts", &[("id kind person_id balance_cents seq last_day", Nameless)]),
    ("attempts", &[("id made_at", Nameless), ("key", Expires(1))]),
    (
        "approvals",
        &[
            ("id subject_kind subject_id version person_id asked_by kind amount_cents", Nameless),
            ("at expires_at used_at", Nameless),
            ("msisdn used_for", Kept(BOOKS)),
        ],
    ),
    (
        "audit",
        &[
            ("seq id at person_id actor action subject_kind subject_id before after hash", Nameless),
            ("reason body", Kept(STAFF)),
        ],
    ),
    ("audit_head", &[("id seq hash", Nameless)]),
    (
        "callbacks",
        &[
            ("id purpose subject_id path is_from_elsewhere received_at processed_at", Nameless),
            ("body", Expires(90)),
        ],
    ),
    ("closings", &[("account_id day balance_cents closed_at", Nameless)]),
    (
        "codes",
        &[(
            "id purpose msisdn person_id code_hash browser_hash registration try_count sent_at expires_at used_at",
            Deleted,
        )],
    ),
    (
        "debts",
        &[
            ("id payment_id owed_cents status reason owed_at due_at paid_at", Nameless),
            ("msisdn receipt refund_receipt", Kept(BOOKS)),
        ],
    ),
    ("entries", &[("transfer_id line account_id amount_cents balance_after_cents seq", Nameless)]),
    ("facts", &[("name value", Nameless)]),
    ("follows", &[("follower_id tipster_id followed_at", Deleted)]),
    ("jobs", &[("kind owner epoch due_at begun_at attempts last_error done_at done_count", Nameless)]),
    (
        "kept_limits",
        &[("number_hash", Kept(KEYED)), ("period limit_cents next_cents next_at kept_at", Nameless)],
    ),
    ("leases", &[("name holder held_until epoch", Nameless)]),
    (
        "messages",
        &[
            ("id kind state text language due_at attempts last_error expires_at ended_at", Nameless),
            ("recipient text_values", Expires(2)),
        ],
    ),
    (
        "money_in",
        &[
            (
                "id short_code amount_cents told_at named_at callback_at query_at c2b_at statement_at",
                Nameless,
            ),
            ("status_at operator_at reversed_at state purpose subject_id", Nameless),
            ("receipt reference payer", Kept(BOOKS)),
        ],
    ),
    ("mpesa_addresses", &[("token_hash purpose subject_id made_at", Nameless)]),
    (
        "mpesa_events",
        &[
            ("id purpose subject_id happened_at source kind result_code amount_cents body_id", Nameless),
            ("receipt detail", Kept(BOOKS)),
        ],
    ),
    ("mpesa_rates", &[("name parts filled_at failures quiet_until", Nameless)]),
    (
        "mpesa_sends",
        &[(
            "id purpose subject_id number certainty server lease_epoch made_at send_before answered_at",
            Nameless,
        )],
    ),
    ("notices", &[("id person_id kind tip_id payment_id detail noticed_at read_at", Deleted)]),
    ("payment_claims", &[("id payment_id person_id receipt claimed_at closed_at", Deleted)]),
    (
        "payments",
        &[
            (
                "id buyer_id tip_id tipster_id price_cents share_bps account_reference status outcome review_reason open push",
                Nameless,
            ),
            (
                "merchant_request_id checkout_request_id result_code result_description refusal callback_succeeded_at query_succeeded_at",
                Nameless,
            ),
            (
                "statement_succeeded_at hinted check_count next_check_at pushed_at ended_at asked_again_at",
                Nameless,
            ),
            ("msisdn receipt waiting_receipt", Kept(BOOKS)),
            ("first_operator second_operator", Kept(STAFF)),
            ("first_operator_id second_operator_id suspense_cents awaits_receipt", Nameless),
        ],
    ),
    (
        "people",
        &[
            (
                "id is_buyer is_tipster staff push_count created_at session_generation password_reset_at closed_at",
                Nameless,
            ),
            (
                "msisdn display_name password_hash birth_date is_verified bio picture number_proven_at",
                Emptied,
            ),
            ("break_until break_kind handle name_skeleton name_doubted_at", Emptied),
        ],
    ),
    (
        "purchases",
        &[(
            "payment_id tip_id buyer_id tipster_id price_cents share_cents bought_at release_after released_at",
            Nameless,
        )],
    ),
    (
        "result_events",
        &[("id tip_id position result score person_id happened_at", Nameless), ("reason", Kept(STAFF))],
    ),
    ("sessions", &[("id person_id data browser signed_in_at seen_at expires_at ends_at", Deleted)]),
    ("spend_limits", &[("person_id period limit_cents next_cents next_at", Deleted)]),
    ("tip_drafts", &[("id tipster_id document version tip_id changed_at", Deleted)]),
    (
        "tip_matches",
        &[
            ("tip_id position kick_off_at odds_thousandths result score", Nameless),
            ("home_team away_team league market selection", Kept(SOLD)),
        ],
    ),
    ("tip_sales", &[("tip_id sale_count earned_cents", Nameless)]),
    ("tip_views", &[("tip_id view_count", Nameless)]),
    (
        "tips",
        &[
            (
                "id tipster_id bookmaker odds_thousandths public_odds_thousandths price_cents status has_picture match_count",
                Nameless,
            ),
            (
                "first_kick_off_at last_kick_off_at sales_close_at created_at result units_thousandths settled_at decided_by decided_at",
                Nameless,
            ),
            ("bet_code note picture picture_hash seal seal_salt search_text", Kept(SOLD)),
            ("rejection_reason", Kept(STAFF)),
        ],
    ),
    ("transfers", &[("id subject_kind subject_id kind made_at day", Nameless)]),
];

fn listed() -> impl Iterator<Item = (String, Fate)> {
    COLUMNS.iter().flat_map(|(table, groups)| {
        groups.iter().flat_map(move |(names, fate)| {
            names.split(' ').map(move |name| (format!("{table}.{name}"), *fate))
        })
    })
}

async fn columns(app: &TestApp) -> Vec<String> {
    const SQLITE: &str =
        "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'";
    const POSTGRES: &str =
        "SELECT CAST(table_name || '.' || column_name AS TEXT) FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";
    let query = if app.is_sqlite() { SQLITE } else { POSTGRES };
    read!(&app.db, |c| sqlx::query_scalar(query).fetch_all(c).await).expect("columns")
}

/// The columns that hold the word, whatever their type.
async fn columns_with(app: &TestApp, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for column in columns(app).await {
        let (table, name) = column.split_once('.').expect("a table and a column");
        let count: i64 = match &app.db.pools {
            Pools::Sqlite { readers, .. } => {
                let query = format!(
                    "SELECT COUNT(*) FROM {table} WHERE INSTR(LOWER(CAST(\"{name}\" AS TEXT)), '{word}') > 0"
                );
                sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(readers).await.expect("a count")
            }
            Pools::Postgres(pool) => {
                // Bytes are read as text too, because their own text form is hexadecimal and never shows a
                // word.
                let query = format!(
                    "SELECT COUNT(*) FROM {table} t WHERE POSITION('{word}' IN LOWER(CAST(t.\"{name}\" AS TEXT))) > 0
                        OR POSITION(ENCODE('{word}', 'hex') IN CAST(t.\"{name}\" AS TEXT)) > 0"
                );
                sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(pool).await.expect("a count")
            }
        };
        if count > 0 {
            found.push(column);
        }
    }
    found
}

/// All files in a folder and in the folders below it.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files of SQLite that hold the word, also in deleted rows. The code of M-Pesa, which the books keep, is
/// in capital letters.
fn files_with_marker(app: &TestApp) -> Vec<String> {
    let forms = [MARKER, "Zaxuzor", "ZAXUZORX"];
    let is_found =
        |bytes: &[u8]| forms.iter().any(|form| bytes.windows(form.len()).any(|part| part == form.as_bytes()));
    let names = ["test.db", "test.db-wal", "test.db-shm"].into_iter();
    let found =
        names.filter(|name| std::fs::read(app.folder().join(name)).is_ok_and(|bytes| is_found(&bytes)));
    found.map(str::to_owned).collect()
}

/// Writes the marker wherever a tipster who also buys can write something.
async fn write_everywhere(app: &TestApp, person: &Person, tip: crate::types::TipId) {
    let bio = [("display_name", "Zaxuzor Kamau"), ("bio", "Call me zaxuzor.")];
    assert_eq!(person.submit(app, "/api/accounts/profile", &bio).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        person.send_picture(app, "/api/accounts/portrait", "zaxuzor.png", png(300, 300)).await.status(),
        StatusCode::SEE_OTHER
    );
    let draft = person.begin(app).await;
    let details = [
        ("bookmaker", "betika"),
        ("bet_code", "ZAXUZORX"),
        ("odds", "4.00"),
        ("price", "50"),
        ("note", "By zaxuzor."),
    ];
    assert_eq!(
        person.submit(app, &format!("/api/selling/drafts/{draft}/details"), &details).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(person.leg(app, &draft, "Zaxuzor United", 120).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        person.upload(app, &draft, "zaxuzor.png", png(300, 400)).await.status(),
        StatusCode::SEE_OTHER
    );
    let started = person.start(app, tip).await;
    let claim = [("receipt", "ZAXUZOR123")];
    let payment = text(&started, "payment_id");
    assert_eq!(
        person.submit(app, &format!("/api/payments/{payment}/claim"), &claim).await.status(),
        StatusCode::SEE_OTHER
    );
    app.answer(text(&started, "checkout_request_id"), "cancel").await;
    person.until_status(app, payment, "cancelled").await;
    for (path, form) in [
        ("limit", [("period", "day"), ("limit", "5000")]),
        ("limit", [("period", "week"), ("limit", "5000")]),
    ] {
        assert_eq!(
            person.submit(app, &format!("/api/accounts/{path}"), &form).await.status(),
            StatusCode::SEE_OTHER
        );
    }
}

both! {
    async fn every_column_says_what_becomes_of_it(app: TestApp) {
        let all: BTreeSet<String> = columns(&app).await.into_iter().collect();
        let known: BTreeSet<String> = listed().map(|(column, _)| column).collect();
        assert_eq!(all.difference(&known).collect::<Vec<_>>(), [] as [&String; 0], "new: say in COLUMNS what becomes of them at closing");
        assert_eq!(known.difference(&all).collect::<Vec<_>>(), [] as [&String; 0], "these are no more");
        assert_eq!(listed().count(), known.len(), "each once");
        for (column, fate) in listed() {
            assert!(!matches!(fate, Kept("")), "{column} is kept without a reason");
        }
    }

    async fn closing_takes_the_name_out_of_every_address_and_row(app: TestApp) {
        let (seller, tip, follower) = app.shop().await;
        let person = Person::register(&app, PHONE, "Zaxuzor Otieno", &["buyer", "tipster"]).await;
        assert_eq!(person.submit(&app, &format!("/follows/{}", seller.id), &[("want", "follow")]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(follower.submit(&app, &format!("/follows/{}", person.id), &[("want", "follow")]).await.status(), StatusCode::SEE_OTHER);
        app.tip(&seller, 1, 20).await;
        let uploads = app.running.state.settings.uploads_dir.clone();
        let others: BTreeSet<_> = files(&uploads).into_iter().collect();
        write_everywhere(&app, &person, tip).await;
        assert!(files(&uploads).len() > others.len(), "pictures were sent");
        let handle = "/tipsters/zaxuzor-kamau";
        assert_eq!(app.http.get(app.at(handle)).send().await.expect("an answer").status(), StatusCode::OK);
        let before = columns_with(&app, MARKER).await;
        for column in ["people.display_name", "people.bio", "people.handle", "people.name_skeleton", "tip_drafts.document", "payment_claims.receipt"] {
            assert!(before.iter().any(|found| found == column), "the test writes into {column}: {before:?}");
        }
        assert_eq!(files_with_marker(&app).is_empty(), !app.is_sqlite(), "it lies on disk");
        let closed = person.submit(&app, "/api/accounts/close", &[("password", PASSWORD)]).await;
        assert_eq!(closed.status(), StatusCode::SEE_OTHER, "{}", closed.text().await.unwrap_or_default());
        assert_eq!(files_with_marker(&app), [] as [&str; 0], "not in pages that are free, nor in the log");
        let left = columns_with(&app, MARKER).await;
        assert_eq!(left, ["mpesa_events.detail"], "only what the books must know: which M-Pesa code they said they had");
        assert_eq!(files(&uploads).into_iter().collect::<BTreeSet<_>>(), others, "no picture of theirs is left");
        app.advance(5);
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        assert_eq!(app.http.get(app.at(handle)).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
        for path in ["/leaderboard", "/tips"] {
            let page = app.http.get(app.at(path)).send().await.expect("an answer").text().await.expect("HTML");
            assert!(!page.to_lowercase().contains(MARKER), "{path}");
        }
        let local = columns_with(&app, "254733000002").await;
        assert!(local.iter().all(|column| listed().any(|(known, fate)| known == *column && matches!(fate, Kept(_) | Expires(_)))), "{local:?}");
        let again = Person::register(&app, PHONE, "Zaxuzor Kamau", &["tipster"]).await;
        assert_ne!(again.id, person.id, "number and name are free");
        app.books_are_right().await;
    }

    async fn who_answers_for_peoples_data_is_named(app: TestApp) {
        for path in ["/privacy", "/help"] {
            let page = app.http.get(app.at(path)).send().await.expect("an answer").text().await.expect("HTML");
            assert!(page.contains("They have not yet said here how to reach them"), "{path}");
        }
        let page = app.http.get(app.at("/privacy")).send().await.expect("an answer").text().await.expect("HTML");
        assert!(page.contains("Data Protection Commissioner") && page.contains("data controller") && !page.contains("your date of birth"));
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE CAST(birth_date AS TEXT) NOT LIKE '%-01-01'").await, 0);
    }
}
