//! What buyers can do about a payment that did not open their tip: ask us to look again, or type the code of
//! the M-Pesa SMS.

use leptos::prelude::*;

use crate::platform::forms::refused;
use crate::types::words;

words! {
    check_again { "Check again" "Angalia tena" }
    paid_but_see_nothing { "I paid but see nothing" "Nimelipa lakini sioni kitu" }
    how_it_works {
        "Type the code at the start of your M-Pesa SMS. We compare it with what M-Pesa tells us, and a \
         person looks if they do not agree. The code alone does not open the tip."
        "Andika code iliyo mwanzoni mwa SMS yako ya M-Pesa. Tunailinganisha na taarifa za M-Pesa, na \
         zisipolingana mhudumu anaangalia. Code pekee haifungui tip."
    }
    mpesa_code { "M-Pesa code" "Code ya M-Pesa" }
    mpesa_code_hint { "Ten letters and digits, like UKOLRIYZ3V." "Herufi na tarakimu kumi, kama UKOLRIYZ3V." }
    send_code { "Send the code" "Tuma code" }
}

/// The button that brings the next query to Safaricom forward. Pressing it sends no query by itself.
#[component]
pub fn CheckAgain(action: String) -> impl IntoView {
    view! {
        <form method="post" novalidate action=action>
            <button class="button quiet">{check_again()}</button>
        </form>
    }
    .into_any()
}

/// The form "I paid but see nothing", in which a buyer types the code of the M-Pesa SMS.
#[component]
pub fn ClaimForm(action: String) -> impl IntoView {
    let refused = refused("claim");
    let typed = refused.as_ref().and_then(|refused| refused.value("receipt"));
    let problem = refused.and_then(|refused| refused.reason());
    let is_wrong = problem.is_some();
    view! {
        <details class="card claim" id="claim" open=is_wrong>
            <summary>{paid_but_see_nothing()}</summary>
            <form method="post" novalidate action=action>
                <p>{how_it_works()}</p>
                <div class="field">
                    <label for="receipt">{mpesa_code()}</label>
                    <p class="hint" id="receipt-hint">{mpesa_code_hint()}</p>
                    {problem.map(|problem| view! { <p class="wrong" id="receipt-problem">{problem}</p> })}
                    <input
                        id="receipt"
                        name="receipt"
                        type="text"
                        autocomplete="off"
                        autocapitalize="characters"
                        spellcheck="false"
                        maxlength="20"
                        required
                        value=typed
                        aria-describedby=if is_wrong {
                            "receipt-problem receipt-hint"
                        } else {
                            "receipt-hint"
                        }
                        aria-invalid=is_wrong.then_some("true")
                        autofocus=is_wrong
                    />
                </div>
                <button class="button quiet">{send_code()}</button>
            </form>
        </details>
    }
    .into_any()
}
