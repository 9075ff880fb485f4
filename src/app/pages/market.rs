//! All tips on sale, searched, narrowed and ordered.

use axum::http::StatusCode;
use leptos::prelude::*;

use super::query;
use crate::app::ui::{
    Countdown, Empty, FIND, FindForm, Head, Pager, Problem, TipCardLink, clear_filters, set_status,
};
use crate::platform::forms::RefusedForm;
use crate::platform::paths;
use crate::tips::MarketListing;
use crate::tips::api::market;
use crate::tips::filter::{Filter, SortOrder};
use crate::tips::filter_form::{FilterForm, LAST_PAGE, Senseless};
use crate::types::{AppError, words};

words! {
    tips_on_sale { "Tips on sale" "Tips zinazouzwa" }
    closing_first { "Closing soonest first." "Zinazofungwa kwanza ziko juu." }
    newest_first { "Newest first." "Mpya ziko juu." }
    highest_odds_first { "Highest odds first." "Odds kubwa ziko juu." }
    lowest_price_first { "Lowest price first." "Bei nafuu ziko juu." }
    best_records_first { "Tipsters with the best records first." "Watoa tips wenye rekodi bora wako juu." }
    sales_end {
        "Sales end 5 minutes before the first kick-off."
        "Mauzo yanaisha dakika 5 kabla ya mechi ya kwanza kuanza."
    }
    none_match { "No tips match" "Hakuna tip kama hiyo" }
    none_match_advice {
        "Nothing on sale right now is like that. Ask for less, or look at everything."
        "Hakuna inayouzwa sasa hivi kama ulivyotafuta. Punguza masharti, au tazama zote."
    }
    nothing_on_sale { "Nothing on sale right now" "Hakuna tip inayouzwa sasa hivi" }
    nothing_on_sale_advice {
        "Sales close 5 minutes before the first kick-off. New tips appear here as tipsters post them."
        "Mauzo hufungwa dakika 5 kabla ya mechi ya kwanza. Tips mpya zinaonekana hapa zikiwekwa tu."
    }
    look_again { "Look again" "Tazama tena" }
    senseless { "One of the filters makes no sense." "Kuna kitu hakieleweki kwenye ulichochuja." }
    all_tips { "See all tips on sale" "Tazama tips zote zinazouzwa" }
    not_found { "Not found" "Haipatikani" }
    no_such_page {
        "This list has no such page. It may have grown shorter: tips leave it when their sales close."
        "Orodha hii haina ukurasa huo. Huenda imefupika: tips huondoka mauzo yake yakifungwa."
    }
    first_page { "To the first page" "Ukurasa wa kwanza" }
}

/// The market as the query of the address asks for it.
#[component]
pub fn MarketPage() -> impl IntoView {
    let asked = FilterForm::of(query);
    Suspend::new(async move {
        let filter = match asked.parse() {
            Ok(filter) => filter,
            Err(Senseless::Page) => return view! { <NoSuchPage asked/> }.into_any(),
            Err(Senseless::Field(field, message)) => {
                let error = AppError::invalid(message);
                provide_context(RefusedForm::new(paths::TIPS, FIND, error).at(field));
                return view! { <Refused asked/> }.into_any();
            }
        };
        match market(&filter).await {
            Ok(market) if market.cards.is_empty() && filter.page > 1 => {
                view! { <NoSuchPage asked/> }.into_any()
            }
            Ok(market) => view! { <Tips asked filter market/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

#[component]
fn Tips(asked: FilterForm, filter: Filter, market: MarketListing) -> impl IntoView {
    let order = match filter.order {
        SortOrder::Closing => closing_first(),
        SortOrder::Newest => newest_first(),
        SortOrder::Odds => highest_odds_first(),
        SortOrder::Price => lowest_price_first(),
        SortOrder::Record => best_records_first(),
    };
    let now = market.now;
    let list = if market.cards.is_empty() {
        view! { <NoTips is_narrow=asked.is_narrow()/> }.into_any()
    } else {
        let before = (filter.page > 1).then(|| asked.at_page(filter.page - 1));
        let after = (market.has_more && filter.page < LAST_PAGE).then(|| asked.at_page(filter.page + 1));
        view! {
            <ul class="slips">
                {market.cards.into_iter().map(|card| view! { <TipCardLink card now/> }).collect_view()}
            </ul>
            <Countdown now/>
            <Pager before page=filter.page after/>
        }
        .into_any()
    };
    view! {
        <Head title=tips_on_sale() lead=order.and(&sales_end())/>
        <FindForm asked/>
        {list}
    }
}

#[component]
fn NoTips(is_narrow: bool) -> impl IntoView {
    if is_narrow {
        view! {
            <Empty
                title=none_match()
                text=none_match_advice()
                href=paths::TIPS
                action=clear_filters()
            />
        }
    } else {
        view! {
            <Empty
                title=nothing_on_sale()
                text=nothing_on_sale_advice()
                href=paths::TIPS
                action=look_again()
            />
        }
    }
}

/// The form again, with what was typed and what is wrong with it.
#[component]
fn Refused(asked: FilterForm) -> impl IntoView {
    set_status(StatusCode::BAD_REQUEST);
    view! {
        <Head title=tips_on_sale() lead=senseless()/>
        <FindForm asked/>
        <p><a class="button quiet" href=paths::TIPS>{all_tips()}</a></p>
    }
}

#[component]
fn NoSuchPage(asked: FilterForm) -> impl IntoView {
    set_status(StatusCode::NOT_FOUND);
    view! {
        <Head title=not_found() lead=no_such_page()/>
        <p><a class="button quiet" href=asked.at_page(1)>{first_page()}</a></p>
    }
}
