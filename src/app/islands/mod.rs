//! What runs in the browser. Islands have no props and no texts of their own: the server renders their
//! children, and the island reads the page. That keeps the WebAssembly small
//! (docs/decisions/0004-islands-without-props.md).

#[cfg(feature = "hydrate")]
mod browser;
mod copy_code;
mod pay_panel;
#[cfg(feature = "hydrate")]
mod payment_watch;

pub use copy_code::CopyCode;
pub use pay_panel::PayPanel;
