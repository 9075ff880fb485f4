//! One payment on its own address: where a form without scripts arrives, and what the list of purchases links to.

use leptos::prelude::*;
use leptos_meta::Title;

use super::param;
use crate::app::ui::{PaymentPanel, Problem};
use crate::payments::api::payment_page;
use crate::payments::{FaceState, PaymentFace};

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
fn Payment(payment: PaymentFace) -> impl IntoView {
    let tip = format!("/tips/{}", payment.tip);
    let again = format!("/payments/{}", payment.payment_id);
    let next = match payment.state {
        FaceState::Paid => Some("Open the tip"),
        _ if payment.can_pay => Some("Try again"),
        _ if payment.can_send_again => Some("Send the prompt again"),
        _ => None,
    };
    let is_waiting = payment.is_waiting;
    view! {
        <Title text=format!("Payment for tip {} · Ligisoo", payment.tip)/>
        {is_waiting.then(|| view! { <noscript><meta http-equiv="refresh" content="3"/></noscript> })}
        <div class="narrow">
            <h1>"Payment for tip "{payment.tip.to_string()}</h1>
            <PaymentPanel payment/>
            <p class="actions">
                {next.map(|text| view! { <a class="button pay" href=tip.clone()>{text}</a> })}
                {is_waiting.then(|| view! { <a class="button quiet" href=again>"Check again"</a> })}
                {(next.is_none()).then(|| view! { <a class="button quiet" href=tip>"Back to the tip"</a> })}
            </p>
        </div>
    }
}
