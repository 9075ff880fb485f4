//! A person's own account: name and words, picture, number, password, devices, and closing it.

use leptos::prelude::*;

use super::devices::Devices;
use super::{query, shown};
use crate::app::ui::{
    Alert, Badge, Field, Head, PictureForm, TextArea, Tone, limits_and_breaks, portrait, remove_picture,
};
use crate::people::api::profile;
use crate::people::profile::BIO_LENGTH;
use crate::people::store::profile::AccountProfile;
use crate::platform::clock::day;
use crate::platform::forms::refused;
use crate::platform::paths;
use crate::types::words;

words! {
    title { "My account" "Akaunti yangu" }
    member_since(day) { "Member since {day}." "Mwanachama tangu {day}." }
    saved { "Saved." "Imehifadhiwa." }
    password_changed {
        "Your password is changed. Every other device was signed out."
        "Nenosiri lako limebadilishwa. Vifaa vingine vyote vimetolewa kwenye akaunti."
    }
    signed_out_there { "That device is signed out." "Kifaa hicho kimetolewa kwenye akaunti." }
    playing_safe { "Playing safe" "Cheza salama" }
    playing_safe_lead {
        "Set how much you spend at most, take a break, or exclude yourself."
        "Weka kikomo cha matumizi, pumzika, au jizuie kabisa."
    }
    what_others_see { "What others see" "Wanachoona wengine" }
    name_to_show { "Name to show" "Jina litakaloonekana" }
    about_you { "About you" "Kukuhusu" }
    about_you_hint(length) {
        "Up to {length} characters. Tipsters: what you follow and how you choose."
        "Hadi herufi {length}. Watoa tips: unafuatilia nini na unachaguaje."
    }
    save { "Save" "Hifadhi" }
    your_picture { "Your picture" "Picha yako" }
    picture_hint {
        "Everybody can see it. JPEG, PNG or WebP, up to 5 MB; we cut a square from its middle."
        "Kila mtu anaweza kuiona. JPEG, PNG au WebP, hadi MB 5; tunakata mraba kutoka katikati."
    }
    phone_number { "Phone number" "Namba ya simu" }
    proven { "Proven" "Imethibitishwa" }
    not_proven { "Not proven" "Haijathibitishwa" }
    until_proven {
        "Until your number is proven, you can pay only with this number, and whoever proves it gets this \
         account."
        "Hadi namba yako ithibitishwe, unaweza kulipa kwa namba hii tu, na atakayeithibitisha ataipata \
         akaunti hii."
    }
    send_me_a_code { "Send me a code" "Nitumie code" }
    cannot_send {
        "We cannot send SMS codes right now. Until your number is proven, you can pay only with this number."
        "Hatuwezi kutuma code za SMS sasa hivi. Hadi namba yako ithibitishwe, unaweza kulipa kwa namba hii \
         tu."
    }
    password_and_devices { "Password and devices" "Nenosiri na vifaa" }
    old_password { "Old password" "Nenosiri la zamani" }
    new_password { "New password" "Nenosiri jipya" }
    new_password_hint {
        "At least 8 characters. Every other device is signed out."
        "Angalau herufi 8. Vifaa vingine vyote vitatolewa kwenye akaunti."
    }
    change_password { "Change the password" "Badilisha nenosiri" }
    sign_out_everywhere { "Sign out everywhere" "Ondoka kwenye vifaa vyote" }
    close_account { "Close my account" "Funga akaunti yangu" }
    what_closing_does {
        "Your name, words and number are removed and every device is signed out. Payments stay in our books \
         without your name. You lose access to the tips you bought. It cannot be undone."
        "Jina lako, maneno yako na namba yako vinaondolewa, na vifaa vyote vinatolewa kwenye akaunti. Malipo \
         yanabaki kwenye vitabu vyetu bila jina lako. Hutaweza tena kuona tips ulizonunua. Haiwezi \
         kutenguliwa."
    }
    your_password { "Your password" "Nenosiri lako" }
    close_for_good { "Close my account for good" "Funga akaunti yangu kabisa" }
}

/// The account of the signed-in person.
#[component]
pub fn AccountPage() -> impl IntoView {
    shown(profile(), |(profile, can_send)| view! { <Account profile can_send/> })
}

