//! Pays without leaving the page, and watches the payment until it ends. The page itself holds the state:
//! what is known of the payment is in the `data-` attributes of the panel, where the server wrote it and
//! where a reload finds it again.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, FormData, HtmlElement, HtmlFormElement, UrlSearchParams, VisibilityState};

use super::browser::{self, AbortController, EventSource};

const SECOND: u32 = 1_000;
/// Seconds between two questions to the server.
const POLL_EVERY: u32 = 5;
/// A question without an answer is stopped after this many seconds, because the next one may get through.
const POLL_GIVES_UP: u32 = 15;
/// A press on the pay button is stopped after this many seconds. Safaricom's own answer to a push may take
/// half a minute.
const PAY_GIVES_UP: u32 = 60;
/// How long "Paid" stands before the tip opens, in milliseconds, so that it can be read.
const READ_PAID: u32 = 1_200;

#[wasm_bindgen]
extern "C" {
    /// The JSON of `payments::PaymentView`, or `{"error": …}`. Every field is optional, because a refusal has
    /// none of them.
    type PaymentAnswer;
    #[wasm_bindgen(method, getter)]
    fn error(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn payment_id(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn state(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn title(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn message(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn reference(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn phone(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn receipt(this: &PaymentAnswer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn countdown(this: &PaymentAnswer) -> Option<u32>;
    #[wasm_bindgen(method, getter)]
    fn is_waiting(this: &PaymentAnswer) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn can_send_again(this: &PaymentAnswer) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn can_pay(this: &PaymentAnswer) -> Option<bool>;
}

/// The request that is under way. There is never a second one.
struct OpenRequest {
    controller: AbortController,
    pays: bool,
    seconds: u32,
}

struct Watch {
    panel: Element,
    request: RefCell<Option<OpenRequest>>,
    /// The number of the latest request. An answer to an older one is ignored.
    latest: Cell<u32>,
    seconds_since_answer: Cell<u32>,
    /// Seconds left to enter the PIN.
    countdown: Cell<u32>,
    clock: RefCell<Option<Interval>>,
    /// Tells at once that something has changed. Without it the panel still asks every few seconds.
    news: RefCell<Option<EventSource>>,
}

/// Takes over the pay panel of this page, if there is one.
pub fn take_over() {
    let Some(panel) = browser::find("[data-pay]") else { return };
    let countdown =
        panel.get_attribute("data-countdown").and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    // The watch lives as long as the page and is never freed, so that every listener can simply refer to it.
    let watch: &'static Watch = Box::leak(Box::new(Watch {
        panel,
        request: RefCell::new(None),
        latest: Cell::new(0),
        seconds_since_answer: Cell::new(0),
        countdown: Cell::new(countdown),
        clock: RefCell::new(None),
        news: RefCell::new(None),
    }));
    watch.listen();
    if watch.is_waiting() {
        watch.start_clock();
        watch.listen_for_news();
    }
}

impl Watch {
    fn listen(&'static self) {
        browser::on(&self.panel, "submit", move |event| self.pay(&event));
        // An M-Pesa prompt covers the whole screen and stops timers, so the panel asks at once when the buyer
        // is back.
        browser::on(&browser::document(), "visibilitychange", move |_| self.ask());
        browser::on(&browser::window(), "pageshow", move |_| self.ask());
        browser::on(&browser::window(), "online", move |_| self.ask());
    }

    fn is_waiting(&self) -> bool {
        self.panel.get_attribute("data-waiting").as_deref() == Some("true")
    }

    fn pay(&'static self, event: &Event) {
        event.prevent_default();
        if self.request.borrow().as_ref().is_some_and(|request| request.pays) {
            return;
        }
        let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        let Some(fields) = fields(&form) else { return };
        if event_submits_again(event) {
            fields.append("send_again", "true");
        }
        self.enable_form(false);
        self.fill("problem", None);
        self.show("expired", false);
        self.say(self.panel.get_attribute("data-sending"), None);
        self.send(form.action(), Some(fields));
        self.start_clock();
    }

    /// Asks how the payment stands, if one is waited for and somebody can see the answer.
    fn ask(&'static self) {
        if !self.is_waiting()
            || self.request.borrow().is_some()
            || browser::document().visibility_state() == VisibilityState::Hidden
        {
            return;
        }
        let address = self.panel.get_attribute("data-ask").unwrap_or_default();
        let id = self.panel.get_attribute("data-payment-id").unwrap_or_default();
        self.send(address + &id, None);
    }

    /// Opens one stream of events for as long as the payment is waited for.
    fn listen_for_news(&'static self) {
        let (Some(address), Some(id)) =
            (self.panel.get_attribute("data-news"), self.panel.get_attribute("data-payment-id"))
        else {
            return;
        };
        self.news.borrow_mut().get_or_insert_with(|| {
            let news = EventSource::new(&(address + &id));
            browser::on(news.unchecked_ref(), "message", move |_| self.ask_again());
            news
        });
    }

    /// Something has changed. A question under way may have been answered before the change, so it is asked
    /// again.
    fn ask_again(&'static self) {
        let old = self.request.borrow_mut().take_if(|request| !request.pays);
        if let Some(old) = old {
            old.controller.abort();
        }
        self.ask();
    }

    /// Sends a request. A question that is still under way is stopped.
    fn send(&'static self, address: String, fields: Option<UrlSearchParams>) {
        let pays = fields.is_some();
        let number = self.latest.get() + 1;
        self.latest.set(number);
        let controller = AbortController::new();
        let handle: AbortController = JsValue::from(&controller).unchecked_into();
        if let Some(old) = self.request.replace(Some(OpenRequest { controller: handle, pays, seconds: 0 })) {
            old.controller.abort();
        }
        wasm_bindgen_futures::spawn_local(async move {
            let answer = browser::fetch(&address, fields, &controller).await;
            if self.latest.get() == number {
                self.request.replace(None);
                self.seconds_since_answer.set(0);
                self.hear(answer, pays);
            }
        });
    }

    fn hear(&'static self, answer: Option<(u16, JsValue)>, pays: bool) {
        let (status, answer) =
            answer.map_or((0, None), |(status, json)| (status, Some(json.unchecked_into::<PaymentAnswer>())));
        match answer {
            Some(answer) if answer.payment_id().is_some() => {
                if pays {
                    self.fill("problem", None);
                }
                self.show_payment(&answer);
            }
            _ if status == 401 => {
                self.say(None, None);
                self.show("form", false);
                self.show("expired", true);
                self.stop();
            }
            answer if pays => {
                let why = answer
                    .and_then(|answer| answer.error())
                    .or_else(|| self.panel.get_attribute("data-offline"));
                self.refuse(why);
            }
            _ => self.show("unreachable", true),
        }
    }

    /// No payment was begun. A payment that was open before is still watched.
    fn refuse(&'static self, why: Option<String>) {
        self.say(None, None);
        self.fill("problem", why);
        self.enable_form(true);
        self.focus_status();
        if self.is_waiting() { self.ask() } else { self.stop() }
    }

    fn show_payment(&'static self, answer: &PaymentAnswer) {
        let is_waiting = answer.is_waiting() == Some(true);
        let state = answer.state().unwrap_or_default();
        self.note("data-payment-id", &answer.payment_id().unwrap_or_default());
        self.note("data-waiting", if is_waiting { "true" } else { "false" });
        self.note("data-state", &state);
        self.show("unreachable", false);
        self.say(answer.title(), answer.message());
        self.fill("reference", answer.reference());
        self.fill("phone", answer.phone());
        self.fill("receipt", answer.receipt());
        self.count_from(answer.countdown().unwrap_or(0));
        let (can_pay, can_send_again) =
            (answer.can_pay() == Some(true), answer.can_send_again() == Some(true));
        self.show("form", can_pay || can_send_again);
        self.show("pay-button", can_pay);
        self.show("again-button", can_send_again);
        self.enable_form(true);
        if is_waiting {
            self.start_clock();
            self.listen_for_news();
            return;
        }
        self.stop();
        if state == "paid" {
            Timeout::new(READ_PAID, move || self.open_tip()).forget();
        } else {
            self.focus_status();
        }
    }

    fn open_tip(&self) {
        if let Some(tip) = self.panel.get_attribute("data-tip") {
            let _ = browser::window().location().replace(&tip);
        }
    }

    fn start_clock(&'static self) {
        self.clock.borrow_mut().get_or_insert_with(|| Interval::new(SECOND, move || self.tick()));
    }

    /// Ends the watching, and asks no more questions.
    fn stop(&self) {
        self.note("data-waiting", "false");
        self.count_from(0);
        self.clock.replace(None);
        if let Some(news) = self.news.take() {
            news.close();
        }
    }

    fn tick(&'static self) {
        self.count_from(self.countdown.get().saturating_sub(1));
        if let Some(request) = self.request.borrow_mut().as_mut() {
            request.seconds += 1;
            if request.seconds == if request.pays { PAY_GIVES_UP } else { POLL_GIVES_UP } {
                request.controller.abort();
            }
            return;
        }
        self.seconds_since_answer.set(self.seconds_since_answer.get() + 1);
        if self.seconds_since_answer.get() >= POLL_EVERY {
            self.ask();
        }
    }
}

/// What the buyer sees.
impl Watch {
    fn part(&self, name: &str) -> Option<Element> {
        self.panel.query_selector(&["[data-part=", name, "]"].concat()).ok().flatten()
    }

    fn show(&self, name: &str, is_shown: bool) {
        if let Some(part) = self.part(name) {
            browser::show(&part, is_shown);
        }
    }

    /// Writes a text only if it changes, so that a screen reader announces nothing else. A part without a
    /// text has its row hidden.
    fn fill(&self, name: &str, text: Option<String>) {
        let Some(part) = self.part(name) else { return };
        if part.text_content() != text {
            part.set_text_content(text.as_deref());
        }
        if let Ok(Some(row)) = part.closest("[data-row]") {
            browser::show(&row, text.is_some_and(|text| !text.is_empty()));
        }
    }

    fn say(&self, title: Option<String>, message: Option<String>) {
        self.fill("title", Some(title.unwrap_or_default()));
        self.fill("message", Some(message.unwrap_or_default()));
    }

    fn note(&self, attribute: &str, value: &str) {
        // The browser refuses only an impossible attribute name.
        let _ = self.panel.set_attribute(attribute, value);
    }

    fn count_from(&self, seconds: u32) {
        self.countdown.set(seconds);
        let rest = seconds % 60;
        let text =
            [(seconds / 60).to_string().as_str(), if rest < 10 { ":0" } else { ":" }, &rest.to_string()]
                .concat();
        self.fill("countdown", (seconds > 0).then_some(text));
    }

    /// Switches the buttons of the form on or off. A hidden button stays off, because the Enter key in the
    /// phone field presses the first button that is on.
    fn enable_form(&self, is_enabled: bool) {
        for name in ["pay-button", "again-button"] {
            if let Some(button) = self.part(name) {
                let is_off = !is_enabled || button.has_attribute("hidden");
                let _ = button.toggle_attribute_with_force("disabled", is_off);
            }
        }
    }

    fn focus_status(&self) {
        if let Some(status) = self.part("status").and_then(|status| status.dyn_into::<HtmlElement>().ok()) {
            let _ = status.focus();
        }
    }
}

fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let fields = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
}

fn event_submits_again(event: &Event) -> bool {
    let submitter = event.unchecked_ref::<web_sys::SubmitEvent>().submitter();
    submitter.is_some_and(|button| button.get_attribute("name").as_deref() == Some("send_again"))
}
