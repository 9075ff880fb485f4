//! The page on which people limit their spending or take a break.

use leptos::prelude::*;

use super::{query, shown};
use crate::app::ui::{Alert, Head, limits_and_breaks};
use crate::people::api::bounds;
use crate::people::self_exclusion::Break;
use crate::people::spending_limits::{Bounds, SpendingLimit};
use crate::people::{BreakKind, LimitPeriod};
use crate::platform::clock::day_and_time;
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::types::{Kes, words};

words! {
    lead {
        "Betting can cost you money. Here you decide how much Ligisoo lets you spend, or that it lets you \
         spend nothing for a while."
        "Kubeti kunaweza kukupotezea pesa. Hapa unaamua Ligisoo ikuruhusu kutumia pesa ngapi, au isikuruhusu \
         kutumia chochote kwa muda."
    }
    limit_saved {
        "Saved. A lower limit holds now, a higher one after 24 hours."
        "Imehifadhiwa. Kikomo cha chini kinaanza sasa, cha juu baada ya masaa 24."
    }
    break_begun { "Your break has begun." "Mapumziko yako yameanza." }
    excluded_until(time) {
        "You have excluded yourself until {time}. Until then nothing can be bought with this account or with \
         its number."
        "Umejizuia hadi {time}. Hadi wakati huo hakuna kinachoweza kununuliwa kwa akaunti hii wala kwa namba \
         yake."
    }
    resting_until(time) {
        "You are taking a break until {time}. Until then nothing can be bought with this account or with its \
         number."
        "Umepumzika hadi {time}. Hadi wakati huo hakuna kinachoweza kununuliwa kwa akaunti hii wala kwa \
         namba yake."
    }
    spend_at_most { "Spend at most" "Kikomo cha matumizi" }
    what_counts {
        "What you bought and what your number paid counts, with payments that are still waiting. Money that \
         we send back does not. A lower limit holds at once. A higher one, or none, holds after 24 hours. \
         Weeks begin on Monday."
        "Tunahesabu ulichonunua na kilicholipwa na namba yako, pamoja na malipo yanayosubiri. Pesa \
         tunayorudisha haihesabiwi. Kikomo cha chini kinaanza mara moja. Cha juu, au kuondoa kikomo, \
         kinaanza baada ya masaa 24. Wiki inaanza Jumatatu."
    }
    take_a_break { "Take a break" "Pumzika" }
    what_a_break_is {
        "During a break no tip can be bought with this account, and nobody can buy with your number. You can \
         still sign in, read what you bought, and get your money. A break cannot be ended early, only made \
         longer."
        "Wakati wa mapumziko hakuna tip inayoweza kununuliwa kwa akaunti hii, na hakuna anayeweza kununua \
         kwa namba yako. Bado unaweza kuingia, kusoma ulichonunua na kupata pesa yako. Mapumziko hayawezi \
         kukatizwa mapema, yanaweza tu kuongezwa."
    }
    how_long { "How long?" "Muda gani?" }
    with_exclusion(length) { "{length} (self-exclusion)" "{length} (kujizuia)" }
    begin_break { "Begin the break now" "Anza mapumziko sasa" }
    no_longer_fun { "If it stops being fun" "Ikiwa si burudani tena" }
    no_longer_fun_advice {
        "Never bet with money that you need, and never try to win back what you lost. If gambling worries \
         you or somebody close to you, talk to someone you trust or to a counsellor."
        "Usibeti kamwe kwa pesa unayoihitaji, na usijaribu kurudisha ulichopoteza. Kama kamari inakusumbua \
         wewe au mtu wako wa karibu, zungumza na mtu unayemwamini au mshauri."
    }
    help { "Help" "Msaada" }
    a_day { "A day" "Kwa siku" }
    a_week { "A week" "Kwa wiki" }
    a_month { "A month" "Kwa mwezi" }
    now_and_today(limit, spent) {
        "Now {limit}. Spent today: {spent}."
        "Sasa {limit}. Umetumia leo: {spent}."
    }
    now_and_this_week(limit, spent) {
        "Now {limit}. Spent this week: {spent}."
        "Sasa {limit}. Umetumia wiki hii: {spent}."
    }
    now_and_this_month(limit, spent) {
        "Now {limit}. Spent this month: {spent}."
        "Sasa {limit}. Umetumia mwezi huu: {spent}."
    }
    no_limit { "no limit" "hakuna kikomo" }
    from_then(time, limit) { "From {time}: {limit}." "Kuanzia {time}: {limit}." }
    save { "Save" "Hifadhi" }
}

