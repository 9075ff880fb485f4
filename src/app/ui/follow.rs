//! The button that follows a tipster, or stops following. It is a plain form that can stand wherever a
//! tipster is shown.

use leptos::prelude::*;

use crate::platform::paths;
use crate::types::{PersonId, words};

words! {
    follow(name) { "Follow {name}" "Mfuate {name}" }
    stop_following(name) { "Stop following {name}" "Acha kumfuata {name}" }
}

/// The button; `next` is the page to come back to. People who are not signed in are sent to sign in first.
#[component]
pub fn FollowForm(tipster: PersonId, name: String, is_following: bool, next: String) -> impl IntoView {
    let (want, text) =
        if is_following { ("unfollow", stop_following(name)) } else { ("follow", follow(name)) };
    view! {
        <form class="follow" method="post" novalidate action=paths::post_follow(tipster)>
            <input type="hidden" name="next" value=next/>
            <button class="button quiet" name="want" value=want>{text}</button>
        </form>
    }
}
