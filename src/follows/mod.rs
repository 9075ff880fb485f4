//! Follows: the tipsters whose new tips a person wants to hear of.

pub mod api;
mod service;
pub mod store;

pub use service::Follows;
pub use store::Followed;

use crate::types::words;

words! {
    not_yourself { "You cannot follow yourself." "Huwezi kujifuata mwenyewe." }
    too_many_followed(most) {
        "You follow {most} tipsters already. Stop following one first."
        "Tayari unawafuata watoa tips {most}. Acha kumfuata mmoja kwanza."
    }
}

/// A page of followed tipsters, the last followed first.
#[derive(Debug, Clone)]
pub struct Following {
    pub tipsters: Vec<Followed>,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<String>,
}
