//! Where the code from an SMS is typed: to join, to prove a number, or to set a new password.

use leptos::prelude::*;

use super::register::name_to_show;
use super::{param, shown};
use crate::app::site::Site;
use crate::app::ui::{Alert, Field, Head};
use crate::people::CodePurpose;
use crate::people::api::code_view;
use crate::people::otp::CodeView;
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::types::words;

words! {
    choose_password { "Choose the password of this account" "Chagua nenosiri la akaunti hii" }
    enter { "Enter the code" "Weka code" }
    set_a_new_password { "Set a new password" "Weka nenosiri jipya" }
    set_and_enter { "Set the password and sign in" "Weka nenosiri na uingie" }
    prove { "Prove my number" "Thibitisha namba yangu" }
    set_the_password { "Set the password" "Weka nenosiri" }
    sent_to(phone) {
        "We sent six digits by SMS to {phone}. They are good for 10 minutes."
        "Tumetuma tarakimu sita kwa SMS kwenye {phone}. Zinafanya kazi kwa dakika 10."
    }
    sent_if_known(phone) {
        "If {phone} has an account, it got an SMS with six digits. They are good for 10 minutes."
        "Kama {phone} ina akaunti, imepata SMS yenye tarakimu sita. Zinafanya kazi kwa dakika 10."
    }
    code_from_sms { "Code from the SMS" "Code kutoka kwenye SMS" }
    new_password { "New password" "Nenosiri jipya" }
    new_password_hint {
        "At least 8 characters, not easy to guess. Every other device is signed out."
        "Angalau herufi 8, lisilo rahisi kukisia. Vifaa vingine vyote vitatolewa kwenye akaunti."
    }
    play_money { "Play money: the SMS is on" "Pesa ya kuchezea: SMS iko kwenye" }
    the_phones { "the phones" "simu hizi" }
    no_sms { "No SMS after two minutes?" "Hakuna SMS baada ya dakika mbili?" }
    send_new_code { "Send a new code" "Tuma code mpya" }
}

/// The form for the code whose id is in the address.
#[component]
pub fn CodePage() -> impl IntoView {
    let id = param("id");
    shown(async move { code_view(&id).await }, |code| view! { <Code code/> })
}

#[component]
fn Code(code: CodeView) -> impl IntoView {
    // The name is asked for again if another tipster took it after this registration began.
    let wants_name = refused("code").is_some_and(|refused| {
        refused.wrong("display_name").is_some()
            || refused.value("display_name").is_some_and(|name| !name.is_empty())
    });
    let phones = use_context::<Site>().and_then(|site| site.simulator_url);
    let id = code.id.to_string();
    let (title, button) = match code.purpose {
        // The words are the same for a known and for a new number, because only the SMS may tell which it is.
        CodePurpose::Register => (choose_password(), set_and_enter()),
        CodePurpose::Prove => (enter(), prove()),
        CodePurpose::Reset => (set_a_new_password(), set_the_password()),
    };
    let lead = match code.purpose {
        CodePurpose::Register | CodePurpose::Prove => sent_to(code.phone),
        CodePurpose::Reset => sent_if_known(code.phone),
    };
    let wants_password = code.purpose.sets_password();
    view! {
        <div class="narrow">
            <Head title lead/>
            <form class="card" method="post" novalidate action=paths::POST_CODE>
                <Alert form="code"/>
                <Alert form="again"/>
                <input type="hidden" name="id" value=id.clone()/>
                <Field
                    form="code"
                    name="code"
                    label=code_from_sms()
                    input_mode="numeric"
                    autocomplete="one-time-code"
                    max_length=9
                />
                {wants_name
                    .then(|| {
                        view! {
                            <Field
                                form="code"
                                name="display_name"
                                label=name_to_show()
                                autocomplete="nickname"
                                max_length=40
                            />
                        }
                    })}
                {wants_password
                    .then(|| {
                        view! {
                            <Field
                                form="code"
                                name="password"
                                label=new_password()
                                hint=new_password_hint()
                                kind="password"
                                autocomplete="new-password"
                                min_length=8
                            />
                        }
                    })}
                <button class="button pay">{button}</button>
            </form>
            {phones
                .map(|address| {
                    view! {
                        <p class="soft">
                            {play_money()}" "<a href=address target="_blank" rel="noopener">{the_phones()}</a>
                            "."
                        </p>
                    }
                })}
            <form method="post" novalidate action=paths::POST_CODE_AGAIN>
                <input type="hidden" name="id" value=id/>
                <p class="row"><span>{no_sms()}</span><button class="link">{send_new_code()}</button></p>
            </form>
        </div>
    }
    .into_any()
}
