//! A tip in a list: a slip with its odds, and below the torn edge its price.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{closing, count, match_count, signed_percent, tip_number};
use crate::platform::clock::day_and_time;
use crate::platform::paths;
use crate::tips::TipCard;
use crate::tips::record::Tally;
use crate::types::{Text, words};

words! {
    kick_off(time) { "Kick-off {time}" "Kuanza {time}" }
    odds { "Odds" "Odds" }
    bought(count) { "{count} bought" "{count} wamenunua" }
    over_tips(gain, count) { "{gain} over {count} tips" "{gain} kwa tips {count}" }
    one_settled { "New: 1 settled tip" "Mpya: tip 1 imeisha" }
    settled(count) { "New: {count} settled tips" "Mpya: tips {count} zimeisha" }
    none_settled { "New: no settled tips" "Mpya: hakuna tip iliyoisha" }
    verified_tipster { "Verified tipster" "Mtoa tips aliyethibitishwa" }
}

/// A tip as a slip. The whole slip leads to the tip, and the name on it to the tipster. `now` is when the
/// page was made; without it the slip does not say when sales close.
#[component]
pub fn TipCardLink(card: TipCard, #[prop(optional)] now: Option<DateTime<Utc>>) -> impl IntoView {
    let bought = (card.sales > 0).then(|| view! { " · "{bought(card.sales)} });
    let kicks_off = day_and_time(card.first_kick_off_at());
    let closes = now.map(|now| closing(now, card.sales_close_at));
    view! {
        <li class="slip">
            <div class="slip-top">
                <p class="slip-who">
                    <TipsterName
                        name=card.tipster
                        handle=card.tipster_handle
                        is_verified=card.tipster_is_verified
                    />
                </p>
                <p class="odds"><span class="tiny">{odds()}" "</span>{card.odds.to_string()}</p>
                <p class="slip-facts">
                    <span class="tiny">{standing(card.tipster_record.as_ref())}</span>
                    <a class="slip-open" href=paths::tip(card.number)>
                        <span class="unseen">{tip_number(card.number)}": "</span>
                        {match_count(card.match_count)}" · "{card.bookmaker.name()}
                    </a>
                    {bought}
                </p>
            </div>
            <div class="slip-foot">
                <p class="tiny">
                    {closes.map(|closes| view! { <b>{closes}</b><br/> })}
                    {kick_off(kicks_off)}
                </p>
                <b class="price">{card.price.to_string()}</b>
            </div>
        </li>
    }
}

/// A record in a few words. Of a record without a rank only its length is told.
fn standing(record: Option<&Tally>) -> Text {
    match record {
        Some(tally) if tally.is_ranked() => {
            over_tips(signed_percent(tally.yield_rate().unwrap_or(0)), tally.decided())
        }
        Some(tally) if tally.decided() > 0 => count(tally.decided(), one_settled(), settled),
        _ => none_settled(),
    }
}

/// A tipster's name, which leads to the tipster's page.
#[component]
pub fn TipsterName(name: String, handle: Option<String>, is_verified: bool) -> impl IntoView {
    let name = view! { <b>{name}</b> };
    view! {
        {match handle {
            Some(handle) => view! { <a class="tipster" href=paths::tipster(handle)>{name}</a> }.into_any(),
            None => name.into_any(),
        }}
        {is_verified.then(|| view! { <Verified/> })}
    }
}

/// The badge that says that we know who the tipster is. It promises nothing about the tip.
#[component]
pub fn Verified() -> impl IntoView {
    view! {
        <svg
            class="verified"
            viewBox="0 0 16 16"
            width="16"
            height="16"
            role="img"
            aria-label=verified_tipster()
        >
            <circle cx="8" cy="8" r="8"/>
            <path d="m4.6 8.3 2.3 2.3 4.5-4.8"/>
        </svg>
    }
}
