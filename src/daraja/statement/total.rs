//! Sums. A row of totals is no payment, but a check of the lines before it.

use std::ops::AddAssign;

use crate::types::Kes;

/// What came in and what went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    pub paid_in: Kes,
    pub withdrawn: Kes,
}

impl Sums {
    /// Nothing.
    pub const NONE: Self = Self { paid_in: Kes::ZERO, withdrawn: Kes::ZERO };

    /// Whether a row of totals that says `said` sums up these lines. It may leave a column out.
    fn is_said_by(self, said: Self) -> bool {
        let agrees = |sum: Kes, said: Kes| said == sum || said == Kes::ZERO;
        agrees(self.paid_in, said.paid_in) && agrees(self.withdrawn, said.withdrawn)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.paid_in = self.paid_in + other.paid_in;
        self.withdrawn = self.withdrawn + other.withdrawn;
    }
}

/// The sums of the lines so far: of all and of the completed ones alone, in the whole file and since the last
/// header or total. A portal's totals are one of these.
#[derive(Clone, Copy)]
pub struct Running {
    whole: [Sums; 2],
    page: [Sums; 2],
}

impl Running {
    /// Before the first line.
    pub const START: Self = Self { whole: [Sums::NONE; 2], page: [Sums::NONE; 2] };

    /// One more line.
    pub fn add(&mut self, sums: Sums, is_completed: bool) {
        for kind in [&mut self.whole, &mut self.page] {
            kind[0] += sums;
            if is_completed {
                kind[1] += sums;
            }
        }
    }

    /// The sums of all lines so far.
    pub const fn all(&self) -> Sums {
        self.whole[0]
    }

    /// A new page begins.
    pub const fn turn_page(&mut self) {
        self.page = [Sums::NONE; 2];
    }

    /// Whether a row of totals agrees with the lines before it.
    pub fn agrees_with(&self, said: Sums) -> bool {
        self.whole.iter().chain(&self.page).any(|sums| sums.is_said_by(said))
    }
}
