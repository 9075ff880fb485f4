//! What people write stays text, wherever it is shown.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::market::Market;
use super::market::NEWCOMER;
use crate::platform::db::{Failure, on, read, transaction};
use crate::tests::harness::{TestApp, both};

/// If a page takes this for HTML, it ends the title and shows the rest of the page as text.
const MARKER: &str = "</title><plaintext id=marker>";
const ESCAPED: &str = "&lt;/title&gt;&lt;plaintext id=marker&gt;";

/// The columns of text that are left out, with the reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("accounts.kind", LISTED),
    ("approvals.kind", LISTED),
    ("approvals.msisdn", NUMBER),
    ("approvals.subject_id", UNSHOWN),
    ("approvals.subject_kind", LISTED),
    ("approvals.used_for", UNSHOWN),
    ("attempts.key", UNSHOWN),
    ("audit.action", UNSHOWN),
    ("audit.actor", UNSHOWN),
    ("audit.after", UNSHOWN),
    ("audit.before", UNSHOWN),
    ("audit.body", UNSHOWN),
    ("audit.hash", UNSHOWN),
    ("audit.reason", UNSHOWN),
    ("audit.subject_id", UNSHOWN),
    ("audit.subject_kind", UNSHOWN),
    ("audit_head.hash", UNSHOWN),
    ("callbacks.path", LISTED),
    ("callbacks.purpose", UNSHOWN),
    ("codes.msisdn", NUMBER),
    ("codes.purpose", LISTED),
    ("codes.registration", DOCUMENT),
    ("debts.msisdn", NUMBER),
    ("debts.reason", LISTED),
    ("debts.receipt", UNIQUE),
    ("debts.refund_receipt", UNSHOWN),
    ("debts.status", LISTED),
    ("facts.name", UNSHOWN),
    ("facts.value", UNSHOWN),
    ("jobs.kind", UNSHOWN),
    ("jobs.last_error", UNSHOWN),
    ("jobs.owner", UNSHOWN),
    ("kept_limits.number_hash", UNSHOWN),
    ("kept_limits.period", LISTED),
    ("leases.holder", UNSHOWN),
    ("leases.name", UNSHOWN),
    ("messages.kind", WORD),
    ("messages.language", LISTED),
    ("messages.last_error", UNSHOWN),
    ("messages.recipient", NUMBER),
    ("messages.state", LISTED),
    ("messages.text", WORD),
    ("messages.text_values", UNSHOWN),
    ("money_in.payer", UNSHOWN),
    ("money_in.purpose", UNSHOWN),
    ("money_in.receipt", UNIQUE),
    ("money_in.reference", UNSHOWN),
    ("money_in.short_code", UNSHOWN),
    ("money_in.state", LISTED),
    ("mpesa_addresses.purpose", UNSHOWN),
    ("mpesa_events.kind", WORD),
    ("mpesa_events.purpose", UNSHOWN),
    ("mpesa_events.source", LISTED),
    ("mpesa_rates.name", UNSHOWN),
    ("mpesa_sends.certainty", LISTED),
    ("mpesa_sends.purpose", UNSHOWN),
    ("mpesa_sends.server", UNSHOWN),
    ("notices.kind", LISTED),
    ("payments.account_reference", UNIQUE),
    ("payments.checkout_request_id", UNIQUE),
    ("payments.msisdn", NUMBER),
    ("payments.outcome", LISTED),
    ("payments.push", LISTED),
    ("payments.refusal", LISTED),
    ("payments.review_reason", WORD),
    ("payments.status", LISTED),
    ("people.break_kind", LISTED),
    ("people.handle", UNIQUE),
    ("people.msisdn", NUMBER),
    ("people.name_skeleton", UNIQUE),
    ("people.staff", LISTED),
    ("result_events.result", LISTED),
    ("sessions.id", UNIQUE),
    ("spend_limits.period", LISTED),
    ("tip_drafts.document", DOCUMENT),
    ("tip_matches.result", LISTED),
    ("tips.bookmaker", LISTED),
    ("tips.result", LISTED),
    ("tips.status", LISTED),
    ("transfers.kind", LISTED),
    ("transfers.subject_kind", LISTED),
];
const LISTED: &str = "one of a list, which the database sees to";
const WORD: &str = "a word of an enum, which is read as nothing else";
const UNIQUE: &str = "made by us, another one in each row";
const NUMBER: &str = "read as a number of a phone wherever it is used";
const UNSHOWN: &str = "kept for the server itself: no page reads it";
const DOCUMENT: &str = "a document, into which its form has written the marker";

const SQLITE_TEXTS: &str =
    "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'";
const POSTGRES_TEXTS: &str = "SELECT CAST(table_name || '.' || column_name AS TEXT) FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') AND table_name NOT LIKE '\\_sqlx%'";
/// Triggers forbid to change what was published. They are removed here, but for those that chain the audit, so
/// that the text can be written as if it had been published so.
const SQLITE_TRIGGERS: &str = "SELECT 'DROP TRIGGER ' || name FROM sqlite_master \
    WHERE type = 'trigger' AND tbl_name <> 'audit'";
