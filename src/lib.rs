#![cfg(feature = "hydrate")]
//! The program in the browser: it wakes the islands that the server rendered.

pub mod app;

/// The loader in `app::assets` calls this once the module is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
