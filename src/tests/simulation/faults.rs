//! What can go wrong in a run, and how often it does.

use super::dice::Dice;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $most:literal),+ $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault { $($(#[$doc])* $name),+ }

        impl Fault {
            /// Each fault, and in how many of a thousand cases it may happen at the most.
            const ALL: &[(Self, u64)] = &[$((Self::$name, $most)),+];
        }
    };
}

faults! {
    /// Safaricom took the push, and its answer never came.
    PushAnswerLost = 400,
    /// The push never reached Safaricom, and our side cannot know.
    PushLost = 200,
    PushRefused = 200,
    /// The token or the connection failed before the push left.
    PushNotSent = 200,
    /// The prompt rings up to two minutes after our side stopped waiting.
    PushLate = 150,
    CallbackLost = 600,
    CallbackDoubled = 400,
    CallbackDelayed = 400,
    CallbackMalformed = 300,
    CallbackWrongAmount = 200,
    /// The success of another payment comes under this one's token.
    CallbackForeignIds = 300,
    /// A failure is reported for a payment that was paid.
    CallbackContradicts = 150,
    /// After the true success another one comes with another receipt.
    CallbackSecondReceipt = 300,
    /// A success comes with a receipt that settled another payment.
    CallbackUsedReceipt = 300,
    /// Safaricom posts again after a 503.
    CallbackRepeated = 500,
    /// We settle too slowly, and only the body is stored.
    CallbackTooSlow = 100,
    /// Safaricom confirms the money by C2B too, and perhaps only this confirmation arrives.
    ConfirmedByC2b = 700,
    /// A true callback comes from an address that is not Safaricom's.
    CallbackFromElsewhere = 300,
    QueryProcessing = 500,
    /// A query reports a final failure of a payment that was paid or may still be.
    QueryContradicts = 300,
    /// In the first 30 seconds a query reports a success that is none.
    QueryFalseSuccess = 500,
    QueryLimited = 300,
    /// The gateway is down.
    QueryAway = 300,
    /// A query gets an error, with any HTTP status.
    QueryError = 400,
    QueryRefused = 200,
    /// A statement fails, and it does not help to try again.
    DatabaseError = 12,
    /// The connection dies at a statement.
    ConnectionLost = 12,
    /// A transaction loses a conflict.
    DatabaseConflict = 20,
    /// A commit succeeds, and its answer is lost.
    CommitAnswerLost = 30,
    /// The process dies while a task waits at a stop.
    Killed = 8,
    /// Strangers post to the address without a secret.
    Hint = 500,
    /// Strangers post under tokens that they made up.
    Forged = 300,
}

/// How often each fault may happen in this run, and how often it did.
pub struct Faults {
    odds: [u64; Fault::ALL.len()],
    pub struck: [u64; Fault::ALL.len()],
    /// Whether faults happen at all; they do not while the run is drained.
    pub is_on: bool,
}

impl Faults {
    /// One run in twelve has no faults. In the others half of the faults happen, rarely or often.
    pub fn draw(dice: &mut Dice) -> Self {
        let mut odds = [0; Fault::ALL.len()];
        if !dice.chance(83) {
            for (odds, (_, most)) in odds.iter_mut().zip(Fault::ALL) {
                if dice.chance(500) {
                    *odds = (most * dice.pick(&[100, 300, 1_000])).div_ceil(1_000);
                }
            }
        }
        Self { odds, struck: [0; Fault::ALL.len()], is_on: true }
    }

    pub fn strikes(&mut self, dice: &mut Dice, fault: Fault) -> bool {
        let strikes = self.is_on && dice.chance(self.odds[fault as usize]);
        self.struck[fault as usize] += u64::from(strikes);
        strikes
    }

    pub fn named(struck: &[u64; Fault::ALL.len()]) -> impl Iterator<Item = (String, u64)> {
        Fault::ALL.iter().zip(struck).map(|((fault, _), count)| (format!("{fault:?}"), *count))
    }
}

pub type Struck = [u64; Fault::ALL.len()];
pub const NONE_STRUCK: Struck = [0; Fault::ALL.len()];
