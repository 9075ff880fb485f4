//! The second person: an approval is for one amount to one number, lasts three days, and is used once.

use super::harness::{Person, TestApp, both, text};
use crate::approvals::{self, ApprovalKind, Interests, Matter, MatterKind};
use crate::audit::Member;
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::Listed;
use crate::payments::listed::Placed;
use crate::payments::refund::{DebtOf, WhichDebt};
use crate::payments::store;
use crate::platform::db::{Failure, read, transaction};
use crate::platform::random::Random;
use crate::types::{AppError, Kes, Language, PaymentId, PersonId, TipId};

const HALIMA: &str = "0744000001";
const JUMA: &str = "0744000002";
const HOUR: u64 = 3_600;

/// A payment of KES 50 whose money is owed to its payer.
async fn owed(app: &TestApp) -> (Person, Person, PaymentId, TipId) {
    let (tipster, tip, buyer) = app.shop().await;
    let started = buyer.start(app, tip).await;
    app.execute("UPDATE tips SET status = 'withdrawn' WHERE id = $1", tip).await;
    app.answer(text(&started, "checkout_request_id"), "pay").await;
    buyer.until_status(app, text(&started, "payment_id"), "completed").await;
    (tipster, buyer, text(&started, "payment_id").parse().expect("an id"), tip)
}

async fn approve(app: &TestApp, payment: PaymentId, phone: &str) -> Result<(), Failure> {
    let operator = app.acts(phone).await;
    app.running.state.payments.approve_refund(payment, &operator).await
}

async fn send_back(app: &TestApp, payment: PaymentId, phone: &str) -> Result<(), Failure> {
    let operator = app.acts(phone).await;
    app.running.state.payments.refunded(payment, "UKN1REFUND", &operator).await
}

fn matter(app: &TestApp) -> Matter {
    let (id, payee) = (app.clock.now().to_string(), "254712345678".to_owned());
    Matter { kind: MatterKind::Refund, id, version: 1, amount: Kes::from_cents(5_000), payee }
}

async fn give(app: &TestApp, matter: &Matter, member: &Member) -> Result<ApprovalKind, Failure> {
    let nobody = PersonId(Random::System.uuid(app.clock.now()));
    let interests = Interests {
        payee: Some(nobody),
        payee_msisdn: matter.payee.parse().ok(),
        tipster: Some(nobody),
        asked_by: None,
        is_source: false,
    };
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        approvals::give(tx, &Random::System, matter, (member, &interests), false, now).await
    })
}

async fn use_up(app: &TestApp, matter: &Matter, person: PersonId) -> Result<(), Failure> {
    let now = app.clock.now();
    transaction!(app.db, |tx| approvals::use_up(tx, matter, person, "a test", false, now).await)
}

both! {
    with [("DESK_ALONE_UP_TO", "10")];

    async fn a_large_refund_takes_two_people(app: TestApp) {
        let (_, _, payment, _) = owed(&app).await;
        let payments = &app.running.state.payments;
        send_back(&app, payment, HALIMA).await.expect_err("nobody approved it");
        approve(&app, payment, HALIMA).await.expect("approved");
        approve(&app, payment, HALIMA).await.expect_err("already");
        send_back(&app, payment, HALIMA).await.expect_err("their own approval");
        payments.approve_refund(payment, &app.shell_says(JUMA).await).await.expect_err("the shell's word");
        payments.refunded(payment, "UKN1REFUND", &app.shell_says(JUMA).await).await.expect_err("the shell's word");
        send_back(&app, payment, JUMA).await.expect("Halima agreed");
        assert_eq!(app.count("SELECT COUNT(*) FROM approvals WHERE used_at IS NOT NULL AND used_for = 'UKN1REFUND' AND asked_by <> person_id").await, 1);
        approve(&app, payment, JUMA).await.expect_err("nothing is owed any more");
        app.books_are_right().await;
    }

    async fn whoever_has_a_part_in_it_does_not_send_it_back(app: TestApp) {
        let (tipster, buyer, payment, _) = owed(&app).await;
        approve(&app, payment, HALIMA).await.expect("approved");
        for concerned in [&tipster, &buyer] {
            app.set(concerned, "UPDATE people SET staff = 'operator' WHERE id = $1").await;
            send_back(&app, payment, &concerned.phone).await.expect_err("it is theirs");
        }
        send_back(&app, payment, JUMA).await.expect("Halima agreed");
    }

    async fn what_came_in_did_not_go_out(app: TestApp) {
        let (tipster, buyer, payment, _) = owed(&app).await;
        approve(&app, payment, HALIMA).await.expect("approved");
        let came: String = read!(&app.db, |c| sqlx::query_scalar("SELECT receipt FROM money_in").fetch_one(c).await).expect("a receipt");
        let (payments, juma) = (&app.running.state.payments, app.acts(JUMA).await);
        payments.refunded(payment, &came, &juma).await.expect_err("the receipt of what came");
        payments.refunded(payment, "UKN1REFUND", &juma).await.expect("sent back");
        app.advance(60);
        let other = buyer.start(&app, app.tip(&tipster, 1, 50).await).await;
        let other = text(&other, "payment_id").parse().expect("an id");
        payments.vouch(other, ("UKN1REFUND", Kes::from_cents(5_000)), &juma).await.expect_err("that money went out");
    }

    async fn an_approval_runs_out_and_is_of_one_amount_and_number(app: TestApp) {
        let (_, _, payment, tip) = owed(&app).await;
        approve(&app, payment, HALIMA).await.expect("approved");
        app.advance(72 * HOUR);
        send_back(&app, payment, JUMA).await.expect_err("it ran out");
        for change in [
            "UPDATE debts SET owed_cents = owed_cents - 1 WHERE payment_id = (SELECT id FROM payments WHERE tip_id = $1)",
            "UPDATE debts SET msisdn = '254712345679' WHERE payment_id = (SELECT id FROM payments WHERE tip_id = $1)",
        ] {
            approve(&app, payment, HALIMA).await.expect("approved anew");
            app.execute(change, tip).await;
            send_back(&app, payment, JUMA).await.expect_err("it was for something else");
        }
        app.execute("UPDATE debts SET owed_cents = 5000, msisdn = '254712345678' WHERE payment_id = (SELECT id FROM payments WHERE tip_id = $1)", tip).await;
        approve(&app, payment, HALIMA).await.expect("approved anew");
        app.set_phone_staff(HALIMA, None).await;
        send_back(&app, payment, JUMA).await.expect_err("who was dismissed approves nothing");
        app.set_phone_staff(HALIMA, Some("operator")).await;
        send_back(&app, payment, JUMA).await.expect("Halima agreed");
        app.books_are_right().await;
    }

    async fn nobody_approves_what_concerns_them(app: TestApp) {
        let (tipster, buyer, payment, _) = owed(&app).await;
        for concerned in [&tipster, &buyer] {
            app.set(concerned, "UPDATE people SET staff = 'operator' WHERE id = $1").await;
            approve(&app, payment, &concerned.phone).await.expect_err("it is theirs");
        }
        // Juma vouched for a sale of this tipster, and ninety days later that is over.
        let juma = app.named(JUMA).await.id();
        app.execute_for("UPDATE payments SET first_operator_id = $1", juma).await;
        approve(&app, payment, JUMA).await.expect_err("a source");
        app.advance(91 * 24 * HOUR);
        approve(&app, payment, JUMA).await.expect("long ago");
        assert_eq!(app.count("SELECT COUNT(*) FROM approvals").await, 1);
    }

    async fn an_approval_is_used_once(app: TestApp) {
        let (halima, juma) = (app.acts(HALIMA).await.person().clone(), app.acts(JUMA).await.person().clone());
        let matter = matter(&app);
        assert_eq!(give(&app, &matter, &halima).await.expect("given"), ApprovalKind::Second);
        let another = Matter { version: 2, ..matter.clone() };
        use_up(&app, &another, juma.id()).await.expect_err("of another version");
        use_up(&app, &matter, halima.id()).await.expect_err("one's own");
        let (one, two) = tokio::join!(use_up(&app, &matter, juma.id()), use_up(&app, &matter, juma.id()));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        give(&app, &matter, &halima).await.expect_err("it was used");
        give(&app, &matter, &juma).await.expect("another person's");
        use_up(&app, &matter, halima.id()).await.expect("the other one");
    }
}

