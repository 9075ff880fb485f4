//! A tipster's own tips and drafts: the state of each, how many people looked, and what it earned.

use leptos::prelude::*;

use super::{query, shown};
use crate::app::ui::{
    Alert, Badge, Empty, Head, More, Tone, match_count, result_text, result_tone, tip_number,
};
use crate::platform::clock::day_and_time;
use crate::platform::paths;
use crate::tips::selling::api::my_tips;
use crate::tips::selling::{DraftLine, FormName, MyTip, MyTips};
use crate::tips::{Bookmaker, TipState};
use crate::types::{Text, words};

words! {
    title { "My tips" "Tips zangu" }
    lead { "Your drafts, what you sell, and what became of it." "Rasimu zako, unachouza, na kilichotokea." }
    drafts { "Drafts" "Rasimu" }
    published { "Published" "Zilizochapishwa" }
    sell_new { "Sell a new tip" "Uza tip mpya" }
    nothing_here { "Nothing here yet" "Bado hakuna kitu hapa" }
    nothing_here_advice {
        "Post a betslip with its bet code, its matches and a price. You earn a share of every sale."
        "Weka betslip na code yake, mechi zake na bei. Unapata mgao wa kila mauzo."
    }
    see_others { "See what others sell" "Tazama wengine wanauza nini" }
    no_bookmaker { "No bookmaker yet" "Bado hakuna kampuni ya beti" }
    draft_word { "Draft" "Rasimu" }
    changed(time) { "changed {time}" "ilibadilishwa {time}" }
    go_on { "Go on with it" "Endelea nayo" }
    waiting { "Waiting for approval" "Inasubiri kukubaliwa" }
    missed { "Not approved in time" "Haikukubaliwa kwa wakati" }
    on_sale { "On sale" "Inauzwa" }
    closed { "Sales closed" "Mauzo yamefungwa" }
    rejected { "Rejected" "Imekataliwa" }
    withdrawn { "Withdrawn" "Imeondolewa" }
    void { "Void" "Batili" }
    withdraw { "Withdraw" "Ondoa" }
    cannot_come_back { "It leaves the market and cannot come back." "Inatoka sokoni na haiwezi kurudi." }
    withdraw_tip(number) { "Withdraw tip {number}" "Ondoa tip {number}" }
    at_odds(matches, odds) { "{matches} at {odds}" "{matches}, odds {odds}" }
    first_kick_off(time) { "first kick-off {time}" "mechi ya kwanza {time}" }
    why { "Why:" "Kwa nini:" }
    views { "Views" "Imetazamwa" }
    sales { "Sales" "Mauzo" }
    earned { "Earned" "Umepata" }
}

/// The drafts and tips of the signed-in tipster.
#[component]
pub fn MyTipsPage() -> impl IntoView {
    shown(my_tips(query("after")), |mine| view! { <Mine mine/> })
}

#[component]
fn Mine(mine: MyTips) -> impl IntoView {
    let is_empty = mine.tips.is_empty() && mine.drafts.is_empty();
    let draft_list = (!mine.drafts.is_empty()).then(|| {
        view! {
            <section aria-labelledby="drafts">
                <h2 id="drafts">{drafts()}</h2>
                <ul class="lines">
                    {mine.drafts.into_iter().map(|draft| view! { <DraftItem draft/> }).collect_view()}
                </ul>
            </section>
        }
    });
    let tip_list = (!mine.tips.is_empty()).then(|| {
        view! {
            <section aria-labelledby="published">
                <h2 id="published">{published()}</h2>
                <ul class="lines">
                    {mine.tips.into_iter().map(|tip| view! { <TipItem tip/> }).collect_view()}
                </ul>
            </section>
        }
    });
    view! {
        <Head title=title() lead=lead()/>
        <Alert form=FormName::Whole.anchor()/>
        <form method="post" novalidate action=paths::POST_DRAFT class="actions">
            <button class="button pay">{sell_new()}</button>
        </form>
        {is_empty.then(|| {
            view! {
                <Empty
                    title=nothing_here()
                    text=nothing_here_advice()
                    href=paths::TIPS
                    action=see_others()
                />
            }
        })}
        {draft_list}
        {tip_list}
        <More path=paths::MY_TIPS next=mine.next/>
    }
}

#[component]
fn DraftItem(draft: DraftLine) -> AnyView {
    let href = paths::draft(draft.id);
    let bookmaker = draft.bookmaker.map_or(no_bookmaker(), Bookmaker::name);
    let matches = match_count(i64::try_from(draft.match_count).unwrap_or(i64::MAX));
    view! {
        <li class="card line">
            <div class="row">
                <h3><a href=href.clone()>{bookmaker}", "{matches}</a></h3>
                <Badge text=draft_word()/>
            </div>
            <p class="line-facts">
                {draft.price.map(|price| view! { <b class="price">{price.to_string()}</b> })}
                <span>{changed(day_and_time(draft.changed_at))}</span>
            </p>
            <p><a href=href>{go_on()}</a></p>
        </li>
    }
    .into_any()
}

const fn state_words(state: TipState) -> (Text, Tone) {
    match state {
        TipState::Waiting => (waiting(), Tone::Wait),
        TipState::Missed => (missed(), Tone::Bad),
        TipState::OnSale => (on_sale(), Tone::Good),
        TipState::Closed => (closed(), Tone::Plain),
        TipState::Rejected => (rejected(), Tone::Bad),
        TipState::Withdrawn => (withdrawn(), Tone::Plain),
        TipState::Void => (void(), Tone::Plain),
    }
}

#[component]
fn TipItem(tip: MyTip) -> AnyView {
    let href = paths::tip(tip.number);
    let (words, tone) = tip.outcome.map_or_else(
        || state_words(tip.state),
        |outcome| (result_text(outcome), result_tone(outcome.result)),
    );
    let withdrawing = tip.may_withdraw().then(|| {
        view! {
            <details>
                <summary>{withdraw()}</summary>
                <form method="post" novalidate action=paths::post_withdraw(tip.number)>
                    <p>{cannot_come_back()}</p>
                    <button class="button quiet">{withdraw_tip(tip.number)}</button>
                </form>
            </details>
        }
    });
    view! {
        <li class="card line">
            <div class="row">
                <h3><a href=href>{tip_number(tip.number)}</a>", "{tip.bookmaker.name()}</h3>
                <Badge text=words tone/>
            </div>
            <p class="line-facts">
                <b class="price">{tip.price.to_string()}</b>
                <span>{at_odds(match_count(tip.match_count), tip.odds)}</span>
                <span>{first_kick_off(day_and_time(tip.first_kick_off_at))}</span>
            </p>
            {tip.rejection_reason.map(|reason| view! { <p><b>{why()}</b>" "{reason}</p> })}
            <dl class="facts tally">
                <div class="fact"><dt>{views()}</dt><dd>{tip.views.to_string()}</dd></div>
                <div class="fact"><dt>{sales()}</dt><dd>{tip.sales.to_string()}</dd></div>
                <div class="fact"><dt>{earned()}</dt><dd>{tip.earned.to_string()}</dd></div>
            </dl>
            {withdrawing}
        </li>
    }
    .into_any()
}
