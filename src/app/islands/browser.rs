//! The little that the islands ask of the browser.

use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Event, EventTarget, RequestInit, Response, UrlSearchParams, Window};

#[wasm_bindgen]
extern "C" {
    /// Stops a request that takes too long, or that a newer one replaces.
    pub type AbortController;
    #[wasm_bindgen(constructor)]
    pub fn new() -> AbortController;
    #[wasm_bindgen(method)]
    pub fn abort(this: &AbortController);
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    /// Server-sent events. The browser connects again by itself, unless the server refused it.
    pub type EventSource;
    #[wasm_bindgen(constructor)]
    pub fn new(address: &str) -> EventSource;
    #[wasm_bindgen(method)]
    pub fn close(this: &EventSource);
}

pub fn window() -> Window {
    leptos::prelude::window()
}

pub fn document() -> Document {
    leptos::prelude::document()
}

pub fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

pub fn find_all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Listens for as long as the page lives.
pub fn on(target: &EventTarget, event: &str, listener: impl FnMut(Event) + 'static) {
    let listener = Closure::<dyn FnMut(Event)>::new(listener).into_js_value();
    // Refused only for a listener that is no function.
    let _ = target.add_event_listener_with_callback(event, listener.unchecked_ref());
}

pub fn show(element: &Element, is_shown: bool) {
    // Refused only for an attribute name that is no name.
    let _ = element.toggle_attribute_with_force("hidden", !is_shown);
}

/// Sends a form's fields (POST) or asks (GET). Gives the status and the JSON, or nothing when no whole answer
/// came.
pub async fn fetch(
    address: &str,
    body: Option<UrlSearchParams>,
    controller: &AbortController,
) -> Option<(u16, JsValue)> {
    let request = RequestInit::new();
    let headers = web_sys::Headers::new().ok()?;
    headers.set("accept", "application/json").ok()?;
    request.set_headers(&headers);
    if let Some(body) = body {
        request.set_method("POST");
        request.set_body(&body);
    }
    js_sys::Reflect::set(&request, &"signal".into(), &controller.signal()).ok()?;
    let response: Response =
        JsFuture::from(window().fetch_with_str_and_init(address, &request)).await.ok()?.unchecked_into();
    let json = JsFuture::from(response.json().ok()?).await.ok()?;
    Some((response.status(), json))
}

/// Puts a text on the clipboard; false when the browser does not allow it.
pub async fn copy(text: &str) -> bool {
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}
