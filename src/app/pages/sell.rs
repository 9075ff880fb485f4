//! Selling: the page of a draft with its forms, and the page on which it is checked and published.

mod words;

use leptos::prelude::*;

use super::{param, shown};
use crate::app::ui::{
    Alert, Choice, Fact, Field, Head, MaskedCode, PictureForm, PublicMatches, TextArea, bet_code,
    remove_picture, send_to,
};
use crate::platform::clock::day_and_time;
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::tips::public::public_matches;
use crate::tips::selling::api::draft_page;
use crate::tips::selling::{DraftView, FormName, NOTE_LENGTH, Todo};
use crate::tips::{Bookmaker, Match, PublicOdds};
use crate::types::{Kes, Text};

/// The name of the form that adds a match.
const LEG: &str = FormName::Leg.anchor();

/// The forms of one draft of the signed-in tipster.
#[component]
pub fn SellPage() -> impl IntoView {
    draft(|draft| view! { <Forms draft/> })
}

/// One draft as buyers will see it, with the button that publishes it.
#[component]
pub fn SellCheckPage() -> impl IntoView {
    draft(|draft| view! { <Check draft/> })
}

/// A page of the draft that the address names. If the draft became a tip, it leads to the tip's page.
fn draft<V: IntoView + 'static>(show: impl FnOnce(DraftView) -> V + Send + 'static) -> AnyView {
    let id = param("id");
    shown(async move { draft_page(&id).await }, |found| match found {
        Ok(draft) => show(draft).into_any(),
        Err(tip) => {
            send_to(&paths::tip(tip));
            ().into_any()
        }
    })
}

#[component]
fn Forms(draft: DraftView) -> impl IntoView {
    view! {
        <div class="selling">
            <Head title=words::title() lead=words::lead()/>
            <Alert form=FormName::Whole.anchor()/>
            {details(&draft)}
            {matches(&draft)}
            {picture(&draft)}
            <section class="card">
                <h2>{words::step_publish()}</h2>
                <p class="soft">{words::left(i64::try_from(draft.todo.len()).unwrap_or(i64::MAX))}</p>
                <p class="actions">
                    <a class="button pay" href=paths::draft_check(draft.id)>{words::check()}</a>
                </p>
            </section>
            <details>
                <summary>{words::delete_this()}</summary>
                <form method="post" novalidate action=paths::post_draft_delete(draft.id)>
                    <p>{words::all_is_lost()}</p>
                    <button class="button quiet">{words::delete()}</button>
                </form>
            </details>
        </div>
    }
}

fn details(view: &DraftView) -> AnyView {
    const FORM: &str = FormName::Details.anchor();
    let draft = view.draft.clone();
    let bookmakers = Bookmaker::ALL.map(|bookmaker| (bookmaker.as_str(), name(bookmaker)));
    let choices = std::iter::once(("", words::choose_one())).chain(bookmakers).collect();
    let odds = draft.odds.map(|odds| odds.to_string()).unwrap_or_default();
    let price = draft.price.and_then(Kes::whole_shillings).map(|price| price.to_string()).unwrap_or_default();
    let price_hint = words::price_hint(view.price_min, view.price_max, percent(view.share_bps));
    let odds_hint = view.product.map_or(words::odds_hint(), words::odds_hint_with);
    view! {
        <section class="card" id=FORM>
            <h2>{words::step_betslip()}</h2>
            <form method="post" novalidate action=paths::post_draft_details(view.id)>
                <Alert form=FORM/>
                <Choice
                    form=FORM
                    name="bookmaker"
                    label=words::bookmaker()
                    choices
                    chosen=draft.bookmaker.map(Bookmaker::as_str).unwrap_or_default()
                />
                <Field
                    form=FORM
                    name="bet_code"
                    label=bet_code()
                    hint=words::bet_code_hint()
                    value=draft.bet_code
                    max_length=30
                    is_optional=true
                />
                <Field
                    form=FORM
                    name="odds"
                    label=words::total_odds()
                    hint=odds_hint
                    input_mode="decimal"
                    value=odds
                    max_length=12
                    is_optional=true
                />
                <Field
                    form=FORM
                    name="price"
                    label=words::price_in_kes()
                    hint=price_hint
                    input_mode="numeric"
                    value=price
                    max_length=9
                    is_optional=true
                />
                <TextArea
                    form=FORM
                    name="note"
                    label=words::note()
                    hint=words::note_hint()
                    value=draft.note
                    max_length=NOTE_LENGTH
                />
                <button class="button pay">{words::save()}</button>
            </form>
        </section>
    }
    .into_any()
}

