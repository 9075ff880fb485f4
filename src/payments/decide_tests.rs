//! Every kind of evidence against every kind of payment: what must hold whatever the case.

use chrono::DateTime;

use super::*;
use crate::payments::{OwnCode, PushState, Refusal, SEND_AGAIN_AFTER};
use crate::types::{Kes, PaymentId, PersonId, TipId};

const R1: &str = "UKN1AB2CD3";
const R2: &str = "UKN1ZZZZZ9";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a time")
}

fn payment_id(number: u128) -> PaymentId {
    PaymentId(uuid::Uuid::from_u128(number))
}

fn case(status: Status) -> Case {
    let is_completed = status == Status::Completed;
    let payment = Payment {
        id: payment_id(1),
        buyer_id: PersonId(uuid::Uuid::from_u128(2)),
        tip_id: TipId(3),
        tipster_id: PersonId(uuid::Uuid::from_u128(4)),
        price: Kes::from_cents(5_000),
        share_bps: 6_000,
        msisdn: "0712345678".parse().expect("a number"),
        account_reference: "ABCDEFGHJKMN".to_owned(),
        status,
        outcome: is_completed.then_some(Outcome::Unlocked),
        review_reason: None,
        open: status == Status::Pending,
        push: PushState::Accepted,
        merchant_request_id: None,
        checkout_request_id: Some("ws_CO_1".to_owned()),
        result_code: None,
        refusal: None,
        receipt: None,
        callback_succeeded_at: None,
        query_succeeded_at: None,
        statement_succeeded_at: None,
        first_operator: None,
        second_operator: None,
        first_operator_id: None,
        second_operator_id: None,
        waiting_receipt: None,
        suspense: Kes::ZERO,
        awaits_receipt: false,
        hinted: false,
        check_count: 0,
        next_check_at: None,
        pushed_at: now() - SEND_AGAIN_AFTER,
        ended_at: None,
    };
    Case {
        payment,
        tip_status: TipStatus::Active,
        first_kick_off_at: now() + TimeDelta::hours(1),
        last_kick_off_at: now() + TimeDelta::hours(2),
        is_bought: is_completed,
        is_closed: false,
        money: None,
    }
}

/// What may be known of a receipt: an operator's claim, and a machine's word in every place, for this payment, for
/// another, or for none.
fn monies() -> Vec<Option<MoneyIn>> {
    let mut monies = vec![None];
    for subject in [None, Some(payment_id(1).0), Some(payment_id(9).0)] {
        for state in MoneyState::ALL {
            for named_at in [None, Some(now())] {
                let is_possible = match (state, named_at) {
                    (MoneyState::Matched, _) => subject.is_some(),
                    (_, named_at) => named_at.is_some(),
                };
                let amount = Kes::from_cents(if state == MoneyState::Suspense { 1_000 } else { 5_000 });
                let (id, receipt, payer) = (uuid::Uuid::from_u128(7), R1.to_owned(), String::new());
                let money = MoneyIn { receipt, id, amount, payer, state, subject, named_at };
                monies.extend(is_possible.then_some(Some(money)));
            }
        }
    }
    monies
}

/// Every state of a payment that the rows can hold.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for status in Status::ALL {
        for review_reason in std::iter::once(None).chain(ReviewReason::ALL.map(Some)) {
            for (receipt, awaits_receipt) in [(None, true), (Some(R1), false), (Some(R1), true)] {
                for money in monies() {
                    let mut case = case(status);
                    case.payment.review_reason = review_reason;
                    case.payment.awaits_receipt = awaits_receipt && status == Status::Completed;
                    case.money = money;
                    let place = if status == Status::Completed {
                        &mut case.payment.receipt
                    } else {
                        &mut case.payment.waiting_receipt
                    };
                    *place = receipt.map(str::to_owned);
                    cases.push(case);
                }
            }
        }
    }
    cases
}

fn causes() -> Vec<UnpaidCause> {
    let code = |is_cancelled| UnpaidCause::Code {
        code: "1032".to_owned(),
        description: "Request cancelled by user".to_owned(),
        is_cancelled,
    };
    let mut causes = vec![code(true), code(false), UnpaidCause::NotListed, UnpaidCause::Operator];
    causes.extend(Refusal::ALL.map(UnpaidCause::NotTaken));
    causes
}

