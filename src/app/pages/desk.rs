//! The operators' desk: tips that wait for approval, and results. Visitors who are not staff find no page
//! here.

use leptos::prelude::*;

use super::{param, query, shown};
use crate::app::ui::{
    Alert, Badge, Fact, Head, More, Tone, match_count, result_text, result_tone, result_word, send_to, until,
};
use crate::desk::api::{match_form, tip_form, tip_results, unsettled, waiting};
use crate::desk::{ApprovalQueue, DeskLeg, DeskTip, ResultEvent, TipResults, Unsettled};
use crate::platform::clock::day_and_time;
use crate::platform::forms::{RefusedForm, refused};
use crate::platform::paths;
use crate::tips::results::OPEN;
use crate::types::{Language, Text, TipId, TipResult};

/// The desk's own address leads to its first page.
#[component]
pub fn DeskPage() -> impl IntoView {
    shown(waiting(None), |_| send_to(paths::DESK_TIPS))
}

/// Tips that wait for approval, closing soonest first.
#[component]
pub fn DeskTipsPage() -> impl IntoView {
    shown(waiting(query("after")), |waiting| view! { <WaitingTips waiting/> })
}

/// Tips with a match that is over and not settled, oldest first.
#[component]
pub fn DeskResultsPage() -> impl IntoView {
    shown(unsettled(query("after")), |unsettled| view! { <UnsettledTips unsettled/> })
}

/// The matches of one tip, to be settled, and what was said of them before.
#[component]
pub fn DeskTipResultsPage() -> impl IntoView {
    let number = param("number");
    shown(async move { tip_results(&number).await }, |results| view! { <Results results/> })
}

/// The title of a page of the desk, with the links to its other pages.
#[component]
fn DeskHead(title: String, lead: &'static str, here: &'static str) -> AnyView {
    let way = |href: &'static str, text| {
        view! {
            <a href=href aria-current=(here == href).then_some("page")>{text}</a>
        }
    };
    view! {
        <nav class="desk-ways" aria-label="Desk">
            {way(paths::DESK_TIPS, "Approvals")}{way(paths::DESK_RESULTS, "Results")}
        </nav>
        <Head title lead/>
    }
    .into_any()
}

/// Why a form was refused that is not on the page any more, for example because its tip does not wait any
/// more.
fn refused_elsewhere(forms: &[String]) -> AnyView {
    let refused = use_context::<RefusedForm>().filter(|refused| !forms.contains(&refused.form));
    refused.map(|refused| view! { <Alert form=refused.form/> }).into_any()
}

#[component]
fn WaitingTips(waiting: ApprovalQueue) -> impl IntoView {
    let forms: Vec<String> = waiting.tips.iter().map(|tip| tip_form(tip.number)).collect();
    let is_empty = waiting.tips.is_empty();
    let tips = waiting.tips.into_iter().map(|tip| view! { <WaitingTip tip/> });
    view! {
        <DeskHead
            title="Approvals".to_owned()
            lead="Tips of tipsters who are not verified, closing soonest first."
            here=paths::DESK_TIPS
        />
        {refused_elsewhere(&forms)}
        {is_empty.then(|| view! { <p class="card">"No tip is waiting."</p> })}
        <ul class="lines">{tips.collect_view()}</ul>
        <More path=paths::DESK_TIPS next=waiting.next text="Show later ones"/>
    }
}

#[component]
fn WaitingTip(tip: DeskTip) -> AnyView {
    let form = tip_form(tip.number);
    let id = format!("reason-{}", tip.number);
    let reason = refused(&form).and_then(|refused| refused.value("reason"));
    view! {
        <li class="card">
            {whole(&tip)}
            <Alert form/>
            <div class="decide">
                <form method="post" novalidate action=paths::post_approve(tip.number)>
                    <button class="button pay">"Approve tip "{tip.number.to_string()}</button>
                </form>
                <form method="post" novalidate action=paths::post_reject(tip.number)>
                    <div class="field">
                        <label for=id.clone()>"Why it is rejected"</label>
                        <input
                            id=id
                            name="reason"
                            value=reason
                            maxlength="300"
                            required=true
                            autocomplete="off"
                        />
                    </div>
                    <button class="button quiet">"Reject"</button>
                </form>
            </div>
        </li>
    }
    .into_any()
}

