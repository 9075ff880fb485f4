//! A tipster's public page: the whole record with every loss, and what is on sale.

mod own;

use leptos::prelude::*;

use self::own::OwnPage;
use super::{param, query, shown};
use crate::app::ui::{
    Badge, Countdown, FollowForm, Notice, Pager, TipCardLink, Tone, Verified, WindowTitle, count,
    match_count, none_yet, percent, portrait, result_tone, result_word, signed_percent, spans, tip_number,
    units, units_chart,
};
use crate::follows::api::is_following;
use crate::platform::clock::day;
use crate::platform::paths;
use crate::platform::viewer::viewer;
use crate::tips::api::profile;
use crate::tips::filter_form::{LAST_PAGE, read_page};
use crate::tips::record::{RANKED_FROM, SettledTip, Span, Streaks, Tally};
use crate::tips::{TipsterProfile, no_such_page};
use crate::types::{AppError, AppResult, Odds, Text, TipResult, words};

words! {
    no_such_span {
        "A record covers 7, 30 or 90 days, or all time."
        "Rekodi ni ya siku 7, 30 au 90, au ya wakati wote."
    }
    title(name) { "{name} · Tipster" "{name} · Mtoa tips" }
    since(day) { "Tipster on Ligisoo since {day}." "Mtoa tips wa Ligisoo tangu {day}." }
    record { "Record" "Rekodi" }
    on_sale_now { "On sale now" "Zinazouzwa sasa" }
    every_settled { "Every settled tip, newest first" "Kila tip iliyoisha, mpya ziko juu" }
    nothing_settled {
        "No tip of this time has been settled yet, so there is nothing to judge by."
        "Hakuna tip ya muda huu iliyoisha bado, kwa hivyo hakuna cha kupimia."
    }
    one_win { "1 win" "ushindi 1" }
    wins(number) { "{number} wins" "ushindi {number}" }
    one_loss { "1 loss" "kupoteza 1" }
    losses(number) { "{number} losses" "kupoteza {number}" }
    only_one(ranked_from) {
        "Only 1 tip has won or lost so far. Below {ranked_from} a record says next to nothing."
        "Ni tip 1 tu imeshinda au kupoteza kufikia sasa. Chini ya {ranked_from}, rekodi haisemi mengi."
    }
    only(number, ranked_from) {
        "Only {number} tips have won or lost so far. Below {ranked_from} a record says next to nothing."
        "Ni tips {number} tu zimeshinda au kupoteza kufikia sasa. Chini ya {ranked_from}, rekodi haisemi \
         mengi."
    }
    yield_label { "Yield" "Faida" }
    units_label { "Units" "Units" }
    won_label { "Won" "Ushindi" }
    average_odds { "Average odds" "Wastani wa odds" }
    settled_label { "Settled" "Zilizoisha" }
    in_a_row { "In a row now" "Mfululizo sasa" }
    longest_won { "Longest winning run" "Ushindi mfululizo" }
    longest_lost { "Longest losing run" "Kupoteza mfululizo" }
    what_units_are {
        "Units are what 1 staked on every tip would have won or lost, at the odds when the tip was posted; \
         the yield is units for each 1 staked. A void tip gives the stake back and counts for neither. \
         Losses stay: nothing is ever taken off this list. What was won before says little about the next \
         tip."
        "Units ni kile ambacho dau la 1 kwa kila tip lingeshinda au kupoteza, kwa odds za wakati tip \
         ilipowekwa; faida ni units kwa kila 1 iliyowekwa. Tip batili inarudisha dau na haihesabiwi popote. \
         Zilizopoteza zinabaki: hakuna kinachotolewa kwenye orodha hii. Ushindi wa zamani hausemi mengi \
         kuhusu tip ijayo."
    }
    settled(won, lost) { "{won} won, {lost} lost" "ushindi\u{a0}{won}, kupoteza\u{a0}{lost}" }
    settled_with_void(won, lost, void) {
        "{won} won, {lost} lost, {void} void"
        "ushindi\u{a0}{won}, kupoteza\u{a0}{lost}, batili\u{a0}{void}"
    }
    at_odds(matches) { "{matches} at" "{matches}, odds" }
}

/// The page of the tipster whose handle is in the address, over the span that the query asks for.
#[component]
pub fn TipsterPage() -> impl IntoView {
    let handle = param("handle");
    let asked = asked();
    let load = async move {
        let (span, page) = asked?;
        Ok((load(&handle, span, page).await?, span, page))
    };
    shown(load, |((profile, is_following), span, page)| {
        view! { <Tipster profile is_following span page/> }
    })
}

async fn load(handle: &str, span: Span, page: u32) -> AppResult<(TipsterProfile, bool)> {
    let profile = profile(handle, span, page).await?;
    let is_following = is_following(profile.id).await?;
    Ok((profile, is_following))
}

fn asked() -> AppResult<(Span, u32)> {
    let page = query("page").unwrap_or_default();
    Ok((asked_span()?, read_page(&page).ok_or_else(|| AppError::not_found(no_such_page()))?))
}

