//! What people see: the document around every page, the addresses of the pages, and the pages. The browser
//! gets only the islands.

pub mod islands;

#[cfg(feature = "ssr")]
mod assets;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod site;
#[cfg(feature = "ssr")]
mod ui;

#[cfg(feature = "ssr")]
pub use assets::are_hashed;
#[cfg(feature = "ssr")]
pub use routes::ROUTES;
#[cfg(feature = "ssr")]
pub use shell::{render, shell};
#[cfg(feature = "ssr")]
pub use site::Site;
