//! What a tipster earned: held, available, and each sale behind the sums.

use leptos::prelude::*;

use super::query;
use crate::accounts::api::viewer;
use crate::app::ui::{Empty, Head, More, Problem, to_sign_in};
use crate::platform::clock::{day, day_and_time};
use crate::wallets::api::wallet;
use crate::wallets::{Release, Sale, Wallet};

#[component]
pub fn WalletPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let after = query("after");
    Suspend::new(async move {
        match wallet(after).await {
            Ok(wallet) => view! { <Balances wallet/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn Balances(wallet: Wallet) -> impl IntoView {
    let sales = if wallet.sales.is_empty() {
        view! {
            <Empty title="No sales yet" text="Each sale appears here the moment its payment is confirmed." href="/tips" action="See tips on sale"/>
        }
        .into_any()
    } else {
        view! { <Sales sales=wallet.sales/> }.into_any()
    };
    view! {
        <Head title="Wallet" lead="Your share of every sale, as the ledger has it."/>
        <dl class="stats">
            <div class="card stat">
                <dt>"Available"</dt>
                <dd>{wallet.available.to_string()}</dd>
                <dd class="soft">"Released, and yours."</dd>
            </div>
            <div class="card stat">
                <dt>"Held"</dt>
                <dd>{wallet.held.to_string()}</dd>
                <dd class="soft">"Earned. Each sale below says when it is released."</dd>
            </div>
        </dl>
        {sales}
        <More path="/wallet" next=wallet.next/>
    }
}

#[component]
fn Sales(sales: Vec<Sale>) -> impl IntoView {
    view! {
        <h2 id="sales">"Sales"</h2>
        <table class="sales" aria-labelledby="sales">
            <thead>
                <tr><th>"Sold"</th><th>"Tip"</th><th class="amount">"Price"</th><th class="amount">"Your share"</th><th>"Release"</th></tr>
            </thead>
            <tbody>
                {sales
                    .into_iter()
                    .map(|sale| {
                        view! {
                            <tr>
                                <td>{day_and_time(sale.sold_at)}</td>
                                <td><a href=format!("/tips/{}", sale.tip)>"Tip "{sale.tip.to_string()}</a></td>
                                <td class="amount" data-label="Price">{sale.price.to_string()}</td>
                                <td class="amount" data-label="Share"><b>{sale.share.to_string()}</b></td>
                                <td class="soft">{release(sale.release)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

fn release(release: Release) -> String {
    match release {
        Release::Released(at) => format!("Available since {}", day(at)),
        Release::HeldUntil(at) => format!("Held until {}", day_and_time(at)),
        Release::WaitingForConfirmation => "Waiting for Safaricom to confirm it a second time".to_owned(),
    }
}
