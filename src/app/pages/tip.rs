//! One tip, with one of three faces: before it is paid, bought, and for its own tipster.

use leptos::prelude::*;
use leptos_meta::Title;

use super::param;
use crate::app::islands::CopyCode;
use crate::app::ui::{Assets, Fact, MaskedCode, Notice, Problem, TipPanel, TipsterName, Tone, count, until};
use crate::payments::PayPanel;
use crate::payments::api::pay_panel;
use crate::platform::clock::day_and_time;
use crate::tips::api::tip_page;
use crate::tips::{Face, Match, MatchPreview, TipContent, TipDetail, TipState};
use crate::types::AppResult;

#[component]
pub fn TipPage() -> impl IntoView {
    let number = param("number");
    Suspend::new(async move {
        match load(&number).await {
            Ok((tip, panel)) => view! { <Tip tip panel/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

/// The tip, and the pay panel if it is still to be bought.
async fn load(number: &str) -> AppResult<(TipDetail, Option<PayPanel>)> {
    let tip = tip_page(number).await?;
    let panel = match tip.face {
        Face::Preview { .. } => Some(pay_panel(&tip).await?),
        Face::Owner(_) | Face::Tipster { .. } => None,
    };
    Ok((tip, panel))
}

#[component]
fn Tip(tip: TipDetail, panel: Option<PayPanel>) -> impl IntoView {
    let number = tip.card.number.to_string();
    let title = format!("Tip {number} by {}", tip.card.tipster);
    let (code, picture) = (tip.masked_code.clone(), tip.has_picture);
    let has_panel = panel.is_some();
    view! {
        <Title text=format!("{title} · Ligisoo")/>
        <article class="tip" class:sold=!has_panel>
            {summary(&tip)}
            {panel.map(|panel| view! { <div class="tip-pay"><TipPanel panel/></div> })}
            <div class="tip-more">
                {match tip.face {
                    Face::Preview { matches } => {
                        view! { <Preview number code matches match_count=tip.card.match_count picture/> }.into_any()
                    }
                    Face::Owner(content) => {
                        view! {
                            <Notice tone=Tone::Good>"You own this tip. It stays here for you."</Notice>
                            <Content number content picture/>
                        }
                            .into_any()
                    }
                    Face::Tipster { content, earned } => {
                        view! {
                            <Notice>
                                "This is your tip: sold "{count(tip.card.sales, "time", "times")}", "<b>{earned.to_string()}</b>" earned. "
                                <a href="/wallet">"Open the wallet"</a>
                            </Notice>
                            <Content number content picture/>
                        }
                            .into_any()
                    }
                }}
            </div>
        </article>
    }
}

/// What anybody may know.
fn summary(tip: &TipDetail) -> impl IntoView + use<> {
    let card = &tip.card;
    let sale = match tip.state {
        TipState::OnSale => format!("in {}", until(tip.now, card.sales_close_at)),
        TipState::Closed => "It has closed".to_owned(),
        TipState::Withdrawn => "Withdrawn".to_owned(),
    };
    view! {
        <header class="tip-head">
            <p class="slip-who">
                <TipsterName name=card.tipster.clone() handle=card.tipster_handle.clone() is_verified=card.tipster_is_verified/>
            </p>
            <h1>"Tip "{card.number.to_string()}<span class="unseen">", odds "</span><span class="odds big">{card.odds.to_string()}</span></h1>
            <dl class="facts">
                <Fact label="Betslip" value=format!("{}, {}", count(card.match_count, "match", "matches"), card.bookmaker.name())/>
                <Fact label="First kick-off" value=day_and_time(card.first_kick_off_at)/>
                <Fact label="Sale closes" value=sale/>
                <Fact label="Bought" value=count(card.sales, "time", "times")/>
            </dl>
        </header>
    }
}

#[component]
fn Preview(number: String, code: String, matches: Vec<MatchPreview>, match_count: i64, picture: bool) -> impl IntoView {
    let hidden = match_count.saturating_sub(i64::try_from(matches.len()).unwrap_or(0));
    view! {
        <section class="card">
            <h2>"What you get"</h2>
            <p class="hint">"Bet code"</p>
            <MaskedCode code/>
            <ul class="teams">
                {matches
                    .into_iter()
                    .map(|one| view! { <li><b>{one.home_team}" v "{one.away_team}</b><span class="soft">{one.league}</span></li> })
                    .collect_view()}
                {(hidden > 0).then(|| view! { <li class="soft">{more_matches(hidden, match_count)}</li> })}
            </ul>
            {picture
                .then(|| {
                    view! {
                        <img
                            class="betslip blurred"
                            src=format!("/tips/{number}/preview.jpg")
                            width="320"
                            height="240"
                            loading="lazy"
                            alt="The betslip, blurred until it is paid for"
                        />
                    }
                })}
            <p class="soft">"Paying opens the full bet code, every pick and the clear betslip. It does not place a bet."</p>
        </section>
    }
}

fn more_matches(hidden: i64, all: i64) -> String {
    let noun = if hidden == 1 { "match" } else { "matches" };
    if hidden == all { format!("{hidden} {noun}, shown when paid") } else { format!("and {hidden} more {noun}") }
}

/// What was paid for.
#[component]
fn Content(number: String, content: TipContent, picture: bool) -> impl IntoView {
    let source = format!("/tips/{number}/betslip");
    view! {
        <section class="card">
            <h2>"Bet code"</h2>
            <CopyCode>
                <div class="code-row">
                    <p class="code">{content.bet_code.clone()}</p>
                    <button class="button quiet" data-copy=content.bet_code data-copied="Copied" aria-live="polite" hidden>"Copy code"</button>
                </div>
            </CopyCode>
            <Assets/>
        </section>
        <section class="card">
            <h2 id="picks">"Picks"</h2>
            <ul class="picks" aria-labelledby="picks">{content.matches.into_iter().map(|pick| view! { <Pick pick/> }).collect_view()}</ul>
        </section>
        {picture
            .then(|| {
                view! {
                    <section class="card">
                        <h2>"Betslip"</h2>
                        <a href=source.clone()><img class="betslip" src=source.clone() width="320" height="240" alt="The betslip as the tipster posted it"/></a>
                    </section>
                }
            })}
    }
}

#[component]
fn Pick(pick: Match) -> impl IntoView {
    view! {
        <li>
            <div>
                <b>{pick.home_team}" v "{pick.away_team}</b>
                <span class="soft">{pick.league}" · "{day_and_time(pick.kick_off_at)}</span>
                <span>{pick.market}": "<b>{pick.selection}</b></span>
            </div>
            <b class="odds">{pick.odds.to_string()}</b>
        </li>
    }
}
