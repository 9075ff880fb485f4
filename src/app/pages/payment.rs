//! One payment on its own address: where a form without scripts arrives, and what the list of purchases links
//! to.

use leptos::prelude::*;

use super::{param, query};
use crate::app::ui::{CheckAgain, ClaimForm, PaymentPanel, Problem, WindowTitle, check_again};
use crate::payments::api::payment_page;
use crate::payments::{FaceState, PaymentView};
use crate::people::FormAgain;
use crate::types::{Text, words};

words! {
    title(tip) { "Payment for tip {tip}" "Malipo ya tip {tip}" }
    open_tip { "Open the tip" "Fungua tip" }
    try_again { "Try again" "Jaribu tena" }
    send_again { "Send the prompt again" "Tuma ombi tena" }
    receipt { "Receipt" "Risiti" }
    back_to_tip { "Back to the tip" "Rudi kwenye tip" }
    mpesa_told_us {
        "M-Pesa told us of this code too. We wait for its second confirmation, or for a person to look. Do not pay again."
        "M-Pesa pia imetuambia code hii. Tunasubiri ithibitishe mara ya pili, au mhudumu aangalie. Usilipe tena."
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

#[component]
pub fn PaymentPage() -> impl IntoView {
    let id = param("id");
    Suspend::new(async move {
        match payment_page(&id).await {
            Ok(payment) => view! { <Payment payment/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

#[component]
fn Payment(payment: PaymentView) -> impl IntoView {
    let tip = format!("/tips/{}", payment.tip);
    let again = format!("/payments/{}", payment.payment_id);
    let next = match payment.state {
        FaceState::Paid => Some(open_tip()),
        _ if payment.can_pay => Some(try_again()),
        _ if payment.can_send_again => Some(send_again()),
        _ => None,
    };
    let is_waiting = payment.is_waiting;
    let id = payment.payment_id.clone();
    let has_money = matches!(payment.state, FaceState::Paid | FaceState::Owed);
    let form = use_context::<FormAgain>();
    let may_be_lost = form.is_some()
        || matches!(
            payment.state,
            FaceState::Confirming | FaceState::Review | FaceState::Failed | FaceState::Cancelled
        );
    let refused = form.clone().filter(|form| form.form == "check").map(|form| form.problem.message);
    // Somebody who types must not be interrupted.
    let refreshes = is_waiting && form.is_none() && query("claim").is_none();
    let told = told(query("asked").as_deref(), query("claim").as_deref());
    view! {
        <WindowTitle title=title(payment.tip)/>
        {refreshes.then(|| view! { <noscript><meta http-equiv="refresh" content="3"/></noscript> })}
        <div class="narrow">
            <h1>{title(payment.tip)}</h1>
            {refused.map(|refused| view! { <div class="notice bad" role="alert" tabindex="-1" autofocus=true>{refused}</div> })}
            {told.map(|told| view! { <div class="notice good" role="status">{told}</div> })}
            {view! { <PaymentPanel payment/> }.into_any()}
            <div class="actions">
                {next.clone().map(|text| view! { <a class="button pay" href=tip.clone()>{text}</a> })}
                {(is_waiting && !may_be_lost).then(|| view! { <a class="button quiet" href=again>{check_again()}</a> })}
                {has_money.then(|| view! { <a class="button quiet" href=format!("/purchases/{id}/receipt")>{receipt()}</a> })}
                {(next.is_none()).then(|| view! { <a class="button quiet" href=tip>{back_to_tip()}</a> })}
            </div>
            {may_be_lost.then(|| view! { <CheckAgain action=format!("/api/payments/{id}/check")/><ClaimForm action=format!("/api/payments/{id}/claim") again=form/> })}
        </div>
    }
    .into_any()
}

/// What the form that led here has done. The words are chosen here: an address cannot bring its own.
fn told(asked: Option<&str>, claim: Option<&str>) -> Option<Text> {
    match (asked, claim) {
        (_, Some("told")) => Some(mpesa_told_us()),
        (_, Some("kept")) => Some(code_kept()),
        (Some("yes"), _) => Some(asked_again()),
        _ => None,
    }
}
