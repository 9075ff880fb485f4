//! Joining as a buyer, a tipster, or both.

use leptos::prelude::*;

use super::query;
use crate::app::ui::{Field, FormAlert, Head, TickBox, leading_to};
use crate::people::FormProblem;
use crate::people::api::can_send;
use crate::platform::redirect::safe_next;
use crate::platform::viewer::viewer;
use crate::types::words;

words! {
    title { "Join Ligisoo" "Jiunge na Ligisoo" }
    lead { "For adults only: you must be 18 or older." "Kwa watu wazima tu: lazima uwe na miaka 18 au zaidi." }
    phone_number { "Phone number" "Namba ya simu" }
    phone_number_hint {
        "Your M-Pesa number, like 0712 345 678. You sign in with it. We send it a code."
        "Namba yako ya M-Pesa, kama 0712 345 678. Utaingia kwa namba hii. Tutaitumia code."
    }
    name_to_show { "Name to show" "Jina litakaloonekana" }
    name_to_show_hint { "Others see it. It need not be your real name." "Wengine wataliona. Si lazima liwe jina lako halisi." }
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

#[component]
pub fn RegisterPage() -> impl IntoView {
    if viewer().is_some() {
        leptos_axum::redirect(safe_next(&query("next").unwrap_or_default()));
    }
    let problem = use_context::<FormProblem>();
    let is_first = problem.is_none();
    let typed = problem.clone().map(|problem| problem.typed).unwrap_or_default();
    let next = if typed.next.is_empty() { query("next").unwrap_or_default() } else { typed.next };
    let to_sign_in = leading_to("/sign-in", &next);
    view! {
        <div class="narrow">
            <Head title=title() lead=lead()/>
            <form class="card" method="post" novalidate action="/api/accounts/register">
                <FormAlert problem=problem.clone()/>
                <input type="hidden" name="next" value=next/>
                <Field
                    name="phone_number"
                    label=phone_number()
                    hint=phone_number_hint()
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    value=typed.phone_number
                    max_length=20
                    problem=problem.clone()
                />
                <Field
                    name="display_name"
                    label=name_to_show()
                    hint=name_to_show_hint()
                    autocomplete="nickname"
                    value=typed.display_name
                    max_length=40
                    problem=problem.clone()
                />
                <Field
                    name="birth_date"
                    label=birth_date()
                    hint=birth_date_hint()
                    input_mode="numeric"
                    autocomplete="bday"
                    value=typed.birth_date
                    max_length=20
                    problem=problem.clone()
                />
                {(!can_send()).then(|| view! { <Password problem=problem.clone()/> })}
                <fieldset>
                    <legend>{what_to_do()}</legend>
                    <Roles problem is_buyer=is_first || typed.buyer.is_some() is_tipster=typed.tipster.is_some()/>
                </fieldset>
                <p class="hint">{by_joining()}" "<a href="/terms">{the_terms()}</a>"."</p>
                <button class="button pay">{join()}</button>
            </form>
            <p>{member_already()}" "<a href=to_sign_in>{sign_in()}</a></p>
        </div>
    }
}

/// Chosen here only where no code can be sent; else it is chosen when the code comes back.
#[component]
fn Password(problem: Option<FormProblem>) -> impl IntoView {
    view! {
        <Field
            name="password"
            label=password()
            hint=password_hint()
            kind="password"
            autocomplete="new-password"
            min_length=8
            problem
        />
    }
}

#[component]
fn Roles(problem: Option<FormProblem>, is_buyer: bool, is_tipster: bool) -> impl IntoView {
    let message = problem
        .filter(|problem| matches!(problem.field, Some("buyer" | "tipster")))
        .map(|problem| problem.message);
    view! {
        {message.map(|message| view! { <p class="wrong" role="alert">{message}</p> })}
        <TickBox name="buyer" label=buy_tips() hint=buy_tips_hint() is_ticked=is_buyer/>
        <TickBox name="tipster" label=sell_tips() hint=sell_tips_hint() is_ticked=is_tipster/>
    }
}