fn everything_said() -> Vec<Evidence> {
    let mut verdicts: Vec<Verdict> = [None, Some(R1), Some(R2)]
        .map(|receipt| Verdict::Paid { receipt: receipt.map(str::to_owned) })
        .to_vec();
    let amount = Kes::from_cents(1_000);
    verdicts.push(Verdict::OtherAmount { receipt: R1.to_owned(), amount });
    verdicts.extend([R1, R2].map(|receipt| Verdict::Unconfirmed { receipt: receipt.to_owned() }));
    verdicts.extend(causes().into_iter().map(Verdict::NotPaid));
    verdicts.extend(ReviewReason::ALL.map(Verdict::Review));
    verdicts.extend(EventKind::ALL.map(Verdict::Inconclusive));
    let sources = EvidenceSource::ALL.into_iter();
    let all = sources.flat_map(|source| verdicts.iter().map(move |says| Evidence::new(source, says.clone())));
    // A query names no receipt, and every other source of a success does.
    let is_possible = |said: &Evidence| match said.says {
        Verdict::Paid { receipt: None } => said.source == EvidenceSource::Query,
        Verdict::Paid { .. } | Verdict::OtherAmount { .. } | Verdict::Unconfirmed { .. } => {
            said.source != EvidenceSource::Query
        }
        _ => true,
    };
    all.filter(is_possible).collect()
}

fn is_paid(evidence: &Evidence) -> bool {
    matches!(evidence.says, Verdict::Paid { .. } | Verdict::Unconfirmed { .. } | Verdict::OtherAmount { .. })
}

