//! What a tipster earned: held, available, and each sale behind these sums.

use leptos::prelude::*;

use super::{query, shown};
use crate::app::ui::{Empty, Head, More};
use crate::platform::clock::{day, day_and_time};
use crate::platform::paths;
use crate::types::{Text, words};
use crate::wallet::api::wallet;
use crate::wallet::{Release, Sale, Wallet};

words! {
    wallet_title { "Wallet" "Pochi" }
    wallet_lead {
        "Your share of every sale, as the ledger has it."
        "Mgao wako wa kila mauzo, kama ulivyo kwenye leja."
    }
    no_sales { "No sales yet" "Bado hakuna mauzo" }
    no_sales_yet {
        "Each sale appears here the moment its payment is confirmed."
        "Kila mauzo huonekana hapa mara malipo yake yanapothibitishwa."
    }
    see_tips { "See tips on sale" "Tazama tips zinazouzwa" }
    available { "Available" "Inapatikana" }
    available_means { "Released, and yours." "Imeachiliwa, na ni yako." }
    held { "Held" "Imeshikiliwa" }
    held_means {
        "Earned. Each sale below says when it is released."
        "Umepata. Kila mauzo hapa chini yanasema itaachiliwa lini."
    }
    sales_title { "Sales" "Mauzo" }
    sold { "Sold" "Iliuzwa" }
    tip_label { "Tip" "Tip" }
    tip_number(number) { "Tip {number}" "Tip {number}" }
    price { "Price" "Bei" }
    share { "Share" "Mgao" }
    your_share { "Your share" "Mgao wako" }
    release_label { "Release" "Kuachiliwa" }
    available_since(day) { "Available since {day}" "Inapatikana tangu {day}" }
    held_until(time) { "Held until {time}" "Imeshikiliwa hadi {time}" }
    waiting_for_confirmation {
        "Waiting for Safaricom to confirm it a second time"
        "Tunasubiri Safaricom ithibitishe mara ya pili"
    }
}

/// The wallet of the signed-in tipster.
#[component]
pub fn WalletPage() -> impl IntoView {
    shown(wallet(query("after")), |wallet| view! { <Balances wallet/> })
}

#[component]
fn Balances(wallet: Wallet) -> impl IntoView {
    let sales = if wallet.sales.is_empty() {
        view! {
            <Empty title=no_sales() text=no_sales_yet() href=paths::TIPS action=see_tips()/>
        }
        .into_any()
    } else {
        view! { <Sales sales=wallet.sales/> }.into_any()
    };
    view! {
        <Head title=wallet_title() lead=wallet_lead()/>
        <dl class="stats">
            <div class="card stat">
                <dt>{available()}</dt>
                <dd>{wallet.available.to_string()}</dd>
                <dd class="soft">{available_means()}</dd>
            </div>
            <div class="card stat">
                <dt>{held()}</dt>
                <dd>{wallet.held.to_string()}</dd>
                <dd class="soft">{held_means()}</dd>
            </div>
        </dl>
        {sales}
        <More path=paths::WALLET next=wallet.next/>
    }
}

#[component]
fn Sales(sales: Vec<Sale>) -> impl IntoView {
    view! {
        <h2 id="sales">{sales_title()}</h2>
        <table class="sales" aria-labelledby="sales">
            <thead>
                <tr>
                    <th>{sold()}</th>
                    <th>{tip_label()}</th>
                    <th class="amount">{price()}</th>
                    <th class="amount">{your_share()}</th>
                    <th>{release_label()}</th>
                </tr>
            </thead>
            <tbody>
                {sales
                    .into_iter()
                    .map(|sale| {
                        view! {
                            <tr>
                                <td>{day_and_time(sale.sold_at)}</td>
                                <td><a href=paths::tip(sale.tip)>{tip_number(sale.tip)}</a></td>
                                <td class="amount" data-label=price()>{sale.price.to_string()}</td>
                                <td class="amount" data-label=share()><b>{sale.share.to_string()}</b></td>
                                <td class="soft">{release(sale.release)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

fn release(release: Release) -> Text {
    match release {
        Release::Released(at) => available_since(day(at)),
        Release::HeldUntil(at) => held_until(day_and_time(at)),
        Release::WaitingForConfirmation => waiting_for_confirmation(),
    }
}