/// Everything that a tip sells, for the decision about it.
fn whole(tip: &DeskTip) -> AnyView {
    let picture = paths::desk_betslip(tip.number);
    let sold = tip.whole.clone();
    let code = sold.as_ref().map(|sold| sold.bet_code.clone()).unwrap_or_default();
    let legs = tip.legs.clone().into_iter().map(|leg| view! { <li><LegFacts leg/></li> }).collect_view();
    let price =
        Text::from(format!("{},", tip.price)).and(&match_count(i64::try_from(tip.legs.len()).unwrap_or(0)));
    view! {
        <div class="row">
            <h2>"Tip "{tip.number.to_string()}" by "{tip.tipster.clone()}</h2>
            <Badge text=Text::from("closes in").and(&until(tip.now, tip.sales_close_at))/>
        </div>
        <dl class="facts">
            <Fact label=tip.bookmaker.name() value=code/>
            <Fact label="Total odds" value=tip.odds.to_string()/>
            <Fact label="Price" value=price/>
            <Fact label="Published" value=day_and_time(tip.published_at)/>
            <Fact label="Sales close" value=day_and_time(tip.sales_close_at)/>
        </dl>
        <ul class="picks">{legs}</ul>
        {sold.as_ref().and_then(|sold| sold.note.clone()).map(|note| view! {
            <p class="note"><b>"Note: "</b>{note}</p>
        })}
        {sold
            .is_some_and(|sold| sold.has_picture)
            .then(|| {
                view! {
                    <details>
                        <summary>"Betslip"</summary>
                        <img
                            class="betslip"
                            src=picture
                            width="320"
                            height="240"
                            loading="lazy"
                            alt="The betslip as the tipster posted it"
                        />
                    </details>
                }
            })}
    }
    .into_any()
}

#[component]
fn LegFacts(leg: DeskLeg) -> AnyView {
    let DeskLeg { pick, result, .. } = leg;
    let pick = pick.map(
        |pick| view! { <span>{pick.market}": "<b>{pick.selection}</b>" at "{pick.odds.to_string()}</span> },
    );
    let score = result.score.map(|score| format!(" ({score})"));
    let ended = result.result.map(|result| {
        view! {
            <span class="badges"><Badge text=result_word(result) tone=result_tone(result)/>{score}</span>
        }
    });
    view! {
        <div class="leg">
            <b>{leg.home_team}" v "{leg.away_team}</b>
            <span class="soft">{leg.league}" · "{day_and_time(leg.kick_off_at)}</span>
            {pick}
            {ended}
        </div>
    }
    .into_any()
}

#[component]
fn UnsettledTips(unsettled: Unsettled) -> impl IntoView {
    let is_empty = unsettled.tips.is_empty();
    view! {
        <DeskHead
            title="Results".to_owned()
            lead="Tips with a match that is over and not settled, oldest first."
            here=paths::DESK_RESULTS
        />
        {is_empty.then(|| view! { <p class="card">"Everything that is over is settled."</p> })}
        <ul class="lines">
            {unsettled.tips.into_iter().map(|tip| view! { <UnsettledTip tip/> }).collect_view()}
        </ul>
        <More path=paths::DESK_RESULTS next=unsettled.next text="Show later ones"/>
    }
}

#[component]
fn UnsettledTip(tip: DeskTip) -> AnyView {
    let href = paths::desk_tip_results(tip.number);
    let open = tip.legs.iter().filter(|leg| leg.is_over && leg.result.result.is_none()).count();
    let open = match_count(i64::try_from(open).unwrap_or(0)).and(&"to settle".into());
    view! {
        <li class="card line">
            <div class="row">
                <h2><a href=href>"Tip "{tip.number.to_string()}</a>" by "{tip.tipster}</h2>
                <Badge text=open tone=Tone::Wait/>
            </div>
            <ul class="picks">
                {tip.legs.into_iter().map(|leg| view! { <li><LegFacts leg/></li> }).collect_view()}
            </ul>
        </li>
    }
    .into_any()
}

