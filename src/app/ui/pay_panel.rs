//! The pay panel and the state of a payment. The server renders them whole, and the island
//! `islands::PayPanel` takes them over by their `data-` names.

use leptos::prelude::*;

use super::super::assets::Assets;
use super::super::islands::PayPanel as PayPanelIsland;
use super::{Tone, limits_and_breaks, see_tips};
use crate::payments::{Offer, PayPanel, PaymentView, PaymentViewState};
use crate::platform::clock::day_and_time;
use crate::platform::forms::{RefusedForm, refused};
use crate::platform::paths;
use crate::platform::redirect::leading_to;
use crate::types::{Kes, Text, TipId, words};

words! {
    price_of_tip { "Price of this tip" "Bei ya tip hii" }
    sign_in_to_pay_hint {
        "Sign in with your phone number to pay. New here? Joining takes a minute."
        "Ingia kwa namba yako ya simu ili ulipe. Wewe ni mgeni? Kujiunga ni dakika moja tu."
    }
    sign_in_to_pay { "Sign in to pay" "Ingia ili ulipe" }
    join { "Join Ligisoo" "Jiunge na Ligisoo" }
    not_a_buyer {
        "Your account sells tips and does not buy them. To buy, join with another number as a buyer."
        "Akaunti yako inauza tips na hainunui. Ili ununue, jiunge kwa namba nyingine kama mnunuzi."
    }
    resting_until(time) {
        "You are taking a break from buying until {time}."
        "Umepumzika kununua hadi {time}."
    }
    closed { "This tip is no longer for sale." "Tip hii haiuzwi tena." }
    closed_when {
        "Sales close 5 minutes before the first kick-off."
        "Mauzo hufungwa dakika 5 kabla ya mechi ya kwanza kuanza."
    }
    follow_payment { "Follow this payment" "Fuatilia malipo haya" }
    payment_label { "Payment" "Malipo" }
    sending { "Sending the request to M-Pesa…" "Tunatuma ombi kwa M-Pesa…" }
    offline {
        "We could not reach Ligisoo. Check your connection and press the button again: a request that went \
         out is not sent twice."
        "Hatukuweza kufikia Ligisoo. Angalia mtandao wako na ubonyeze tena: ombi lililotumwa halitumwi mara \
         mbili."
    }
    unreachable { "We cannot reach Ligisoo; still trying." "Hatuwezi kufikia Ligisoo; bado tunajaribu." }
    signed_out { "You were signed out." "Umetolewa kwenye akaunti." }
    sign_in_to_go_on { "Sign in to go on" "Ingia ili uendelee" }
    receipt_label { "M-Pesa receipt" "Risiti ya M-Pesa" }
    left_for_pin { "left to enter your PIN" "zimebaki kuweka PIN yako" }
    phone_label { "Phone" "Simu" }
    reference_label { "Reference in the SMS" "Kumbukumbu kwenye SMS" }
    no_prompt { "No prompt on your phone?" "Hakuna ombi kwenye simu yako?" }
    no_prompt_advice {
        "Unlock the screen and wait half a minute. If nothing comes, the SIM card's menu may be out of date: \
         dial *234# to update it, or use another number once this request has ended."
        "Fungua skrini na usubiri nusu dakika. Kama hakuna kitu, huenda menyu ya laini yako ni ya zamani: \
         piga *234# kuisasisha, au tumia namba nyingine ombi hili likiisha."
    }
    mpesa_number { "M-Pesa number" "Namba ya M-Pesa" }
    mpesa_number_hint {
        "The prompt goes to this phone. Change it for this purchase only."
        "Ombi litatumwa kwa simu hii. Unaweza kuibadilisha kwa ununuzi huu tu."
    }
    pay(price) { "Pay {price} with M-Pesa" "Lipa {price} kwa M-Pesa" }
    send_again { "I got no prompt: send it again" "Sikupata ombi: tuma tena" }
    too_late {
        "If a payment comes too late to open the tip, the money is owed back to the number that paid."
        "Malipo yakichelewa kufungua tip, pesa itarudishwa kwa namba iliyolipa."
    }
}

/// The colour of a payment's state.
pub const fn tone_of(state: PaymentViewState) -> Tone {
    match state {
        PaymentViewState::Paid => Tone::Good,
        PaymentViewState::Cancelled | PaymentViewState::Failed => Tone::Bad,
        PaymentViewState::Sending
        | PaymentViewState::CheckPhone
        | PaymentViewState::Confirming
        | PaymentViewState::Review
        | PaymentViewState::Owed => Tone::Wait,
    }
}

