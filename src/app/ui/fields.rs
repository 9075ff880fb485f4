//! Fields that say by themselves what is wrong with them, for forms of many kinds.

use leptos::prelude::*;

use crate::types::Text;

/// What stands around an input: its label, its hint, what is wrong.
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

/// One line. The field that is wrong says so, and has the focus.
#[component]
pub fn TextField(
    name: &'static str,
    label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] input_mode: Option<&'static str>,
    #[prop(optional, into)] value: String,
    #[prop(default = 60)] max_length: u16,
    #[prop(optional)] is_optional: bool,
    wrong: Option<Text>,
) -> AnyView {
    let is_wrong = wrong.is_some();
    let described_by = described_by(name, !hint.is_empty(), is_wrong);
    view! {
        <Around name label hint wrong>
            <input
                id=name
                name=name
                r#type=kind
                inputmode=input_mode
                autocomplete="off"
                value=value
                maxlength=max_length
                required=!is_optional
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
                autofocus=is_wrong
            />
        </Around>
    }
    .into_any()
}

/// Leptos writes the text of a `<textarea>` and of a `<title>` as it is: without this it could close the
/// element and go on as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Several lines, which need not be filled in.
#[component]
pub fn TextArea(
    name: &'static str,
    label: Text,
    hint: Text,
    value: String,
    max_length: usize,
    wrong: Option<Text>,
) -> AnyView {
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

/// One of a list: `(value, text)`. The first choice stands for none yet.
#[component]
pub fn Choice(
    name: &'static str,
    label: Text,
    none: Text,
    choices: Vec<(&'static str, Text)>,
    #[prop(into)] chosen: String,
    wrong: Option<Text>,
) -> AnyView {
    let is_wrong = wrong.is_some();
    let described_by = described_by(name, false, is_wrong);
    view! {
        <Around name label hint=Text::default() wrong>
            <select id=name name=name aria-describedby=described_by aria-invalid=is_wrong.then_some("true") autofocus=is_wrong>
                <option value="">{none}</option>
                {choices
                    .into_iter()
                    .map(|(value, text)| view! { <option value=value selected=value == chosen>{text}</option> })
                    .collect_view()}
            </select>
        </Around>
    }
    .into_any()
}

/// What is wrong with a whole form, in focus, above its fields.
#[component]
pub fn Alert(message: Option<Text>) -> impl IntoView {
    message.map(
        |message| view! { <div class="notice bad" role="alert" tabindex="-1" autofocus=true>{message}</div> },
    )
}
