//! Signing in, and going back to the page where one came from.

use leptos::prelude::*;

use super::query;
use crate::app::ui::{Alert, Field, Head, send_to};
use crate::platform::paths;
use crate::platform::redirect::{leading_to, safe_next};
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

/// The form to sign in. People who are signed in already are led to where they came from.
#[component]
pub fn SignInPage() -> impl IntoView {
    if viewer().is_some() {
        send_to(safe_next(&query("next").unwrap_or_default()));
    }
    let next = query("next").unwrap_or_default();
    let register = leading_to(paths::REGISTER, &next);
    view! {
        <div class="narrow">
            <Head title=sign_in()/>
            <form class="card" method="post" novalidate action=paths::POST_SIGN_IN>
                <Alert form="sign-in"/>
                <input type="hidden" name="next" value=next/>
                <Field
                    form="sign-in"
                    name="phone_number"
                    label=phone_number()
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    max_length=20
                />
                <Field
                    form="sign-in"
                    name="password"
                    label=password()
                    kind="password"
                    autocomplete="current-password"
                />
                <button class="button pay">{sign_in()}</button>
            </form>
            <p><a href=paths::RESET>{forgot()}</a></p>
            <p>{new_here()}" "<a href=register>{join()}</a></p>
        </div>
    }
}