/// The span that the address asks for; a 400 if there is no such span.
pub(super) fn asked_span() -> AppResult<Span> {
    let days = query("days").unwrap_or_default();
    Span::read(&days).ok_or_else(|| AppError::invalid(no_such_span()))
}

#[component]
fn Tipster(profile: TipsterProfile, is_following: bool, span: Span, page: u32) -> impl IntoView {
    let path = paths::tipster(&profile.handle);
    let at = |page: u32| {
        let pairs = [
            ("days", span.as_str().to_owned()),
            ("page", if page > 1 { page.to_string() } else { String::new() }),
        ];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { path.clone() } else { format!("{path}?{query}") }
    };
    let before = (page > 1).then(|| at(page - 1));
    let after = (profile.has_more && page < LAST_PAGE).then(|| at(page + 1));
    let (now, name) = (profile.now, profile.name.clone());
    let is_own = viewer().is_some_and(|viewer| viewer.id == profile.id);
    let listed: Vec<SettledTip> = profile.history.get(profile.listed).unwrap_or_default().to_vec();
    view! {
        <WindowTitle title=title(profile.name.clone())/>
        <div class="head">
            <div class="person">
                {portrait(profile.picture, &name)}
                <div>
                    <h1>{profile.name}{profile.is_verified.then(|| view! { <Verified/> })}</h1>
                    <p class="lead">{since(day(profile.since))}</p>
                </div>
            </div>
            {(!profile.bio.is_empty()).then(|| view! { <p class="note">{profile.bio}</p> })}
            {if is_own {
                view! { <OwnPage path=path.clone()/> }.into_any()
            } else {
                view! { <FollowForm tipster=profile.id name is_following next=path.clone()/> }.into_any()
            }}
        </div>
        <section aria-labelledby="record">
            <h2 id="record">{record()}</h2>
            {spans(&path, span)}
            <Record tally=profile.tally streaks=profile.streaks/>
            {(profile.history.len() > 1).then(|| view! {
                <div class="card">{units_chart(&profile.history)}</div>
            })}
        </section>
        {(page == 1 && !profile.on_sale.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="on-sale">
                        <h2 id="on-sale">{on_sale_now()}</h2>
                        <ul class="slips">
                            {profile.on_sale.into_iter().map(|card| view! {
                                <TipCardLink card now/>
                            }).collect_view()}
                        </ul>
                        <Countdown now/>
                    </section>
                }
            })}
        {(!listed.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="settled">
                        <h2 id="settled">{every_settled()}</h2>
                        <ul class="card settled">
                            {listed.into_iter().map(|tip| view! { <Settled tip/> }).collect_view()}
                        </ul>
                        <Pager before page after/>
                    </section>
                }
            })}
    }
    .into_any()
}

#[component]
fn Record(tally: Tally, streaks: Streaks) -> impl IntoView {
    if tally.settled() == 0 {
        return view! { <Notice>{nothing_settled()}</Notice> }.into_any();
    }
    let row = |result, length| match result {
        TipResult::Won => count(length, one_win(), wins),
        _ => count(length, one_loss(), losses),
    };
    let current = streaks.current.map_or(none_yet(), |(result, length)| row(result, length));
    let odds = tally.average_odds().and_then(|odds| Odds::from_thousandths(odds / 10 * 10).ok());
    view! {
        {(!tally.is_ranked())
            .then(|| {
                let few = count(tally.decided(), only_one(RANKED_FROM), |number| only(number, RANKED_FROM));
                view! { <Notice tone=Tone::Wait>{few}</Notice> }
            })}
        <dl class="card figures">
            <Figure
                label=yield_label()
                value=tally.yield_rate().map_or(none_yet(), |rate| signed_percent(rate).into())
            />
            <Figure label=units_label() value=units(tally.units).into()/>
            <Figure label=won_label() value=tally.win_rate().map_or(none_yet(), |rate| percent(rate).into())/>
            <Figure label=average_odds() value=odds.map_or(none_yet(), |odds| odds.to_string().into())/>
            <Figure label=settled_label() value=settled_count(&tally)/>
            <Figure label=in_a_row() value=current/>
            <Figure label=longest_won() value=row(TipResult::Won, streaks.longest_won)/>
            <Figure label=longest_lost() value=row(TipResult::Lost, streaks.longest_lost)/>
        </dl>
        <p class="hint">{what_units_are()}</p>
    }
    .into_any()
}

fn settled_count(tally: &Tally) -> Text {
    if tally.void > 0 {
        settled_with_void(tally.won, tally.lost, tally.void)
    } else {
        settled(tally.won, tally.lost)
    }
}

#[component]
fn Figure(label: Text, value: Text) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
}

#[component]
fn Settled(tip: SettledTip) -> impl IntoView {
    view! {
        <li>
            <div>
                <a href=paths::tip(tip.number)>{tip_number(tip.number)}</a>
                <span class="tiny">{day(tip.settled_at)}</span>
                <span class="tiny">
                    {at_odds(match_count(tip.match_count))}" "<b>{tip.odds.to_string()}</b>
                </span>
            </div>
            <Badge text=result_word(tip.result) tone=result_tone(tip.result)/>
            <b class="amount">{units(tip.units)}</b>
        </li>
    }
}
