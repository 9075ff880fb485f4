//! All tips on sale, searched, narrowed and ordered.

use axum::http::StatusCode;
use leptos::prelude::*;

use super::query;
use crate::app::ui::{Empty, FindForm, Head, Pager, Problem, TipCardLink, Wrong, set_status};
use crate::tips::Market;
use crate::tips::api::market;
use crate::tips::find::{Asked, Filter, LAST_PAGE, Order, Senseless};

#[component]
pub fn MarketPage() -> impl IntoView {
    let asked = Asked::of(query);
    Suspend::new(async move {
        let filter = match asked.parse() {
            Ok(filter) => filter,
            Err(Senseless::Page) => return view! { <NoSuchPage asked/> }.into_any(),
            Err(Senseless::Field(field, message)) => return view! { <Refused asked wrong=Some((field, message))/> }.into_any(),
        };
        match market(&filter).await {
            Ok(market) if market.cards.is_empty() && filter.page > 1 => view! { <NoSuchPage asked/> }.into_any(),
            Ok(market) => view! { <Tips asked filter market/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

#[component]
fn Tips(asked: Asked, filter: Filter, market: Market) -> impl IntoView {
    let order = match filter.order {
        Order::Closing => "Closing soonest first.",
        Order::Newest => "Newest first.",
        Order::Odds => "Highest odds first.",
        Order::Price => "Lowest price first.",
        Order::Record => "Tipsters with the best records first.",
    };
    let now = market.now;
    let list = if market.cards.is_empty() {
        view! { <NoTips is_narrow=asked.is_narrow()/> }.into_any()
    } else {
        let before = (filter.page > 1).then(|| asked.at_page(filter.page - 1));
        let after = (market.has_more && filter.page < LAST_PAGE).then(|| asked.at_page(filter.page + 1));
        view! {
            <ul class="slips">{market.cards.into_iter().map(|card| view! { <TipCardLink card now/> }).collect_view()}</ul>
            <Pager before page=filter.page after/>
        }
        .into_any()
    };
    view! {
        <Head title="Tips on sale" lead=format!("{order} Sales end 5 minutes before the first kick-off.")/>
        <FindForm asked wrong=None/>
        {list}
    }
}

#[component]
fn NoTips(is_narrow: bool) -> impl IntoView {
    if is_narrow {
        view! {
            <Empty
                title="No tips match"
                text="Nothing on sale right now is like that. Ask for less, or look at everything."
                href="/tips"
                action="Clear filters"
            />
        }
    } else {
        view! {
            <Empty
                title="Nothing on sale right now"
                text="Sales close 5 minutes before the first kick-off. New tips appear here as tipsters post them."
                href="/tips"
                action="Look again"
            />
        }
    }
}

/// The form again, with what was typed and what is wrong with it.
#[component]
fn Refused(asked: Asked, wrong: Wrong) -> impl IntoView {
    set_status(StatusCode::BAD_REQUEST);
    view! {
        <Head title="Tips on sale" lead="One of the filters makes no sense."/>
        <FindForm asked wrong/>
        <p><a class="button quiet" href="/tips">"See all tips on sale"</a></p>
    }
}

#[component]
fn NoSuchPage(asked: Asked) -> impl IntoView {
    set_status(StatusCode::NOT_FOUND);
    view! {
        <Head title="Not found" lead="This list has no such page. It may have grown shorter: tips leave it when their sales close."/>
        <p><a class="button quiet" href=asked.at_page(1)>"To the first page"</a></p>
    }
}
