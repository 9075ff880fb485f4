//! The form that narrows the market: a GET form, so that every list has an address of its own and needs no script.

use leptos::prelude::*;

use crate::tips::Bookmaker;
use crate::tips::find::{Asked, KickOff, MATCH_COUNTS, Order};

/// What is wrong with one field.
pub type Wrong = Option<(&'static str, String)>;

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
pub fn FindForm(asked: Asked, wrong: Wrong) -> impl IntoView {
    let set = asked.limits();
    let is_open = wrong.as_ref().is_some_and(|(field, _)| *field != "text");
    let name = if set == 0 { "Filters and order".to_owned() } else { format!("Filters and order ({set} set)") };
    view! {
        <form class="find" method="get" action="/tips" role="search">
            <Words text=asked.text wrong=wrong.clone()/>
            <details open=is_open>
                <summary>{name}</summary>
                <div class="limits">
                    <Choice name="order" label="Order" options=orders() chosen=asked.order wrong=wrong.clone()/>
                    <Choice name="kick_off" label="First kick-off" options=kick_offs() chosen=asked.kick_off wrong=wrong.clone()/>
                    <Choice name="bookmaker" label="Bookmaker" options=bookmakers() chosen=asked.bookmaker wrong=wrong.clone()/>
                    <Choice name="matches" label="Matches" options=match_counts() chosen=asked.matches wrong=wrong.clone()/>
                    <Limit name="min_odds" label="Odds from" value=asked.min_odds wrong=wrong.clone()/>
                    <Limit name="max_odds" label="Odds to" value=asked.max_odds wrong=wrong.clone()/>
                    <Limit name="min_price" label="KES from" value=asked.min_price wrong=wrong.clone()/>
                    <Limit name="max_price" label="KES to" value=asked.max_price wrong/>
                </div>
                <p class="actions">
                    <button class="button quiet">"Show these tips"</button>
                    {(set > 0).then(|| view! { <a class="button quiet" href="/tips">"Clear filters"</a> })}
                </p>
            </details>
        </form>
    }
    .into_any()
}

#[component]
fn Words(text: String, wrong: Wrong) -> impl IntoView {
    let wrong = message(wrong, "text");
    let is_wrong = wrong.is_some();
    view! {
        {told("text", wrong)}
        <div class="search-row">
            <label class="unseen" for="text">"Team, league or tipster"</label>
            <input
                id="text"
                name="text"
                type="search"
                maxlength="60"
                placeholder="Team, league, tipster"
                value=text
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=is_wrong.then_some("text-problem")
            />
            <button class="button pay">"Search"</button>
        </div>
    }
    .into_any()
}

#[component]
fn Limit(name: &'static str, label: &'static str, value: String, wrong: Wrong) -> impl IntoView {
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
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: String,
    wrong: Wrong,
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

fn message(wrong: Wrong, name: &str) -> Option<String> {
    wrong.filter(|(field, _)| *field == name).map(|(_, message)| message)
}

fn told(name: &str, message: Option<String>) -> impl IntoView + use<> {
    let id = format!("{name}-problem");
    message.map(|message| view! { <p class="wrong" id=id role="alert">{message}</p> })
}

fn orders() -> Vec<(&'static str, &'static str)> {
    let name = |order| match order {
        Order::Closing => ("", "Closing soonest"),
        Order::Newest => (order.as_str(), "Newest"),
        Order::Odds => (order.as_str(), "Highest odds"),
        Order::Price => (order.as_str(), "Lowest price"),
        Order::Record => (order.as_str(), "Best record of the tipster"),
    };
    Order::ALL.map(name).to_vec()
}

fn kick_offs() -> Vec<(&'static str, &'static str)> {
    let name = |kick_off: KickOff| match kick_off {
        KickOff::Any => "Any time",
        KickOff::Soon => "Next 3 hours",
        KickOff::Today => "Today",
        KickOff::Tomorrow => "Tomorrow",
    };
    KickOff::ALL.map(|kick_off| (kick_off.as_str(), name(kick_off))).to_vec()
}

fn bookmakers() -> Vec<(&'static str, &'static str)> {
    let name = |bookmaker: Bookmaker| if bookmaker == Bookmaker::Other { "Another one" } else { bookmaker.name() };
    std::iter::once(("", "Any")).chain(Bookmaker::ALL.map(|bookmaker| (bookmaker.as_str(), name(bookmaker)))).collect()
}

fn match_counts() -> Vec<(&'static str, &'static str)> {
    let names = ["Any number", "1 match", "2 or 3", "4 to 6", "7 or more"];
    MATCH_COUNTS.into_iter().zip(names).map(|((value, _), name)| (value, name)).collect()
}
