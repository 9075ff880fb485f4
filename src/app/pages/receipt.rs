//! The receipt of one payment, to print or to show: who paid, what for, how much, and when. The tip's content
//! is not on it.

use leptos::prelude::*;

use super::{param, shown};
use crate::app::ui::{Fact, WindowTitle, my_purchases};
use crate::platform::clock::{day, to_the_second};
use crate::platform::paths;
use crate::purchases::api::receipt;
use crate::purchases::{DebtView, Receipt};
use crate::types::{Text, words};

words! {
    title(tip) { "Receipt for tip {tip}" "Risiti ya tip {tip}" }
    receipt_title { "Receipt" "Risiti" }
    paid_to { "Paid to" "Imelipwa kwa" }
    paid_for { "For" "Kwa ajili ya" }
    football_tip(number) { "Football tip number {number}" "Tip ya mpira namba {number}" }
    paid_by { "Paid by" "Imelipwa na" }
    amount { "Amount" "Kiasi" }
    mpesa_receipt { "M-Pesa receipt" "Risiti ya M-Pesa" }
    number_follows {
        "Follows: M-Pesa has confirmed the money, not yet its number"
        "Itafuata: M-Pesa imethibitisha pesa, bado haijatoa namba"
    }
    our_reference { "Our reference" "Kumbukumbu yetu" }
    confirmed { "Confirmed (Nairobi)" "Imethibitishwa (Nairobi)" }
    see_payment { "See the payment" "Tazama malipo" }
    was_sent_back_on(owed, day, receipt) {
        "{owed} was sent back on {day}, M-Pesa receipt {receipt}."
        "{owed} ilirudishwa {day}, risiti ya M-Pesa {receipt}."
    }
    was_sent_back(owed) { "{owed} was sent back." "{owed} ilirudishwa." }
    is_sent_back(owed, day) {
        "It could not buy the tip any more. {owed} is sent back to the number that paid by {day}."
        "Haingeweza tena kununua tip. {owed} itarudishwa kwa namba iliyolipa kufikia {day}."
    }
    paid_too_much(owed, receipt, day) {
        "You paid more than the price: {owed} ({receipt}) goes back to the number that paid by {day}."
        "Umelipa zaidi ya bei: {owed} ({receipt}) itarudishwa kwa namba iliyolipa kufikia {day}."
    }
    could_not_buy(owed, receipt, day) {
        "{owed} ({receipt}) could not buy the tip: it goes back to the number that paid by {day}."
        "{owed} ({receipt}) haikuweza kununua tip: itarudishwa kwa namba iliyolipa kufikia {day}."
    }
    further_was_sent_back(owed, came, day, receipt) {
        "{owed} ({came}) was sent back on {day}, M-Pesa receipt {receipt}."
        "{owed} ({came}) ilirudishwa {day}, risiti ya M-Pesa {receipt}."
    }
}

/// The receipt of one payment of the signed-in buyer.
#[component]
pub fn ReceiptPage() -> impl IntoView {
    let id = param("id");
    shown(async move { receipt(&id).await }, |receipt| view! { <Slip receipt/> })
}

#[component]
fn Slip(receipt: Receipt) -> impl IntoView {
    let mpesa = receipt.mpesa_code.map_or(number_follows(), Text::from);
    view! {
        <WindowTitle title=title(receipt.tip)/>
        <div class="narrow">
            <article class="card receipt-slip">
                <div class="row">
                    <h1>{receipt_title()}</h1>
                    <b class="price">{receipt.amount.to_string()}</b>
                </div>
                <dl class="receipt-facts">
                    <Fact label=paid_to() value="Ligisoo"/>
                    <Fact label=paid_for() value=football_tip(receipt.tip)/>
                    <Fact label=paid_by() value=format!("{}, {}", receipt.payer, receipt.phone)/>
                    <Fact label=amount() value=receipt.amount.to_string()/>
                    <Fact label=mpesa_receipt() value=mpesa/>
                    <Fact label=our_reference() value=receipt.reference/>
                    <Fact label=confirmed() value=to_the_second(receipt.paid_at)/>
                </dl>
                {receipt.debts.into_iter().map(|debt| view! {
                    <p class="notice wait">{returned(&debt, true)}</p>
                }).collect_view()}
            </article>
            <p class="actions no-print">
                <a class="button quiet" href=paths::payment(receipt.payment_id)>{see_payment()}</a>
                <a class="button quiet" href=paths::PURCHASES>{my_purchases()}</a>
            </p>
        </div>
    }
}

/// What happened to money that could buy nothing: when it was sent back, or by when it will be. `is_completed`
/// says whether other money completed the payment.
pub fn returned(debt: &DebtView, is_completed: bool) -> Text {
    let came_under = debt.came_under.as_deref().filter(|_| debt.is_further);
    match (debt.is_paid, debt.paid_at, &debt.receipt, came_under) {
        (true, Some(at), Some(receipt), Some(came)) => {
            further_was_sent_back(debt.owed, came, day(at), receipt)
        }
        (true, Some(at), Some(receipt), None) => was_sent_back_on(debt.owed, day(at), receipt),
        (true, ..) => was_sent_back(debt.owed),
        (_, _, _, Some(came)) if is_completed => paid_too_much(debt.owed, came, day(debt.due_at)),
        (_, _, _, Some(came)) => could_not_buy(debt.owed, came, day(debt.due_at)),
        _ => is_sent_back(debt.owed, day(debt.due_at)),
    }
}
