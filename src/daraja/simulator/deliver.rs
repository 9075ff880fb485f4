//! Posts callbacks and confirmations as Safaricom does: once, and without repeats whatever the answer is
//! (daraja §3.2).

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect;

use super::deliveries::{Batch, Delay, Delivery, DeliveryKind};
use super::state::SimulatorState;
use super::stats::count_one;
use super::timeline::Note;
use crate::platform::clock::delta;

const CALLBACK_TIMEOUT: Duration = Duration::from_secs(10);
const JSON: &str = "application/json;charset=UTF-8";
/// How often the simulator's clock is read while something waits for it.
const CLOCK_CHECK: Duration = Duration::from_millis(20);
/// The most bytes of an answer that are kept for the inspector.
const ANSWER_MAX_BYTES: usize = 4 * 1024;

/// A client for callbacks, with a short timeout and without redirects, repeats or a proxy.
pub(super) fn client() -> anyhow::Result<reqwest::Client> {
    let builder =
        reqwest::Client::builder().timeout(CALLBACK_TIMEOUT).redirect(redirect::Policy::none()).no_proxy();
    builder.retry(reqwest::retry::never()).build().context("cannot build the HTTP client for callbacks")
}

impl SimulatorState {
    /// Posts the batches in the background.
    pub(super) fn deliver(self: &Arc<Self>, batches: Vec<Batch>) {
        self.changed.notify_one();
        for batch in batches {
            let shared = self.clone();
            self.spawn(async move { shared.post_all(batch).await });
        }
    }

    /// Posts the deliveries of a batch one after the other.
    pub(super) async fn post_all(&self, batch: Batch) {
        for delivery in batch {
            if let Some(wait) = delivery.wait {
                self.wait(wait).await;
            }
            self.post(delivery).await;
        }
    }

    pub(super) async fn wait(&self, wait: Delay) {
        match wait {
            Delay::Real(duration) => tokio::time::sleep(duration).await,
            Delay::Clock(duration) => {
                let due = self.clock.now() + delta(duration);
                while self.clock.now() < due {
                    tokio::time::sleep(CLOCK_CHECK).await;
                }
            }
        }
    }

    /// Posts one delivery. Returns the beginning of the answer if it was taken.
    pub(super) async fn post(&self, delivery: Delivery) -> Option<Vec<u8>> {
        let id = self.note(Note::of_delivery(&delivery));
        if delivery.is_lost {
            self.note_end(id, None, b"", Some("lost on purpose"));
            return None;
        }
        let (sent, taken) = match delivery.kind {
            DeliveryKind::Callback => (&self.stats.callbacks_sent, &self.stats.callbacks_answered_200),
            DeliveryKind::Confirmation => {
                (&self.stats.confirmations_sent, &self.stats.confirmations_answered_200)
            }
            DeliveryKind::Validation => (&self.stats.validations_sent, &self.stats.validations_answered_200),
        };
        count_one(sent);
        let request = self.callbacks.post(&delivery.url).header(CONTENT_TYPE, JSON).body(delivery.body);
        match request.header("BusinessShortCode", self.credentials.business_short_code()).send().await {
            Ok(answer) => {
                let status = answer.status();
                let is_taken = status == reqwest::StatusCode::OK;
                if is_taken {
                    count_one(taken);
                } else {
                    tracing::warn!(status = status.as_u16(), "a callback was not taken; it is not repeated");
                }
                let said = start_of(answer).await;
                self.note_end(id, Some(status.as_u16()), &said, None);
                is_taken.then_some(said)
            }
            Err(error) => {
                tracing::warn!(error = %error.without_url(), "a callback did not arrive; it is not repeated");
                self.note_end(id, None, b"", Some("it did not arrive"));
                None
            }
        }
    }
}

/// The first bytes of an answer, for the inspector.
async fn start_of(mut answer: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < ANSWER_MAX_BYTES
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(ANSWER_MAX_BYTES);
    body
}
