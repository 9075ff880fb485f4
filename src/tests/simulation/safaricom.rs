//! Safaricom as the engine meets it: it takes pushes or loses them, and answers queries, truly or not.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::faults::Fault;
use super::stage::{Stage, Stop};
use super::world::{End, Heard, LeftPush, OpenPrompt, Payers, Shared};
use crate::daraja::{
    Daraja, DarajaError, PauseReason, PulledPage, Push, PushAccepted, QueryAnswer, RefusalKind, ResultCode,
};
use crate::types::Msisdn;
use std::sync::Arc;

/// How long the client waits for the answer to a push.
const PUSH_TIMEOUT: TimeDelta = TimeDelta::seconds(30);
/// For this long after a push, a query may report a success that is none (daraja §4).
const FALSE_SUCCESS_UNTIL: TimeDelta = TimeDelta::seconds(30);

const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// From this age on a question may wait for younger ones (MONEY §1).
const OLD: TimeDelta = TimeDelta::minutes(10);

pub struct Safaricom {
    pub world: Shared,
    pub stage: Arc<Stage>,
}

#[async_trait]
impl Daraja for Safaricom {
    async fn push(&self, push: &Push) -> Result<PushAccepted, DarajaError> {
        let left_at = self.world.lock().now();
        self.stage.stop(Stop::PushLeaves).await;
        let answer = self.world.lock().take_push(push, left_at);
        self.stage.stop(Stop::PushAnswers).await;
        let is_late = self.world.lock().now() - left_at > PUSH_TIMEOUT;
        match answer {
            Ok(_) | Err(DarajaError::Refused { .. }) if is_late => Err(unknown("the push took too long")),
            answer => answer,
        }
    }

    async fn query(&self, checkout_request_id: &str) -> Result<QueryAnswer, DarajaError> {
        self.stage.stop(Stop::QueryLeaves).await;
        let answer = self.world.lock().take_query(checkout_request_id);
        self.stage.stop(Stop::QueryAnswers).await;
        answer
    }

    async fn register_c2b_urls(&self, _: &str, _: &str) -> Result<(), DarajaError> {
        Err(unknown("not part of the simulation"))
    }

    async fn register_pull(&self, _: &Msisdn, _: &str) -> Result<(), DarajaError> {
        Err(unknown("not part of the simulation"))
    }

    async fn pull(&self, _: DateTime<Utc>, _: DateTime<Utc>, _: usize) -> Result<PulledPage, DarajaError> {
        Err(unknown("not part of the simulation"))
    }
}

pub fn unknown(reason: &str) -> DarajaError {
    DarajaError::Unknown { reason: reason.to_owned(), retry_after: None, rest: None }
}

pub fn refused(kind: RefusalKind) -> DarajaError {
    DarajaError::Refused {
        code: "400.002.02".to_owned(),
        message: "refused".to_owned(),
        kind,
        retry_after: None,
    }
}

impl Payers {
    fn take_push(&mut self, push: &Push, left_at: DateTime<Utc>) -> Result<PushAccepted, DarajaError> {
        let reference = push.account_reference.as_str().to_owned();
        if self.pushed.iter().any(|pushed| pushed.reference == reference) {
            self.violation(format!("{reference} was pushed twice"));
        }
        let now = self.now();
        self.pushed.push(LeftPush { reference, left_at, arrived_at: now });
        self.counts.pushes += 1;
        if self.strikes(Fault::PushNotSent) {
            return Err(DarajaError::NotSent {
                reason: "no token".to_owned(),
                retry_after: None,
                rest: None,
            });
        }
        if self.strikes(Fault::PushRefused) {
            let kinds = [
                RefusalKind::InvalidPhoneNumber,
                RefusalKind::WrongCredentials,
                RefusalKind::RateLimited,
                RefusalKind::Other,
            ];
            return Err(refused(self.dice.pick(&kinds)));
        }
        if self.strikes(Fault::PushLost) {
            return Err(unknown("connection reset"));
        }
        if self.strikes(Fault::PushLate) {
            let late = TimeDelta::seconds(self.dice.between(1, 120));
            self.ring(push, now + late);
            return Err(unknown("HTTP 502"));
        }
        let accepted = self.ring(push, now);
        if self.strikes(Fault::PushAnswerLost) {
            Err(unknown("HTTP 200 without a body"))
        } else {
            Ok(accepted)
        }
    }

