//! Every shilling by its receipt (MONEY §6): what becomes of money that does not simply fit.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::harness::phone::success;
use super::harness::{Engine, Person, TestApp, both, text};
use crate::payments::refund::{DebtOf, WhichDebt};
use crate::payments::store::settling;
use crate::payments::{Payment, Status};
use crate::platform::db::{Failure, read, transaction};
use crate::refunds;
use crate::types::{Kes, PaymentId};

const TOKEN: &str = "c2b0secret0of0thirty0two0letters0";
const R1: &str = "UKN1AB2CD3";
const R2: &str = "UKN1ZZZZZ9";
const R3: &str = "UKN1YYYYY8";

/// A tip at KES 50, whose payment is pending and whose phone stays silent.
struct Desk {
    app: TestApp,
    tipster: Person,
    started: Value,
}

impl Desk {
    async fn open(like: &TestApp) -> Self {
        let engine = if like.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
        let app = TestApp::with(engine, &[("MPESA_C2B_TOKEN", TOKEN)]).await;
        let (tipster, tip, buyer) = app.shop().await;
        app.faults(json!({ "phone_number": buyer.phone }), "lose_callback", Value::Null, 100).await;
        let started = buyer.start(&app, tip).await;
        Self { app, tipster, started }
    }

    fn id(&self) -> PaymentId {
        text(&self.started, "payment_id").parse().expect("an id")
    }

    async fn payment(&self) -> Payment {
        crate::payments::store::by_id(&self.app.db, self.id()).await.expect("a row").expect("the payment")
    }

    async fn reference(&self) -> String {
        self.payment().await.account_reference
    }

    /// Safaricom confirms money under a reference.
    async fn confirm(&self, receipt: &str, shillings: &str, reference: &str) {
        let body = json!({
            "TransactionType": "Pay Bill", "TransID": receipt, "TransTime": "20261126150000", "TransAmount": shillings,
            "BusinessShortCode": "174379", "BillRefNumber": reference, "InvoiceNumber": "", "OrgAccountBalance": "",
            "ThirdPartyTransID": "", "MSISDN": "2547 ***** 149", "FirstName": "JANE", "MiddleName": "", "LastName": "",
        });
        let url = self.app.at(&format!("/payments/api/c2b/{TOKEN}/confirmation"));
        assert_eq!(self.app.post_callback(url.as_str(), body.to_string()).await, StatusCode::OK);
    }

    async fn callback(&self, receipt: &str, shillings: i64) {
        let url = self.app.callback_url(&self.started).await;
        let body = success(&self.started, &json!(shillings), receipt).to_string();
        assert_eq!(self.app.post_callback(&url, body).await, StatusCode::OK);
    }

    async fn settle(&self, receipt: &str, shillings: i64) -> Result<(), String> {
        let operator = self.app.acts("0744000001").await;
        let amount = Kes::from_shillings(shillings).expect("an amount");
        let payments = &self.app.running.state.payments;
        let settled = payments.vouch(self.id(), (receipt, amount), &operator).await;
        settled.map_err(|failure| failure.to_string())
    }

    /// Where the money of each receipt is, in the order of the receipts.
    async fn money(&self) -> Vec<(String, i64, String)> {
        const ROWS: &str = "SELECT receipt, amount_cents, state FROM money_in ORDER BY receipt";
        read!(&self.app.db, |c| sqlx::query_as(ROWS).fetch_all(c).await).expect("rows")
    }

    /// What an account's entries come to, in cents.
    async fn account(&self, kind: &'static str) -> i64 {
        const SUM: &str = "SELECT CAST(COALESCE(SUM(e.amount_cents), 0) AS BIGINT) FROM entries e
            JOIN accounts a ON a.id = e.account_id WHERE a.kind = $1";
        read!(&self.app.db, |c| sqlx::query_scalar(SUM).bind(kind).fetch_one(c).await).expect("a sum")
    }

