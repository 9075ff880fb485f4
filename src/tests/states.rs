//! Every list of words that a `CHECK` allows in a column is the list of one enum, in both databases.

use std::collections::{BTreeMap, BTreeSet};

use super::harness::{TestApp, both};
use crate::approvals::{ApprovalKind, MatterKind};
use crate::ledger::{AccountKind, SubjectKind, TransferKind};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::receipts::MoneyState;
use crate::mpesa::store::bodies::CallbackPath;
use crate::mpesa::store::sends::SendCertainty;
use crate::notices::NoticeKind;
use crate::outbox::MessageState;
use crate::payments::{Outcome, PushState, Refusal, Status};
use crate::people::{BreakKind, CodePurpose, LimitPeriod};
use crate::platform::db::read;
use crate::platform::viewer::Staff;
use crate::refunds::{DebtReason, DebtStatus};
use crate::tips::{Bookmaker, TipStatus};
use crate::types::{Language, TipResult};

type Words = BTreeSet<String>;

/// The words of an enum.
macro_rules! words_of {
    ($name:ident) => {
        $name::ALL.iter().map(|value| value.as_str().to_owned()).collect()
    };
}

/// The enum whose words each column keeps.
fn enums() -> BTreeMap<&'static str, Words> {
    BTreeMap::from([
        ("accounts.kind", words_of!(AccountKind)),
        ("approvals.kind", words_of!(ApprovalKind)),
        ("approvals.subject_kind", words_of!(MatterKind)),
        ("callbacks.path", words_of!(CallbackPath)),
        ("codes.purpose", words_of!(CodePurpose)),
        ("debts.reason", words_of!(DebtReason)),
        ("debts.status", words_of!(DebtStatus)),
        ("kept_limits.period", words_of!(LimitPeriod)),
        ("messages.language", words_of!(Language)),
        ("messages.state", words_of!(MessageState)),
        ("money_in.state", words_of!(MoneyState)),
        ("mpesa_events.source", words_of!(EvidenceSource)),
        ("mpesa_sends.certainty", words_of!(SendCertainty)),
        ("notices.kind", words_of!(NoticeKind)),
        ("payments.outcome", words_of!(Outcome)),
        ("payments.push", words_of!(PushState)),
        ("payments.refusal", words_of!(Refusal)),
        ("payments.status", words_of!(Status)),
        ("people.break_kind", words_of!(BreakKind)),
        ("people.staff", words_of!(Staff)),
        ("result_events.result", words_of!(TipResult)),
        ("spend_limits.period", words_of!(LimitPeriod)),
        ("tip_matches.result", words_of!(TipResult)),
        ("tips.bookmaker", words_of!(Bookmaker)),
        ("tips.result", words_of!(TipResult)),
        ("tips.status", words_of!(TipStatus)),
        ("transfers.kind", words_of!(TransferKind)),
        ("transfers.subject_kind", words_of!(SubjectKind)),
    ])
}

const SQLITE_TABLES: &str = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL";
const POSTGRES_CHECKS: &str = "SELECT CAST(conrelid::regclass AS TEXT), pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'";

/// The words that each column's `CHECK` allows, for the checks that consist of such a list only. SQLite keeps
/// a table as it was written, `CHECK (kind IN ('a', 'b'))`. PostgreSQL shows each check in its own form,
/// `CHECK ((kind = ANY (ARRAY['a'::text, 'b'::text])))`.
async fn checked(app: &TestApp) -> BTreeMap<String, Words> {
    let (query, before_column, before_words, end) = if app.is_sqlite() {
        (SQLITE_TABLES, "CHECK (", " IN (", "))")
    } else {
        (POSTGRES_CHECKS, "CHECK ((", " = ANY (ARRAY[", "])))")
    };
    let found: Vec<(String, String)> =
        read!(&app.db, |c| sqlx::query_as(query).fetch_all(c).await).expect("the schema");
    let mut checked = BTreeMap::new();
    for (table, definition) in &found {
        for check in definition.split(before_column).skip(1) {
            let Some((column, rest)) = check.split_once(before_words) else { continue };
            let list = rest.split_once(end).map(|(list, _)| list).unwrap_or_default();
            let words: Words = list.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
            if !words.is_empty() && column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                checked.insert(format!("{table}.{column}"), words);
            }
        }
    }
    checked
}

both! {
    async fn every_list_of_words_is_an_enum(app: TestApp) {
        let (checked, enums) = (checked(&app).await, enums());
        let registered: BTreeSet<&str> = enums.keys().copied().collect();
        let columns: BTreeSet<&str> = checked.keys().map(String::as_str).collect();
        assert_eq!(columns, registered, "columns with a list of words, and those that are named above");
        for (column, words) in &checked {
            assert_eq!(*words, enums[column.as_str()], "{column} and its enum");
        }
    }
}
