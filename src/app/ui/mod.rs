//! The small design system: every page is built of these parts, and their looks are in `style/main.css`.

mod chart;
mod claim;
mod fields;
mod find;
mod follow;
mod form;
mod frame;
mod parts;
mod pay_panel;
mod portrait;
mod problem;
mod result;
mod tip_card;
mod words;

pub use super::assets::Assets;
pub use chart::units_chart;
pub use claim::{CheckAgain, ClaimForm};
pub use fields::{Alert, Choice, TextArea, TextField};
pub use find::{FindForm, SearchForm, Wrong};
pub use follow::FollowForm;
pub use form::{Field, FormAlert, TickBox};
pub use frame::Frame;
pub use parts::{Badge, Empty, Fact, Head, MaskedCode, More, Notice, Pager, Tone, spans};
pub use pay_panel::{PaymentPanel, TipPanel, tone_of};
pub use portrait::portrait;
pub use problem::{PageProblem, Problem, Refusal, leading_to, refusal, send_to, set_status, to_sign_in};
pub use result::{result_text, result_tone, result_word};
pub use tip_card::{TipCardLink, TipsterName, Verified};
pub use words::{count, more_matches, percent, signed_percent, units, until};
