//! The few functions of the browser that the islands use.

use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Event, EventTarget, RequestInit, Response, UrlSearchParams, Window};

#[wasm_bindgen]
extern "C" {
    /// Stops a request that takes too long, or that a newer one replaces.
    pub type AbortController;
    /// A controller for one request.
    #[wasm_bindgen(constructor)]
    pub fn new() -> AbortController;
    /// Stops the request. [`fetch`] then gives nothing.
    #[wasm_bindgen(method)]
    pub fn abort(this: &AbortController);
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    /// A stream of server-sent events. The browser connects again by itself, unless the server refused it.
    pub type EventSource;
    /// Opens the stream at this address.
    #[wasm_bindgen(constructor)]
    pub fn new(address: &str) -> EventSource;
    /// Closes the stream for good.
    #[wasm_bindgen(method)]
    pub fn close(this: &EventSource);
}

/// The window of this page.
pub fn window() -> Window {
    leptos::prelude::window()
}

/// The document of this page.
pub fn document() -> Document {
    leptos::prelude::document()
}

/// The first element that a CSS selector finds, if there is one.
pub fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// All elements that a CSS selector finds, in the order of the page.
pub fn find_all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Calls the listener for each such event, for as long as the page lives.
pub fn on(target: &EventTarget, event: &str, listener: impl FnMut(Event) + 'static) {
    let listener = Closure::<dyn FnMut(Event)>::new(listener).into_js_value();
    // The browser refuses only a listener that is no function.
    let _ = target.add_event_listener_with_callback(event, listener.unchecked_ref());
}

/// Shows or hides an element by its `hidden` attribute.
pub fn show(element: &Element, is_shown: bool) {
    // The browser refuses only an impossible attribute name.
    let _ = element.toggle_attribute_with_force("hidden", !is_shown);
}

/// Sends the fields of a form (POST), or asks (GET without a body). Gives the status and the JSON. `None` if
/// no complete answer came, or the request was stopped.
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

/// Puts a text on the clipboard. False if the browser does not allow it.
pub async fn copy(text: &str) -> bool {
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}
