//! The parts of which every page is built. Their looks are in `style/main.css`.

mod chart;
mod claim;
mod countdown;
mod fields;
mod filter;
mod follow;
mod format;
mod frame;
mod parts;
mod pay_panel;
mod picture_form;
mod portrait;
mod problem;
mod public_matches;
mod result;
mod show_password;
mod tip_card;

pub use super::assets::Assets;
pub use chart::units_chart;
pub use claim::{CheckAgain, ClaimForm, check_again, paid_but_see_nothing};
pub use countdown::{Countdown, closing};
pub use fields::{Alert, Choice, Field, TextArea, TickBox, escaped};
pub use filter::{FIND, FindForm, SearchForm, clear_filters};
pub use follow::FollowForm;
pub use format::{
    bet_code, copied, copy_code, count, limits_and_breaks, match_count, my_purchases, none_yet, percent,
    see_tips, signed_percent, time_count, tip_count, tip_number, units, until,
};
pub use frame::Frame;
pub use parts::{
    Badge, Empty, Fact, Head, MaskedCode, More, Notice, Pager, Tone, WholeTitle, WindowTitle, show_older,
    spans,
};
pub use pay_panel::{PaymentPanel, TipPanel, tone_of};
pub use picture_form::{PictureForm, remove_picture};
pub use portrait::portrait;
pub use problem::{Problem, send_to, set_status};
pub use public_matches::PublicMatches;
pub use result::{result_text, result_tone, result_word};
pub use show_password::ShowPassword;
pub use tip_card::{TipCardLink, TipsterName, Verified};
