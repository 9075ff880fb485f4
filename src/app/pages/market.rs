//! All tips on sale.

use leptos::prelude::*;

use crate::app::ui::{Empty, Head, Problem, TipCardLink};
use crate::tips::api::market;

#[component]
pub fn MarketPage() -> impl IntoView {
    Suspend::new(async move {
        match market().await {
            Ok(cards) if cards.is_empty() => view! {
                <Head title="Tips on sale"/>
                <Empty
                    title="Nothing on sale right now"
                    text="Sales close 5 minutes before the first kick-off. New tips appear here as tipsters post them."
                    href="/tips"
                    action="Look again"
                />
            }
            .into_any(),
            Ok(cards) => view! {
                <Head title="Tips on sale" lead="Closing soonest first. Sales end 5 minutes before the first kick-off."/>
                <ul class="slips">{cards.into_iter().map(|card| view! { <TipCardLink card/> }).collect_view()}</ul>
            }
            .into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}
