//! What became of a match, and of the tip that it belongs to.

use super::text_enum;

text_enum! {
    /// How a match ended for who picked it, and how a tip ended for who bought it.
    pub enum TipResult {
        Won = "won",
        Lost = "lost",
        /// The stake comes back: postponed, abandoned, pushed.
        Void = "void",
    }
}
