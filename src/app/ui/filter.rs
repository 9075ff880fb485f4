//! The form that narrows the market: a GET form, so that every list has an address of its own and needs no
//! script.

use leptos::prelude::*;

use super::format::one_match;
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
    /// What takes all limits away again.
    clear_filters { "Clear filters" "Onyesha zote" }
}

/// What is wrong with one field.
pub type FieldProblem = Option<(&'static str, Text)>;

/// The search alone, as the front door has it.
#[component]
pub fn SearchForm() -> impl IntoView {
    view! {
        <form class="find" method="get" action="/tips" role="search">
            <Words text=String::new() wrong=None/>
        </form>
    }
}

/// The search with every limit, which a phone keeps folded until one is set.
#[component]
pub fn FindForm(asked: FilterForm, wrong: FieldProblem) -> impl IntoView {
    let set = asked.limits();
    let is_open = wrong.as_ref().is_some_and(|(field, _)| *field != "text");
    let name = if set == 0 { filters() } else { filters_set(set) };
    view! {
        <form class="find" method="get" action="/tips" role="search">
            <Words text=asked.text wrong=wrong.clone()/>
            <details open=is_open>
                <summary>{name}</summary>
                <div class="limits">
                    <Choice name="order" label=order_label() options=orders() chosen=asked.order wrong=wrong.clone()/>
                    <Choice name="kick_off" label=first_kick_off() options=kick_offs() chosen=asked.kick_off wrong=wrong.clone()/>
                    <Choice name="bookmaker" label=bookmaker_label() options=bookmakers() chosen=asked.bookmaker wrong=wrong.clone()/>
                    <Choice name="match_count" label=matches_label() options=match_counts() chosen=asked.matches wrong=wrong.clone()/>
                    <Limit name="min_odds" label=odds_from() value=asked.min_odds wrong=wrong.clone()/>
                    <Limit name="max_odds" label=odds_to() value=asked.max_odds wrong=wrong.clone()/>
                    <Limit name="min_price" label=kes_from() value=asked.min_price wrong=wrong.clone()/>
                    <Limit name="max_price" label=kes_to() value=asked.max_price wrong/>
                </div>
                <p class="actions">
                    <button class="button quiet">{show_these()}</button>
                    {(set > 0).then(|| view! { <a class="button quiet" href="/tips">{clear_filters()}</a> })}
                </p>
            </details>
        </form>
    }
    .into_any()
}

#[component]
fn Words(text: String, wrong: FieldProblem) -> impl IntoView {
    let wrong = message(wrong, "text");
    let is_wrong = wrong.is_some();
    view! {
        {told("text", wrong)}
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
fn Limit(name: &'static str, label: Text, value: String, wrong: FieldProblem) -> impl IntoView {
    let wrong = message(wrong, name);
    let is_wrong = wrong.is_some();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {told(name, wrong)}
            <input
                id=name
                name=name
                inputmode="decimal"
                autocomplete="off"
                maxlength="12"
                value=value
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then(|| format!("{name}-problem"))
                autofocus=is_wrong
            />
        </div>
    }
    .into_any()
}

/// A list to choose from; the first is what stands when nothing is asked.
#[component]
fn Choice(
    name: &'static str,
    label: Text,
    options: Vec<(&'static str, Text)>,
    chosen: String,
    wrong: FieldProblem,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {told(name, message(wrong, name))}
            <select id=name name=name>
                {options
                    .into_iter()
                    .map(|(value, text)| view! { <option value=value selected=value == chosen>{text}</option> })
                    .collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn message(wrong: FieldProblem, name: &str) -> Option<Text> {
    wrong.filter(|(field, _)| *field == name).map(|(_, message)| message)
}

fn told(name: &str, message: Option<Text>) -> impl IntoView + use<> {
    let id = format!("{name}-problem");
    message.map(|message| view! { <p class="wrong" id=id role="alert">{message}</p> })
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