    fn ring(&mut self, push: &Push, taken_at: DateTime<Utc>) -> PushAccepted {
        let number = self.prompts.len();
        let prompt = OpenPrompt {
            reference: push.account_reference.as_str().to_owned(),
            token: push.callback_url.rsplit('/').next().unwrap_or_default().to_owned(),
            merchant: format!("29115-{number}-1"),
            checkout: format!("ws_CO_{number:09}{}", &push.payer.as_str()[3..]),
            payer: push.payer.clone(),
            amount: push.amount,
            taken_at,
            end: None,
            heard: Heard::default(),
        };
        self.note(format_args!(
            "prompt {number} of {} rings at {} for {}",
            prompt.reference,
            prompt.payer.as_str(),
            prompt.amount
        ));
        let accepted = PushAccepted {
            merchant_request_id: prompt.merchant.clone(),
            checkout_request_id: prompt.checkout.clone(),
            customer_message: "Success. Request accepted for processing".to_owned(),
        };
        self.prompts.push(prompt);
        accepted
    }

    fn take_query(&mut self, checkout: &str) -> Result<QueryAnswer, DarajaError> {
        self.counts.queries += 1;
        let Some(number) = self.prompts.iter().position(|prompt| prompt.checkout == checkout) else {
            return Err(unknown("The transaction does not Exist"));
        };
        self.count_question(number);
        if self.strikes(Fault::QueryLimited) {
            return Err(DarajaError::Unknown {
                reason: "spike arrest".to_owned(),
                retry_after: None,
                rest: Some(PauseReason::RateLimited),
            });
        }
        if self.is_away || self.strikes(Fault::QueryAway) {
            return Err(DarajaError::Unknown {
                reason: "HTTP 503".to_owned(),
                retry_after: None,
                rest: Some(PauseReason::Away),
            });
        }
        if self.strikes(Fault::QueryError) {
            return Err(unknown("500.001.1001"));
        }
        if self.strikes(Fault::QueryRefused) {
            return Err(refused(RefusalKind::WrongCredentials));
        }
        let code = self.query_code(number);
        self.note(format_args!("query of prompt {number} says {code}"));
        Ok(QueryAnswer {
            checkout_request_id: checkout.to_owned(),
            result: ResultCode::from_text(code).expect("a code"),
            description: "The service request is processed successfully.".to_owned(),
        })
    }

    /// Within a minute nobody may ask more than the rate and a bucket full, nor about old prompts more than a
    /// third of it.
    fn count_question(&mut self, number: usize) {
        let Some(rate) = self.counted_rate else { return };
        let now = self.now();
        self.counted.push((now, now - self.prompts[number].taken_at >= OLD));
        let of_a_minute: Vec<bool> =
            self.counted.iter().filter(|(at, _)| now - *at < MINUTE).map(|(_, is_old)| *is_old).collect();
        let old = of_a_minute.iter().filter(|is_old| **is_old).count();
        for (what, asked, rate) in [("all", of_a_minute.len(), rate), ("old", old, (rate / 3).max(1))] {
            let most = rate + (rate / 10).max(1);
            if asked > most {
                self.violation(format!(
                    "{asked} questions of {what} prompts within a minute, and {most} are allowed"
                ));
            }
        }
    }

    fn query_code(&mut self, number: usize) -> &'static str {
        if self.strikes(Fault::QueryProcessing) {
            return "4999";
        }
        let is_young = self.now() - self.prompts[number].taken_at < FALSE_SUCCESS_UNTIL;
        if is_young && self.strikes(Fault::QueryFalseSuccess) {
            return "0";
        }
        let may_be_paid = !matches!(self.prompts[number].end, Some(End::NotPaid(_)));
        if may_be_paid && self.strikes(Fault::QueryContradicts) {
            self.prompts[number].heard.contradiction = true;
            return self.dice.pick(&["1032", "1037"]);
        }
        match self.prompts[number].end {
            None => "4999",
            Some(End::Paid(_)) => "0",
            Some(End::NotPaid(code)) => code,
        }
    }
}
