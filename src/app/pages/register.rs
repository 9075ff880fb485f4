//! Joining as a buyer, a tipster, or both.

use leptos::prelude::*;

use super::query;
use crate::accounts::FormProblem;
use crate::accounts::api::{safe_next, viewer};
use crate::app::ui::{Field, FormAlert, Head, TickBox, leading_to};

#[component]
pub fn RegisterPage() -> impl IntoView {
    if viewer().is_some() {
        leptos_axum::redirect(safe_next(&query("next").unwrap_or_default()));
    }
    let problem = use_context::<FormProblem>();
    let is_first = problem.is_none();
    let typed = problem.clone().map(|problem| problem.typed).unwrap_or_default();
    let next = if typed.next.is_empty() { query("next").unwrap_or_default() } else { typed.next };
    let sign_in = leading_to("/sign-in", &next);
    view! {
        <div class="narrow">
            <Head title="Join Ligisoo" lead="For adults only: you must be 18 or older."/>
            <form class="card" method="post" action="/api/accounts/register">
                <FormAlert problem=problem.clone()/>
                <input type="hidden" name="next" value=next/>
                <Field
                    name="phone_number"
                    label="Phone number"
                    hint="Your M-Pesa number, like 0712 345 678. You sign in with it. We send it a code."
                    kind="tel"
                    input_mode="tel"
                    autocomplete="username"
                    value=typed.phone_number
                    max_length=20
                    problem=problem.clone()
                />
                <Field
                    name="display_name"
                    label="Name to show"
                    hint="Others see it. It need not be your real name."
                    autocomplete="nickname"
                    value=typed.display_name
                    max_length=40
                    problem=problem.clone()
                />
                <Field
                    name="birth_date"
                    label="Date of birth"
                    kind="date"
                    autocomplete="bday"
                    value=typed.birth_date
                    problem=problem.clone()
                />
                <Field
                    name="password"
                    label="Password"
                    hint="At least 8 characters."
                    kind="password"
                    autocomplete="new-password"
                    min_length=8
                    problem=problem.clone()
                />
                <fieldset>
                    <legend>"What do you want to do?"</legend>
                    <Roles problem is_buyer=is_first || typed.buyer.is_some() is_tipster=typed.tipster.is_some()/>
                </fieldset>
                <button class="button pay">"Join"</button>
            </form>
            <p>"Already a member? "<a href=sign_in>"Sign in"</a></p>
        </div>
    }
}

#[component]
fn Roles(problem: Option<FormProblem>, is_buyer: bool, is_tipster: bool) -> impl IntoView {
    let message = problem.filter(|problem| matches!(problem.field, Some("buyer" | "tipster"))).map(|problem| problem.message);
    view! {
        {message.map(|message| view! { <p class="wrong" role="alert">{message}</p> })}
        <TickBox name="buyer" label="Buy tips" hint="Pay for one tip at a time." is_ticked=is_buyer/>
        <TickBox name="tipster" label="Sell tips" hint="Earn a share of every sale." is_ticked=is_tipster/>
    }
}
