//! The form that narrows the market. It is a GET form, so that every list has an address of its own and needs
//! no script.

use leptos::prelude::*;

use super::format::one_match;
use super::{Choice, Field};
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::tips::Bookmaker;
use crate::tips::filter::{KickOff, SortOrder};
use crate::tips::filter_form::{FilterForm, MATCH_COUNTS};
use crate::types::{Text, words};

words! {
    filters { "Filters and order" "Chuja na upange" }
    filters_set(count) { "Filters and order ({count} set)" "Chuja na upange ({count} zimewekwa)" }
    order_label { "Order" "Mpangilio" }
    first_kick_off { "First kick-off" "Mechi ya kwanza" }
    bookmaker_label { "Bookmaker" "Kampuni ya beti" }
    matches_label { "Matches" "Mechi" }
    odds_from { "Odds from" "Odds kuanzia" }
    odds_to { "Odds to" "Odds hadi" }
    kes_from { "KES from" "KES kuanzia" }
    kes_to { "KES to" "KES hadi" }
    show_these { "Show these tips" "Onyesha tips hizi" }
    team_league_or_tipster { "Team, league or tipster" "Timu, ligi au mtoa tips" }
    team_league_tipster { "Team, league, tipster" "Timu, ligi, mtoa tips" }
    search { "Search" "Tafuta" }
    closing_soonest { "Closing soonest" "Zinazofungwa kwanza" }
    newest { "Newest" "Mpya zaidi" }
    highest_odds { "Highest odds" "Odds kubwa zaidi" }
    lowest_price { "Lowest price" "Bei nafuu zaidi" }
    best_record { "Best record of the tipster" "Rekodi bora ya mtoa tips" }
    any_time { "Any time" "Wakati wowote" }
    soon { "Next 3 hours" "Masaa 3 yajayo" }
    today { "Today" "Leo" }
    tomorrow { "Tomorrow" "Kesho" }
    any_bookmaker { "Any" "Yoyote" }
    another_one { "Another one" "Nyingine" }
    any_number { "Any number" "Idadi yoyote" }
    two_or_three { "2 or 3" "2 au 3" }
    four_to_six { "4 to 6" "4 hadi 6" }
    seven_or_more { "7 or more" "7 au zaidi" }
    /// The link that takes all limits away again.
    clear_filters { "Clear filters" "Onyesha zote" }
}

/// The name under which this form is refused.
pub const FIND: &str = "find";

/// The search field alone, as on the home page.
#[component]
pub fn SearchForm() -> impl IntoView {
    view! {
        <form class="find" method="get" action=paths::TIPS role="search">
            <Words text=String::new()/>
        </form>
    }
}

/// The search field with all limits, which are in a part that can be folded. It is open if a limit was
/// refused.
#[component]
pub fn FindForm(asked: FilterForm) -> impl IntoView {
    let set = asked.limits();
    let is_open = refused(FIND).is_some_and(|refused| refused.wrong("text").is_none());
    let name = if set == 0 { filters() } else { filters_set(set) };
    view! {
        <form class="find" method="get" action=paths::TIPS role="search">
            <Words text=asked.text/>
            <details open=is_open>
                <summary>{name}</summary>
                <div class="limits">
                    <Choice form=FIND name="order" label=order_label() choices=orders() chosen=asked.order/>
                    <Choice
                        form=FIND
                        name="kick_off"
                        label=first_kick_off()
                        choices=kick_offs()
                        chosen=asked.kick_off
                    />
                    <Choice
                        form=FIND
                        name="bookmaker"
                        label=bookmaker_label()
                        choices=bookmakers()
                        chosen=asked.bookmaker
                    />
                    <Choice
                        form=FIND
                        name="match_count"
                        label=matches_label()
                        choices=match_counts()
                        chosen=asked.matches
                    />
                    <Limit name="min_odds" label=odds_from() value=asked.min_odds/>
                    <Limit name="max_odds" label=odds_to() value=asked.max_odds/>
                    <Limit name="min_price" label=kes_from() value=asked.min_price/>
                    <Limit name="max_price" label=kes_to() value=asked.max_price/>
                </div>
                <p class="actions">
                    <button class="button quiet">{show_these()}</button>
                    {(set > 0).then(|| view! {
                        <a class="button quiet" href=paths::TIPS>{clear_filters()}</a>
                    })}
                </p>
            </details>
        </form>
    }
    .into_any()
}

#[component]
fn Words(text: String) -> impl IntoView {
    let wrong = refused(FIND).and_then(|refused| refused.wrong("text"));
    let is_wrong = wrong.is_some();
    view! {
        {wrong.map(|wrong| view! { <p class="wrong" id="text-problem" role="alert">{wrong}</p> })}
        <div class="search-row">
            <label class="unseen" for="text">{team_league_or_tipster()}</label>
            <input
                id="text"
                name="text"
                type="search"
                maxlength="60"
                placeholder=team_league_tipster()
                value=text
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then_some("text-problem")
            />
            <button class="button pay">{search()}</button>
        </div>
    }
    .into_any()
}

#[component]
fn Limit(name: &'static str, label: Text, value: String) -> AnyView {
    view! { <Field form=FIND name label input_mode="decimal" value max_length=12 is_optional=true/> }
        .into_any()
}

fn orders() -> Vec<(&'static str, Text)> {
    let name = |order| match order {
        SortOrder::Closing => ("", closing_soonest()),
        SortOrder::Newest => (order.as_str(), newest()),
        SortOrder::Odds => (order.as_str(), highest_odds()),
        SortOrder::Price => (order.as_str(), lowest_price()),
        SortOrder::Record => (order.as_str(), best_record()),
    };
    SortOrder::ALL.map(name).to_vec()
}

fn kick_offs() -> Vec<(&'static str, Text)> {
    let name = |kick_off: KickOff| match kick_off {
        KickOff::Any => any_time(),
        KickOff::Soon => soon(),
        KickOff::Today => today(),
        KickOff::Tomorrow => tomorrow(),
    };
    KickOff::ALL.map(|kick_off| (kick_off.as_str(), name(kick_off))).to_vec()
}

fn bookmakers() -> Vec<(&'static str, Text)> {
    let name =
        |bookmaker: Bookmaker| if bookmaker == Bookmaker::Other { another_one() } else { bookmaker.name() };
    std::iter::once(("", any_bookmaker()))
        .chain(Bookmaker::ALL.map(|bookmaker| (bookmaker.as_str(), name(bookmaker))))
        .collect()
}

fn match_counts() -> Vec<(&'static str, Text)> {
    let names = [any_number(), one_match(), two_or_three(), four_to_six(), seven_or_more()];
    MATCH_COUNTS.into_iter().zip(names).map(|((value, _), name)| (value, name)).collect()
}
