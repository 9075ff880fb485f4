//! What is alive in the browser. Islands have no props and no words of their own: the server renders them as
//! children and the island reads the page, which keeps the whole WebAssembly small
//! (docs/decisions/0004-islands-without-props.md).

#[cfg(feature = "hydrate")]
mod browser;
mod copy_code;
mod pay_panel;
#[cfg(feature = "hydrate")]
mod payment_watch;

pub use copy_code::CopyCode;
pub use pay_panel::PayPanel;
