//! Asking for a new password. The answer is the same whether the number is known or not.

use leptos::prelude::*;

use crate::accounts::FormAgain;
use crate::app::ui::{Field, FormAlert, Head};

#[component]
pub fn ResetPage() -> impl IntoView {
    let again = use_context::<FormAgain>();
    let typed = again.as_ref().map(|again| again.typed("phone_number")).unwrap_or_default();
    let problem = again.map(|again| again.problem);
    view! {
        <div class="narrow">
            <Head title="New password" lead="We send a code by SMS to your number. With it you set a new password."/>
            <form class="card" method="post" action="/api/accounts/reset">
                <FormAlert problem=problem.clone()/>
                <Field
                    name="phone_number"
                    label="Phone number"
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    value=typed
                    max_length=20
                    problem
                />
                <button class="button pay">"Send the code"</button>
            </form>
            <p><a href="/sign-in">"Back to sign in"</a></p>
        </div>
    }
}
