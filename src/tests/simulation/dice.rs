//! The one source of chance of a run. It uses whole numbers only, so that every machine gets the same ones.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub struct Dice(StdRng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A number below `bound`, which is above zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low + 1).expect("low is not above high")))
            .expect("small")
    }

    /// True in so many of a thousand cases. What cannot happen takes no random number.
    pub fn chance(&mut self, in_a_thousand: u64) -> bool {
        in_a_thousand > 0 && self.below(1_000) < in_a_thousand
    }

    /// A random place in a list of this length, which is not empty.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).expect("small"))).expect("small")
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.place(list.len())]
    }

    /// A random one of the choices by their weights, of which at least one is above zero.
    pub fn weighted<T: Copy>(&mut self, choices: &[(u64, T)]) -> T {
        let mut left = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for &(weight, choice) in choices {
            if left < weight {
                return choice;
            }
            left -= weight;
        }
        unreachable!("the throw is below the sum of the weights")
    }
}
