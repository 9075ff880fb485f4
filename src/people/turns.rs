//! A line in which networks take turns by rounds: one asker of each network goes before the second of any
//! network. So a newcomer waits for as many others as there are networks, however many askers each sends.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// A line of askers, of whom one at a time has the turn.
#[derive(Default)]
pub struct Turns(Mutex<InLine>);

#[derive(Default)]
struct InLine {
    is_taken: bool,
    /// The round in which the last turn was given.
    round: u64,
    /// How many askers have ever waited; it orders those of one round.
    count: u64,
    /// The askers that wait, by their round and, within a round, in the order in which they came.
    line: BTreeMap<(u64, u64), oneshot::Sender<Turn>>,
}

/// The last round in which one network asked for a turn.
#[derive(Default)]
pub struct Rounds(AtomicU64);

/// The turn. Dropping it gives the turn to the next in the line.
pub struct Turn(Arc<Turns>);

impl Turns {
    /// Waits for the turn, in the next round in which this network has none yet. `None` if the line is gone.
    pub async fn wait(self: &Arc<Self>, network: &Rounds) -> Option<Turn> {
        let turn = {
            let mut waiting = self.lock();
            // The lock is held, so nobody else changes the counters meanwhile.
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
            // If the next asker has gone away, the unsent turn is dropped here, and so passes to the one
            // after.
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
