//! All tips on sale.

use leptos::prelude::*;

use super::query;
use crate::app::ui::{Empty, Head, More, Problem, TipCardLink};
use crate::tips::api::market;

#[component]
pub fn MarketPage() -> impl IntoView {
    let after = query("after");
    Suspend::new(async move {
        match market(after).await {
            Ok(market) if market.cards.is_empty() => view! {
                <Head title="Tips on sale"/>
                <Empty
                    title="Nothing on sale right now"
                    text="Sales close 5 minutes before the first kick-off. New tips appear here as tipsters post them."
                    href="/tips"
                    action="Look again"
                />
            }
            .into_any(),
            Ok(market) => view! {
                <Head title="Tips on sale" lead="Closing soonest first. Sales end 5 minutes before the first kick-off."/>
                <ul class="slips">{market.cards.into_iter().map(|card| view! { <TipCardLink card/> }).collect_view()}</ul>
                <More path="/tips" next=market.next text="Show later ones"/>
            }
            .into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}
