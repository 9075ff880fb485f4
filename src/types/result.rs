//! How a match ended, and the tip that it belongs to.

use super::text_enum;

text_enum! {
    /// How a match ended for its pick, and how a tip ended for its buyers.
    pub enum TipResult {
        Won = "won",
        Lost = "lost",
        /// The stake comes back, because the match was postponed or abandoned, or the bet neither won nor
        /// lost.
        Void = "void",
    }
}
