//! Fields of forms: a label, a hint, what is wrong, and the input. Each field finds out whether its form was
//! refused, then says what is wrong with it and shows again what was typed.

use leptos::prelude::*;

use super::ShowPassword;
use crate::platform::forms::{RefusedForm, refused};
use crate::types::Text;

/// What is wrong with a form as a whole, above its fields and in focus. Nothing if the form was not refused.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub fn Alert(#[prop(into)] form: String) -> impl IntoView {
    refused(&form).and_then(|refused| refused.wrong("")).map(
        |message| view! { <div class="notice bad" role="alert" tabindex="-1" autofocus=true>{message}</div> },
    )
}

/// What stands around an input: its label, its hint, and what is wrong.
#[component]
fn Around(name: &'static str, label: Text, hint: Text, wrong: Option<Text>, children: Children) -> AnyView {
    let hint = hint.here();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {wrong.map(|message| view! { <p class="wrong" id=format!("{name}-problem")>{message}</p> })}
            {children()}
        </div>
    }
    .into_any()
}

fn described_by(name: &str, has_hint: bool, is_wrong: bool) -> Option<String> {
    match (has_hint, is_wrong) {
        (false, false) => None,
        (true, false) => Some(format!("{name}-hint")),
        (false, true) => Some(format!("{name}-problem")),
        (true, true) => Some(format!("{name}-problem {name}-hint")),
    }
}

/// What is wrong with a field, and what it shows: what was typed, or else what is known.
fn state_of(form: &str, name: &str, known: String) -> (Option<Text>, String) {
    let refused = refused(form);
    let wrong = refused.as_ref().and_then(|refused| refused.wrong(name));
    (wrong, refused.and_then(|refused: RefusedForm| refused.value(name)).unwrap_or(known))
}

/// A field of one line. If it is wrong, it says so and has the focus.
#[component]
pub fn Field(
    form: &'static str,
    name: &'static str,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] input_mode: Option<&'static str>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] min_length: Option<u8>,
    #[prop(default = 100)] max_length: u8,
    #[prop(optional)] is_optional: bool,
) -> AnyView {
    let (wrong, value) = state_of(form, name, value);
    let is_wrong = wrong.is_some();
    let described_by = described_by(name, !hint.is_empty(), is_wrong);
    view! {
        <Around name label hint wrong>
            <input
                id=name
                name=name
                r#type=kind
                inputmode=input_mode
                autocomplete=autocomplete
                value=value
                minlength=min_length
                maxlength=max_length
                required=!is_optional
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
                autofocus=is_wrong
            />
            {(kind == "password").then(|| view! { <ShowPassword field=name/> })}
        </Around>
    }
    .into_any()
}

/// Escapes text for a `<textarea>` or a `<title>`. Leptos writes the text of these two elements as it is, so
/// it could otherwise close the element and go on as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A field of several lines, which may stay empty.
#[component]
pub fn TextArea(
    form: &'static str,
    name: &'static str,
    label: Text,
    hint: Text,
    value: String,
    max_length: usize,
) -> AnyView {
    let (wrong, value) = state_of(form, name, value);
    let is_wrong = wrong.is_some();
    let described_by = described_by(name, !hint.is_empty(), is_wrong);
    view! {
        <Around name label hint wrong>
            <textarea
                id=name
                name=name
                rows="3"
                maxlength=max_length
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
                autofocus=is_wrong
            >
                {escaped(&value)}
            </textarea>
        </Around>
    }
    .into_any()
}

/// A choice from a list of `(value, text)`. The first one stands if none is chosen.
#[component]
pub fn Choice(
    form: &'static str,
    name: &'static str,
    label: Text,
    choices: Vec<(&'static str, Text)>,
    #[prop(into)] chosen: String,
) -> AnyView {
    let (wrong, chosen) = state_of(form, name, chosen);
    let is_wrong = wrong.is_some();
    let described_by = described_by(name, false, is_wrong);
    view! {
        <Around name label hint=Text::default() wrong>
            <select
                id=name
                name=name
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
                autofocus=is_wrong
            >
                {choices
                    .into_iter()
                    .map(|(value, text)| view! {
                        <option value=value selected=value == chosen>{text}</option>
                    })
                    .collect_view()}
            </select>
        </Around>
    }
    .into_any()
}

/// A box to tick, with its label and what it means.
#[component]
pub fn TickBox(
    name: &'static str,
    #[prop(into)] label: Text,
    #[prop(into)] hint: Text,
    is_ticked: bool,
) -> impl IntoView {
    view! {
        <label class="tick">
            <input type="checkbox" name=name value="true" checked=is_ticked/>
            <span><b>{label}</b><span class="hint">{hint}</span></span>
        </label>
    }
}
