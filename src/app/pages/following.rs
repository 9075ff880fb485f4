//! The tipsters whom a person follows and of whose new tips they get a notice.

use leptos::prelude::*;

use super::{query, shown};
use crate::app::ui::{Empty, FollowForm, Head, More, Verified, see_tips, tip_count};
use crate::follows::api::following;
use crate::follows::{Followed, Following};
use crate::platform::clock::day;
use crate::platform::paths;
use crate::types::words;

words! {
    title { "Tipsters I follow" "Watoa tips ninaowafuata" }
    lead {
        "You get a notice when one of them posts a new tip."
        "Unapata taarifa mmoja wao akiweka tip mpya."
    }
    nobody { "You follow nobody yet" "Bado humfuati yeyote" }
    nobody_advice {
        "Follow a tipster to get a notice here when they post a new tip."
        "Mfuate mtoa tips upate taarifa hapa akiweka tip mpya."
    }
    on_sale_since(tips, day) { "{tips} on sale · since {day}" "{tips} sokoni · tangu {day}" }
}

/// The tipsters whom the signed-in person follows.
#[component]
pub fn FollowingPage() -> impl IntoView {
    shown(following(query("after")), |following| view! { <List following/> })
}

#[component]
fn List(following: Following) -> impl IntoView {
    if following.tipsters.is_empty() {
        return view! {
            <Head title=title()/>
            <Empty title=nobody() text=nobody_advice() href=paths::TIPS action=see_tips()/>
        }
        .into_any();
    }
    view! {
        <Head title=title() lead=lead()/>
        <ul class="lines">
            {following.tipsters.into_iter().map(|tipster| view! { <Line tipster/> }).collect_view()}
        </ul>
        <More path=paths::FOLLOWING next=following.next/>
    }
    .into_any()
}

#[component]
fn Line(tipster: Followed) -> impl IntoView {
    let name = tipster.display_name.clone();
    view! {
        <li class="card line">
            <div class="row">
                <div>
                    <h2>{tipster.display_name}{tipster.is_verified.then(|| view! { <Verified/> })}</h2>
                    <p class="soft">{on_sale_since(tip_count(tipster.on_sale), day(tipster.since))}</p>
                </div>
                <FollowForm
                    tipster=tipster.tipster_id
                    name
                    is_following=true
                    next=paths::FOLLOWING.to_owned()
                />
            </div>
        </li>
    }
}
