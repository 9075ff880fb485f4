//! A payment in words: what its buyer reads, in every state. No sentence says that no money was taken (MONEY §1).

use chrono::{DateTime, TimeDelta, Utc};

use super::{FaceState, PROMPT_LIFE, Payment, PaymentFace, PushState, ReviewReason, Status};
use crate::daraja::ResultCode;
use crate::payouts::REFUND_WITHIN;
use crate::platform::clock::{day, seconds_between};

/// A request that takes longer to be answered is no longer "sending".
const SENDING_FOR: TimeDelta = TimeDelta::seconds(30);
const DO_NOT_PAY_AGAIN: &str = "If you got an M-Pesa SMS, do not pay again: we find your payment and unlock the tip.";

pub fn face(payment: &Payment, now: DateTime<Utc>) -> PaymentFace {
    let state = state(payment, now);
    let (title, message) = words(payment, state);
    let is_pending = payment.status == Status::Pending;
    PaymentFace {
        payment_id: payment.id.to_string(),
        tip: payment.tip_id,
        state,
        title,
        message,
        reference: payment.account_reference.clone(),
        phone: payment.msisdn.masked(),
        receipt: payment.receipt.clone(),
        countdown: (state == FaceState::CheckPhone).then(|| seconds_between(now, payment.pushed_at + PROMPT_LIFE)),
        is_waiting: is_pending,
        can_send_again: payment.can_send_again(now),
        can_pay: matches!(payment.status, Status::Failed | Status::Cancelled) && payment.review_reason.is_none(),
    }
}

fn state(payment: &Payment, now: DateTime<Utc>) -> FaceState {
    let age = payment.age(now);
    let is_reviewed = payment.review_reason.is_some();
    match payment.status {
        Status::Completed if payment.outcome.as_deref() == Some("owed") => FaceState::Owed,
        Status::Completed => FaceState::Paid,
        _ if is_reviewed => FaceState::Review,
        Status::Failed => FaceState::Failed,
        Status::Cancelled => FaceState::Cancelled,
        Status::Pending if payment.push == PushState::Sending && age < SENDING_FOR => FaceState::Sending,
        Status::Pending if age < PROMPT_LIFE => FaceState::CheckPhone,
        Status::Pending => FaceState::Confirming,
    }
}

fn words(payment: &Payment, state: FaceState) -> (String, String) {
    let price = payment.price_cents;
    let phone = payment.msisdn.masked();
    let reference = &payment.account_reference;
    match state {
        FaceState::Sending => ("Sending the request to M-Pesa…".to_owned(), format!("In a moment {phone} will ask for your M-Pesa PIN.")),
        FaceState::CheckPhone if payment.push != PushState::Accepted => (
            "Look at your phone".to_owned(),
            format!("M-Pesa did not answer us clearly. If {phone} asks for {price}, enter your PIN; we will notice."),
        ),
        FaceState::CheckPhone => (
            "Check your phone".to_owned(),
            format!("Enter your M-Pesa PIN on {phone} to pay {price}. The request and the SMS name account {reference}."),
        ),
        FaceState::Confirming => (
            "Still checking with M-Pesa".to_owned(),
            "Do not pay again yet. You can close this page: the tip unlocks by itself when M-Pesa confirms.".to_owned(),
        ),
        FaceState::Review => (
            "A person is looking at this payment".to_owned(),
            format!("{} Do not pay again. Our reference is {reference}.", review(payment)),
        ),
        FaceState::Paid => match &payment.receipt {
            Some(receipt) => ("Paid. The tip is unlocked".to_owned(), format!("M-Pesa receipt {receipt}, {price} from {phone}.")),
            None => ("Paid. The tip is unlocked".to_owned(), format!("{price} from {phone}. The M-Pesa receipt number follows.")),
        },
        FaceState::Owed => (format!("Your {price} is coming back"), owed(payment)),
        FaceState::Cancelled => (
            "The request was cancelled or timed out".to_owned(),
            format!("Safaricom says the request was cancelled or timed out. {DO_NOT_PAY_AGAIN}"),
        ),
        FaceState::Failed => ("The payment did not go through".to_owned(), format!("{} {DO_NOT_PAY_AGAIN}", failure(payment))),
    }
}

fn owed(payment: &Payment) -> String {
    let by = payment.ended_at.map(|ended| day(ended + REFUND_WITHIN)).unwrap_or_default();
    let phone = payment.msisdn.masked();
    format!(
        "Your payment arrived, but it could not buy this tip any more. We send it back to {phone} by {by}. Our reference is {}.",
        payment.account_reference
    )
}

fn failure(payment: &Payment) -> String {
    if payment.push == PushState::NotTaken {
        return payment.result_description.clone().unwrap_or_else(|| "M-Pesa could not take the request.".to_owned());
    }
    match payment.result_code.as_deref() {
        Some("operator") => "We looked at this payment with M-Pesa and found no money.".to_owned(),
        Some("not_listed") => "M-Pesa's own statement does not list this payment.".to_owned(),
        code => {
            let code = code.and_then(ResultCode::from_text);
            code.map_or("Safaricom could not complete the request.", |code| code.explanation()).to_owned()
        }
    }
}

fn review(payment: &Payment) -> &'static str {
    match payment.review_reason.clone().map(ReviewReason::try_from) {
        Some(Ok(ReviewReason::Amount)) => "M-Pesa told us another amount than the price.",
        Some(Ok(ReviewReason::ReceiptUsed | ReviewReason::SecondReceipt)) => "M-Pesa named a receipt that we have already seen.",
        _ => "M-Pesa's answer about this payment was not clear.",
    }
}
