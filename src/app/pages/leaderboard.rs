//! All tipsters by their records, in an order that a few lucky tips cannot lead.

use std::sync::Arc;

use leptos::prelude::*;

use super::tipster::asked_span;
use crate::app::ui::{Empty, Head, Problem, TipsterName, count, percent, signed_percent, spans};
use crate::tips::api::standings;
use crate::tips::record::{RANKED_FROM, Span};
use crate::tips::{Standing, Standings};

/// How many are shown of those with a rank, and of those without.
const RANKED: usize = 100;
const OTHERS: usize = 30;

#[component]
pub fn LeaderboardPage() -> impl IntoView {
    let span = asked_span();
    Suspend::new(async move {
        let loaded = match span {
            Ok(span) => standings(span).await.map(|standings| (standings, span)),
            Err(error) => Err(error),
        };
        match loaded {
            Ok((standings, span)) => view! { <Board standings span/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

#[component]
fn Board(standings: Arc<Standings>, span: Span) -> impl IntoView {
    let ranked: Vec<Standing> = standings.ranked.iter().take(RANKED).cloned().collect();
    let others: Vec<Standing> = standings.others.iter().take(OTHERS).cloned().collect();
    let is_empty = ranked.is_empty() && others.is_empty();
    view! {
        <Head title="Tipsters" lead="By record, with every loss in it. A long good record comes before a short lucky one."/>
        {spans("/leaderboard", span)}
        {is_empty
            .then(|| {
                view! {
                    <Empty
                        title="Nothing settled yet"
                        text="Tipsters appear here when the matches of their tips are over."
                        href="/tips"
                        action="See tips on sale"
                    />
                }
            })}
        {(!ranked.is_empty())
            .then(|| {
                view! {
                    <ol class="card board">
                        {(1..).zip(ranked).map(|(rank, standing)| view! { <Place rank=Some(rank) standing/> }).collect_view()}
                    </ol>
                }
            })}
        {(!others.is_empty())
            .then(|| {
                view! {
                    <section aria-labelledby="others">
                        <h2 id="others">"Not ranked yet"</h2>
                        <ol class="card board">{others.into_iter().map(|standing| view! { <Place rank=None standing/> }).collect_view()}</ol>
                    </section>
                }
            })}
        <Formula/>
    }
}

#[component]
fn Place(rank: Option<usize>, standing: Standing) -> impl IntoView {
    let tally = standing.tally;
    let record = match rank {
        Some(_) => {
            let (gain, won) = (signed_percent(tally.yield_rate().unwrap_or(0)), percent(tally.win_rate().unwrap_or(0)));
            format!("Yield {gain}, {won} won of {}", count(tally.decided(), "tip", "tips"))
        }
        None => format!("{} of {RANKED_FROM} tips", tally.decided()),
    };
    let figures = rank.map(|_| {
        view! {
            <span class="figure">
                <b>{signed_percent(standing.score / 1_000)}</b>
                <span class="tiny">"Score"</span>
            </span>
        }
    });
    view! {
        <li>
            {rank.map(|rank| view! { <b class="rank">{rank.to_string()}</b> })}
            <div>
                <p class="slip-who"><TipsterName name=standing.name handle=Some(standing.handle) is_verified=standing.is_verified/></p>
                <p class="tiny">{record}</p>
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
            <summary>"How the score is made"</summary>
            <p>
                "Take 1 staked on every tip of a tipster that won or lost, at the odds when it was posted. To these tips we add 50 of somebody \
                 who knows nothing and loses 6 % to the bookmaker, with the swings of single bets (a deviation of 1.2). The average \
                 of all of them, less one standard deviation of that average, is the score."
            </p>
            <p>
                "So 3 of 3 won at odds of 2.00 score −16 %, 60 of 100 at 1.90 score −1 %, and 300 of 500 at 1.90 score +8 %. "
                {format!("Below {RANKED_FROM} tips that won or lost there is no rank. ")}
                "Void tips do not count. Losses are never removed. A good score is no promise: the next tip can lose."
            </p>
        </details>
    }
}
