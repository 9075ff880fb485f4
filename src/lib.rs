#![cfg(feature = "hydrate")]
//! The browser's entry: wakes the islands that the server rendered.

pub mod app;

/// Called by the loader of `app::assets` once the module is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
