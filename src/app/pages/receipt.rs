//! The receipt of one payment, to print or to show: who paid, what for, how much, when. Nothing of the tip is on it.

use leptos::prelude::*;
use leptos_meta::Title;

use super::param;
use crate::app::ui::{Fact, Problem};
use crate::platform::clock::{day, nairobi};
use crate::wallets::api::receipt;
use crate::wallets::{Debt, Receipt};

#[component]
pub fn ReceiptPage() -> impl IntoView {
    let id = param("id");
    Suspend::new(async move {
        match receipt(&id).await {
            Ok(receipt) => view! { <Slip receipt/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

#[component]
fn Slip(receipt: Receipt) -> impl IntoView {
    let paid_at = nairobi(receipt.paid_at).format("%a %-d %b %Y, %H:%M:%S").to_string();
    let mpesa = receipt.mpesa_code.unwrap_or_else(|| "Follows: M-Pesa has confirmed the money, not yet its number".to_owned());
    view! {
        <Title text=format!("Receipt for tip {} · Ligisoo", receipt.tip)/>
        <div class="narrow">
            <article class="card receipt-slip">
                <div class="row">
                    <h1>"Receipt"</h1>
                    <b class="price">{receipt.amount.to_string()}</b>
                </div>
                <dl class="receipt-facts">
                    <Fact label="Paid to" value="Ligisoo"/>
                    <Fact label="For" value=format!("Football tip number {}", receipt.tip)/>
                    <Fact label="Paid by" value=format!("{}, {}", receipt.payer, receipt.phone)/>
                    <Fact label="Amount" value=receipt.amount.to_string()/>
                    <Fact label="M-Pesa receipt" value=mpesa/>
                    <Fact label="Our reference" value=receipt.reference/>
                    <Fact label="Confirmed (Nairobi)" value=paid_at/>
                </dl>
                {receipt.debt.map(|debt| view! { <p class="notice wait">{returned(&debt)}</p> })}
            </article>
            <p class="actions no-print">
                <a class="button quiet" href=format!("/payments/{}", receipt.payment_id)>"See the payment"</a>
                <a class="button quiet" href="/purchases">"My purchases"</a>
            </p>
        </div>
    }
}

/// What became of money that could buy nothing.
pub fn returned(debt: &Debt) -> String {
    match (debt.is_paid, debt.paid_at, &debt.receipt) {
        (true, Some(at), Some(receipt)) => format!("{} was sent back on {}, M-Pesa receipt {receipt}.", debt.owed, day(at)),
        (true, ..) => format!("{} was sent back.", debt.owed),
        _ => format!("It could not buy the tip any more. {} is sent back to the number that paid by {}.", debt.owed, day(debt.due_at)),
    }
}
