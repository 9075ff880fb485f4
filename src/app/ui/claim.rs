//! What a buyer can do about a payment that did not reach them: ask us to look again, or type the code of the M-Pesa SMS.

use leptos::prelude::*;

use crate::accounts::FormAgain;

/// Moves the next query forward. It asks nobody by itself.
#[component]
pub fn CheckAgain(action: String) -> impl IntoView {
    view! {
        <form method="post" action=action>
            <button class="button quiet">"Check again"</button>
        </form>
    }
    .into_any()
}

/// "I paid but see nothing".
#[component]
pub fn ClaimForm(action: String, again: Option<FormAgain>) -> impl IntoView {
    let again = again.filter(|again| again.form == "claim");
    let typed = again.as_ref().map(|again| again.typed("receipt")).unwrap_or_default();
    let problem = again.map(|again| again.problem.message);
    let is_wrong = problem.is_some();
    view! {
        <details class="card claim" id="claim" open=is_wrong>
            <summary>"I paid but see nothing"</summary>
            <form method="post" action=action>
                <p>
                    "Type the code at the start of your M-Pesa SMS. We compare it with what M-Pesa tells us, and a person looks if they \
                     do not agree. The code alone does not open the tip."
                </p>
                <div class="field">
                    <label for="receipt">"M-Pesa code"</label>
                    <p class="hint" id="receipt-hint">"Ten letters and digits, like UKOLRIYZ3V."</p>
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
                        aria-describedby=if is_wrong { "receipt-problem receipt-hint" } else { "receipt-hint" }
                        aria-invalid=is_wrong.then_some("true")
                        autofocus=is_wrong
                    />
                </div>
                <button class="button quiet">"Send the code"</button>
            </form>
        </details>
    }
    .into_any()
}
