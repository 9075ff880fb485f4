//! What a buyer bought, with its code, picks and result; what they tried to buy; and what is owed to them.

use leptos::prelude::*;

use super::receipt::returned;
use super::{query, shown};
use crate::app::islands::CopyCode;
use crate::app::ui::{
    Assets, Badge, CheckAgain, Empty, Head, Tone, copied, copy_code, count, match_count, my_purchases,
    paid_but_see_nothing, result_tone, result_word, see_tips, show_older, tip_number, tone_of,
};
use crate::payments::PaymentViewState;
use crate::platform::clock::day_and_time;
use crate::platform::paths;
use crate::purchases::api::purchases;
use crate::purchases::{Bought, BoughtPick, PurchaseLine, PurchasePage, PurchaseTotals, Show};
use crate::types::{Text, words};

words! {
    nothing_bought { "Nothing bought yet" "Bado hujanunua tip" }
    nothing_bought_advice {
        "Every tip that you pay for stays here, with its M-Pesa receipt."
        "Kila tip unayolipia inabaki hapa, pamoja na risiti yake ya M-Pesa."
    }
    lead { "Every payment, newest first." "Malipo yote, mapya yako juu." }
    which { "Which purchases" "Ununuzi upi" }
    nothing_here { "Nothing here." "Hakuna kitu hapa." }
    spent { "Spent" "Umetumia" }
    won_label { "Won" "Zimeshinda" }
    lost_label { "Lost" "Zimepoteza" }
    open_or_void { "Open or void" "Bado au batili" }
    all { "All" "Zote" }
    open { "Open" "Bado" }
    settled { "Settled" "Zimeisha" }
    not_bought { "Not bought" "Sikununua" }
    waiting { "Waiting" "Inasubiri" }
    under_review { "Under review" "Inaangaliwa" }
    paid_open { "Paid, open" "Imelipwa" }
    sent_back { "Sent back" "Imerudishwa" }
    owed_to_you { "Owed to you" "Itarudishwa" }
    cancelled { "Cancelled" "Imekatizwa" }
    failed { "Failed" "Haikukamilika" }
    open_tip { "Open the tip" "Fungua tip" }
    see_payment { "See the payment" "Tazama malipo" }
    was_sent_back { "The money was sent back" "Pesa imerudishwa" }
    tip_by { "by" "ya" }
    betslip(matches, odds, bookmaker) {
        "{matches} at {odds}, {bookmaker}"
        "{matches}, odds {odds}, {bookmaker}"
    }
    receipt { "Receipt" "Risiti" }
    receipt_to_print { "Receipt to print" "Risiti ya kuchapisha" }
    one_pick { "1 pick" "chaguo 1" }
    picks(number) { "{number} picks" "chaguo {number}" }
}

/// The payments of the signed-in buyer, filtered as the address asks.
#[component]
pub fn PurchasesPage() -> impl IntoView {
    let (show, after) =
        (query("show").and_then(|word| Show::read(&word)).unwrap_or_default(), query("after"));
    let is_first = after.as_deref().is_none_or(str::is_empty);
    shown(purchases(show, after), move |purchases| view! { <List purchases is_first/> })
}

#[component]
fn List(purchases: PurchasePage, is_first: bool) -> impl IntoView {
    let show = purchases.show;
    if purchases.payments.is_empty() && show == Show::All {
        return view! {
            <Head title=my_purchases()/>
            <Empty title=nothing_bought() text=nothing_bought_advice() href=paths::TIPS action=see_tips()/>
        }
        .into_any();
    }
    let has_codes = purchases.payments.iter().any(|line| line.bought.is_some());
    let is_empty = purchases.payments.is_empty();
    let lines = view! {
        <ul class="lines">
            {purchases.payments.into_iter().map(|line| view! { <Line line/> }).collect_view()}
        </ul>
    };
    view! {
        <Head title=my_purchases() lead=lead()/>
        {(is_first && show == Show::All).then(|| view! { <Totals totals=purchases.totals/> })}
        <nav class="tabs" aria-label=which()>{Show::ALL.map(|one| view! { <Tab one show/> })}</nav>
        {if has_codes {
            view! { <CopyCode>{lines}</CopyCode><Assets/> }.into_any()
        } else {
            lines.into_any()
        }}
        {is_empty.then(|| view! { <p class="soft">{nothing_here()}</p> })}
        {purchases.next.map(|next| view! { <Older show next/> })}
    }
    .into_any()
}

#[component]
fn Totals(totals: PurchaseTotals) -> impl IntoView {
    let others = totals.bought.saturating_sub(totals.won).saturating_sub(totals.lost);
    view! {
        <dl class="totals card">
            <div class="fact"><dt>{spent()}</dt><dd class="price">{totals.spent.to_string()}</dd></div>
            <div class="fact"><dt>{won_label()}</dt><dd>{totals.won}</dd></div>
            <div class="fact"><dt>{lost_label()}</dt><dd>{totals.lost}</dd></div>
            <div class="fact"><dt>{open_or_void()}</dt><dd>{others}</dd></div>
        </dl>
    }
}

