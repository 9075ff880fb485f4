//! Where the code from an SMS is typed: to join, to prove a number, or to set a new password.

use leptos::prelude::*;

use super::param;
use crate::accounts::FormAgain;
use crate::accounts::api::code_face;
use crate::accounts::codes::{CodeFace, Purpose};
use crate::app::site::Site;
use crate::app::ui::{Field, FormAlert, Head, Problem};

#[component]
pub fn CodePage() -> impl IntoView {
    let id = param("id");
    Suspend::new(async move {
        match code_face(&id).await {
            Ok(code) => view! { <Code code/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

#[component]
fn Code(code: CodeFace) -> impl IntoView {
    let problem = use_context::<FormAgain>().map(|again| again.problem);
    let phones = use_context::<Site>().and_then(|site| site.simulator_url);
    let id = code.id.to_string();
    let (title, button) = match code.purpose {
        Purpose::Register => ("Enter the code to join", "Join"),
        Purpose::Prove => ("Enter the code", "Prove my number"),
        Purpose::Reset => ("Set a new password", "Set the password"),
    };
    let lead = match code.purpose {
        Purpose::Register | Purpose::Prove => format!("We sent six digits by SMS to {}. They are good for 10 minutes.", code.phone),
        Purpose::Reset => format!("If {} has an account, it got an SMS with six digits. They are good for 10 minutes.", code.phone),
    };
    let wants_password = code.purpose == Purpose::Reset;
    view! {
        <div class="narrow">
            <Head title lead/>
            <form class="card" method="post" action="/api/accounts/code">
                <FormAlert problem=problem.clone()/>
                <input type="hidden" name="id" value=id.clone()/>
                <Field
                    name="code"
                    label="Code from the SMS"
                    input_mode="numeric"
                    autocomplete="one-time-code"
                    max_length=9
                    problem=problem.clone()
                />
                {wants_password
                    .then(|| {
                        view! {
                            <Field
                                name="password"
                                label="New password"
                                hint="At least 8 characters. Every device is signed out."
                                kind="password"
                                autocomplete="new-password"
                                min_length=8
                                problem
                            />
                        }
                    })}
                <button class="button pay">{button}</button>
            </form>
            {phones
                .map(|address| {
                    view! { <p class="soft">"Play money: the SMS is on "<a href=address target="_blank" rel="noopener">"the phones"</a>"."</p> }
                })}
            <form method="post" action="/api/accounts/code/again">
                <input type="hidden" name="id" value=id/>
                <p class="row"><span>"No SMS after two minutes?"</span><button class="link">"Send a new code"</button></p>
            </form>
        </div>
    }
    .into_any()
}
