//! Asking for a new password. The answer is the same whether the number is known or not.

use leptos::prelude::*;

use crate::app::ui::{Field, FormAlert, Head};
use crate::people::FormAgain;
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

#[component]
pub fn ResetPage() -> impl IntoView {
    let again = use_context::<FormAgain>();
    let typed = again.as_ref().map(|again| again.typed("phone_number")).unwrap_or_default();
    let problem = again.map(|again| again.problem);
    view! {
        <div class="narrow">
            <Head title=title() lead=lead()/>
            <form class="card" method="post" novalidate action="/api/accounts/reset">
                <FormAlert problem=problem.clone()/>
                <Field
                    name="phone_number"
                    label=phone_number()
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    value=typed
                    max_length=20
                    problem
                />
                <button class="button pay">{send_code()}</button>
            </form>
            <p><a href="/sign-in">{back()}</a></p>
        </div>
    }
}