#[component]
fn Tab(one: Show, show: Show) -> impl IntoView {
    let text = match one {
        Show::All => all(),
        Show::Open => open(),
        Show::Settled => settled(),
        Show::Unpaid => not_bought(),
    };
    let href = if one == Show::All {
        paths::PURCHASES.to_owned()
    } else {
        format!("{}?show={}", paths::PURCHASES, one.as_str())
    };
    view! { <a href=href aria-current=(one == show).then_some("page")>{text}</a> }
}

#[component]
fn Older(show: Show, next: String) -> impl IntoView {
    let address =
        serde_urlencoded::to_string([("show", show.as_str()), ("after", &next)]).unwrap_or_default();
    view! {
        <p class="more">
            <a class="button quiet" href=format!("{}?{address}", paths::PURCHASES)>{show_older()}</a>
        </p>
    }
}

/// The word and the colour of a line.
fn badge(line: &PurchaseLine) -> (Text, Tone) {
    if let Some(result) = line.result {
        return (result_word(result), result_tone(result));
    }
    let name = match line.payment.state {
        PaymentViewState::Sending | PaymentViewState::CheckPhone | PaymentViewState::Confirming => waiting(),
        PaymentViewState::Review => under_review(),
        PaymentViewState::Paid => paid_open(),
        PaymentViewState::Owed if line.debt.as_ref().is_some_and(|debt| debt.is_paid) => sent_back(),
        PaymentViewState::Owed => owed_to_you(),
        PaymentViewState::Cancelled => cancelled(),
        PaymentViewState::Failed => failed(),
    };
    (name, tone_of(line.payment.state))
}

#[component]
fn Line(line: PurchaseLine) -> impl IntoView {
    let (name, tone) = badge(&line);
    let payment = line.payment;
    let is_paid = payment.state == PaymentViewState::Paid;
    let has_money = is_paid || payment.state == PaymentViewState::Owed;
    let (href, state) = if is_paid {
        (paths::tip(line.tip), open_tip())
    } else {
        (paths::payment(&payment.payment_id), see_payment())
    };
    let why = (!is_paid).then(|| match line.debt.as_ref().filter(|debt| debt.is_paid) {
        Some(debt) => (was_sent_back(), returned(debt, true)),
        None => (payment.title.clone().into(), payment.message.clone().into()),
    });
    let further = line.further.iter().map(|debt| {
        view! { <p class="notice wait">{returned(debt, has_money)}</p> }
    });
    let further = further.collect_view();
    let receipt_page = has_money.then(|| paths::receipt(&payment.payment_id));
    let id = payment.payment_id.clone();
    let claim = matches!(
        payment.state,
        PaymentViewState::Confirming
            | PaymentViewState::Failed
            | PaymentViewState::Cancelled
            | PaymentViewState::Review
    )
    .then(|| format!("{}#claim", paths::payment(&id)));
    view! {
        <li class="card line">
            <div class="row">
                <h2><a href=href.clone()>{tip_number(line.tip)}</a>" "{tip_by()}" "{line.tipster}</h2>
                <Badge text=name tone/>
            </div>
            <p class="line-facts">
                <b class="price">{line.price.to_string()}</b>
                <span>{betslip(match_count(line.match_count), line.odds, line.bookmaker.name())}</span>
                <span>{day_and_time(line.started_at)}</span>
            </p>
            {line.bought.map(|bought| view! { <Content bought/> })}
            {why.map(|(title, message)| view! { <p><b>{title}</b><br/>{message}</p> })}
            {further}
            {payment.receipt.map(|code| view! {
                <p class="soft">{receipt()}" "<span class="receipt">{code}</span></p>
            })}
            <div class="line-ways">
                <a href=href>{state}</a>
                {receipt_page.map(|address| view! { <a href=address>{receipt_to_print()}</a> })}
                {claim.map(|address| view! { <a href=address>{paid_but_see_nothing()}</a> })}
                {line.can_ask.then(|| view! { <CheckAgain action=paths::post_payment_check(&id)/> })}
            </div>
        </li>
    }
}

/// The code and the picks of a bought tip.
#[component]
fn Content(bought: Bought) -> impl IntoView {
    let pick_count = i64::try_from(bought.picks.len()).unwrap_or(0);
    view! {
        <div class="code-row">
            <p class="code">{bought.bet_code.clone()}</p>
            <button
                class="button quiet"
                data-copy=bought.bet_code
                data-copied=copied()
                aria-live="polite"
                hidden
            >
                {copy_code()}
            </button>
        </div>
        <details>
            <summary>{count(pick_count, one_pick(), picks)}</summary>
            <ul class="picks">
                {bought.picks.into_iter().map(|pick| view! { <PickLine pick/> }).collect_view()}
            </ul>
        </details>
    }
}

#[component]
fn PickLine(pick: BoughtPick) -> impl IntoView {
    let result =
        pick.result.map(|result| view! { <Badge text=result_word(result) tone=result_tone(result)/> });
    view! {
        <li>
            <div>
                <b>{pick.home_team}" v "{pick.away_team}{pick.score.map(|score| format!(", {score}"))}</b>
                <span class="soft">{day_and_time(pick.kick_off_at)}</span>
                <span>{pick.market}": "<b>{pick.selection}</b></span>
            </div>
            <div class="pick-end">
                <b class="odds">{pick.odds.to_string()}</b>
                {result}
            </div>
        </li>
    }
}
