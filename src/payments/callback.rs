//! What Safaricom tells of a prompt that has ended (daraja §3). A body at a payment's own address is judged
//! against that payment. A body at the bare address, which everybody knows, settles nothing.

use uuid::Uuid;

use super::decide::Case;
use super::engine::Payments;
use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::store::{self, schedule};
use super::{PURPOSE, ReviewReason, Status, subject};
use crate::daraja::{CodeClass, StkCallback, Unreadable, parse_callback};
use crate::mpesa::Purpose;
use crate::mpesa::bodies::{Received, Receiver};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::store::bodies::{self, CallbackPath, Mark, NewBody};
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::settings::AddressCheck;
use crate::types::{AppError, CallbackId, Kes, PaymentId};

impl Receiver for Payments {
    type Said = Result<StkCallback, Unreadable>;
    const PURPOSE: Purpose = PURPOSE;

    fn read(&self, body: &[u8]) -> Self::Said {
        parse_callback(body)
    }

    async fn book(&self, tx: &mut Tx, subject: Uuid, received: &Received<Self::Said>) -> Result<(), Failure> {
        let receipt = received.said.as_ref().ok().and_then(|callback| callback.receipt.as_deref());
        let Some(case) = store::case_by_id(tx, PaymentId(subject), receipt).await? else {
            return Err(AppError::Internal.into());
        };
        self.book_callback(tx, &case, received).await
    }

    fn mark<'a>(&self, said: &'a Self::Said) -> Mark<'a> {
        // A body that cannot be read puts its payment under review, where a person finds it.
        let receipt = said.as_ref().ok().and_then(|callback| callback.receipt.as_deref());
        Mark { receipt, is_unreadable: false }
    }

    fn booked(&self, subject: Uuid, _: &Received<Self::Said>) {
        self.watches.tell(PaymentId(subject));
    }
}

impl Payments {
    async fn book_callback(
        &self,
        tx: &mut Tx,
        case: &Case,
        received: &Received<Result<StkCallback, Unreadable>>,
    ) -> Result<(), Failure> {
        let mut evidence = judge(case, &received.said);
        self.weigh(&mut evidence, received.is_from_elsewhere);
        evidence.callback = Some(received.id);
        if let Ok(StkCallback { checkout_request_id: Some(checkout), merchant_request_id, .. }) =
            &received.said
            && case.payment.checkout_request_id.is_none()
            && evidence.says != Verdict::Review(ReviewReason::Ids)
        {
            // The callback was faster than the push's own answer, or that answer was lost: take the ids from
            // here.
            if store::is_taken(tx, checkout, case.payment.id).await? {
                evidence.says = Verdict::Review(ReviewReason::Ids);
            } else if !store::set_ids(tx, case.payment.id, merchant_request_id.as_deref(), checkout).await? {
                return Err(Failure::Changed);
            }
        }
        self.settle(tx, case, &evidence).await.map(|_| ())
    }

    /// Takes from the verdict what this callback may not decide alone: it came from another address than
    /// Safaricom's and that is enforced, or every success is confirmed by a query.
    fn weigh(&self, evidence: &mut Evidence, is_from_elsewhere: bool) {
        if is_from_elsewhere {
            tracing::warn!("a callback came from an address that is not Safaricom's");
            evidence.detail = Some(format!("from elsewhere; {}", evidence.detail.take().unwrap_or_default()));
        }
        let must_wait = is_from_elsewhere && self.callbacks.check == AddressCheck::Enforce;
        evidence.says =
            match std::mem::replace(&mut evidence.says, Verdict::Inconclusive(EventKind::FromElsewhere)) {
                Verdict::Paid { receipt: Some(receipt) } if must_wait || self.callbacks.confirm_by_query => {
                    Verdict::Unconfirmed { receipt }
                }
                Verdict::OtherAmount { .. } if must_wait || self.callbacks.confirm_by_query => {
                    Verdict::Review(ReviewReason::Amount)
                }
                Verdict::NotPaid(_) if must_wait => Verdict::Inconclusive(EventKind::FromElsewhere),
                says => says,
            };
    }

