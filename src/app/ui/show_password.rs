//! The button that shows a password while one types it. It needs a script, so it is not there without one.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

use crate::types::words;

words! {
    show { "Show what I type" "Onyesha ninachoandika" }
    hide { "Hide it again" "Ficha tena" }
}

/// A form is sent with its password hidden, so that browsers offer to keep it.
const SCRIPT: &str = r#"{const b=document.currentScript.previousElementSibling,i=document.getElementById(b.getAttribute("aria-controls")),
set=s=>{i.type=s?"text":"password";b.textContent=s?b.dataset.hide:b.dataset.show};
b.hidden=false;b.onclick=()=>set(i.type=="password");i.form.addEventListener("submit",()=>set(false))}"#;

/// Stands after the field whose id it is given.
#[component]
pub fn ShowPassword(field: &'static str) -> impl IntoView {
    let (show, hide) = (show().here().into_owned(), hide().here().into_owned());
    view! {
        <button type="button" class="link show" aria-controls=field data-show=show.clone() data-hide=hide hidden>
            {show.clone()}
        </button>
        <script nonce=use_nonce()>{SCRIPT}</script>
    }
}
