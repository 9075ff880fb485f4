//! The form that sends a picture.

use leptos::prelude::*;

use crate::platform::forms::refused;
use crate::types::{Text, words};

words! {
    picture { "Picture" "Picha" }
    send_picture { "Send the picture" "Tuma picha" }
    send_another { "Send another one" "Tuma nyingine" }
    remove_picture { "Remove the picture" "Ondoa picha" }
}

/// The form for one picture. `form` is the name under which it is refused, `has_one` says whether a picture
/// is kept already, and `kind` is the CSS class of the button.
#[component]
pub fn PictureForm(
    form: &'static str,
    action: String,
    hint: Text,
    has_one: bool,
    kind: &'static str,
) -> AnyView {
    let wrong = refused(form).and_then(|refused| refused.reason());
    let described_by = wrong.is_some().then_some("picture-problem");
    view! {
        <form method="post" novalidate action=action enctype="multipart/form-data">
            <div class="field">
                <label for="picture-file">{picture()}</label>
                <p class="hint">{hint}</p>
                {wrong.map(|message| view! {
                    <p class="wrong" id="picture-problem" role="alert">{message}</p>
                })}
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
            <button class=format!("button {kind}")>
                {if has_one { send_another() } else { send_picture() }}
            </button>
        </form>
    }
    .into_any()
}