    /// Asserts what the world, suspense and payers have, in shillings, and that the books are right.
    async fn has(&self, collected: i64, suspense: i64, owed: i64) {
        let found = (
            -self.account("mpesa_collections").await / 100,
            self.account("suspense").await / 100,
            self.account("refunds_owed").await / 100,
        );
        assert_eq!(found, (collected, suspense, owed), "collected, in suspense, owed");
        self.app.books_are_right().await;
    }
}

both! {
    async fn paid_by_hand_and_then_by_the_prompt_owes_the_second(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.confirm(R1, "50.00", &desk.reference().await).await;
        assert_eq!(desk.payment().await.status, Status::Completed);
        desk.callback(R2, 50).await;
        let paid = desk.payment().await;
        assert_eq!((paid.receipt.as_deref(), paid.review_reason), (Some(R1), None), "it is no doubt about the sale");
        desk.has(100, 0, 50).await;
        assert_eq!(app_debts(&desk.app).await, [(R2.to_owned(), 5_000, Some("254712345678".to_owned()))], "our push's own callback told it");
        // The same again changes nothing.
        desk.callback(R2, 50).await;
        desk.confirm(R2, "50.00", &desk.reference().await).await;
        desk.has(100, 0, 50).await;
    }

    async fn paid_by_hand_twice_owes_the_second_to_whoever_paid_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        for receipt in [R1, R2] {
            desk.confirm(receipt, "50.00", &desk.reference().await).await;
        }
        desk.has(100, 0, 50).await;
        assert_eq!(app_debts(&desk.app).await, [(R2.to_owned(), 5_000, None)], "nobody proved the number");
    }

    async fn an_unknown_reference_is_in_suspense_and_goes_back(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.confirm(R1, "500.00", "RENT JUNE").await;
        desk.confirm(R2, "700.00", "").await;
        desk.has(1_200, 1_200, 0).await;
        let payments = &desk.app.running.state.payments;
        desk.app.advance(6 * 24 * 3600);
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 0, "not yet");
        assert_eq!(payments.tell_of_old_money().await.expect("counted"), 2, "and they alarm");
        desk.app.advance(24 * 3600 + 1);
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 2);
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 0, "once");
        desk.has(1_200, 0, 1_200).await;
        let operator = desk.app.acts("0744000001").await;
        let owed = refunds::store::unpaid(&desk.app.db, 9).await.expect("debts");
        for (debt, sent) in owed.iter().zip(["UKN1SENT01", "UKN1SENT02"]) {
            let of = DebtOf { id: debt.id, which: WhichDebt::Only };
            payments.refunded(of.clone(), R1, &operator).await.expect_err("that money came in");
            payments.refunded(of, sent, &operator).await.expect("a debt of no payment is paid back, too");
        }
        desk.has(1_200, 0, 0).await;
    }

    async fn parts_that_make_the_price_settle(app: TestApp) {
        let desk = Desk::open(&app).await;
        let reference = desk.reference().await;
        desk.confirm(R1, "40.00", &reference).await;
        let open = desk.payment().await;
        assert_eq!((open.status, open.review_reason, open.suspense), (Status::Pending, None, Kes::from_cents(4_000)));
        desk.has(40, 40, 0).await;
        desk.confirm(R1, "40.00", &reference).await;
        desk.confirm(R2, "10.00", &reference).await;
        assert_eq!(desk.payment().await.status, Status::Completed);
        assert_eq!(desk.app.balances(&desk.tipster).await.0, 3_000);
        let states: Vec<String> = desk.money().await.into_iter().map(|(_, _, state)| state).collect();
        assert_eq!(states, ["matched", "matched"]);
        desk.has(50, 0, 0).await;
    }

    async fn parts_that_do_not_fit_are_owed(app: TestApp) {
        let desk = Desk::open(&app).await;
        let reference = desk.reference().await;
        desk.confirm(R1, "40.00", &reference).await;
        desk.confirm(R2, "20.00", &reference).await;
        assert_eq!(desk.payment().await.status, Status::Pending, "60 is not 50");
        desk.callback(R3, 50).await;
        assert_eq!(desk.payment().await.status, Status::Completed);
        desk.has(110, 0, 60).await;
        assert_eq!(app_debts(&desk.app).await.len(), 2, "one debt for each receipt");
    }

    async fn a_part_is_owed_when_nothing_can_be_bought_any_more(app: TestApp) {
        let desk = Desk::open(&app).await;
        let reference = desk.reference().await;
        desk.confirm(R1, "40.00", &reference).await;
        let payments = &desk.app.running.state.payments;
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 0, "the rest may come");
        desk.app.advance(3 * 3600);
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 1);
        desk.has(40, 0, 40).await;
        desk.confirm(R2, "10.00", &reference).await;
        desk.has(50, 0, 50).await;
        assert_eq!(desk.payment().await.status, Status::Pending);
    }

    async fn one_shilling_freezes_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.callback(R1, 50).await;
        desk.confirm(R2, "1.00", &desk.reference().await).await;
        assert_eq!(desk.payment().await.review_reason, None);
        desk.app.advance(3 * 3600);
        desk.app.reconcile().await;
        desk.app.advance(60 * 3600);
        desk.confirm(R1, "50.00", &desk.reference().await).await;
        desk.statement(R1, 50).await;
        assert_eq!(desk.app.running.state.payments.release_due().await.expect("a round"), 1);
        desk.has(51, 0, 1).await;
    }

    async fn references_are_read_as_people_type_them(app: TestApp) {
        for form in ["{a} {b} {c}", "{a}-{b}-{c}", "{a}{b}{c}.", "#{a}{b}{c}", "acc {a}{b} {c}", "A/C No. {a}{b}{c}"] {
            let desk = Desk::open(&app).await;
            let reference = desk.reference().await;
            let typed = form.replace("{a}", &reference[..4]).replace("{b}", &reference[4..8]).replace("{c}", &reference[8..]);
            desk.confirm(R1, "50.00", &typed.to_lowercase()).await;
            assert_eq!(desk.payment().await.status, Status::Completed, "{typed}");
        }
    }

    async fn a_short_code_that_is_not_ours_settles_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let listed = crate::payments::evidence::Listed {
            receipt: R1.to_owned(),
            amount: Kes::from_cents(5_000),
            account_reference: desk.reference().await,
            short_code: Some("600999".to_owned()),
            payer: String::new(),
        };
        let payments = &desk.app.running.state.payments;
        let placed = payments.book_listed(crate::mpesa::events::EvidenceSource::Statement, &listed, true, None).await;
        assert_eq!(placed.expect("booked"), crate::payments::listed::Placed::OtherShortCode);
        assert_eq!(desk.payment().await.status, Status::Pending);
        desk.has(50, 50, 0).await;
    }

    async fn an_operator_settles_the_price_only(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.callback(R1, 5).await;
        assert!(desk.settle(R1, 50).await.expect_err("5 came").contains('5'));
        assert!(desk.settle(R1, 5).await.expect_err("not the price").contains("price"));
        assert_eq!(desk.payment().await.status, Status::Pending);
        desk.has(5, 5, 0).await;
    }

    async fn a_claim_is_awaited_until_a_machine_names_it(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.settle(R1, 50).await.expect("settled");
        assert_eq!(desk.account("receipts_awaited").await, -5_000);
        desk.has(0, 0, 0).await;
        desk.confirm(R1, "50.00", &desk.reference().await).await;
        assert_eq!(desk.account("receipts_awaited").await, 0);
        assert!(!desk.payment().await.awaits_receipt);
        desk.has(50, 0, 0).await;
    }

    async fn a_claim_keeps_no_receipt_from_its_payer(app: TestApp) {
        let desk = Desk::open(&app).await;
        let other = desk.app.buyer("0799000111").await;
        let tip = desk.app.tip(&desk.tipster, 2, 50).await;
        let started = other.start(&desk.app, tip).await;
        // B's receipt is typed for A, and then B's callback comes.
        desk.settle(R2, 50).await.expect("settled");
        let url = desk.app.callback_url(&started).await;
        let body = success(&started, &json!(50), R2).to_string();
        assert_eq!(desk.app.post_callback(&url, body).await, StatusCode::OK);
        let theirs = other.status(&desk.app, text(&started, "payment_id")).await;
        assert_eq!((text(&theirs, "status"), text(&theirs, "mpesa_receipt_number")), ("completed", R2));
        let ours = desk.payment().await;
        assert_eq!((ours.status, ours.receipt.as_deref(), ours.awaits_receipt), (Status::Completed, None, true));
        assert_eq!(ours.review_reason, Some(crate::payments::ReviewReason::ReceiptUsed));
        desk.has(50, 0, 0).await;
        // A's own callback names A's receipt.
        desk.callback(R1, 50).await;
        assert_eq!(desk.payment().await.receipt.as_deref(), Some(R1));
        desk.has(100, 0, 0).await;
    }

    async fn a_claim_is_told_as_a_part_of_another(app: TestApp) {
        let desk = Desk::open(&app).await;
        let other = desk.app.buyer("0799000111").await;
        let tip = desk.app.tip(&desk.tipster, 2, 100).await;
        let started = other.start(&desk.app, tip).await;
        let theirs = text(&started, "payment_id").parse().expect("an id");
        let theirs = crate::payments::store::by_id(&desk.app.db, theirs).await.expect("a row").expect("the payment");
        desk.settle(R1, 50).await.expect("claimed");
        desk.confirm(R1, "50.00", &theirs.account_reference).await;
        desk.has(50, 50, 0).await;
        desk.confirm(R2, "50.00", &theirs.account_reference).await;
        desk.has(100, 0, 0).await;
        assert_eq!(desk.payment().await.receipt, None, "the claim is gone");
    }

    async fn a_claim_releases_no_share_of_another_receipt(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.settle(R1, 50).await.expect("claimed, and mistyped");
        desk.app.advance(600);
        desk.confirm(R2, "50.00", &desk.reference().await).await;
        assert_eq!(desk.payment().await.receipt.as_deref(), Some(R2));
        desk.settle(R1, 50).await.expect_err("it has another receipt");
        desk.app.advance(60 * 3600);
        let payments = &desk.app.running.state.payments;
        assert_eq!(payments.release_due().await.expect("a round"), 0, "one source alone told of it");
        desk.statement(R2, 50).await;
        assert_eq!(payments.release_due().await.expect("a round"), 1);
        desk.has(50, 0, 0).await;
    }

    async fn what_a_payment_may_await_is_not_given_back(app: TestApp) {
        let desk = Desk::open(&app).await;
        // On a till a confirmation names no payment, and the callback is lost.
        desk.confirm(R1, "50.00", "").await;
        desk.settle(R2, 50).await.expect("an operator is sure that it came");
        desk.app.advance(8 * 24 * 3600);
        let payments = &desk.app.running.state.payments;
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 0, "a person chooses");
        desk.has(50, 50, 0).await;
    }

    async fn what_only_a_statement_lists_is_not_given_back(app: TestApp) {
        let desk = Desk::open(&app).await;
        let (receipt, amount) = (R1.to_owned(), Kes::from_cents(500_000));
        let (account_reference, payer) = ("FROM THE BANK".to_owned(), String::new());
        let listed = crate::payments::evidence::Listed { receipt, amount, account_reference, short_code: None, payer };
        let payments = &desk.app.running.state.payments;
        let source = crate::mpesa::events::EvidenceSource::Statement;
        payments.book_listed(source, &listed, true, None).await.expect("booked");
        desk.app.advance(8 * 24 * 3600);
        assert_eq!(payments.sweep_suspense().await.expect("a round"), 0);
        desk.has(5_000, 5_000, 0).await;
    }

    async fn a_reversed_part_buys_nothing(app: TestApp) {
        let desk = Desk::open(&app).await;
        let reference = desk.reference().await;
        desk.confirm(R1, "30.00", &reference).await;
        let reason = crate::payments::ReviewReason::Reversed;
        let id = desk.id();
        let marked: Result<(), Failure> =
            transaction!(desk.app.db, |tx| Ok(settling::ask_review(tx, id, reason).await?));
        marked.expect("marked");
        desk.confirm(R2, "20.00", &reference).await;
        assert_eq!(desk.payment().await.status, Status::Pending, "the parts are no price any more");
        desk.callback(R3, 50).await;
        let paid = desk.payment().await;
        assert_eq!((paid.status, paid.review_reason), (Status::Completed, Some(reason)), "the mark stays");
        let operator = desk.app.acts("0744000001").await;
        let of = DebtOf { id: id.0, which: WhichDebt::Receipt(R1.to_owned()) };
        desk.app.running.state.payments.refunded(of, "UKN1SENT01", &operator).await.expect_err("it went back already");
        desk.has(100, 0, 50).await;
    }

    async fn a_receipt_that_was_told_for_another_is_a_conflict(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.confirm(R1, "5.00", &desk.reference().await).await;
        let other = desk.app.buyer("0799000111").await;
        let tip = desk.app.tip(&desk.tipster, 2, 50).await;
        let started = other.start(&desk.app, tip).await;
        let theirs: PaymentId = text(&started, "payment_id").parse().expect("an id");
        let operator = desk.app.acts("0744000001").await;
        let payments = &desk.app.running.state.payments;
        for shillings in [5, 50] {
            let amount = Kes::from_shillings(shillings).expect("an amount");
            payments.vouch(theirs, (R1, amount), &operator).await.expect_err("it is told for the other");
        }
        desk.has(5, 5, 0).await;
    }

    async fn a_debt_goes_to_the_number_that_paid(app: TestApp) {
        let desk = Desk::open(&app).await;
        desk.app.advance(3 * 3600);
        desk.confirm(R1, "50.00", &desk.reference().await).await;
        assert_eq!(app_debts(&desk.app).await, [(R1.to_owned(), 5_000, None)], "the pushed phone paid nothing");
        desk.has(50, 0, 50).await;
    }

    async fn money_of_a_closed_account_is_owed(app: TestApp) {
        let desk = Desk::open(&app).await;
        let operator = desk.app.acts("0744000001").await;
        desk.app.running.state.payments.end_unpaid(desk.id(), &operator).await.expect("ended");
        desk.app.execute("UPDATE people SET closed_at = created_at WHERE id IN (SELECT buyer_id FROM payments WHERE tip_id = $1)", desk.payment().await.tip_id).await;
        desk.callback(R1, 50).await;
        assert_eq!(desk.payment().await.outcome, Some(crate::payments::Outcome::Owed));
        assert_eq!(desk.app.count("SELECT COUNT(*) FROM debts WHERE reason = 'account_closed'").await, 1);
        desk.has(50, 0, 50).await;
    }
}

impl Desk {
    /// The statement lists money under the payment's reference.
    async fn statement(&self, receipt: &str, shillings: i64) {
        let listed = crate::payments::evidence::Listed {
            receipt: receipt.to_owned(),
            amount: Kes::from_shillings(shillings).expect("an amount"),
            account_reference: self.reference().await,
            short_code: None,
            payer: String::new(),
        };
        let source = crate::mpesa::events::EvidenceSource::Statement;
        self.app.running.state.payments.book_listed(source, &listed, true, None).await.expect("booked");
    }
}

/// The debts: receipt, cents, number.
async fn app_debts(app: &TestApp) -> Vec<(String, i64, Option<String>)> {
    const DEBTS: &str = "SELECT receipt, owed_cents, msisdn FROM debts ORDER BY receipt";
    read!(&app.db, |c| sqlx::query_as(DEBTS).fetch_all(c).await).expect("debts")
}
