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
        <nav aria-label="Main" class:own=is_buyer || is_tipster>
            <Way href="/tips" text="Tips"/>
            {is_buyer.then(|| view! { <Way href="/purchases" text="My purchases"/> })}
            {is_tipster.then(|| view! { <Way href="/wallet" text="Wallet"/> })}
        </nav>
        <div class="who">
            {match viewer {
                Some(viewer) => {
                    let unread = viewer.standing.unread_count;
                    view! {
                        <Bell unread/>
                        <a class="name" href="/account">{viewer.display_name}</a>
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

/// The way to the notices, with how many wait.
#[component]
fn Bell(unread: i64) -> impl IntoView {
    let shown = (unread > 0).then(|| if unread > 99 { "99+".to_owned() } else { unread.to_string() });
    let label = shown.as_ref().map_or_else(|| "Notices".to_owned(), |shown| format!("Notices, {shown} unread"));
    view! {
        <a class="bell" href="/notices" aria-label=label>
            <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
                <path d="M12 3a6 6 0 0 0-6 6v4l-2 3.5h16L18 13V9a6 6 0 0 0-6-6zM9.5 19a2.5 2.5 0 0 0 5 0"/>
            </svg>
            {shown.map(|shown| view! { <span class="unread-count" aria-hidden="true">{shown}</span> })}
        </a>
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
                <nav aria-label="About this site">
                    <a href="/account/limits">"Limits and breaks"</a>
                    <a href="/help">"Help"</a>
                    <a href="/terms">"Terms"</a>
                    <a href="/privacy">"Privacy"</a>
                    <a href="/about">"About"</a>
                </nav>
                <p>"Gambling addiction? Talk to someone you trust or to a counsellor."</p>
                <p>"Ligisoo is not a bookmaker: it takes no bets. Tips are opinions of their tipsters, and any of them can lose."</p>
            </div>
        </footer>
    }
}
