//! One payment at its own address. A form without scripts leads here, and so does the list of purchases.

use leptos::prelude::*;

use super::receipt::returned;
use super::{param, query, shown};
use crate::app::ui::{Alert, CheckAgain, ClaimForm, PaymentPanel, WindowTitle, check_again};
use crate::payments::api::payment_page;
use crate::payments::{PaymentView, PaymentViewState};
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::purchases::DebtView;
use crate::purchases::api::further_debts;
use crate::types::{Text, words};

words! {
    title(tip) { "Payment for tip {tip}" "Malipo ya tip {tip}" }
    open_tip { "Open the tip" "Fungua tip" }
    try_again { "Try again" "Jaribu tena" }
    send_again { "Send the prompt again" "Tuma ombi tena" }
    receipt { "Receipt" "Risiti" }
    back_to_tip { "Back to the tip" "Rudi kwenye tip" }
    mpesa_told_us {
        "M-Pesa told us of this code too. We wait for its second confirmation, or for a person to look. Do \
         not pay again."
        "M-Pesa pia imetuambia code hii. Tunasubiri ithibitishe mara ya pili, au mhudumu aangalie. Usilipe \
         tena."
    }
    code_kept {
        "Thank you. We ask M-Pesa again now, and a person looks at your code. Do not pay again."
        "Asante. Tunaiuliza M-Pesa tena sasa, na mhudumu ataangalia code yako. Usilipe tena."
    }
    asked_again {
        "We ask M-Pesa again in a moment. This page shows what it answers."
        "Tutaiuliza M-Pesa tena baada ya muda mfupi. Jibu lake litaonekana kwenye ukurasa huu."
    }
}

/// One payment of the signed-in buyer. Without scripts the page reloads itself while the payment is waited
/// for.
#[component]
pub fn PaymentPage() -> impl IntoView {
    let id = param("id");
    let read = async move { Ok((payment_page(&id).await?, further_debts(&id).await?)) };
    shown(read, |(payment, further)| view! { <Payment payment further/> })
}

#[component]
fn Payment(payment: PaymentView, further: Vec<DebtView>) -> impl IntoView {
    let tip = paths::tip(payment.tip);
    let again = paths::payment(&payment.payment_id);
    let next = match payment.state {
        PaymentViewState::Paid => Some(open_tip()),
        _ if payment.can_pay => Some(try_again()),
        _ if payment.can_send_again => Some(send_again()),
        _ => None,
    };
    let is_waiting = payment.is_waiting;
    let id = payment.payment_id.clone();
    let has_money = matches!(payment.state, PaymentViewState::Paid | PaymentViewState::Owed);
    let is_refused = refused("check").or_else(|| refused("claim")).is_some();
    let may_be_lost = is_refused
        || matches!(
            payment.state,
            PaymentViewState::Confirming
                | PaymentViewState::Review
                | PaymentViewState::Failed
                | PaymentViewState::Cancelled
        );
    // A reload would interrupt somebody who is typing.
    let refreshes = is_waiting && !is_refused && query("claim").is_none();
    let told = told(query("asked").as_deref(), query("claim").as_deref());
    view! {
        <WindowTitle title=title(payment.tip)/>
        {refreshes.then(|| view! { <noscript><meta http-equiv="refresh" content="3"/></noscript> })}
        <div class="narrow">
            <h1>{title(payment.tip)}</h1>
            <Alert form="check"/>
            {told.map(|told| view! { <div class="notice good" role="status">{told}</div> })}
            {view! { <PaymentPanel payment/> }.into_any()}
            {further.into_iter().map(|debt| view! {
                <p class="notice wait">{returned(&debt, has_money)}</p>
            }).collect_view()}
            <div class="actions">
                {next.clone().map(|text| view! { <a class="button pay" href=tip.clone()>{text}</a> })}
                {(is_waiting && !may_be_lost).then(|| view! {
                    <a class="button quiet" href=again>{check_again()}</a>
                })}
                {has_money.then(|| view! {
                    <a class="button quiet" href=paths::receipt(&id)>{receipt()}</a>
                })}
                {(next.is_none()).then(|| view! { <a class="button quiet" href=tip>{back_to_tip()}</a> })}
            </div>
            {may_be_lost.then(|| view! {
                <CheckAgain action=paths::post_payment_check(&id)/>
                <ClaimForm action=paths::post_payment_claim(&id)/>
            })}
        </div>
    }
    .into_any()
}

/// What the form that led here has done. The address only chooses among these texts, so that nobody can put
/// other words on the page.
fn told(asked: Option<&str>, claim: Option<&str>) -> Option<Text> {
    match (asked, claim) {
        (_, Some("told")) => Some(mpesa_told_us()),
        (_, Some("kept")) => Some(code_kept()),
        (Some("yes"), _) => Some(asked_again()),
        _ => None,
    }
}
