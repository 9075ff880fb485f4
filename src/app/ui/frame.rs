//! What surrounds every page: the bar for play money, the header with its ways, the footer with what must be said.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::super::site::Site;
use crate::accounts::{Viewer, api::viewer};

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let simulator = use_context::<Site>().and_then(|site| site.simulator_url);
    view! {
        <a class="skip" href="#main">"Skip to the page"</a>
        {simulator.map(|address| view! { <DevelopmentBar address/> })}
        <header class="top">
            <div class="wide">
                <a class="brand" href="/"><Mark/>"Ligisoo"</a>
                <Ways viewer=viewer()/>
            </div>
        </header>
        <main id="main" class="wide">{children()}</main>
        <Foot/>
    }
}

#[component]
fn DevelopmentBar(address: String) -> impl IntoView {
    view! {
        <div class="development">
            <b>"DEV MODE"</b>" Play money. "<a href=address target="_blank" rel="noopener">"Open the phones"</a>
        </div>
    }
}

/// A betting slip with its torn edge.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
            <path class="mark" d="M4 2h16a2 2 0 0 1 2 2v6a2 2 0 0 0 0 4v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-6a2 2 0 0 0 0-4V4a2 2 0 0 1 2-2z"/>
            <path class="tickmark" d="m7 12.5 3.4 3.4L17.2 8.6"/>
        </svg>
    }
}

#[component]
fn Ways(viewer: Option<Viewer>) -> impl IntoView {
    let (is_buyer, is_tipster) = viewer.as_ref().map_or((false, false), |viewer| (viewer.is_buyer, viewer.is_tipster));
    view! {
        <nav aria-label="Main" class="own">
            <Way href="/tips" text="Tips"/>
            <Way href="/leaderboard" text="Tipsters"/>
            {is_buyer.then(|| view! { <Way href="/purchases" text="My purchases"/> })}
            {is_tipster.then(|| view! { <Way href="/wallet" text="Wallet"/> })}
        </nav>
        <div class="who">
            {match viewer {
                Some(viewer) => {
                    view! {
                        <span class="name">{viewer.display_name}</span>
                        <form method="post" action="/api/accounts/sign-out">
                            <button class="link">"Sign out"</button>
                        </form>
                    }
                        .into_any()
                }
                None => view! { <a href="/sign-in">"Sign in"</a><a class="button small" href="/register">"Join"</a> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Way(href: &'static str, text: &'static str) -> impl IntoView {
    let is_here = use_location().pathname.with_untracked(|path| path == href);
    view! { <a href=href aria-current=is_here.then_some("page")>{text}</a> }
}

#[component]
fn Foot() -> impl IntoView {
    view! {
        <footer>
            <div class="wide">
                <p><b class="age">"18+"</b>" Betting can cost you money. Play responsibly, and stop when it is no longer fun."</p>
                <p>"Ligisoo is not a bookmaker: it takes no bets. Tips are opinions of their tipsters, and any of them can lose."</p>
            </div>
        </footer>
    }
}
