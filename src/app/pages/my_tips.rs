//! A tipster's own tips and drafts: where each stands, who looked, what it earned.

use leptos::prelude::*;

use super::query;
use crate::accounts::api::viewer;
use crate::app::ui::{Alert, Badge, Empty, Head, More, Problem, Tone, count, result_text, result_tone, to_sign_in};
use crate::platform::clock::day_and_time;
use crate::tips::Bookmaker;
use crate::tips::selling::api::my_tips;
use crate::tips::selling::{DraftLine, FormName, MyTip, MyTipState, MyTips, SellingProblem, draft_path};

#[component]
pub fn MyTipsPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let after = query("after");
    let alert = use_context::<SellingProblem>().and_then(|problem| problem.of(FormName::Whole, ""));
    Suspend::new(async move {
        match my_tips(after).await {
            Ok(mine) => view! { <Mine mine alert/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn Mine(mine: MyTips, alert: Option<String>) -> impl IntoView {
    let is_empty = mine.tips.is_empty() && mine.drafts.is_empty();
    let drafts = (!mine.drafts.is_empty()).then(|| {
        view! {
            <section aria-labelledby="drafts">
                <h2 id="drafts">"Drafts"</h2>
                <ul class="lines">{mine.drafts.into_iter().map(|draft| view! { <DraftItem draft/> }).collect_view()}</ul>
            </section>
        }
    });
    let tips = (!mine.tips.is_empty()).then(|| {
        view! {
            <section aria-labelledby="published">
                <h2 id="published">"Published"</h2>
                <ul class="lines">{mine.tips.into_iter().map(|tip| view! { <TipItem tip/> }).collect_view()}</ul>
            </section>
        }
    });
    view! {
        <Head title="My tips" lead="Your drafts, what you sell, and what became of it."/>
        <Alert message=alert/>
        <form method="post" action="/api/selling/drafts" class="actions">
            <button class="button pay">"Sell a new tip"</button>
        </form>
        {is_empty.then(|| {
            view! {
                <Empty
                    title="Nothing here yet"
                    text="Post a betslip with its bet code, its matches and a price. You earn a share of every sale."
                    href="/tips"
                    action="See what others sell"
                />
            }
        })}
        {drafts}
        {tips}
        <More path="/my-tips" next=mine.next/>
    }
}

#[component]
fn DraftItem(draft: DraftLine) -> AnyView {
    let href = draft_path(draft.id);
    let bookmaker = draft.bookmaker.map_or("No bookmaker yet", Bookmaker::name);
    let matches = count(i64::try_from(draft.match_count).unwrap_or(i64::MAX), "match", "matches");
    view! {
        <li class="card line">
            <div class="row">
                <h3><a href=href.clone()>{bookmaker}", "{matches}</a></h3>
                <Badge text="Draft"/>
            </div>
            <p class="line-facts">
                {draft.price.map(|price| view! { <b class="price">{price.to_string()}</b> })}
                <span>"changed "{day_and_time(draft.changed_at)}</span>
            </p>
            <p><a href=href>"Go on with it"</a></p>
        </li>
    }
    .into_any()
}

const fn state_words(state: MyTipState) -> (&'static str, Tone) {
    match state {
        MyTipState::Waiting => ("Waiting for approval", Tone::Wait),
        MyTipState::Missed => ("Not approved in time", Tone::Bad),
        MyTipState::OnSale => ("On sale", Tone::Good),
        MyTipState::Closed => ("Sales closed", Tone::Plain),
        MyTipState::Rejected => ("Rejected", Tone::Bad),
        MyTipState::Withdrawn => ("Withdrawn", Tone::Plain),
        MyTipState::Void => ("Void", Tone::Plain),
    }
}

#[component]
fn TipItem(tip: MyTip) -> AnyView {
    let href = format!("/tips/{}", tip.number);
    let (words, tone) = tip.outcome.map_or_else(
        || {
            let (words, tone) = state_words(tip.state);
            (words.to_owned(), tone)
        },
        |outcome| (result_text(outcome), result_tone(outcome.result)),
    );
    let withdraw = tip.may_withdraw().then(|| {
        view! {
            <details>
                <summary>"Withdraw"</summary>
                <form method="post" action=format!("/api/selling/tips/{}/withdraw", tip.number)>
                    <p>"It leaves the market and cannot come back."</p>
                    <button class="button quiet">"Withdraw tip "{tip.number.to_string()}</button>
                </form>
            </details>
        }
    });
    view! {
        <li class="card line">
            <div class="row">
                <h3><a href=href>"Tip "{tip.number.to_string()}</a>", "{tip.bookmaker.name()}</h3>
                <Badge text=words tone/>
            </div>
            <p class="line-facts">
                <b class="price">{tip.price.to_string()}</b>
                <span>{count(tip.match_count, "match", "matches")}" at "{tip.odds.to_string()}</span>
                <span>"first kick-off "{day_and_time(tip.first_kick_off_at)}</span>
            </p>
            {tip.rejection_reason.map(|reason| view! { <p><b>"Why: "</b>{reason}</p> })}
            <dl class="facts tally">
                <div class="fact"><dt>"Views"</dt><dd>{tip.views.to_string()}</dd></div>
                <div class="fact"><dt>"Sales"</dt><dd>{tip.sales.to_string()}</dd></div>
                <div class="fact"><dt>"Earned"</dt><dd>{tip.earned.to_string()}</dd></div>
            </dl>
            {withdraw}
        </li>
    }
    .into_any()
}
