//! What every movement of money over M-Pesa needs, whatever it is for. Nothing here knows a tip, a wallet or a
//! payment: the rooms above say for what **purpose** money moves and which of their rows it is about.

pub mod addresses;
pub mod bodies;
pub mod events;
pub mod ladder;
pub mod rate;
pub mod rates;
pub mod receipts;
pub mod sends;
pub mod spool;
pub mod store;
pub mod unfinished;
pub mod webhooks;

use uuid::Uuid;

/// What money moves for, as the room above calls it: one word for one kind of its rows. The list is open; a
/// word is never changed, since rows keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Purpose(&'static str);

impl Purpose {
    /// A purpose under its word.
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }

    /// The word, as rows keep it.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// One row of a room above: what it is for, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Which kind of row.
    pub purpose: Purpose,
    /// The id of the row.
    pub id: Uuid,
}