#[component]
fn Results(results: TipResults) -> impl IntoView {
    let TipResults { tip, history } = results;
    let number = tip.number;
    let title = format!("Results of tip {number}");
    let state = tip.outcome.map_or_else(
        || view! { <Badge text="Open" tone=Tone::Wait/> }.into_any(),
        |outcome| view! { <Badge text=result_text(outcome) tone=result_tone(outcome.result)/> }.into_any(),
    );
    let forms: Vec<String> = tip.legs.iter().map(|leg| match_form(leg.position)).collect();
    let legs = tip.legs.into_iter().map(|leg| view! { <LegToSettle tip=number leg/> });
    view! {
        <DeskHead
            title
            lead="Settle a match only when you are sure. What is unclear stays open."
            here=paths::DESK_RESULTS
        />
        <p class="row"><span>"By "{tip.tipster}", odds "{tip.odds.to_string()}</span>{state}</p>
        {refused_elsewhere(&forms)}
        <ul class="lines">{legs.collect_view()}</ul>
        {(!history.is_empty()).then(|| view! { <History history/> })}
    }
}

#[component]
fn LegToSettle(tip: TipId, leg: DeskLeg) -> AnyView {
    let (form_name, action) = (match_form(leg.position), paths::post_result(tip, leg.position));
    let (position, is_over, now) = (leg.position, leg.is_over, leg.result.result);
    let refused = refused(&form_name);
    let [reason, score] =
        ["reason", "score"].map(|field| refused.as_ref().and_then(|refused| refused.value(field)));
    let others = TipResult::ALL.into_iter().filter(|result| Some(*result) != now);
    let word = |result| result_word(result).as_str(Language::English).to_owned();
    let buttons = others.map(|result| (result.as_str(), word(result)));
    let reopen = now.map(|_| (OPEN, "Open again".to_owned()));
    let buttons = buttons.chain(reopen).map(
        |(value, text)| view! { <button class="button quiet" name="result" value=value>{text}</button> },
    );
    let form = is_over.then(|| {
        view! {
            <form method="post" novalidate action=action>
                <input type="hidden" name="was" value=now.map_or("", TipResult::as_str)/>
                // The Enter key presses the first button of a form, so the first one does nothing.
                <button disabled hidden></button>
                <div class="pair">
                    <div class="field">
                        <label for=format!("score-{position}")>"Score"</label>
                        <input
                            id=format!("score-{position}")
                            name="score"
                            value=score
                            maxlength="20"
                            autocomplete="off"
                        />
                    </div>
                    <div class="field">
                        <label for=format!("why-{position}")>"How you know"</label>
                        <input
                            id=format!("why-{position}")
                            name="reason"
                            value=reason
                            maxlength="300"
                            required=true
                            autocomplete="off"
                        />
                    </div>
                </div>
                <p class="actions">{buttons.collect_view()}</p>
            </form>
        }
    });
    view! {
        <li class="card">
            <LegFacts leg/>
            <Alert form=form_name/>
            {form}
            {(!is_over).then(|| view! {
                <p class="soft">"It can be settled two hours after its kick-off."</p>
            })}
        </li>
    }
    .into_any()
}

#[component]
fn History(history: Vec<ResultEvent>) -> AnyView {
    let line = |event: ResultEvent| {
        let what = event.result.map_or("opened again".into(), result_word);
        let score = event.score.map(|score| format!(" ({score})")).unwrap_or_default();
        view! {
            <li>
                <b>"Match "{event.position.to_string()}": "{what}{score}</b>
                <span class="soft">{day_and_time(event.at)}" by "{event.by}</span>
                <span>{event.reason}</span>
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="history">
            <h2 id="history">"What was said"</h2>
            <ul class="teams">{history.into_iter().map(line).collect_view()}</ul>
        </section>
    }
    .into_any()
}
