//! Signing in, and going back to where one came from.

use leptos::prelude::*;

use super::query;
use crate::app::ui::{Field, FormAlert, Head, leading_to};
use crate::people::FormProblem;
use crate::platform::redirect::safe_next;
use crate::platform::viewer::viewer;
use crate::types::words;

words! {
    sign_in { "Sign in" "Ingia" }
    phone_number { "Phone number" "Namba ya simu" }
    password { "Password" "Nenosiri" }
    forgot { "I forgot my password" "Nimesahau nenosiri" }
    new_here { "New to Ligisoo?" "Wewe ni mgeni Ligisoo?" }
    join { "Join with your phone number" "Jiunge kwa namba yako ya simu" }
}

#[component]
pub fn SignInPage() -> impl IntoView {
    if viewer().is_some() {
        leptos_axum::redirect(safe_next(&query("next").unwrap_or_default()));
    }
    let problem = use_context::<FormProblem>();
    let typed = problem.clone().map(|problem| problem.typed).unwrap_or_default();
    let next = if typed.next.is_empty() { query("next").unwrap_or_default() } else { typed.next };
    let register = leading_to("/register", &next);
    view! {
        <div class="narrow">
            <Head title=sign_in()/>
            <form class="card" method="post" novalidate action="/api/accounts/sign-in">
                <FormAlert problem=problem.clone()/>
                <input type="hidden" name="next" value=next/>
                <Field
                    name="phone_number"
                    label=phone_number()
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    value=typed.phone_number
                    max_length=20
                    problem=problem.clone()
                />
                <Field name="password" label=password() kind="password" autocomplete="current-password" problem=problem/>
                <button class="button pay">{sign_in()}</button>
            </form>
            <p><a href="/reset">{forgot()}</a></p>
            <p>{new_here()}" "<a href=register>{join()}</a></p>
        </div>
    }
}
