//! A tip in a list: a slip with its odds, and below the torn edge its price.

use leptos::prelude::*;

use super::count;
use crate::platform::clock::day_and_time;
use crate::tips::TipCard;

#[component]
pub fn TipCardLink(card: TipCard) -> impl IntoView {
    let bought = (card.sales > 0).then(|| format!("{} bought", card.sales));
    view! {
        <li>
            <a class="slip" href=format!("/tips/{}", card.number)>
                <span class="slip-top">
                    <span class="slip-who">
                        <b>{card.tipster}</b>
                        {card.tipster_is_verified.then(|| view! { <Verified/> })}
                    </span>
                    <span class="odds"><span class="tiny">"Odds "</span>{card.odds.to_string()}</span>
                    <span class="slip-facts">
                        {count(card.match_count, "match", "matches")}" · "{card.bookmaker.name()}
                        {bought.map(|bought| view! { " · "{bought} })}
                    </span>
                </span>
                <span class="slip-foot">
                    <span class="tiny">"First kick-off"<br/>{day_and_time(card.first_kick_off_at)}</span>
                    <b class="price">{card.price.to_string()}</b>
                </span>
            </a>
        </li>
    }
}

/// Says that we know who the tipster is, which promises nothing about the tip.
#[component]
pub fn Verified() -> impl IntoView {
    view! {
        <svg class="verified" viewBox="0 0 16 16" width="16" height="16" role="img" aria-label="Verified tipster">
            <circle cx="8" cy="8" r="8"/>
            <path d="m4.6 8.3 2.3 2.3 4.5-4.8"/>
        </svg>
    }
}
