//! Who is next, by rounds: of each network one goes before any network's second. So a newcomer waits for as
//! many others as there are networks, however many each of them sends.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// One at a time has the turn.
#[derive(Default)]
pub struct Turns(Mutex<InLine>);

#[derive(Default)]
struct InLine {
    is_taken: bool,
    /// The round of whoever had the last turn.
    round: u64,
    count: u64,
    /// By round, and in each as they came.
    line: BTreeMap<(u64, u64), oneshot::Sender<Turn>>,
}

/// The last round in which one network has asked for a turn.
#[derive(Default)]
pub struct Rounds(AtomicU64);

/// The turn, until it is dropped.
pub struct Turn(Arc<Turns>);

impl Turns {
    /// Waits for the turn; nothing if the line is gone.
    pub async fn wait(self: &Arc<Self>, network: &Rounds) -> Option<Turn> {
        let turn = {
            let mut waiting = self.lock();
            // Under the lock nobody else counts.
            let round = waiting.round.max(network.0.load(Ordering::Relaxed) + 1);
            network.0.store(round, Ordering::Relaxed);
            if !waiting.is_taken {
                waiting.is_taken = true;
                waiting.round = round;
                return Some(Turn(Arc::clone(self)));
            }
            let (sender, turn) = oneshot::channel();
            waiting.count += 1;
            let place = (round, waiting.count);
            waiting.line.insert(place, sender);
            turn
        };
        turn.await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, InLine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut waiting = self.0.lock();
            let next = waiting.line.pop_first();
            match &next {
                Some(((round, _), _)) => waiting.round = *round,
                None => waiting.is_taken = false,
            }
            next
        };
        if let Some((_, sender)) = next {
            // If that one has gone away the turn comes back, is dropped, and so goes on.
            let _ = sender.send(Self(Arc::clone(&self.0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::{JoinHandle, yield_now};

    const NETWORKS: usize = 66;
    const EACH: usize = 4;

    #[derive(Default)]
    struct TurnOrder {
        turns: Arc<Turns>,
        names: Arc<Mutex<Vec<String>>>,
    }

    impl TurnOrder {
        /// Somebody waits, and is noted when it is their turn.
        async fn ask(&self, name: String, network: &Arc<Rounds>) -> JoinHandle<()> {
            let (turns, names, network) = (self.turns.clone(), self.names.clone(), network.clone());
            let waiting = tokio::spawn(async move {
                let _turn = turns.wait(&network).await.expect("a turn");
                names.lock().expect("names").push(name);
            });
            yield_now().await;
            waiting
        }
    }

    #[tokio::test]
    async fn a_newcomer_waits_for_one_of_each_network() {
        let order = TurnOrder::default();
        let held = order.turns.wait(&Rounds::default()).await.expect("a turn");
        let mut waiting = Vec::new();
        for network in 0..NETWORKS {
            let rounds = Arc::default();
            for turn in 0..EACH {
                waiting.push(order.ask(format!("{network}, {turn}"), &rounds).await);
            }
        }
        waiting.push(order.ask("newcomer".to_owned(), &Arc::default()).await);
        drop(held);
        for one in waiting {
            one.await.expect("had a turn");
        }
        let names = order.names.lock().expect("names").clone();
        assert_eq!(names.len(), NETWORKS * EACH + 1);
        let before = names.iter().position(|name| name == "newcomer").expect("had a turn");
        assert_eq!(before, NETWORKS, "one of each, not all of all");
        for (at, name) in names.iter().enumerate().filter(|(at, _)| *at < NETWORKS) {
            assert_eq!(*name, format!("{at}, 0"), "in a round as they came");
        }
    }

    #[tokio::test]
    async fn who_goes_away_holds_up_nobody() {
        let order = TurnOrder::default();
        let held = order.turns.wait(&Rounds::default()).await.expect("a turn");
        let gone = order.ask("gone".to_owned(), &Arc::default()).await;
        let late = order.ask("late".to_owned(), &Arc::default()).await;
        let last = order.ask("last".to_owned(), &Arc::default()).await;
        gone.abort();
        yield_now().await;
        drop(held);
        // This one has the turn already when it goes away.
        late.abort();
        last.await.expect("had a turn");
        assert_eq!(order.names.lock().expect("names").last().map(String::as_str), Some("last"));
        assert!(order.turns.wait(&Rounds::default()).await.is_some(), "and the line is empty");
    }
}