/// The limits and breaks of the signed-in person.
#[component]
pub fn LimitsPage() -> impl IntoView {
    shown(bounds(), |bounds| view! { <Page bounds/> })
}

#[component]
fn Page(bounds: Bounds) -> impl IntoView {
    let done = match query("done").as_deref() {
        Some("limit") => Some(limit_saved()),
        Some("break") => Some(break_begun()),
        _ => None,
    };
    view! {
        <Head title=limits_and_breaks() lead=lead()/>
        {done.map(|done| view! { <div class="notice good" role="status">{done}</div> })}
        {bounds
            .break_until
            .map(|until| {
                let until = day_and_time(until);
                view! {
                    <div class="notice wait">
                        {if bounds.is_excluded { excluded_until(until) } else { resting_until(until) }}
                    </div>
                }
            })}
        <div class="account">
            <section class="card">
                <h2>{spend_at_most()}</h2>
                <p class="soft">{what_counts()}</p>
                {bounds.limits.into_iter().map(|limit| view! { <LimitForm limit/> }).collect_view()}
            </section>
            <section class="card">
                <h2>{take_a_break()}</h2>
                <p class="soft">{what_a_break_is()}</p>
                <Alert form="break"/>
                <form method="post" novalidate action=paths::POST_BREAK>
                    <fieldset>
                        <legend>{how_long()}</legend>
                        {Break::ALL
                            .map(|length| {
                                let name = if length.kind() == BreakKind::SelfExclusion {
                                    with_exclusion(length.name())
                                } else {
                                    length.name()
                                };
                                view! {
                                    <label class="tick">
                                        <input type="radio" name="length" value=length.as_str() required/>
                                        <span>{name}</span>
                                    </label>
                                }
                            })}
                    </fieldset>
                    <button class="button quiet">{begin_break()}</button>
                </form>
            </section>
            <section class="card">
                <h2>{no_longer_fun()}</h2>
                <p>{no_longer_fun_advice()}</p>
                <p><a href=paths::HELP>{help()}</a></p>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn LimitForm(limit: SpendingLimit) -> impl IntoView {
    let period = limit.period;
    let refused = refused(period.as_str());
    let said = |limit: Option<Kes>| limit.map_or(no_limit(), |limit| limit.to_string().into());
    let (now, spent) = (said(limit.most), limit.spent);
    let (label, hint) = match period {
        LimitPeriod::Day => (a_day(), now_and_today(now, spent)),
        LimitPeriod::Week => (a_week(), now_and_this_week(now, spent)),
        LimitPeriod::Month => (a_month(), now_and_this_month(now, spent)),
    };
    let set = || limit.most.and_then(Kes::whole_shillings).map(|shillings| shillings.to_string());
    let shown = refused.as_ref().and_then(|refused| refused.value("limit")).or_else(set).unwrap_or_default();
    let wrong = refused.and_then(|refused| refused.reason());
    let is_wrong = wrong.is_some();
    let hint =
        limit.next.map_or(hint.clone(), |(limit, at)| hint.and(&from_then(day_and_time(at), said(limit))));
    let id = format!("limit-{}", period.as_str());
    view! {
        <form class="limit" method="post" novalidate action=paths::POST_LIMIT>
            <input type="hidden" name="period" value=period.as_str()/>
            <div class="field">
                <label for=id.clone()>{label}</label>
                <p class="hint">{hint}</p>
                {wrong.map(|wrong| view! { <p class="wrong">{wrong}</p> })}
                <div class="limit-row">
                    <span aria-hidden="true">"KES"</span>
                    <input
                        id=id
                        name="limit"
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        maxlength="9"
                        value=shown
                        aria-invalid=is_wrong.then_some("true")
                        autofocus=is_wrong
                    />
                    <button class="button quiet">{save()}</button>
                </div>
            </div>
        </form>
    }
    .into_any()
}