const POSTGRES_TRIGGERS: &str =
    "SELECT DISTINCT CAST('ALTER TABLE ' || event_object_table || ' DISABLE TRIGGER USER' AS TEXT)
    FROM information_schema.triggers WHERE trigger_schema = 'public' AND event_object_table <> 'audit'";

impl TestApp {
    async fn texts(&self, sqlite: &'static str, postgres: &'static str) -> Vec<String> {
        let query = if self.is_sqlite() { sqlite } else { postgres };
        read!(&self.db, |c| sqlx::query_scalar(query).fetch_all(c).await).expect("texts")
    }

    /// Runs a statement, and returns how many rows it changed.
    async fn change(&self, statement: &str) -> Result<u64, Failure> {
        transaction!(self.db, |tx| {
            Ok(on!(tx, |c| sqlx::query(AssertSqlSafe(statement.to_owned()))
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?)
        })
    }

    /// Every column that can hold any text, as the database itself says. SQLite keeps times as text,
    /// PostgreSQL does not.
    async fn text_columns(&self) -> BTreeSet<String> {
        let is_time = |name: &str| {
            self.is_sqlite()
                && ["_at", ".at", "_until", "_after", "_date"].iter().any(|end| name.ends_with(end))
        };
        self.texts(SQLITE_TEXTS, POSTGRES_TEXTS).await.into_iter().filter(|name| !is_time(name)).collect()
    }
}

both! {
    async fn what_people_write_is_only_text(app: TestApp) {
        let market = Market::fill(&app, MARKER).await;
        for statement in app.texts(SQLITE_TRIGGERS, POSTGRES_TRIGGERS).await {
            app.change(&statement).await.expect("no trigger");
        }
        let columns = app.text_columns().await;
        let left_out: BTreeSet<String> = LEFT_OUT.iter().map(|(column, _)| (*column).to_owned()).collect();
        assert!(left_out.is_subset(&columns), "no such column: {:?}", left_out.difference(&columns));
        let mut unwritten = Vec::new();
        for column in columns.difference(&left_out) {
            let (table, name) = column.split_once('.').expect("a table and a column");
            let changed = app.change(&format!("UPDATE {table} SET {name} = '{MARKER}'")).await;
            if !changed.is_ok_and(|rows| rows > 0) {
                unwritten.push(column);
            }
        }
        // Such a name is refused, so it is written where the name of a registration is kept.
        let registration = format!("UPDATE codes SET registration = REPLACE(registration, '{NEWCOMER}', '{MARKER}') WHERE registration LIKE '%{NEWCOMER}%'");
        assert_eq!(app.change(&registration).await.ok(), Some(1));
        assert!(unwritten.is_empty(), "nothing could be written into these columns: fill them, or leave them out and say why: {unwritten:#?}");
        // This is longer than copies of pages are kept.
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        for (reader, http) in market.readers() {
            let mut seen = 0;
            for page in market.pages() {
                let answer = http.get(app.at(&page)).header("accept", "text/html").send().await.expect("an answer");
                let status = answer.status();
                let html = answer.text().await.expect("HTML");
                assert!(!status.is_server_error(), "{status} of {page} for the {reader}");
                assert!(!html.contains("<plaintext"), "{page} for the {reader}: {html}");
                seen += usize::from(html.contains(ESCAPED));
            }
            assert!(seen >= 5, "what was written was seen by the {reader} on {seen} pages only");
        }
    }

    async fn what_is_asked_or_refused_is_only_text(app: TestApp) {
        let question = serde_urlencoded::to_string([("text", MARKER), ("order", MARKER), ("next", MARKER), ("show", MARKER)]).expect("a query");
        for page in ["/tips", "/", "/register", "/sign-in", "/leaderboard", "/nowhere"] {
            let html = app.http.get(app.at(&format!("{page}?{question}"))).send().await.expect("an answer").text().await.expect("HTML");
            assert!(!html.contains("<plaintext"), "{page}: {html}");
        }
        let form = ["phone_number", "password", "display_name", "birth_date", "next", "id", "code"].map(|name| (name, MARKER));
        for path in ["/api/accounts/register", "/api/accounts/sign-in", "/api/accounts/reset", "/api/accounts/code", "/api/language"] {
            let request = app.http.post(app.at(path)).header("accept", "text/html").form(&form);
            let html = request.send().await.expect("an answer").text().await.expect("HTML");
            assert!(!html.contains("<plaintext"), "{path}: {html}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulators_scripts_write_no_html() {
    let app = TestApp::new(crate::tests::harness::Engine::Sqlite).await;
    for script in ["/handsets.js", "/inspector.js"] {
        let script = app
            .http
            .get(app.simulator.join(script).expect("a path"))
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a script");
        assert!(script.contains("textContent"));
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "createContextualFragment",
            "eval(",
        ] {
            assert!(!script.contains(way), "{way}");
        }
    }
}
