//! All tipsters in the order of their records. A few lucky tips cannot lead that order.

use std::sync::Arc;

use leptos::prelude::*;

use super::shown;
use super::tipster::asked_span;
use crate::app::ui::{Empty, Head, TipsterName, percent, see_tips, signed_percent, spans, tip_count};
use crate::platform::paths;
use crate::tips::api::standings;
use crate::tips::record::{RANKED_FROM, Span};
use crate::tips::{Standing, Standings};
use crate::types::words;

words! {
    tipsters { "Tipsters" "Watoa tips" }
    lead {
        "By record, with every loss in it. A long good record comes before a short lucky one."
        "Kwa rekodi, kila kupoteza kukiwemo. Rekodi ndefu nzuri iko mbele ya bahati ya muda mfupi."
    }
    nothing_settled { "Nothing settled yet" "Bado hakuna tip iliyoisha" }
    nothing_settled_advice {
        "Tipsters appear here when the matches of their tips are over."
        "Watoa tips wanaonekana hapa mechi za tips zao zikiisha."
    }
    not_ranked { "Not ranked yet" "Bado hawana nafasi" }
    record(gain, won, tips) {
        "Yield {gain}, {won} won of {tips}"
        "Faida {gain}, ushindi {won} kati ya {tips}"
    }
    so_far(decided, ranked_from) { "{decided} of {ranked_from} tips" "tips {decided} kati ya {ranked_from}" }
    score { "Score" "Alama" }
    how { "How the score is made" "Jinsi alama inavyohesabiwa" }
    formula {
        "Take 1 staked on every tip of a tipster that won or lost, at the odds when it was posted. To these \
         tips we add 50 of somebody who knows nothing and loses 6 % to the bookmaker, with the swings of \
         single bets (a deviation of 1.2). The average of all of them, less one standard deviation of that \
         average, is the score."
        "Chukua dau la 1 kwa kila tip ya mtoa tips iliyoshinda au kupoteza, kwa odds za wakati ilipowekwa. \
         Tunaongeza tips 50 za mtu asiyejua kitu, anayepoteza 6 % kwa kampuni ya beti, zikipanda na kushuka \
         kama beti za mechi moja (mkengeuko wa 1.2). Wastani wa zote, ukitoa mkengeuko mmoja wa wastani huo, \
         ndiyo alama."
    }
    examples(ranked_from) {
        "So 3 of 3 won at odds of 2.00 score −16 %, 60 of 100 at 1.90 score −1 %, and 300 of 500 at 1.90 \
         score +8 %. Below {ranked_from} tips that won or lost there is no rank. Void tips do not count. \
         Losses are never removed. A good score is no promise: the next tip can lose."
        "Kwa hivyo ushindi 3 kati ya 3 kwa odds 2.00 ni alama −16 %, 60 kati ya 100 kwa 1.90 ni −1 %, na 300 \
         kati ya 500 kwa 1.90 ni +8 %. Chini ya tips {ranked_from} zilizoshinda au kupoteza hakuna nafasi. \
         Tips batili hazihesabiwi. Zilizopoteza hazitolewi kamwe. Alama nzuri si ahadi: tip ijayo inaweza \
         kupoteza."
    }
}

/// How many tipsters with a rank are shown.
const RANKED: usize = 100;
/// How many tipsters without a rank are shown.
const OTHERS: usize = 30;

/// The leaderboard over the span that the address asks for.
#[component]
pub fn LeaderboardPage() -> impl IntoView {
    let span = asked_span();
    let load = async move {
        let span = span?;
        Ok((standings(span).await?, span))
    };
    shown(load, |(standings, span)| view! { <Board standings span/> })
}

#[component]
fn Board(standings: Arc<Standings>, span: Span) -> impl IntoView {
    let ranked: Vec<Standing> = standings.ranked.iter().take(RANKED).cloned().collect();
    let others: Vec<Standing> = standings.others.iter().take(OTHERS).cloned().collect();
    let is_empty = ranked.is_empty() && others.is_empty();
    view! {
        <Head title=tipsters() lead=lead()/>
        {spans(paths::LEADERBOARD, span)}
        {is_empty
            .then(|| {
                view! {
                    <Empty
                        title=nothing_settled()
                        text=nothing_settled_advice()
                        href=paths::TIPS
                        action=see_tips()
                    />
                }
            })}
        {(!ranked.is_empty())
            .then(|| {
                view! {
                    <ol class="card board">
                        {(1..).zip(ranked).map(|(rank, standing)| view! {
                            <Place rank=Some(rank) standing/>
                        }).collect_view()}
                    </ol>
                }
            })}
        {(!others.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="others">
                        <h2 id="others">{not_ranked()}</h2>
                        <ol class="card board">
                            {others.into_iter().map(|standing| view! {
                                <Place rank=None standing/>
                            }).collect_view()}
                        </ol>
                    </section>
                }
            })}
        <Formula/>
    }
}

#[component]
fn Place(rank: Option<usize>, standing: Standing) -> impl IntoView {
    let tally = standing.tally;
    let told = match rank {
        Some(_) => {
            let (gain, won) =
                (signed_percent(tally.yield_rate().unwrap_or(0)), percent(tally.win_rate().unwrap_or(0)));
            record(gain, won, tip_count(tally.decided()))
        }
        None => so_far(tally.decided(), RANKED_FROM),
    };
    let figures = rank.map(|_| {
        view! {
            <span class="figure">
                <b>{signed_percent(standing.score / 1_000)}</b>
                <span class="tiny">{score()}</span>
            </span>
        }
    });
    view! {
        <li>
            {rank.map(|rank| view! { <b class="rank">{rank.to_string()}</b> })}
            <div>
                <p class="slip-who">
                    <TipsterName
                        name=standing.name
                        handle=Some(standing.handle)
                        is_verified=standing.is_verified
                    />
                </p>
                <p class="tiny">{told}</p>
            </div>
            {figures}
        </li>
    }
    .into_any()
}

#[component]
fn Formula() -> impl IntoView {
    view! {
        <details class="card">
            <summary>{how()}</summary>
            <p>{formula()}</p>
            <p>{examples(RANKED_FROM)}</p>
        </details>
    }
}