both! {
    with [("DESK_ALONE_UP_TO", "10"), ("ONE_PERSON", "true")];

    async fn one_person_alone_looks_twice(app: TestApp) {
        let (_, _, payment, _) = owed(&app).await;
        approvals::check_one_person(&app.db, true).await.expect("nobody is there");
        approve(&app, payment, HALIMA).await.expect("a first look");
        send_back(&app, payment, HALIMA).await.expect_err("a day has not passed");
        app.advance(24 * HOUR);
        // As soon as there are two, a second look is worth nothing.
        let juma = app.named(JUMA).await;
        approvals::check_one_person(&app.db, true).await.expect_err("two are there");
        send_back(&app, payment, HALIMA).await.expect_err("Juma is there");
        app.execute_for("UPDATE people SET staff = 'auditor' WHERE id = $1", juma.id()).await;
        send_back(&app, payment, HALIMA).await.expect("a second look");
        app.books_are_right().await;
    }
}

both! {
    async fn below_the_limit_one_operator_is_enough(app: TestApp) {
        let (_, _, payment, _) = owed(&app).await;
        let shell = app.shell_says(HALIMA).await;
        app.running.state.payments.refunded(payment, "UKN1REFUND", &shell).await.expect("sent back");
        app.books_are_right().await;
    }

    async fn one_of_several_debts_is_named(app: TestApp) {
        let (_, _, payment, _) = owed(&app).await;
        let (payments, halima) = (&app.running.state.payments, app.acts(HALIMA).await);
        let reference = store::by_id(&app.db, payment).await.expect("a row").expect("a payment").account_reference;
        for (receipt, shillings) in [("UKN1AGAIN1", 50), ("UKN1AGAIN2", 20)] {
            let amount = Kes::from_shillings(shillings).expect("an amount");
            let (receipt, payer) = (receipt.to_owned(), String::new());
            let listed = Listed { receipt, amount, account_reference: reference.clone(), short_code: None, payer };
            let placed = payments.book_listed(EvidenceSource::C2b, &listed, true, None).await.expect("booked");
            assert_eq!(placed, Placed::Owed);
        }
        let Err(Failure::App(AppError::Conflict { message, .. })) = payments.refunded(payment, "UKN1REFUND", &halima).await else {
            panic!("which one was not said");
        };
        let said = message.as_str(Language::English);
        assert!(said.contains("--of UKN1AGAIN1") && said.contains("--of UKN1AGAIN2"), "{said}");
        let of = |receipt: &str| DebtOf { id: payment.0, which: WhichDebt::Receipt(receipt.to_owned()) };
        payments.refunded(of("UKN1NOTHERE"), "UKN1REFUND", &halima).await.expect_err("no such debt");
        payments.refunded(of("UKN1AGAIN2"), "UKN1REFUND", &halima).await.expect("sent back");
        payments.refunded(of("UKN1AGAIN2"), "UKN1REFUN2", &halima).await.expect_err("it is paid");
        assert_eq!(app.count("SELECT COUNT(*) FROM debts WHERE status = 'paid' AND owed_cents = 2000").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM debts").await, 3);
        app.books_are_right().await;
    }
}
