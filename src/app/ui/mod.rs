//! The small design system: every page is built of these parts, and their looks are in `style/main.css`.

mod chart;
mod find;
mod form;
mod frame;
mod parts;
mod pay_panel;
mod problem;
mod tip_card;
mod words;

pub use super::assets::Assets;
pub use chart::units_chart;
pub use find::{FindForm, SearchForm, Wrong};
pub use form::{Field, FormAlert, TickBox};
pub use frame::Frame;
pub use parts::{Badge, Empty, Fact, Head, MaskedCode, More, Notice, Pager, Tone, spans};
pub use pay_panel::{PaymentPanel, TipPanel, tone_of};
pub use problem::{Problem, Refusal, leading_to, refusal, set_status, to_sign_in};
pub use tip_card::{TipCardLink, TipsterName, Verified};
pub use words::{count, percent, signed_percent, units, until};
