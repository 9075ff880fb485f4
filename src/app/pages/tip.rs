//! One tip, with one of three faces: before it is paid, bought, and for its own tipster.

use leptos::prelude::*;
use leptos_meta::Title;

use super::param;
use crate::accounts::api::is_following;
use crate::app::islands::CopyCode;
use crate::app::ui::{
    Assets, Badge, Fact, FollowForm, MaskedCode, Notice, Problem, TipPanel, TipsterName, Tone, count, more_matches, result_text,
    result_tone, result_word, until,
};
use crate::payments::PayPanel;
use crate::payments::api::pay_panel;
use crate::platform::clock::day_and_time;
use crate::tips::api::tip_page;
use crate::tips::{Face, Match, MatchPreview, MatchResult, TipContent, TipDetail, TipState};
use crate::types::AppResult;

#[component]
pub fn TipPage() -> impl IntoView {
    let number = param("number");
    Suspend::new(async move {
        match load(&number).await {
            Ok((tip, panel, follows)) => view! { <Tip tip panel follows/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

/// The tip, the pay panel if it is still to be bought, and for its owner whether they follow the tipster.
async fn load(number: &str) -> AppResult<(TipDetail, Option<PayPanel>, Option<bool>)> {
    let tip = tip_page(number).await?;
    let panel = match tip.face {
        Face::Preview { .. } => Some(pay_panel(&tip).await?),
        Face::Owner(_) | Face::Tipster { .. } => None,
    };
    let follows = match tip.face {
        Face::Owner(_) => Some(is_following(tip.tipster).await?),
        Face::Preview { .. } | Face::Tipster { .. } => None,
    };
    Ok((tip, panel, follows))
}

#[component]
fn Tip(tip: TipDetail, panel: Option<PayPanel>, follows: Option<bool>) -> impl IntoView {
    let number = tip.card.number.to_string();
    let title = format!("Tip {number} by {}", tip.card.tipster);
    let (code, picture) = (tip.masked_code.clone(), tip.has_picture);
    let has_panel = panel.is_some();
    let (tipster, name) = (tip.tipster, tip.card.tipster.clone());
    let here = format!("/tips/{number}");
    let sealed = match &tip.face {
        Face::Owner(content) | Face::Tipster { content, .. } => content.sealed_text.clone(),
        Face::Preview { .. } => None,
    };
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
                            {follows.map(|is_following| view! { <FollowForm tipster name is_following next=here/> })}
                        }
                            .into_any()
                    }
                    Face::Tipster { content, earned } => {
                        view! {
                            {standing(tip.state, tip.rejection_reason)}
                            <Notice>
                                "This is your tip: sold "{count(tip.card.sales, "time", "times")}", "<b>{earned.to_string()}</b>" earned. "
                                <a href="/wallet">"Open the wallet"</a>
                            </Notice>
                            <Content number content picture/>
                        }
                            .into_any()
                    }
                }}
                {tip.seal.map(|seal| view! { <Seal number=tip.card.number.to_string() seal text=sealed/> })}
            </div>
        </article>
    }
}

/// What its tipster is told of a tip that is not offered.
fn standing(state: TipState, reason: Option<String>) -> Option<impl IntoView> {
    let (tone, text) = match state {
        TipState::Waiting => (Tone::Wait, "Not on sale yet: somebody at Ligisoo looks at it first.".to_owned()),
        TipState::Rejected => (Tone::Bad, format!("Rejected: {}", reason.unwrap_or_else(|| "no reason was given.".to_owned()))),
        _ => return None,
    };
    Some(view! { <Notice tone>{text}</Notice> })
}

/// The hash of all that is sold, for everybody; the text behind it, for who may see the tip.
#[component]
fn Seal(number: String, seal: String, text: Option<String>) -> AnyView {
    let explanation = if text.is_some() {
        "This is the SHA-256 of the text below. It was shown before anybody paid: if the two still agree, nothing was changed."
    } else {
        "Calculated from the code, every pick, the odds and the picture. It is shown now, and whoever pays can check that nothing was changed later."
    };
    view! {
        <details class="card seal">
            <summary>"Fingerprint of this tip"</summary>
            <p class="soft">{explanation}</p>
            <p class="fingerprint">{seal}</p>
            {text
                .map(|text| {
                    view! {
                        <pre>{text}</pre>
                        <p><a href=format!("/tips/{number}/sealed.txt") download=format!("tip-{number}.txt")>"Download the text, to check it yourself"</a></p>
                    }
                })}
        </details>
    }
    .into_any()
}

/// What anybody may know.
fn summary(tip: &TipDetail) -> AnyView {
    let card = &tip.card;
    let sale = match tip.state {
        TipState::OnSale => format!("in {}", until(tip.now, card.sales_close_at)),
        TipState::Closed => "It has closed".to_owned(),
        TipState::Withdrawn => "Withdrawn".to_owned(),
        TipState::Waiting => format!("{}, if it is approved", day_and_time(card.sales_close_at)),
        TipState::Rejected => "Not offered".to_owned(),
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
            {tip.outcome.map(|outcome| view! { <p><Badge text=result_text(outcome) tone=result_tone(outcome.result)/></p> })}
        </header>
    }
    .into_any()
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

/// What was paid for.
#[component]
fn Content(number: String, content: TipContent, picture: bool) -> impl IntoView {
    let source = format!("/tips/{number}/betslip");
    let picks = content.matches.into_iter().zip(content.results).map(|(pick, result)| view! { <Pick pick result/> }).collect_view();
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
            <ul class="picks" aria-labelledby="picks">{picks}</ul>
        </section>
        {content.note.map(|note| view! { <section class="card"><h2>"From the tipster"</h2><p class="note">{note}</p></section> })}
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
fn Pick(pick: Match, result: MatchResult) -> impl IntoView {
    let score = result.score.filter(|score| !score.is_empty()).map(|score| format!(" ({score})"));
    let ended =
        result.result.map(|result| view! { <span class="badges"><Badge text=result_word(result) tone=result_tone(result)/>{score}</span> });
    view! {
        <li>
            <div>
                <b>{pick.home_team}" v "{pick.away_team}</b>
                <span class="soft">{pick.league}" · "{day_and_time(pick.kick_off_at)}</span>
                <span>{pick.market}": "<b>{pick.selection}</b></span>
                {ended}
            </div>
            <b class="odds">{pick.odds.to_string()}</b>
        </li>
    }
}
