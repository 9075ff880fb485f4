//! Selling: a draft's one page with its forms, and the page on which it is checked and published.

mod words;

use leptos::prelude::*;

use super::param;
use crate::app::ui::{
    Alert, Choice, Fact, Head, MaskedCode, PictureForm, Problem, PublicMatches, TextArea, TextField,
    bet_code, remove_picture, send_to, to_sign_in,
};
use crate::platform::clock::day_and_time;
use crate::platform::viewer::viewer;
use crate::tips::public::public_matches;
use crate::tips::selling::api::draft_page;
use crate::tips::selling::{
    DetailsForm, Draft, DraftView, FormName, LegForm, NOTE_LENGTH, SellingProblem, Todo, draft_path,
};
use crate::tips::{Bookmaker, Match, PublicOdds};
use crate::types::{AppResult, Text, TipId};

#[component]
pub fn SellPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let id = param("draft");
    let problem = use_context::<SellingProblem>();
    Suspend::new(async move {
        shown(draft_page(&id).await, move |draft| view! { <Forms draft problem/> }.into_any())
    })
    .into_any()
}

#[component]
pub fn SellCheckPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let id = param("draft");
    let problem = use_context::<SellingProblem>();
    Suspend::new(async move {
        shown(draft_page(&id).await, move |draft| view! { <Check draft problem/> }.into_any())
    })
    .into_any()
}

/// A draft that became a tip is that tip's page.
fn shown(found: AppResult<Result<DraftView, TipId>>, show: impl FnOnce(DraftView) -> AnyView) -> AnyView {
    match found {
        Ok(Ok(draft)) => show(draft),
        Ok(Err(tip)) => {
            send_to(&format!("/tips/{tip}"));
            ().into_any()
        }
        Err(error) => view! { <Problem error/> }.into_any(),
    }
}

/// What is wrong with a field of the form that was refused, if it is this one.
fn wrong(problem: Option<&SellingProblem>, form: FormName, field: &str) -> Option<Text> {
    problem.and_then(|problem| problem.of(form, field))
}

#[component]
fn Forms(draft: DraftView, problem: Option<SellingProblem>) -> impl IntoView {
    let path = draft_path(draft.id);
    let action = format!("/api/selling/drafts/{}", draft.id);
    let alert = wrong(problem.as_ref(), FormName::Whole, "");
    view! {
        <div class="selling">
            <Head title=words::title() lead=words::lead()/>
            <Alert message=alert/>
            {details(&draft, problem.as_ref(), &action)}
            {matches(&draft, problem.as_ref(), &action)}
            {picture(&draft, problem.as_ref(), &action, &path)}
            <section class="card">
                <h2>{words::step_publish()}</h2>
                <p class="soft">{words::left(i64::try_from(draft.todo.len()).unwrap_or(i64::MAX))}</p>
                <p class="actions"><a class="button pay" href=format!("{path}/check")>{words::check()}</a></p>
            </section>
            <details>
                <summary>{words::delete_this()}</summary>
                <form method="post" novalidate action=format!("{action}/delete")>
                    <p>{words::all_is_lost()}</p>
                    <button class="button quiet">{words::delete()}</button>
                </form>
            </details>
        </div>
    }
}

fn details(draft: &DraftView, problem: Option<&SellingProblem>, action: &str) -> AnyView {
    let typed =
        problem.and_then(|problem| problem.details.clone()).unwrap_or_else(|| filled_in(&draft.draft));
    let is_wrong = |field: &str| wrong(problem, FormName::Details, field);
    let choices = Bookmaker::ALL.into_iter().map(|bookmaker| (bookmaker.as_str(), name(bookmaker))).collect();
    let prices = words::price_hint(draft.price_min, draft.price_max, percent(draft.share_bps));
    let odds = draft.product.map_or(words::odds_hint(), words::odds_hint_with);
    view! {
        <section class="card" id=FormName::Details.anchor()>
            <h2>{words::step_betslip()}</h2>
            <form method="post" novalidate action=format!("{action}/details")>
                <Alert message=is_wrong("")/>
                <Choice name="bookmaker" label=words::bookmaker() none=words::choose_one() choices chosen=typed.bookmaker wrong=is_wrong("bookmaker")/>
                <TextField
                    name="bet_code"
                    label=bet_code()
                    hint=words::bet_code_hint()
                    value=typed.bet_code
                    max_length=30
                    is_optional=true
                    wrong=is_wrong("bet_code")
                />
                <TextField
                    name="odds"
                    label=words::total_odds()
                    hint=odds
                    input_mode="decimal"
                    value=typed.odds
                    max_length=12
                    is_optional=true
                    wrong=is_wrong("odds")
                />
                <TextField
                    name="price"
                    label=words::price_in_kes()
                    hint=prices
                    input_mode="numeric"
                    value=typed.price
                    max_length=9
                    is_optional=true
                    wrong=is_wrong("price")
                />
                <TextArea
                    name="note"
                    label=words::note()
                    hint=words::note_hint()
                    value=typed.note
                    max_length=NOTE_LENGTH
                    wrong=is_wrong("note")
                />
                <button class="button pay">{words::save()}</button>
            </form>
        </section>
    }
    .into_any()
}

fn filled_in(draft: &Draft) -> DetailsForm {
    DetailsForm {
        bookmaker: draft.bookmaker.map(Bookmaker::as_str).unwrap_or_default().to_owned(),
        bet_code: draft.bet_code.clone(),
        odds: draft.odds.map(|odds| odds.to_string()).unwrap_or_default(),
        price: draft
            .price
            .and_then(crate::types::Kes::whole_shillings)
            .map(|price| price.to_string())
            .unwrap_or_default(),
        note: draft.note.clone(),
    }
}

