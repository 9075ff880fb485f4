//! A tip in a list: a slip with its odds, and below the torn edge its price.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{count, signed_percent, until};
use crate::platform::clock::day_and_time;
use crate::tips::TipCard;
use crate::tips::record::Tally;

/// The whole slip leads to the tip, and the name on it to the tipster. `now` is when the page was made.
#[component]
pub fn TipCardLink(card: TipCard, #[prop(optional)] now: Option<DateTime<Utc>>) -> impl IntoView {
    let bought = (card.sales > 0).then(|| format!(" · {} bought", card.sales));
    let closes = now.map(|now| format!("Closes in {}", until(now, card.sales_close_at)));
    view! {
        <li class="slip">
            <div class="slip-top">
                <p class="slip-who">
                    <TipsterName name=card.tipster handle=card.tipster_handle is_verified=card.tipster_is_verified/>
                </p>
                <p class="odds"><span class="tiny">"Odds "</span>{card.odds.to_string()}</p>
                <p class="slip-facts">
                    <span class="tiny">{standing(card.tipster_record.as_ref())}</span>
                    <a class="slip-open" href=format!("/tips/{}", card.number)>
                        <span class="unseen">{format!("Tip {}: ", card.number)}</span>
                        {count(card.match_count, "match", "matches")}" · "{card.bookmaker.name()}
                    </a>
                    {bought}
                </p>
            </div>
            <div class="slip-foot">
                <p class="tiny">
                    {closes.map(|closes| view! { <b>{closes}</b><br/> })}
                    "Kick-off "{day_and_time(card.first_kick_off_at)}
                </p>
                <b class="price">{card.price.to_string()}</b>
            </div>
        </li>
    }
}

/// A record in a few words; of a short one only how short it is.
fn standing(record: Option<&Tally>) -> String {
    match record {
        Some(tally) if tally.is_ranked() => {
            format!("{} over {} tips", signed_percent(tally.yield_rate().unwrap_or(0)), tally.decided())
        }
        Some(tally) if tally.decided() > 0 => format!("New: {}", count(tally.decided(), "settled tip", "settled tips")),
        _ => "New: no settled tips".to_owned(),
    }
}

/// A tipster's name, which leads to the record behind it.
#[component]
pub fn TipsterName(name: String, handle: Option<String>, is_verified: bool) -> impl IntoView {
    let name = view! { <b>{name}</b> };
    view! {
        {match handle {
            Some(handle) => view! { <a class="tipster" href=format!("/tipsters/{handle}")>{name}</a> }.into_any(),
            None => name.into_any(),
        }}
        {is_verified.then(|| view! { <Verified/> })}
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