/// The panel beside a tip that its viewer has not bought.
#[component]
pub fn TipPanel(panel: PayPanel) -> impl IntoView {
    let PayPanel { tip, price, offer, payment } = panel;
    let can_pay = matches!(offer, Offer::Pay { .. });
    let here = paths::tip(tip);
    let shown = payment.clone();
    let follow = shown
        .as_ref()
        .filter(|payment| payment.is_waiting)
        .map(|payment| paths::payment(&payment.payment_id));
    let contents = view! {
        <p class="panel-price"><span>{price_of_tip()}</span><b>{price.to_string()}</b></p>
        {match offer {
            Offer::Pay { phone } => {
                let refused = refused("pay");
                let problem = refused.as_ref().and_then(RefusedForm::reason);
                // A number with a slip in it is mended, not typed again.
                let phone = refused.and_then(|refused| refused.value("phone_number")).unwrap_or(phone);
                view! {
                    <Status payment=payment.clone() problem/>
                    <PayForm tip price phone payment/>
                }
                    .into_any()
            }
            Offer::SignIn => {
                view! {
                    <p>{sign_in_to_pay_hint()}</p>
                    <a class="button pay" href=leading_to(paths::SIGN_IN, &here)>{sign_in_to_pay()}</a>
                    <a class="button quiet" href=leading_to(paths::REGISTER, &here)>{join()}</a>
                }
                    .into_any()
            }
            Offer::NotABuyer => {
                view! { <p>{not_a_buyer()}</p> }.into_any()
            }
            Offer::Resting(until) => {
                view! {
                    <Status payment problem=None/>
                    <p class="closed"><b>{resting_until(day_and_time(until))}</b></p>
                    <a class="button quiet" href=paths::LIMITS>{limits_and_breaks()}</a>
                }
                    .into_any()
            }
            Offer::Closed => {
                view! {
                    <Status payment problem=None/>
                    <p class="closed"><b>{closed()}</b>" "{closed_when()}</p>
                    <a class="button quiet" href=paths::TIPS>{see_tips()}</a>
                }
                    .into_any()
            }
        }}
        {follow.map(|address| view! { <noscript><p><a href=address>{follow_payment()}</a></p></noscript> })}
    };
    view! { <Panel tip payment=shown can_pay>{contents}</Panel> }
}

/// The panel of one payment, on its own page.
#[component]
pub fn PaymentPanel(payment: PaymentView) -> impl IntoView {
    let (tip, shown) = (payment.tip, Some(payment.clone()));
    view! { <Panel tip payment=shown can_pay=false><Status payment=Some(payment) problem=None/></Panel> }
}

/// The box with all that the island reads. Only a panel in which something can still happen loads the
/// WebAssembly.
#[component]
fn Panel(tip: TipId, payment: Option<PaymentView>, can_pay: bool, children: Children) -> impl IntoView {
    let here = paths::tip(tip);
    let is_waiting = payment.as_ref().is_some_and(|payment| payment.is_waiting);
    let expired = leading_to(paths::SIGN_IN, &here);
    let panel = view! {
        <section
            class="card panel"
            aria-label=payment_label()
            data-pay
            data-tip=here
            data-ask=format!("{}?payment_id=", paths::PAYMENT_STATE)
            data-news=format!("{}?payment_id=", paths::PAYMENT_EVENTS)
            data-payment-id=payment.as_ref().map(|payment| payment.payment_id.clone())
            data-state=payment.as_ref().map_or("ready", |payment| payment.state.as_str())
            data-waiting=if is_waiting { "true" } else { "false" }
            data-countdown=payment.and_then(|payment| payment.countdown)
            data-sending=sending()
            data-offline=offline()
        >
            {children()}
            <p class="soft" data-part="unreachable" hidden>{unreachable()}</p>
            <p data-part="expired" role="alert" hidden>
                {signed_out()}" "<a href=expired>{sign_in_to_go_on()}</a>"."
            </p>
        </section>
    };
    if is_waiting || can_pay {
        view! { <PayPanelIsland>{panel}</PayPanelIsland><Assets/> }.into_any()
    } else {
        panel.into_any()
    }
}

