//! What the buyer reads of a payment in every state. No sentence says that no money was taken (MONEY §1).

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Outcome, OwnCode, PROMPT_LIFE, Payment, PaymentView, PaymentViewState, PushState, Refusal, ReviewReason,
    Status, messages,
};
use crate::daraja::ResultCode;
use crate::platform::clock::{day, seconds_between};
use crate::refunds::REFUND_WITHIN;
use crate::types::{Language, Text};

/// After this time, a push without an answer is shown as if the prompt might be on the phone.
const SENDING_FOR: TimeDelta = TimeDelta::seconds(30);

/// The payment as its buyer reads it at `now`. It is made from the row alone, and nothing is asked.
pub fn payment_view(payment: &Payment, now: DateTime<Utc>, language: Language) -> PaymentView {
    let state = state(payment, now);
    let (title, message) = told(payment, state);
    let is_pending = payment.status == Status::Pending;
    PaymentView {
        payment_id: payment.id.to_string(),
        tip: payment.tip_id,
        state,
        title: title.as_str(language).to_owned(),
        message: message.as_str(language).to_owned(),
        reference: payment.account_reference.clone(),
        phone: payment.msisdn.masked(),
        receipt: payment.receipt.clone(),
        countdown: (state == PaymentViewState::CheckPhone)
            .then(|| seconds_between(now, payment.pushed_at + PROMPT_LIFE)),
        is_waiting: is_pending,
        can_send_again: payment.can_send_again(now),
        can_pay: matches!(payment.status, Status::Failed | Status::Cancelled)
            && payment.review_reason.is_none(),
    }
}

fn state(payment: &Payment, now: DateTime<Utc>) -> PaymentViewState {
    let age = payment.age(now);
    let is_reviewed = payment.review_reason.is_some();
    match payment.status {
        Status::Completed if payment.outcome == Some(Outcome::Owed) => PaymentViewState::Owed,
        Status::Completed => PaymentViewState::Paid,
        _ if is_reviewed => PaymentViewState::Review,
        Status::Failed => PaymentViewState::Failed,
        Status::Cancelled => PaymentViewState::Cancelled,
        Status::Pending if payment.push == PushState::Sending && age < SENDING_FOR => {
            PaymentViewState::Sending
        }
        Status::Pending if age < PROMPT_LIFE => PaymentViewState::CheckPhone,
        Status::Pending => PaymentViewState::Confirming,
    }
}

fn told(payment: &Payment, state: PaymentViewState) -> (Text, Text) {
    let price = payment.price;
    let phone = payment.msisdn.masked();
    let reference = &payment.account_reference;
    match state {
        PaymentViewState::Sending => (messages::sending_title(), messages::sending(phone)),
        PaymentViewState::CheckPhone if payment.push != PushState::Accepted => {
            (messages::look_title(), messages::unclear_answer(phone, price))
        }
        PaymentViewState::CheckPhone => {
            (messages::check_phone_title(), messages::check_phone(phone, price, reference))
        }
        PaymentViewState::Confirming => (messages::confirming_title(), messages::confirming()),
        PaymentViewState::Review => (messages::review_title(), messages::review(review(payment), reference)),
        PaymentViewState::Paid if payment.receipt.is_none() => {
            (messages::paid_title(), messages::paid(price, phone).and(&messages::receipt_follows()))
        }
        PaymentViewState::Paid => (messages::paid_title(), messages::paid(price, phone)),
        PaymentViewState::Owed => {
            let by = payment.ended_at.map(|ended| day(ended + REFUND_WITHIN)).unwrap_or_default();
            // Only the push's own callback or query says that this number paid.
            let is_by_phone = payment.callback_succeeded_at.is_some() || payment.query_succeeded_at.is_some();
            let message = if is_by_phone {
                messages::owed(phone, by, reference)
            } else {
                messages::owed_to_payer(by, reference)
            };
            (messages::owed_title(price), message)
        }
        PaymentViewState::Cancelled => {
            (messages::cancelled_title(), messages::cancelled().and(&messages::do_not_pay_again()))
        }
        PaymentViewState::Failed => {
            (messages::failed_title(), failure(payment).and(&messages::do_not_pay_again()))
        }
    }
}

fn failure(payment: &Payment) -> Text {
    let code = payment.result_code.as_deref().unwrap_or_default();
    match OwnCode::read(code) {
        _ if payment.push == PushState::NotTaken => {
            messages::refused(payment.refusal.unwrap_or(Refusal::Other))
        }
        Some(OwnCode::Operator) => messages::no_money_found(),
        Some(OwnCode::NotListed) => messages::not_listed(),
        Some(OwnCode::NotTaken) | None => {
            ResultCode::from_text(code).map_or(messages::failed_unknown(), |code| code.explanation())
        }
    }
}

fn review(payment: &Payment) -> Text {
    match payment.review_reason {
        Some(ReviewReason::Amount) => messages::review_amount(),
        Some(ReviewReason::ReceiptUsed | ReviewReason::SecondReceipt) => messages::review_receipt(),
        _ => messages::review_unclear(),
    }
}
