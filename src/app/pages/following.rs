//! The tipsters whose new tips a person hears of.

use leptos::prelude::*;

use super::query;
use crate::accounts::api::{following, viewer};
use crate::accounts::follows::Followed;
use crate::accounts::news::Following;
use crate::app::ui::{Empty, FollowForm, Head, More, Problem, Verified, count, to_sign_in};
use crate::platform::clock::day;

#[component]
pub fn FollowingPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let after = query("after");
    Suspend::new(async move {
        match following(after).await {
            Ok(following) => view! { <List following/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn List(following: Following) -> impl IntoView {
    if following.tipsters.is_empty() {
        return view! {
            <Head title="Tipsters I follow"/>
            <Empty title="You follow nobody yet" text="Follow a tipster to get a notice here when they post a new tip." href="/tips" action="See tips on sale"/>
        }
        .into_any();
    }
    view! {
        <Head title="Tipsters I follow" lead="You get a notice when one of them posts a new tip."/>
        <ul class="lines">{following.tipsters.into_iter().map(|tipster| view! { <Line tipster/> }).collect_view()}</ul>
        <More path="/following" next=following.next/>
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
                    <p class="soft">{count(tipster.on_sale, "tip", "tips")}" on sale · since "{day(tipster.since)}</p>
                </div>
                <FollowForm tipster=tipster.tipster_id name is_following=true next="/following".to_owned()/>
            </div>
        </li>
    }
}