/// How a payment stands. The region is on the page from the start, so that a screen reader announces every
/// change.
#[component]
fn Status(payment: Option<PaymentView>, problem: Option<Text>) -> impl IntoView {
    let countdown = payment.as_ref().and_then(|payment| payment.countdown);
    let no_problem = problem.is_none();
    // These are `None` and no empty texts, because the style sheet hides an element that has no child.
    let (title, message, reference, phone, receipt) = payment.map_or_else(Default::default, |payment| {
        (
            Some(payment.title),
            Some(payment.message),
            Some(payment.reference),
            Some(payment.phone),
            payment.receipt,
        )
    });
    let (no_receipt, no_phone, no_reference) = (receipt.is_none(), phone.is_none(), reference.is_none());
    view! {
        <div
            class="status"
            data-part="status"
            role="status"
            aria-live="polite"
            aria-atomic="true"
            tabindex="-1"
            autofocus=!no_problem
        >
            <p class="status-title" data-part="title">{title}</p>
            <p data-part="message">{message}</p>
            <p class="wrong" data-row hidden=no_problem>
                <span data-part="problem">{problem.map(Text::here)}</span>
            </p>
            <p data-row hidden=no_receipt>
                {receipt_label()}" "<b class="receipt" data-part="receipt">{receipt}</b>
            </p>
        </div>
        <p class="countdown" aria-live="off" data-row hidden=countdown.is_none()>
            <b data-part="countdown">{countdown.map(minutes)}</b>" "{left_for_pin()}
        </p>
        <dl class="facts">
            <div class="fact" data-row hidden=no_phone>
                <dt>{phone_label()}</dt><dd data-part="phone">{phone}</dd>
            </div>
            <div class="fact" data-row hidden=no_reference>
                <dt>{reference_label()}</dt><dd data-part="reference">{reference}</dd>
            </div>
        </dl>
        <details class="no-prompt">
            <summary>{no_prompt()}</summary>
            <p>{no_prompt_advice()}</p>
        </details>
    }
}

/// The number to charge and the pay button. For an open payment it is the button that sends its prompt once
/// more.
#[component]
fn PayForm(tip: TipId, price: Kes, phone: String, payment: Option<PaymentView>) -> impl IntoView {
    let (can_pay, can_send_again) =
        payment.map_or((true, false), |payment| (payment.can_pay, payment.can_send_again));
    view! {
        <form
            method="post"
            novalidate
            action=paths::POST_PAYMENT
            data-part="form"
            hidden=!(can_pay || can_send_again)
        >
            <input type="hidden" name="tip_id" value=tip.to_string()/>
            <div class="field">
                <label for="phone_number">{mpesa_number()}</label>
                <input
                    id="phone_number"
                    name="phone_number"
                    type="tel"
                    inputmode="tel"
                    autocomplete="tel"
                    maxlength="20"
                    required
                    value=phone
                    aria-describedby="phone-hint"
                />
                <p class="hint" id="phone-hint">{mpesa_number_hint()}</p>
            </div>
            <button class="button pay" data-part="pay-button" hidden=!can_pay disabled=!can_pay>
                {pay(price)}
            </button>
            <button
                class="button quiet"
                name="send_again"
                value="true"
                data-part="again-button"
                hidden=!can_send_again
                disabled=!can_send_again
            >
                {send_again()}
            </button>
            <p class="hint">{too_late()}</p>
        </form>
    }
}

/// `0:52`.
fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The island reads the JSON by name, and no compiler sees the two together.
    #[test]
    fn the_island_knows_every_field_it_reads() {
        let payment = PaymentView {
            payment_id: String::new(),
            tip: TipId(1),
            state: PaymentViewState::Paid,
            title: String::new(),
            message: String::new(),
            reference: String::new(),
            phone: String::new(),
            receipt: None,
            countdown: None,
            is_waiting: false,
            can_send_again: false,
            can_pay: false,
        };
        let json = serde_json::to_value(payment).expect("a view is JSON");
        let island = include_str!("../islands/payment_watch.rs");
        let read: Vec<&str> = island
            .lines()
            .filter_map(|line| {
                line.trim().strip_prefix("fn ")?.split_once("(this: &PaymentAnswer)").map(|(name, _)| name)
            })
            .filter(|name| *name != "error")
            .collect();
        assert_eq!(read.len(), 11, "{read:?}");
        for name in read {
            assert!(json.get(name).is_some(), "{name} is not in PaymentView");
        }
    }
}
