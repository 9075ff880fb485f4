//! A person's own account: name and words, the number, the password, all devices, closing it.

use leptos::prelude::*;

use super::query;
use crate::accounts::api::{profile, viewer};
use crate::accounts::profile::BIO_LENGTH;
use crate::accounts::store::profile::Profile;
use crate::accounts::{FormAgain, FormProblem};
use crate::app::ui::{Badge, Field, FormAlert, Head, Problem, TextArea, Tone, portrait, to_sign_in};
use crate::platform::clock::day;

#[component]
pub fn AccountPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    Suspend::new(async move {
        match profile().await {
            Ok((profile, can_send)) => view! { <Account profile can_send/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

/// What is wrong with one of the page's forms, if it was that one.
fn problem_of(again: Option<&FormAgain>, form: &str) -> Option<FormProblem> {
    again.filter(|again| again.form == form).map(|again| again.problem.clone())
}

#[component]
fn Account(profile: Profile, can_send: bool) -> impl IntoView {
    let again = use_context::<FormAgain>();
    let done = match query("done").as_deref() {
        Some("profile" | "portrait") => Some("Saved."),
        Some("password") => Some("Your password is changed. Every other device was signed out."),
        _ => None,
    };
    let [of_portrait, of_password, of_prove, of_close] =
        ["portrait", "password", "prove", "close"].map(|form| problem_of(again.as_ref(), form));
    view! {
        <Head title="My account" lead=format!("Member since {}.", day(profile.created_at))/>
        {done.map(|done| view! { <div class="notice good" role="status">{done}</div> })}
        <div class="account">
            <Words profile=profile.clone() again/>
            <Picture profile=profile.clone() problem=of_portrait/>
            <Number profile can_send problem=of_prove/>
            <section class="card">
                <h2>"Playing safe"</h2>
                <p>"Set how much you spend at most, take a break, or exclude yourself."</p>
                <p><a class="button quiet" href="/account/limits">"Limits and breaks"</a></p>
            </section>
            <Password problem=of_password/>
            <Leaving problem=of_close/>
        </div>
    }
    .into_any()
}

#[component]
fn Words(profile: Profile, again: Option<FormAgain>) -> impl IntoView {
    let again = again.filter(|again| again.form == "profile");
    let (name, bio) = again.as_ref().map_or((profile.display_name, profile.bio), |again| (again.typed("display_name"), again.typed("bio")));
    let problem = again.map(|again| again.problem);
    let wrong_bio = problem.clone().filter(|problem| problem.field == Some("bio")).map(|problem| problem.message.here().into_owned());
    view! {
        <form class="card" method="post" action="/api/accounts/profile">
            <h2>"What others see"</h2>
            <Field name="display_name" label="Name to show" autocomplete="nickname" value=name max_length=40 problem/>
            <TextArea
                name="bio"
                label="About you"
                hint=format!("Up to {BIO_LENGTH} characters. Tipsters: what you follow and how you choose.")
                value=bio
                max_length=BIO_LENGTH
                wrong=wrong_bio
            />
            <button class="button pay">"Save"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Picture(profile: Profile, problem: Option<FormProblem>) -> impl IntoView {
    let wrong = problem.map(|problem| problem.message);
    let (described_by, has_one) = (wrong.as_ref().map(|_| "picture-problem"), profile.picture.is_some());
    view! {
        <section class="card" id="picture">
            <div class="person">
                {portrait(profile.picture, &profile.display_name)}
                <h2>"Your picture"</h2>
            </div>
            <form method="post" action="/api/accounts/portrait" enctype="multipart/form-data">
                <div class="field">
                    <label for="picture-file">"Picture"</label>
                    <p class="hint">"Everybody can see it. JPEG, PNG or WebP, up to 5 MB; we cut a square from its middle."</p>
                    {wrong.map(|message| view! { <p class="wrong" id="picture-problem" role="alert">{message}</p> })}
                    <input
                        id="picture-file"
                        name="picture"
                        type="file"
                        accept="image/jpeg,image/png,image/webp"
                        required=true
                        aria-describedby=described_by
                        aria-invalid=described_by.map(|_| "true")
                        autofocus=described_by.is_some()
                    />
                </div>
                <button class="button quiet">{if has_one { "Send another one" } else { "Send the picture" }}</button>
            </form>
            {has_one
                .then(|| {
                    view! { <form method="post" action="/api/accounts/portrait/remove"><button class="link">"Remove the picture"</button></form> }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Number(profile: Profile, can_send: bool, problem: Option<FormProblem>) -> impl IntoView {
    let (text, tone) = if profile.is_proven { ("Proven", Tone::Good) } else { ("Not proven", Tone::Wait) };
    view! {
        <section class="card">
            <div class="row"><h2>"Phone number"</h2><Badge text tone/></div>
            <p>{profile.msisdn.local()}</p>
            <FormAlert problem/>
            {(!profile.is_proven)
                .then(|| {
                    if can_send {
                        view! {
                            <p>"Until your number is proven, you can pay only with this number, and whoever proves it gets this account."</p>
                            <form method="post" action="/api/accounts/prove"><button class="button pay">"Send me a code"</button></form>
                        }
                            .into_any()
                    } else {
                        view! { <p>"We cannot send SMS codes right now. Until your number is proven, you can pay only with this number."</p> }.into_any()
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Password(problem: Option<FormProblem>) -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Password and devices"</h2>
            <form method="post" action="/api/accounts/password">
                <FormAlert problem=problem.clone()/>
                <Field name="old_password" label="Old password" kind="password" autocomplete="current-password" problem=problem.clone()/>
                <Field
                    name="password"
                    label="New password"
                    hint="At least 8 characters. Every other device is signed out."
                    kind="password"
                    autocomplete="new-password"
                    min_length=8
                    problem
                />
                <button class="button quiet">"Change the password"</button>
            </form>
            <form method="post" action="/api/accounts/sign-out-everywhere">
                <button class="button quiet">"Sign out everywhere"</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Leaving(problem: Option<FormProblem>) -> impl IntoView {
    let message = problem.map(|problem| problem.message);
    let is_open = message.is_some();
    view! {
        <details class="card" id="close" open=is_open>
            <summary>"Close my account"</summary>
            <form method="post" action="/api/accounts/close">
                <p>
                    "Your name, words and number are removed and every device is signed out. Payments stay in our books without your name. \
                     You lose access to the tips you bought. It cannot be undone."
                </p>
                {message.map(|message| view! { <p class="wrong" role="alert" tabindex="-1" autofocus=true>{message}</p> })}
                <div class="field">
                    <label for="close_password">"Your password"</label>
                    <input id="close_password" name="password" type="password" autocomplete="current-password" maxlength="128" required/>
                </div>
                <button class="button quiet">"Close my account for good"</button>
            </form>
        </details>
    }
    .into_any()
}
