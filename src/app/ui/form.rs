//! Form fields: a label, a hint, what is wrong, and the input that refers to them.

use leptos::prelude::*;

use super::ShowPassword;
use crate::people::FormProblem;
use crate::types::Text;

/// What is wrong with the whole form, in focus, above its fields.
#[component]
pub fn FormAlert(problem: Option<FormProblem>) -> impl IntoView {
    problem.filter(|problem| problem.field.is_none()).map(|problem| {
        view! { <div class="notice bad" role="alert" tabindex="-1" autofocus=true>{problem.message}</div> }
    })
}

/// One line of text. The field that is wrong says so, and has the focus.
#[component]
pub fn Field(
    name: &'static str,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] input_mode: Option<&'static str>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] min_length: Option<u8>,
    #[prop(default = 100)] max_length: u8,
    problem: Option<FormProblem>,
) -> impl IntoView {
    let message = problem.filter(|problem| problem.field == Some(name)).map(|problem| problem.message);
    let is_wrong = message.is_some();
    let hint = hint.here();
    let described_by = match (hint.is_empty(), is_wrong) {
        (true, false) => None,
        (false, false) => Some(format!("{name}-hint")),
        (true, true) => Some(format!("{name}-problem")),
        (false, true) => Some(format!("{name}-problem {name}-hint")),
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {message.map(|message| view! { <p class="wrong" id=format!("{name}-problem")>{message}</p> })}
            <input
                id=name
                name=name
                r#type=kind
                inputmode=input_mode
                autocomplete=autocomplete
                value=value
                minlength=min_length
                maxlength=max_length
                required=true
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
                autofocus=is_wrong
            />
            {(kind == "password").then(|| view! { <ShowPassword field=name/> })}
        </div>
    }
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