fn name(bookmaker: Bookmaker) -> Text {
    match bookmaker {
        Bookmaker::Other => words::another_one(),
        known => known.name(),
    }
}

/// `60`, or `62.5`.
fn percent(basis_points: i64) -> String {
    let text = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn matches(draft: &DraftView, problem: Option<&SellingProblem>, action: &str) -> AnyView {
    let typed = problem.and_then(|problem| problem.leg.clone()).unwrap_or_default();
    let is_wrong = |field: &str| wrong(problem, FormName::Leg, field);
    let legs = draft.draft.legs.clone();
    let is_open = legs.is_empty() || problem.is_some_and(|problem| problem.form == FormName::Leg);
    let list = (!legs.is_empty()).then(|| {
        let items = legs
            .into_iter()
            .map(|(number, leg)| view! { <Leg number leg action=action.to_owned()/> })
            .collect_view();
        view! { <ul class="picks">{items}</ul> }
    });
    view! {
        <section class="card" id=FormName::Leg.anchor()>
            <h2>{words::step_matches()}</h2>
            <p class="soft">{words::matches_lead()}</p>
            {list}
            <details open=is_open>
                <summary>{words::add_a_match()}</summary>
                <form method="post" novalidate action=format!("{action}/matches")>
                    <Alert message=is_wrong("")/>
                    {teams(typed.clone(), problem)}
                    {bet(typed, problem)}
                    <button class="button pay">{words::add_this_match()}</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}

fn teams(typed: LegForm, problem: Option<&SellingProblem>) -> AnyView {
    let is_wrong = |field: &str| wrong(problem, FormName::Leg, field);
    view! {
        <div class="pair">
            <TextField name="home_team" label=words::home_team() value=typed.home_team wrong=is_wrong("home_team")/>
            <TextField name="away_team" label=words::away_team() value=typed.away_team wrong=is_wrong("away_team")/>
        </div>
        <div class="pair">
            <TextField name="league" label=words::league() value=typed.league wrong=is_wrong("league")/>
            <TextField
                name="kick_off"
                label=words::kick_off()
                kind="datetime-local"
                value=typed.kick_off
                wrong=is_wrong("kick_off")
            />
        </div>
    }
    .into_any()
}

fn bet(typed: LegForm, problem: Option<&SellingProblem>) -> AnyView {
    let is_wrong = |field: &str| wrong(problem, FormName::Leg, field);
    view! {
        <div class="pair">
            <TextField name="market" label=words::market() hint=words::market_hint() value=typed.market wrong=is_wrong("market")/>
            <TextField name="selection" label=words::pick() hint=words::pick_hint() value=typed.selection wrong=is_wrong("selection")/>
        </div>
        <TextField
            name="leg_odds"
            label=words::odds_of_match()
            input_mode="decimal"
            value=typed.leg_odds
            max_length=12
            wrong=is_wrong("leg_odds")
        />
    }
    .into_any()
}

#[component]
fn Leg(number: u32, leg: Match, action: String) -> AnyView {
    let label = words::remove_match(&leg.home_team, &leg.away_team);
    view! {
        <li>
            <div>
                <b>{leg.home_team}" v "{leg.away_team}</b>
                <span class="soft">{leg.league}" · "{day_and_time(leg.kick_off_at)}</span>
                <span>{leg.market}": "<b>{leg.selection}</b>" "{words::at_odds(leg.odds)}</span>
            </div>
            <form method="post" novalidate action=format!("{action}/matches/{number}/remove")>
                <button class="link" aria-label=label>{words::remove()}</button>
            </form>
        </li>
    }
    .into_any()
}

fn picture(draft: &DraftView, problem: Option<&SellingProblem>, action: &str, path: &str) -> AnyView {
    let wrong = wrong(problem, FormName::Picture, "");
    // The hash makes a new picture a new address.
    let kept = draft
        .draft
        .picture
        .as_ref()
        .map(|picture| format!("{path}/picture?{}", picture.hash.get(..8).unwrap_or_default()));
    let has_one = kept.is_some();
    view! {
        <section class="card" id=FormName::Picture.anchor()>
            <h2>{words::step_picture()}</h2>
            {kept
                .map(|source| {
                    view! {
                        <img class="betslip" src=source width="320" height="240" alt=words::your_betslip()/>
                        <form method="post" novalidate action=format!("{action}/picture/remove")><button class="link">{remove_picture()}</button></form>
                    }
                })}
            <PictureForm action=format!("{action}/picture") hint=words::picture_hint() has_one wrong kind="pay"/>
        </section>
    }
    .into_any()
}

#[component]
fn Check(draft: DraftView, problem: Option<SellingProblem>) -> impl IntoView {
    let path = draft_path(draft.id);
    let alert = wrong(problem.as_ref(), FormName::Whole, "");
    let is_ready = draft.todo.is_empty();
    let content = is_ready.then(|| checked(&draft));
    let publish = is_ready.then(|| {
        view! {
            <section class="card">
                <h2>{words::publish()}</h2>
                <p>{words::nothing_changes()}</p>
                <p class="soft">{words::who_waits()}</p>
                <form method="post" novalidate action=format!("/api/selling/drafts/{}/publish", draft.id)>
                    <input type="hidden" name="version" value=draft.version/>
                    <button class="button pay">{words::publish_tip()}</button>
                </form>
            </section>
        }
    });
    view! {
        <div class="selling">
            <Head title=words::check_title() lead=words::check_lead()/>
            <Alert message=alert/>
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
            <Fact label=words::total_odds() value=draft.odds.map(|odds| odds.to_string()).unwrap_or_default()/>
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
            <img class="betslip" src=format!("{}/picture", draft_path(view.id)) width="320" height="240" alt=words::your_betslip()/>
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
