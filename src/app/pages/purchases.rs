//! What a buyer bought, tried to buy, or is owed.

use leptos::prelude::*;

use super::query;
use crate::accounts::api::viewer;
use crate::app::ui::{Badge, Empty, Head, More, Problem, count, to_sign_in, tone_of};
use crate::payments::FaceState;
use crate::platform::clock::day_and_time;
use crate::wallets::api::purchases;
use crate::wallets::{PurchaseLine, Purchases};

#[component]
pub fn PurchasesPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let after = query("after");
    Suspend::new(async move {
        match purchases(after).await {
            Ok(purchases) => view! { <List purchases/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn List(purchases: Purchases) -> impl IntoView {
    if purchases.payments.is_empty() {
        return view! {
            <Head title="My purchases"/>
            <Empty title="Nothing bought yet" text="Every tip that you pay for stays here, with its M-Pesa receipt." href="/tips" action="See tips on sale"/>
        }
        .into_any();
    }
    view! {
        <Head title="My purchases" lead="Every payment, newest first."/>
        <ul class="lines">{purchases.payments.into_iter().map(|line| view! { <Line line/> }).collect_view()}</ul>
        <More path="/purchases" next=purchases.next/>
    }
    .into_any()
}

#[component]
fn Line(line: PurchaseLine) -> impl IntoView {
    let payment = line.payment;
    let (href, state) = match payment.state {
        FaceState::Paid => (format!("/tips/{}", line.tip), "Open the tip"),
        _ => (format!("/payments/{}", payment.payment_id), "See the payment"),
    };
    let name = match payment.state {
        FaceState::Sending | FaceState::CheckPhone | FaceState::Confirming => "Waiting",
        FaceState::Review => "Under review",
        FaceState::Paid => "Paid",
        FaceState::Owed => "Owed to you",
        FaceState::Cancelled => "Cancelled",
        FaceState::Failed => "Failed",
    };
    let why = (payment.state != FaceState::Paid).then_some((payment.title, payment.message));
    view! {
        <li class="card line">
            <div class="row">
                <h2><a href=href.clone()>"Tip "{line.tip.to_string()}</a>" by "{line.tipster}</h2>
                <Badge text=name tone=tone_of(payment.state)/>
            </div>
            <p class="line-facts">
                <b class="price">{line.price.to_string()}</b>
                <span>{count(line.match_count, "match", "matches")}" at "{line.odds.to_string()}</span>
                <span>{day_and_time(line.started_at)}</span>
            </p>
            {why.map(|(title, message)| view! { <p><b>{title}</b><br/>{message}</p> })}
            <p class="row">
                {payment.receipt.map(|receipt| view! { <span class="soft">"Receipt "<span class="receipt">{receipt}</span></span> })}
                <a href=href>{state}</a>
            </p>
        </li>
    }
}
