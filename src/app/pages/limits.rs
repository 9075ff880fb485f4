//! Limits and breaks, in plain words.

use leptos::prelude::*;

use super::query;
use crate::accounts::FormAgain;
use crate::accounts::api::{bounds, viewer};
use crate::accounts::safe::{Bounds, Break, Limit, Period};
use crate::app::ui::{FormAlert, Head, Problem, to_sign_in};
use crate::platform::clock::day_and_time;
use crate::types::Kes;

#[component]
pub fn LimitsPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    Suspend::new(async move {
        match bounds().await {
            Ok(bounds) => view! { <Page bounds/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn Page(bounds: Bounds) -> impl IntoView {
    let again = use_context::<FormAgain>();
    let done = match query("done").as_deref() {
        Some("limit") => Some("Saved. A lower limit holds now, a higher one after 24 hours."),
        Some("break") => Some("Your break has begun."),
        _ => None,
    };
    let problem = again.clone().filter(|again| again.form == "break").map(|again| again.problem);
    view! {
        <Head title="Limits and breaks" lead="Betting can cost you money. Here you decide how much Ligisoo lets you spend, or that it lets you spend nothing for a while."/>
        {done.map(|done| view! { <div class="notice good" role="status">{done}</div> })}
        {bounds
            .break_until
            .map(|until| {
                let kind = if bounds.is_excluded { "You have excluded yourself" } else { "You are taking a break" };
                view! { <div class="notice wait">{format!("{kind} until {}. Until then nothing can be bought with this account or with its number.", day_and_time(until))}</div> }
            })}
        <div class="account">
            <section class="card">
                <h2>"Spend at most"</h2>
                <p class="soft">
                    "What you bought and what your number paid counts, with payments that are still waiting. Money that we send back does not. \
                     A lower limit holds at once. A higher one, or none, holds after 24 hours. Weeks begin on Monday."
                </p>
                {bounds.limits.into_iter().map(|limit| view! { <LimitForm limit again=again.clone()/> }).collect_view()}
            </section>
            <section class="card">
                <h2>"Take a break"</h2>
                <p class="soft">
                    "During a break no tip can be bought with this account, and nobody can buy with your number. You can still sign in, read \
                     what you bought, and get your money. A break cannot be ended early, only made longer."
                </p>
                <FormAlert problem/>
                <form method="post" action="/api/accounts/break">
                    <fieldset>
                        <legend>"How long?"</legend>
                        {Break::ALL
                            .map(|length| {
                                let hint = if length.is_exclusion() { " (self-exclusion)" } else { "" };
                                view! {
                                    <label class="tick">
                                        <input type="radio" name="length" value=length.as_str() required/>
                                        <span>{length.name()}{hint}</span>
                                    </label>
                                }
                            })}
                    </fieldset>
                    <button class="button quiet">"Begin the break now"</button>
                </form>
            </section>
            <section class="card">
                <h2>"If it stops being fun"</h2>
                <p>
                    "Never bet with money that you need, and never try to win back what you lost. If gambling worries you or somebody close \
                     to you, talk to someone you trust or to a counsellor."
                </p>
                <p><a href="/help">"Help"</a></p>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn LimitForm(limit: Limit, again: Option<FormAgain>) -> impl IntoView {
    let period = limit.period;
    let again = again.filter(|again| again.form == period.as_str());
    let (label, so_far) = match period {
        Period::Day => ("A day", "today"),
        Period::Week => ("A week", "this week"),
        Period::Month => ("A month", "this month"),
    };
    let now = limit.most.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
    let shown = again.as_ref().map_or_else(
        || limit.most.and_then(Kes::whole_shillings).map(|shillings| shillings.to_string()).unwrap_or_default(),
        |again| again.typed("limit"),
    );
    let wrong = again.map(|again| again.problem.message);
    let is_wrong = wrong.is_some();
    let next = limit.next.map(|(limit, at)| {
        let limit = limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
        format!("From {}: {limit}.", day_and_time(at))
    });
    let id = format!("limit-{}", period.as_str());
    view! {
        <form class="limit" method="post" action="/api/accounts/limit">
            <input type="hidden" name="period" value=period.as_str()/>
            <div class="field">
                <label for=id.clone()>{label}</label>
                <p class="hint">{format!("Now {now}. Spent {so_far}: {}.", limit.spent)}{next.map(|next| format!(" {next}"))}</p>
                {wrong.map(|wrong| view! { <p class="wrong">{wrong}</p> })}
                <div class="limit-row">
                    <span aria-hidden="true">"KES"</span>
                    <input id=id name="limit" type="text" inputmode="numeric" autocomplete="off" maxlength="9" value=shown
                        aria-invalid=is_wrong.then_some("true") autofocus=is_wrong/>
                    <button class="button quiet">"Save"</button>
                </div>
            </div>
        </form>
    }
    .into_any()
}
