//! The picks of a tip that was paid for, in the order in which the matches are played.

use leptos::prelude::*;

use crate::app::ui::{Badge, result_tone, result_word};
use crate::platform::clock::{day, kenyan_day, time_of_day};
use crate::tips::{Match, MatchResult};
use crate::types::words;

words! {
    picks_title { "Picks" "Chaguo" }
}

/// The picks, ordered by kick-off, with a line for each Kenyan day.
#[component]
pub fn Picks(mut picks: Vec<(Match, MatchResult)>) -> impl IntoView {
    picks.sort_by_key(|(pick, _)| pick.kick_off_at);
    let mut last_day = None;
    let list = picks.into_iter().map(|(pick, result)| {
        let this_day = Some(kenyan_day(pick.kick_off_at));
        let is_new_day = std::mem::replace(&mut last_day, this_day) != this_day;
        view! { <Pick pick result is_new_day/> }
    });
    view! {
        <section class="card">
            <h2 id="picks">{picks_title()}</h2>
            <ul class="picks" aria-labelledby="picks">{list.collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Pick(pick: Match, result: MatchResult, is_new_day: bool) -> impl IntoView {
    let score = result.score.filter(|score| !score.is_empty()).map(|score| format!(" ({score})"));
    let ended = result.result.map(|result| {
        view! {
            <span class="badges"><Badge text=result_word(result) tone=result_tone(result)/>{score}</span>
        }
    });
    view! {
        <li class:new-day=is_new_day>
            {is_new_day.then(|| view! { <h3 class="day">{day(pick.kick_off_at)}</h3> })}
            <div>
                <b>{pick.home_team}" v "{pick.away_team}</b>
                <span class="soft">{time_of_day(pick.kick_off_at)}" · "{pick.league}</span>
                <span>{pick.market}": "<b>{pick.selection}</b></span>
                {ended}
            </div>
            <b class="odds">{pick.odds.to_string()}</b>
        </li>
    }
}
