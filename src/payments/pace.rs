//! How a number is refused whose owner takes a break or has a limit: in the words of M-Pesa for a number that it does not know, after
//! as long as M-Pesa took to answer last. Nobody learns from words or time how somebody else keeps within bounds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::daraja::{DarajaError, RefusalKind};

/// Until a prompt was sent.
const USUALLY: Duration = Duration::from_millis(800);

#[derive(Clone)]
pub struct Pace(Arc<Mutex<Duration>>);

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(USUALLY)))
    }
}

impl Pace {
    /// Does something at Safaricom, and remembers how long it took.
    pub async fn keep<T>(&self, ask: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answer = ask.await;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = began.elapsed();
        answer
    }

    /// What M-Pesa would say, when it would.
    pub async fn refusal(&self) -> DarajaError {
        let took = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sleep(took).await;
        let (code, message) = ("400.002.02".to_owned(), "Bad Request - Invalid PhoneNumber".to_owned());
        DarajaError::Refused { code, message, kind: RefusalKind::InvalidPhoneNumber, retry_after: None }
    }
}
