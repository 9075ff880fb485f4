//! The button that shows a password while it is typed. It needs a script, so without scripts it stays hidden.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

use crate::types::words;

words! {
    show { "Show what I type" "Onyesha ninachoandika" }
    hide { "Hide it again" "Ficha tena" }
}

/// The script of the button. It hides the password again when the form is sent, so that browsers offer to
/// keep it.
const SCRIPT: &str = r#"{const b=document.currentScript.previousElementSibling,i=document.getElementById(b.getAttribute("aria-controls")),
set=s=>{i.type=s?"text":"password";b.textContent=s?b.dataset.hide:b.dataset.show};
b.hidden=false;b.onclick=()=>set(i.type=="password");i.form.addEventListener("submit",()=>set(false))}"#;

/// The button; it must stand after the input whose id is `field`.
#[component]
pub fn ShowPassword(field: &'static str) -> impl IntoView {
    let (show, hide) = (show().here().into_owned(), hide().here().into_owned());
    view! {
        <button
            type="button"
            class="link show"
            aria-controls=field
            data-show=show.clone()
            data-hide=hide
            hidden
        >
            {show.clone()}
        </button>
        <script nonce=use_nonce()>{SCRIPT}</script>
    }
}
