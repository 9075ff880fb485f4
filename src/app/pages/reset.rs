//! Asking for a new password. The answer is the same whether the number is known or not.

use leptos::prelude::*;

use crate::app::ui::{Alert, Field, Head};
use crate::platform::paths;
use crate::types::words;

words! {
    title { "New password" "Nenosiri jipya" }
    lead {
        "We send a code by SMS to your number. With it you set a new password."
        "Tutatuma code kwa SMS kwenye namba yako. Kwa code hiyo utaweka nenosiri jipya."
    }
    phone_number { "Phone number" "Namba ya simu" }
    send_code { "Send the code" "Tuma code" }
    back { "Back to sign in" "Rudi kuingia" }
}

/// The form for the number to which the code is sent.
#[component]
pub fn ResetPage() -> impl IntoView {
    view! {
        <div class="narrow">
            <Head title=title() lead=lead()/>
            <form class="card" method="post" novalidate action=paths::POST_RESET>
                <Alert form="reset"/>
                <Field
                    form="reset"
                    name="phone_number"
                    label=phone_number()
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    max_length=20
                />
                <button class="button pay">{send_code()}</button>
            </form>
            <p><a href=paths::SIGN_IN>{back()}</a></p>
        </div>
    }
}