#[component]
fn Account(profile: AccountProfile, can_send: bool) -> impl IntoView {
    let done = match query("done").as_deref() {
        Some("profile" | "portrait") => Some(saved()),
        Some("password") => Some(password_changed()),
        Some("session") => Some(signed_out_there()),
        _ => None,
    };
    view! {
        <Head title=title() lead=member_since(day(profile.created_at))/>
        {done.map(|done| view! { <div class="notice good" role="status">{done}</div> })}
        <div class="account">
            <Words profile=profile.clone()/>
            <Picture profile=profile.clone()/>
            <Number profile can_send/>
            <section class="card">
                <h2>{playing_safe()}</h2>
                <p>{playing_safe_lead()}</p>
                <p><a class="button quiet" href=paths::LIMITS>{limits_and_breaks()}</a></p>
            </section>
            <Password/>
            <Devices/>
            <Leaving/>
        </div>
    }
    .into_any()
}

#[component]
fn Words(profile: AccountProfile) -> impl IntoView {
    view! {
        <form class="card" method="post" novalidate action=paths::POST_PROFILE>
            <h2>{what_others_see()}</h2>
            <Alert form="profile"/>
            <Field
                form="profile"
                name="display_name"
                label=name_to_show()
                autocomplete="nickname"
                value=profile.display_name
                max_length=40
            />
            <TextArea
                form="profile"
                name="bio"
                label=about_you()
                hint=about_you_hint(BIO_LENGTH)
                value=profile.bio
                max_length=BIO_LENGTH
            />
            <button class="button pay">{save()}</button>
        </form>
    }
    .into_any()
}

#[component]
fn Picture(profile: AccountProfile) -> impl IntoView {
    let has_one = profile.picture.is_some();
    view! {
        <section class="card" id="picture">
            <div class="person">
                {portrait(profile.picture, &profile.display_name)}
                <h2>{your_picture()}</h2>
            </div>
            <PictureForm
                form="portrait"
                action=paths::POST_PORTRAIT.to_owned()
                hint=picture_hint()
                has_one
                kind="quiet"
            />
            {has_one
                .then(|| {
                    view! {
                        <form method="post" novalidate action=paths::POST_PORTRAIT_REMOVE>
                            <button class="link">{remove_picture()}</button>
                        </form>
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Number(profile: AccountProfile, can_send: bool) -> impl IntoView {
    let (text, tone) = if profile.is_proven { (proven(), Tone::Good) } else { (not_proven(), Tone::Wait) };
    view! {
        <section class="card">
            <div class="row"><h2>{phone_number()}</h2><Badge text tone/></div>
            <p>{profile.msisdn.local()}</p>
            <Alert form="prove"/>
            {(!profile.is_proven)
                .then(|| {
                    if can_send {
                        view! {
                            <p>{until_proven()}</p>
                            <form method="post" novalidate action=paths::POST_PROVE>
                                <button class="button pay">{send_me_a_code()}</button>
                            </form>
                        }
                            .into_any()
                    } else {
                        view! { <p>{cannot_send()}</p> }.into_any()
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Password() -> impl IntoView {
    view! {
        <section class="card">
            <h2>{password_and_devices()}</h2>
            <form method="post" novalidate action=paths::POST_PASSWORD>
                <Alert form="password"/>
                <Field
                    form="password"
                    name="old_password"
                    label=old_password()
                    kind="password"
                    autocomplete="current-password"
                />
                <Field
                    form="password"
                    name="password"
                    label=new_password()
                    hint=new_password_hint()
                    kind="password"
                    autocomplete="new-password"
                    min_length=8
                />
                <button class="button quiet">{change_password()}</button>
            </form>
            <form method="post" novalidate action=paths::POST_SIGN_OUT_EVERYWHERE>
                <button class="button quiet">{sign_out_everywhere()}</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Leaving() -> impl IntoView {
    let message = refused("close").and_then(|refused| refused.reason());
    let is_open = message.is_some();
    view! {
        <details class="card" id="close" open=is_open>
            <summary>{close_account()}</summary>
            <form method="post" novalidate action=paths::POST_CLOSE>
                <p>{what_closing_does()}</p>
                {message.map(|message| view! {
                    <p class="wrong" role="alert" tabindex="-1" autofocus=true>{message}</p>
                })}
                <div class="field">
                    <label for="close_password">{your_password()}</label>
                    <input
                        id="close_password"
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        maxlength="128"
                        required
                    />
                </div>
                <button class="button quiet">{close_for_good()}</button>
            </form>
        </details>
    }
    .into_any()
}
