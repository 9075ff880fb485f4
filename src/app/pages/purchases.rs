//! What a buyer bought, with its code, picks and result; what they tried to buy; what is owed to them.

use leptos::prelude::*;

use super::query;
use super::receipt::returned;
use crate::accounts::api::viewer;
use crate::app::islands::CopyCode;
use crate::app::ui::{Assets, Badge, CheckAgain, Empty, Head, Problem, Tone, count, to_sign_in, tone_of};
use crate::payments::FaceState;
use crate::platform::clock::day_and_time;
use crate::wallets::api::purchases;
use crate::wallets::{Bought, Pick, PurchaseLine, PurchaseTotals, Purchases, Show};

#[component]
pub fn PurchasesPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let (show, after) = (Show::read(&query("show").unwrap_or_default()), query("after"));
    let is_first = after.as_deref().is_none_or(str::is_empty);
    Suspend::new(async move {
        match purchases(show, after).await {
            Ok(purchases) => view! { <List purchases is_first/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn List(purchases: Purchases, is_first: bool) -> impl IntoView {
    let show = purchases.show;
    if purchases.payments.is_empty() && show == Show::All {
        return view! {
            <Head title="My purchases"/>
            <Empty title="Nothing bought yet" text="Every tip that you pay for stays here, with its M-Pesa receipt." href="/tips" action="See tips on sale"/>
        }
        .into_any();
    }
    let has_codes = purchases.payments.iter().any(|line| line.bought.is_some());
    let is_empty = purchases.payments.is_empty();
    let lines = view! { <ul class="lines">{purchases.payments.into_iter().map(|line| view! { <Line line/> }).collect_view()}</ul> };
    view! {
        <Head title="My purchases" lead="Every payment, newest first."/>
        {(is_first && show == Show::All).then(|| view! { <Totals totals=purchases.totals/> })}
        <nav class="tabs" aria-label="Which purchases">{Show::ALL.map(|one| view! { <Tab one show/> })}</nav>
        {if has_codes { view! { <CopyCode>{lines}</CopyCode><Assets/> }.into_any() } else { lines.into_any() }}
        {is_empty.then(|| view! { <p class="soft">"Nothing here."</p> })}
        {purchases.next.map(|next| view! { <Older show next/> })}
    }
    .into_any()
}

#[component]
fn Totals(totals: PurchaseTotals) -> impl IntoView {
    let open = totals.bought.saturating_sub(totals.won).saturating_sub(totals.lost);
    view! {
        <dl class="totals card">
            <div class="fact"><dt>"Spent"</dt><dd class="price">{totals.spent.to_string()}</dd></div>
            <div class="fact"><dt>"Won"</dt><dd>{totals.won}</dd></div>
            <div class="fact"><dt>"Lost"</dt><dd>{totals.lost}</dd></div>
            <div class="fact"><dt>"Open or void"</dt><dd>{open}</dd></div>
        </dl>
    }
}

#[component]
fn Tab(one: Show, show: Show) -> impl IntoView {
    let text = match one {
        Show::All => "All",
        Show::Open => "Open",
        Show::Settled => "Settled",
        Show::Unpaid => "Not bought",
    };
    let href = if one == Show::All { "/purchases".to_owned() } else { format!("/purchases?show={}", one.as_str()) };
    view! { <a href=href aria-current=(one == show).then_some("page")>{text}</a> }
}

#[component]
fn Older(show: Show, next: String) -> impl IntoView {
    let address = serde_urlencoded::to_string([("show", show.as_str()), ("after", &next)]).unwrap_or_default();
    view! { <p class="more"><a class="button quiet" href=format!("/purchases?{address}")>"Show older"</a></p> }
}

/// The word and the colour of a line.
fn badge(line: &PurchaseLine) -> (&'static str, Tone) {
    let result = match line.result.as_deref() {
        Some("won") => Some(("Won", Tone::Good)),
        Some("lost") => Some(("Lost", Tone::Bad)),
        Some(_) => Some(("Void", Tone::Plain)),
        None => None,
    };
    result.unwrap_or_else(|| {
        let name = match line.payment.state {
            FaceState::Sending | FaceState::CheckPhone | FaceState::Confirming => "Waiting",
            FaceState::Review => "Under review",
            FaceState::Paid => "Paid, open",
            FaceState::Owed if line.debt.as_ref().is_some_and(|debt| debt.is_paid) => "Sent back",
            FaceState::Owed => "Owed to you",
            FaceState::Cancelled => "Cancelled",
            FaceState::Failed => "Failed",
        };
        (name, tone_of(line.payment.state))
    })
}

#[component]
fn Line(line: PurchaseLine) -> impl IntoView {
    let (name, tone) = badge(&line);
    let payment = line.payment;
    let is_paid = payment.state == FaceState::Paid;
    let has_money = is_paid || payment.state == FaceState::Owed;
    let (href, state) = if is_paid {
        (format!("/tips/{}", line.tip), "Open the tip")
    } else {
        (format!("/payments/{}", payment.payment_id), "See the payment")
    };
    let why = (!is_paid).then(|| match line.debt.as_ref().filter(|debt| debt.is_paid) {
        Some(debt) => ("The money was sent back".to_owned(), returned(debt)),
        None => (payment.title.clone(), payment.message.clone()),
    });
    let receipt_page = has_money.then(|| format!("/purchases/{}/receipt", payment.payment_id));
    let id = payment.payment_id.clone();
    let claim = matches!(payment.state, FaceState::Confirming | FaceState::Failed | FaceState::Cancelled | FaceState::Review)
        .then(|| format!("/payments/{id}#claim"));
    view! {
        <li class="card line">
            <div class="row">
                <h2><a href=href.clone()>"Tip "{line.tip.to_string()}</a>" by "{line.tipster}</h2>
                <Badge text=name tone/>
            </div>
            <p class="line-facts">
                <b class="price">{line.price.to_string()}</b>
                <span>{count(line.match_count, "match", "matches")}" at "{line.odds.to_string()}", "{line.bookmaker.name()}</span>
                <span>{day_and_time(line.started_at)}</span>
            </p>
            {line.bought.map(|bought| view! { <Content bought/> })}
            {why.map(|(title, message)| view! { <p><b>{title}</b><br/>{message}</p> })}
            {payment.receipt.map(|receipt| view! { <p class="soft">"Receipt "<span class="receipt">{receipt}</span></p> })}
            <div class="line-ways">
                <a href=href>{state}</a>
                {receipt_page.map(|address| view! { <a href=address>"Receipt to print"</a> })}
                {claim.map(|address| view! { <a href=address>"I paid but see nothing"</a> })}
                {line.can_ask.then(|| view! { <CheckAgain action=format!("/api/payments/{id}/check")/> })}
            </div>
        </li>
    }
}

/// What was paid for.
#[component]
fn Content(bought: Bought) -> impl IntoView {
    let picks = i64::try_from(bought.picks.len()).unwrap_or(0);
    view! {
        <div class="code-row">
            <p class="code">{bought.bet_code.clone()}</p>
            <button class="button quiet" data-copy=bought.bet_code data-copied="Copied" aria-live="polite" hidden>"Copy code"</button>
        </div>
        <details>
            <summary>{count(picks, "pick", "picks")}</summary>
            <ul class="picks">{bought.picks.into_iter().map(|pick| view! { <PickLine pick/> }).collect_view()}</ul>
        </details>
    }
}

#[component]
fn PickLine(pick: Pick) -> impl IntoView {
    let result = match pick.result.as_deref() {
        Some("won") => Some(("Won", Tone::Good)),
        Some("lost") => Some(("Lost", Tone::Bad)),
        Some(_) => Some(("Void", Tone::Plain)),
        None => None,
    };
    view! {
        <li>
            <div>
                <b>{pick.home_team}" v "{pick.away_team}{pick.score.map(|score| format!(", {score}"))}</b>
                <span class="soft">{day_and_time(pick.kick_off_at)}</span>
                <span>{pick.market}": "<b>{pick.selection}</b></span>
            </div>
            <div class="pick-end">
                <b class="odds">{pick.odds.to_string()}</b>
                {result.map(|(text, tone)| view! { <Badge text tone/> })}
            </div>
        </li>
    }
}
