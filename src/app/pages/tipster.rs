//! A tipster's public page: the whole record, with every loss in it, and what is on sale.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{param, query};
use crate::accounts::api::is_following;
use crate::app::ui::{
    Badge, FollowForm, Notice, Pager, Problem, TipCardLink, Tone, Verified, count, percent, portrait, signed_percent, spans, units,
    units_chart,
};
use crate::platform::clock::day;
use crate::tips::Profile;
use crate::tips::api::profile;
use crate::tips::find::{LAST_PAGE, read_page};
use crate::tips::record::{Outcome, RANKED_FROM, SettledTip, Span, Streaks, Tally};
use crate::types::{AppError, AppResult, Odds};

#[component]
pub fn TipsterPage() -> impl IntoView {
    let handle = param("handle");
    let asked = asked();
    Suspend::new(async move {
        let loaded = match asked {
            Ok((span, page)) => load(&handle, span, page).await.map(|loaded| (loaded, span, page)),
            Err(error) => Err(error),
        };
        match loaded {
            Ok(((profile, is_following), span, page)) => view! { <Tipster profile is_following span page/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

async fn load(handle: &str, span: Span, page: u32) -> AppResult<(Profile, bool)> {
    let profile = profile(handle, span, page).await?;
    let is_following = is_following(profile.id).await?;
    Ok((profile, is_following))
}

fn asked() -> AppResult<(Span, u32)> {
    let page = query("page").unwrap_or_default();
    Ok((asked_span()?, read_page(&page).ok_or_else(|| AppError::not_found("This record has no such page."))?))
}

/// The span that the address asks for.
pub(super) fn asked_span() -> AppResult<Span> {
    let days = query("days").unwrap_or_default();
    Span::read(&days).ok_or_else(|| AppError::invalid("A record covers 7, 30 or 90 days, or all time."))
}

#[component]
fn Tipster(profile: Profile, is_following: bool, span: Span, page: u32) -> impl IntoView {
    let path = format!("/tipsters/{}", profile.handle);
    let at = |page: u32| {
        let pairs = [("days", span.as_str().to_owned()), ("page", if page > 1 { page.to_string() } else { String::new() })];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { path.clone() } else { format!("{path}?{query}") }
    };
    let before = (page > 1).then(|| at(page - 1));
    let after = (profile.has_more && page < LAST_PAGE).then(|| at(page + 1));
    let (now, name) = (profile.now, profile.name.clone());
    let listed: Vec<SettledTip> = profile.history.get(profile.listed).unwrap_or_default().to_vec();
    view! {
        <Title text=format!("{} · Tipster on Ligisoo", profile.name)/>
        <div class="head">
            <div class="person">
                {portrait(profile.picture, &name)}
                <div>
                    <h1>{profile.name}{profile.is_verified.then(|| view! { <Verified/> })}</h1>
                    <p class="lead">"Tipster on Ligisoo since "{day(profile.since)}"."</p>
                </div>
            </div>
            {(!profile.bio.is_empty()).then(|| view! { <p class="note">{profile.bio}</p> })}
            <FollowForm tipster=profile.id name is_following next=path.clone()/>
        </div>
        <section aria-labelledby="record">
            <h2 id="record">"Record"</h2>
            {spans(&path, span)}
            <Record tally=profile.tally streaks=profile.streaks/>
            {(profile.history.len() > 1).then(|| view! { <div class="card">{units_chart(&profile.history)}</div> })}
        </section>
        {(page == 1 && !profile.on_sale.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="on-sale">
                        <h2 id="on-sale">"On sale now"</h2>
                        <ul class="slips">{profile.on_sale.into_iter().map(|card| view! { <TipCardLink card now/> }).collect_view()}</ul>
                    </section>
                }
            })}
        {(!listed.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="settled">
                        <h2 id="settled">"Every settled tip, newest first"</h2>
                        <ul class="card settled">{listed.into_iter().map(|tip| view! { <Settled tip/> }).collect_view()}</ul>
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
        return view! { <Notice>"No tip of this time has been settled yet, so there is nothing to judge by."</Notice> }.into_any();
    }
    let none = || "none yet".to_owned();
    let row = |outcome, length| match outcome {
        Outcome::Won => count(length, "win", "wins"),
        _ => count(length, "loss", "losses"),
    };
    let current = streaks.current.map_or_else(none, |(outcome, length)| row(outcome, length));
    let odds = tally.average_odds().and_then(|odds| Odds::from_thousandths(odds / 10 * 10).ok());
    view! {
        {(!tally.is_ranked())
            .then(|| {
                view! {
                    <Notice tone=Tone::Wait>
                        {format!("Only {} won or lost so far. ", count(tally.decided(), "tip has", "tips have"))}
                        {format!("Below {RANKED_FROM} a record says next to nothing.")}
                    </Notice>
                }
            })}
        <dl class="card figures">
            <Figure label="Yield" value=tally.yield_rate().map_or_else(none, signed_percent)/>
            <Figure label="Units" value=units(tally.units)/>
            <Figure label="Won" value=tally.win_rate().map_or_else(none, percent)/>
            <Figure label="Average odds" value=odds.map_or_else(none, |odds| odds.to_string())/>
            <Figure label="Settled" value=settled(&tally)/>
            <Figure label="In a row now" value=current/>
            <Figure label="Longest winning run" value=row(Outcome::Won, streaks.longest_won)/>
            <Figure label="Longest losing run" value=row(Outcome::Lost, streaks.longest_lost)/>
        </dl>
        <p class="hint">
            "Units are what 1 staked on every tip would have won or lost, at the odds when the tip was posted; the yield is units for each 1 \
             staked. A void tip gives the stake back and counts for neither. Losses stay: nothing is ever taken off this list. What was won \
             before says little about the next tip."
        </p>
    }
    .into_any()
}

fn settled(tally: &Tally) -> String {
    let void = if tally.void > 0 { format!(", {} void", tally.void) } else { String::new() };
    format!("{} won, {} lost{void}", tally.won, tally.lost)
}

#[component]
fn Figure(label: &'static str, value: String) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
}

#[component]
fn Settled(tip: SettledTip) -> impl IntoView {
    let (text, tone) = match tip.outcome {
        Outcome::Won => ("Won", Tone::Good),
        Outcome::Lost => ("Lost", Tone::Bad),
        Outcome::Void => ("Void", Tone::Plain),
    };
    view! {
        <li>
            <div>
                <a href=format!("/tips/{}", tip.number)>"Tip "{tip.number.to_string()}</a>
                <span class="tiny">{day(tip.settled_at)}</span>
                <span class="tiny">{count(tip.match_count, "match", "matches")}" at "<b>{tip.odds.to_string()}</b></span>
            </div>
            <Badge text tone/>
            <b class="amount">{units(tip.units)}</b>
        </li>
    }
}
