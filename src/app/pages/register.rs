//! Joining as a buyer, a tipster, or both.

use leptos::prelude::*;

use super::query;
use crate::app::ui::{Alert, Field, Head, TickBox, send_to};
use crate::people::api::can_send;
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::platform::redirect::{leading_to, safe_next};
use crate::platform::viewer::viewer;
use crate::types::words;

words! {
    title { "Join Ligisoo" "Jiunge na Ligisoo" }
    lead {
        "For adults only: you must be 18 or older."
        "Kwa watu wazima tu: lazima uwe na miaka 18 au zaidi."
    }
    phone_number { "Phone number" "Namba ya simu" }
    phone_number_hint {
        "Your M-Pesa number, like 0712 345 678. You sign in with it. We send it a code."
        "Namba yako ya M-Pesa, kama 0712 345 678. Utaingia kwa namba hii. Tutaitumia code."
    }
    name_to_show { "Name to show" "Jina litakaloonekana" }
    name_to_show_hint {
        "Others see it. It need not be your real name."
        "Wengine wataliona. Si lazima liwe jina lako halisi."
    }
    birth_date { "Date of birth" "Tarehe ya kuzaliwa" }
    birth_date_hint { "Day, month, year: 30/04/1995." "Siku, mwezi, mwaka: 30/04/1995." }
    password { "Password" "Nenosiri" }
    password_hint { "At least 8 characters, not easy to guess." "Angalau herufi 8, lisilo rahisi kukisia." }
    what_to_do { "What do you want to do?" "Unataka kufanya nini?" }
    by_joining { "By joining you accept" "Ukijiunga unakubali" }
    the_terms { "the Terms" "Masharti" }
    join { "Join" "Jiunge" }
    member_already { "Already a member?" "Una akaunti tayari?" }
    sign_in { "Sign in" "Ingia" }
    buy_tips { "Buy tips" "Nunua tips" }
    buy_tips_hint { "Pay for one tip at a time." "Lipia tip moja moja." }
    sell_tips { "Sell tips" "Uza tips" }
    sell_tips_hint { "Earn a share of every sale." "Pata mgao wa kila mauzo." }
}

/// The form to join. People who are signed in already are led to where they came from.
#[component]
pub fn RegisterPage() -> impl IntoView {
    if viewer().is_some() {
        send_to(safe_next(&query("next").unwrap_or_default()));
    }
    let next = query("next").unwrap_or_default();
    let to_sign_in = leading_to(paths::SIGN_IN, &next);
    view! {
        <div class="narrow">
            <Head title=title() lead=lead()/>
            <form class="card" method="post" novalidate action=paths::POST_REGISTER>
                <Alert form="register"/>
                <input type="hidden" name="next" value=next/>
                <Field
                    form="register"
                    name="phone_number"
                    label=phone_number()
                    hint=phone_number_hint()
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    max_length=20
                />
                <Field
                    form="register"
                    name="display_name"
                    label=name_to_show()
                    hint=name_to_show_hint()
                    autocomplete="nickname"
                    max_length=40
                />
                <Field
                    form="register"
                    name="birth_date"
                    label=birth_date()
                    hint=birth_date_hint()
                    input_mode="numeric"
                    autocomplete="bday"
                    max_length=20
                />
                {(!can_send()).then(|| view! { <Password/> })}
                <fieldset>
                    <legend>{what_to_do()}</legend>
                    <Roles/>
                </fieldset>
                <p class="hint">{by_joining()}" "<a href=paths::TERMS>{the_terms()}</a>"."</p>
                <button class="button pay">{join()}</button>
            </form>
            <p>{member_already()}" "<a href=to_sign_in>{sign_in()}</a></p>
        </div>
    }
}

/// The field for the password. It is here only where no code can be sent; otherwise the password is chosen
/// when the code comes back.
#[component]
fn Password() -> impl IntoView {
    view! {
        <Field
            form="register"
            name="password"
            label=password()
            hint=password_hint()
            kind="password"
            autocomplete="new-password"
            min_length=8
        />
    }
}

#[component]
fn Roles() -> impl IntoView {
    let refused = refused("register");
    let is_ticked = |name| refused.as_ref().map(|refused| refused.value(name).is_some());
    let (is_buyer, is_tipster) = (is_ticked("buyer").unwrap_or(true), is_ticked("tipster").unwrap_or(false));
    let wrong = refused.and_then(|refused| refused.wrong("buyer").or_else(|| refused.wrong("tipster")));
    view! {
        {wrong.map(|wrong| view! { <p class="wrong" role="alert">{wrong}</p> })}
        <TickBox name="buyer" label=buy_tips() hint=buy_tips_hint() is_ticked=is_buyer/>
        <TickBox name="tipster" label=sell_tips() hint=sell_tips_hint() is_ticked=is_tipster/>
    }
}