/// Asserts a rule about every pair of a case and what is said about it.
fn always(rule: impl Fn(&Case, &Evidence, &Decision<'_>) -> bool) {
    let (cases, evidence) = (cases(), everything_said());
    for case in &cases {
        for said in &evidence {
            let decision = decide(case, said, now());
            assert!(rule(case, said, &decision), "{said:?} makes of {case:?} {decision:?}");
        }
    }
}

#[test]
fn nothing_leaves_completed() {
    always(|case, _, decision| {
        let moves = matches!(decision, Decision::Complete { .. } | Decision::End(_) | Decision::Await { .. });
        case.payment.status != Status::Completed || !moves
    });
}

#[test]
fn only_a_success_books_money_and_only_with_a_receipt_that_is_free_or_its_own() {
    always(|case, said, decision| match decision {
        Decision::Complete { receipt: None, .. } => said.source == EvidenceSource::Query,
        Decision::Complete { .. } => {
            let is_free = |money: &MoneyIn| money.is_claim() || money.subject.is_none() || case.is_own(money);
            is_paid(said) && case.money.as_ref().is_none_or(is_free)
        }
        _ => true,
    });
}

#[test]
fn only_a_pending_payment_ends_and_a_doubtful_one_only_by_an_operator() {
    always(|case, said, decision| {
        let is_doubtful = case.payment.review_reason.is_some() || case.payment.waiting_receipt.is_some();
        let may_end = case.payment.status == Status::Pending
            && (!is_doubtful || said.source == EvidenceSource::Operator);
        matches!(decision, Decision::End(_)) == (may_end && matches!(said.says, Verdict::NotPaid(_)))
    });
}

#[test]
fn a_query_never_clears_a_doubt() {
    always(|case, said, decision| {
        let is_doubted = case.payment.review_reason.is_some() && case.payment.waiting_receipt.is_none();
        let completes = matches!(decision, Decision::Complete { .. });
        said.source != EvidenceSource::Query || !is_doubted || !completes
    });
}

#[test]
fn what_cannot_be_trusted_alone_never_completes_a_payment() {
    always(|_, said, decision| {
        let completes = matches!(decision, Decision::Complete { .. });
        !matches!(said.says, Verdict::Unconfirmed { .. }) || !completes
    });
}

#[test]
fn a_further_receipt_never_takes_the_first_ones_place() {
    always(|case, _, decision| {
        let is_settled = case.payment.status == Status::Completed && !case.payment.awaits_receipt;
        !matches!(decision, Decision::Name { .. }) || !is_settled
    });
}

#[test]
fn a_machines_receipt_always_has_a_place() {
    always(|case, said, decision| {
        let is_told = matches!(said.says, Verdict::Paid { receipt: Some(_) } | Verdict::OtherAmount { .. });
        let is_new = case.money.as_ref().is_none_or(MoneyIn::is_claim);
        let is_nothing = matches!(decision, Decision::Note(_) | Decision::Review(_) | Decision::Confirm);
        said.source == EvidenceSource::Operator || !is_told || !is_new || !is_nothing
    });
}

#[test]
fn parts_settle_only_if_they_make_the_price() {
    let part = |cents| Verdict::OtherAmount { receipt: R1.to_owned(), amount: Kes::from_cents(cents) };
    for (lies, comes, completes) in
        [(4_000, 1_000, true), (4_000, 999, false), (4_000, 1_001, false), (0, 1, false)]
    {
        let mut open = case(Status::Pending);
        open.payment.suspense = Kes::from_cents(lies);
        let said = Evidence::new(EvidenceSource::C2b, part(comes));
        let decision = decide(&open, &said, now());
        assert_eq!(
            matches!(decision, Decision::Complete { is_in_parts: true, .. }),
            completes,
            "{decision:?}"
        );
        open.first_kick_off_at = now();
        assert!(matches!(decide(&open, &said, now()), Decision::Owe { .. }), "nothing can be bought");
    }
}

#[test]
fn money_buys_the_tip_only_while_it_can() {
    let evidence = Evidence::new(EvidenceSource::Callback, Verdict::Paid { receipt: Some(R1.to_owned()) });
    let owed = |case: &Case| match decide(case, &evidence, now()) {
        Decision::Complete { owed, .. } => owed,
        other => panic!("{other:?}"),
    };
    let open = case(Status::Pending);
    assert_eq!(owed(&open), None);
    assert_eq!(owed(&Case { is_bought: true, ..open.clone() }), Some(DebtReason::AlreadyBought));
    for status in TipStatus::ALL.into_iter().filter(|status| *status != TipStatus::Active) {
        let withdrawn = Case { tip_status: status, ..open.clone() };
        assert_eq!(owed(&withdrawn), Some(DebtReason::Withdrawn), "{status}");
    }
    let kick_off = |seconds| Case { first_kick_off_at: now() + TimeDelta::seconds(seconds), ..open.clone() };
    assert_eq!(owed(&kick_off(1)), None);
    assert_eq!(owed(&kick_off(0)), Some(DebtReason::KickedOff));
}

#[test]
fn a_receipt_that_waited_comes_in_with_the_second_source() {
    let mut waiting = case(Status::Pending);
    waiting.payment.waiting_receipt = Some(R1.to_owned());
    let query = Evidence::new(EvidenceSource::Query, Verdict::Paid { receipt: None });
    let from = AccountKind::MpesaCollections;
    let (owed, next_check_at, is_in_parts) = (None, None, false);
    let wanted = Decision::Complete { receipt: Some(R1), from, is_in_parts, owed, next_check_at };
    assert_eq!(decide(&waiting, &query, now()), wanted);
}

#[test]
fn every_cause_of_an_end_is_told_apart_in_its_row() {
    for cause in causes() {
        let own = OwnCode::read(cause.result_code());
        match &cause {
            UnpaidCause::Code { code, description, is_cancelled } => {
                assert_eq!((own, cause.result_code()), (None, code.as_str()));
                assert_eq!(cause.description(), Some(description.as_str()));
                assert_eq!(cause.status() == Status::Cancelled, *is_cancelled);
            }
            UnpaidCause::NotTaken(refusal) => {
                assert_eq!((own, cause.refusal()), (Some(OwnCode::NotTaken), Some(*refusal)));
            }
            UnpaidCause::NotListed => assert_eq!(own, Some(OwnCode::NotListed)),
            UnpaidCause::Operator => assert_eq!(own, Some(OwnCode::Operator)),
        }
    }
}