    /// Takes a body from the bare address as a hint: it brings the next query of a pending payment forward,
    /// once for each payment and not before the first query was asked. Returns whether it did; only then the
    /// body is kept.
    ///
    /// # Errors
    /// A database error.
    pub async fn take_hint(&self, body: &[u8]) -> Result<bool, Failure> {
        let Ok(callback) = parse_callback(body) else { return Ok(false) };
        let Some(checkout) = callback.checkout_request_id else { return Ok(false) };
        let Some(payment) = store::by_checkout_request_id(&self.db, &checkout).await? else {
            return Ok(false);
        };
        // The first query comes soon by itself, and an earlier answer may be untrue (daraja §4).
        if payment.status != Status::Pending || payment.hinted || payment.check_count == 0 {
            return Ok(false);
        }
        let now = self.clock.now();
        let raw = NewBody {
            id: CallbackId(self.random.uuid(now)),
            subject: subject(payment.id),
            path: CallbackPath::Bare,
            is_from_elsewhere: false,
            body,
            received_at: now,
            processed_at: Some(now),
            mark: Mark::default(),
        };
        transaction!(self.db, |tx| {
            if !schedule::hint(tx, payment.id, now).await? {
                return Ok(false);
            }
            bodies::insert(tx, &raw).await?;
            Ok(true)
        })
    }
}

/// Compares a callback with its payment (MONEY §1, evidence for and against).
fn judge(case: &Case, read: &Result<StkCallback, Unreadable>) -> Evidence {
    let callback = match read {
        Ok(callback) => callback,
        Err(unreadable) => {
            let mut evidence =
                Evidence::new(EvidenceSource::Callback, Verdict::Review(ReviewReason::Unreadable));
            evidence.detail = Some(unreadable.to_string());
            return evidence;
        }
    };
    let evidence = Evidence::new(EvidenceSource::Callback, says(case, callback));
    let mut evidence = evidence.in_words(callback.result.as_ref(), &callback.description);
    evidence.amount = callback.amount;
    evidence.receipt.clone_from(&callback.receipt);
    evidence
}

fn says(case: &Case, callback: &StkCallback) -> Verdict {
    let payment = &case.payment;
    let is_ours = |known: &Option<String>, said: &Option<String>| known.is_none() || known == said;
    let has_our_ids = is_ours(&payment.checkout_request_id, &callback.checkout_request_id)
        && is_ours(&payment.merchant_request_id, &callback.merchant_request_id);
    if !has_our_ids || callback.checkout_request_id.is_none() {
        return Verdict::Review(ReviewReason::Ids);
    }
    let Some(code) = &callback.result else { return Verdict::Review(ReviewReason::Unreadable) };
    match code.class() {
        CodeClass::Success => match (callback.amount, &callback.receipt) {
            (Some(amount), Some(receipt)) if amount == payment.price => {
                Verdict::Paid { receipt: Some(receipt.clone()) }
            }
            (Some(amount), Some(receipt)) if amount > Kes::ZERO => {
                Verdict::OtherAmount { receipt: receipt.clone(), amount }
            }
            (amount, _) if amount != Some(payment.price) => Verdict::Review(ReviewReason::Amount),
            _ => Verdict::Review(ReviewReason::Receipt),
        },
        // A failure that names a receipt contradicts itself.
        CodeClass::Cancelled | CodeClass::Failed
            if callback.receipt.is_some() || callback.has_unreadable_receipt =>
        {
            Verdict::Review(ReviewReason::Receipt)
        }
        CodeClass::Pending => Verdict::Inconclusive(EventKind::StillProcessing),
        CodeClass::Cancelled | CodeClass::Failed | CodeClass::Unknown => {
            UnpaidCause::of(code, &callback.description)
                .map_or(Verdict::Review(ReviewReason::UnknownCode), Verdict::NotPaid)
        }
    }
}
