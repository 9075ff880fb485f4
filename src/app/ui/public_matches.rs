//! A tip's matches as everybody may know them.

use leptos::prelude::*;

use super::format::more_matches;
use crate::platform::clock::day;
use crate::tips::PublicMatch;

/// The matches with teams, and the league and day of the others, with how many they are.
#[component]
pub fn PublicMatches(matches: Vec<PublicMatch>) -> impl IntoView {
    let (shown, hidden): (Vec<_>, Vec<_>) = matches.into_iter().partition(|one| one.teams.is_some());
    let count = |matches: &[PublicMatch]| i64::try_from(matches.len()).unwrap_or(i64::MAX);
    let more = (!hidden.is_empty())
        .then(|| more_matches(count(&hidden), count(&hidden).saturating_add(count(&shown))));
    let item = |PublicMatch { day: at, league, teams }| {
        let teams = teams.map(|(home, away)| view! { <b>{home}" v "{away}</b> });
        view! { <li>{teams}<span class="soft">{league}" · "{day(at)}</span></li> }
    };
    view! {
        <ul class="teams">
            {shown.into_iter().map(item).collect_view()}
            {more.map(|more| view! { <li class="soft">{more}</li> })}
            {hidden.into_iter().map(item).collect_view()}
        </ul>
    }
    .into_any()
}