fn name(bookmaker: Bookmaker) -> Text {
    match bookmaker {
        Bookmaker::Other => words::another_one(),
        known => known.name(),
    }
}

/// Basis points as a percentage without needless zeros: `60` or `62.5`.
fn percent(basis_points: i64) -> String {
    let text = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn matches(view: &DraftView) -> AnyView {
    let (id, legs) = (view.id, view.draft.legs.clone());
    let is_open = legs.is_empty() || refused(LEG).is_some();
    let list = (!legs.is_empty()).then(|| {
        let items = legs.into_iter().map(|(number, leg)| {
            let action = paths::post_draft_match_remove(id, number);
            view! { <Leg leg action/> }
        });
        view! { <ul class="picks">{items.collect_view()}</ul> }
    });
    view! {
        <section class="card" id=LEG>
            <h2>{words::step_matches()}</h2>
            <p class="soft">{words::matches_lead()}</p>
            {list}
            <details open=is_open>
                <summary>{words::add_a_match()}</summary>
                <form method="post" novalidate action=paths::post_draft_match(id)>
                    <Alert form=LEG/>
                    {teams()}
                    {bet()}
                    <button class="button pay">{words::add_this_match()}</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}

fn teams() -> AnyView {
    view! {
        <div class="pair">
            <Field form=LEG name="home_team" label=words::home_team() max_length=60/>
            <Field form=LEG name="away_team" label=words::away_team() max_length=60/>
        </div>
        <div class="pair">
            <Field form=LEG name="league" label=words::league() max_length=60/>
            <Field form=LEG name="kick_off" label=words::kick_off() kind="datetime-local" max_length=60/>
        </div>
    }
    .into_any()
}

fn bet() -> AnyView {
    view! {
        <div class="pair">
            <Field form=LEG name="market" label=words::market() hint=words::market_hint() max_length=60/>
            <Field form=LEG name="selection" label=words::pick() hint=words::pick_hint() max_length=60/>
        </div>
        <Field form=LEG name="leg_odds" label=words::odds_of_match() input_mode="decimal" max_length=12/>
    }
    .into_any()
}

#[component]
fn Leg(leg: Match, action: String) -> AnyView {
    let label = words::remove_match(&leg.home_team, &leg.away_team);
    view! {
        <li>
            <div>
                <b>{leg.home_team}" v "{leg.away_team}</b>
                <span class="soft">{leg.league}" · "{day_and_time(leg.kick_off_at)}</span>
                <span>{leg.market}": "<b>{leg.selection}</b>" "{words::at_odds(leg.odds)}</span>
            </div>
            <form method="post" novalidate action=action>
                <button class="link" aria-label=label>{words::remove()}</button>
            </form>
        </li>
    }
    .into_any()
}

fn picture(view: &DraftView) -> AnyView {
    const FORM: &str = FormName::Picture.anchor();
    // The hash gives a new picture a new address, so that the browser does not show the old one.
    let kept = view.draft.picture.as_ref().map(|picture| {
        format!("{}?{}", paths::draft_picture(view.id), picture.hash.get(..8).unwrap_or_default())
    });
    let has_one = kept.is_some();
    view! {
        <section class="card" id=FORM>
            <h2>{words::step_picture()}</h2>
            {kept
                .map(|source| {
                    view! {
                        <img class="betslip" src=source width="320" height="240" alt=words::your_betslip()/>
                        <form method="post" novalidate action=paths::post_draft_picture_remove(view.id)>
                            <button class="link">{remove_picture()}</button>
                        </form>
                    }
                })}
            <PictureForm
                form=FORM
                action=paths::post_draft_picture(view.id)
                hint=words::picture_hint()
                has_one
                kind="pay"
            />
        </section>
    }
    .into_any()
}

#[component]
fn Check(draft: DraftView) -> impl IntoView {
    let path = paths::draft(draft.id);
    let is_ready = draft.todo.is_empty();
    let content = is_ready.then(|| checked(&draft));
    let publish = is_ready.then(|| {
        view! {
            <section class="card">
                <h2>{words::publish()}</h2>
                <p>{words::nothing_changes()}</p>
                <p class="soft">{words::who_waits()}</p>
                <form method="post" novalidate action=paths::post_draft_publish(draft.id)>
                    <input type="hidden" name="version" value=draft.version/>
                    <button class="button pay">{words::publish_tip()}</button>
                </form>
            </section>
        }
    });
    view! {
        <div class="selling">
            <Head title=words::check_title() lead=words::check_lead()/>
            <Alert form=FormName::Whole.anchor()/>
            {(!is_ready).then(|| view! { <Missing todo=draft.todo path=path.clone()/> })}
            {content}
            {publish}
            <p><a class="button quiet" href=path>{words::change_something()}</a></p>
        </div>
    }
}

#[component]
fn Missing(todo: Vec<Todo>, path: String) -> AnyView {
    let item =
        |Todo { form, text }| view! { <li><a href=format!("{path}#{}", form.anchor())>{text}</a></li> };
    view! {
        <section class="card">
            <h2>{words::left_to_do()}</h2>
            <ul class="todo">{todo.into_iter().map(item).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn checked(view: &DraftView) -> AnyView {
    let (draft, legs) = (&view.draft, view.draft.matches());
    let price = draft.price.unwrap_or_default();
    let public = public_matches(&legs);
    let odds =
        draft.odds.map(|odds| view! { <p>{words::odds_they_see(PublicOdds::of(odds, legs.len()))}</p> });
    let picks = legs.into_iter().map(|leg| view! { <CheckedLeg leg/> }).collect_view();
    view! {
        <dl class="facts card">
            <Fact label=words::bookmaker() value=draft.bookmaker.map(name).unwrap_or_default()/>
            <Fact
                label=words::total_odds()
                value=draft.odds.map(|odds| odds.to_string()).unwrap_or_default()
            />
            <Fact label=words::price() value=price.to_string()/>
            <Fact label=words::you_get() value=words::of_each_sale(price.share(view.share_bps))/>
            <Fact label=words::sales_close() value=view.sales_close_at.map(day_and_time).unwrap_or_default()/>
        </dl>
        <section class="card">
            <h2>{words::before_they_pay()}</h2>
            <MaskedCode/>
            {odds}
            <PublicMatches matches=public/>
        </section>
        <section class="card">
            <h2>{words::after_they_paid()}</h2>
            <p class="code">{draft.bet_code.clone()}</p>
            <ul class="picks">{picks}</ul>
            {(!draft.note.is_empty()).then(|| view! { <p class="note">{draft.note.clone()}</p> })}
            <img
                class="betslip"
                src=paths::draft_picture(view.id)
                width="320"
                height="240"
                alt=words::your_betslip()
            />
        </section>
    }
    .into_any()
}

#[component]
fn CheckedLeg(leg: Match) -> AnyView {
    view! {
        <li>
            <div>
                <b>{leg.home_team}" v "{leg.away_team}</b>
                <span class="soft">{leg.league}" · "{day_and_time(leg.kick_off_at)}</span>
                <span>{leg.market}": "<b>{leg.selection}</b></span>
            </div>
            <b class="odds">{leg.odds.to_string()}</b>
        </li>
    }
    .into_any()
}
