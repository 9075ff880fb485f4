//! How a push is refused to a number whose owner takes a break or has reached a limit: in M-Pesa's words for
//! a number that it does not know, after as long as M-Pesa takes to answer. So nobody learns from words or
//! time what bounds somebody else has set for themselves.
//!
//! The time is that of one of the last refusals, chosen at random, or of one of the last acceptances if no
//! refusal is known. It is varied by up to a tenth, because a real answer never takes exactly the same time
//! twice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::daraja::{DarajaError, RefusalKind};
use crate::platform::random::Random;

/// The time that is assumed until M-Pesa has answered for the first time.
const USUALLY: Duration = Duration::from_millis(800);
/// How many answers of each kind are remembered.
const REMEMBERED: usize = 32;
/// A refusal takes between nine and eleven tenths of a remembered time, in steps of one ten-thousandth.
const PARTS: u64 = 10_000;
const PARTS_AWAY: u64 = 1_000;

/// The memory of how long M-Pesa takes. Clones share it. It is lost with the process.
#[derive(Clone)]
pub struct RefusalPace {
    past: Arc<Mutex<Past>>,
    random: Random,
}

/// How long M-Pesa took, the oldest first.
#[derive(Default)]
struct Past {
    taken: VecDeque<Duration>,
    refused: VecDeque<Duration>,
}

impl RefusalPace {
    /// An empty memory; the randomness chooses and varies the times.
    pub fn new(random: Random) -> Self {
        Self { past: Arc::default(), random }
    }

    /// Waits for M-Pesa's answer and remembers how long it took. An answer that did not come is not
    /// remembered.
    ///
    /// # Errors
    /// The [`DarajaError`] with which `ask` ended.
    pub async fn keep<T>(&self, ask: impl Future<Output = Result<T, DarajaError>>) -> Result<T, DarajaError> {
        let began = Instant::now();
        let answer = ask.await;
        match &answer {
            Ok(_) => self.remember(began.elapsed(), false),
            Err(DarajaError::Refused { .. }) => self.remember(began.elapsed(), true),
            Err(_) => {}
        }
        answer
    }

    fn remember(&self, took: Duration, is_refused: bool) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let times = if is_refused { &mut past.refused } else { &mut past.taken };
        if times.len() == REMEMBERED {
            times.pop_front();
        }
        times.push_back(took);
    }

    /// Waits for as long as M-Pesa would take, then gives the error that M-Pesa would give.
    pub async fn refusal(&self) -> DarajaError {
        sleep(self.takes()).await;
        let (code, message) = ("400.002.02".to_owned(), "Bad Request - Invalid PhoneNumber".to_owned());
        DarajaError::Refused { code, message, kind: RefusalKind::InvalidPhoneNumber, retry_after: None }
    }

    fn takes(&self) -> Duration {
        let (which, parts) = (
            self.random.below(REMEMBERED as u64),
            PARTS - PARTS_AWAY + self.random.below(2 * PARTS_AWAY + 1),
        );
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let times = if past.refused.is_empty() { &past.taken } else { &past.refused };
        let usual = usize::try_from(which).ok().and_then(|which| times.get(which % times.len().max(1)));
        let micros = usual.copied().unwrap_or(USUALLY).as_micros();
        Duration::from_micros(
            u64::try_from(micros * u128::from(parts) / u128::from(PARTS)).unwrap_or(u64::MAX),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn near(time: Duration, millis: u64) -> bool {
        (Duration::from_millis(millis * 9 / 10)..=Duration::from_millis(millis * 11 / 10)).contains(&time)
    }

    #[test]
    fn a_refusal_takes_as_long_as_some_answer_did_and_no_time_twice() {
        let pace = RefusalPace::new(Random::seeded(7));
        assert!(near(pace.takes(), 800), "before the first answer");
        let answers = [200, 1_000, 5_000];
        for millis in answers {
            pace.remember(Duration::from_millis(millis), false);
        }
        let times: Vec<Duration> = (0..60).map(|_| pace.takes()).collect();
        assert!(times.iter().all(|time| answers.iter().any(|millis| near(*time, *millis))), "{times:?}");
        assert!(
            answers.iter().all(|millis| times.iter().any(|time| near(*time, *millis))),
            "not the last alone: {times:?}"
        );
        assert!(times.iter().collect::<BTreeSet<_>>().len() > 50, "{times:?}");
        pace.remember(Duration::from_millis(60), true);
        assert!((0..50).all(|_| near(pace.takes(), 60)), "as refusals do, once one is known");
    }

    #[tokio::test]
    async fn what_is_remembered_is_bounded_and_silence_is_no_answer() {
        let pace = RefusalPace::new(Random::seeded(7));
        pace.remember(Duration::from_mins(1), false);
        for _ in 0..REMEMBERED {
            pace.remember(Duration::from_millis(100), false);
        }
        assert!((0..50).all(|_| near(pace.takes(), 100)), "what is older is forgotten");
        let silence = async {
            Err::<(), _>(DarajaError::NotSent {
                reason: "no connection".to_owned(),
                retry_after: None,
                rest: None,
            })
        };
        assert!(pace.keep(silence).await.is_err());
        assert!((0..50).all(|_| near(pace.takes(), 100)));
        assert!(matches!(
            pace.refusal().await,
            DarajaError::Refused { kind: RefusalKind::InvalidPhoneNumber, .. }
        ));
    }
}
