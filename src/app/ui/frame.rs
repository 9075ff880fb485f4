//! What surrounds every page: the bar that warns of play money, the header with its links, and the footer
//! with the warnings that the site must show.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::super::site::Site;
use super::{limits_and_breaks, my_purchases};
use crate::platform::paths;
use crate::platform::viewer::{Viewer, viewer};
use crate::types::{Language, Text, words};

words! {
    skip { "Skip to the page" "Ruka hadi kwenye ukurasa" }
    development { "DEV MODE" "MAJARIBIO" }
    play_money { "Play money." "Pesa ya kuchezea." }
    open_phones { "Open the phones" "Fungua simu" }
    main_ways { "Main" "Kuu" }
    tips { "Tips" "Tips" }
    tipsters { "Tipsters" "Watoa tips" }
    my_tips { "My tips" "Tips zangu" }
    wallet { "Wallet" "Pochi" }
    desk { "Desk" "Dawati" }
    sign_out { "Sign out" "Ondoka" }
    sign_in { "Sign in" "Ingia" }
    join { "Join" "Jiunge" }
    play_safe {
        "Betting can cost you money. Play responsibly, and stop when it is no longer fun."
        "Kubeti kunaweza kukupotezea pesa. Cheza kwa uangalifu, na uache ikiwa si burudani tena."
    }
    not_a_bookmaker {
        "Ligisoo is not a bookmaker: it takes no bets. Tips are opinions of their tipsters, and any of them \
         can lose."
        "Ligisoo si kampuni ya kubeti: haipokei beti. Tips ni maoni ya watoa tips, na yoyote inaweza \
         kupoteza."
    }
    about_this_site { "About this site" "Kuhusu tovuti hii" }
    help { "Help" "Msaada" }
    terms { "Terms" "Masharti" }
    privacy { "Privacy" "Faragha" }
    about { "About" "Kutuhusu" }
    talk_to_someone {
        "Gambling addiction? Talk to someone you trust or to a counsellor."
        "Uraibu wa kamari? Zungumza na mtu unayemwamini au mshauri."
    }
    language { "Language" "Lugha" }
    notices { "Notices" "Taarifa" }
    unread_notices(number) { "Notices, {number} unread" "Taarifa, {number} hazijasomwa" }
}

/// Everything around a page, which is its child.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let simulator = use_context::<Site>().and_then(|site| site.simulator_url);
    view! {
        <a class="skip" href="#main">{skip()}</a>
        {simulator.map(|address| view! { <DevelopmentBar address/> })}
        <header class="top">
            <div class="wide">
                <a class="brand" href=paths::HOME><Mark/>"Ligisoo"</a>
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
            <b>{development()}</b>" "{play_money()}" "
            <a href=address target="_blank" rel="noopener">{open_phones()}</a>
        </div>
    }
}

/// The logo: a betting slip with its torn edge.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
            <path
                class="mark"
                d="M4 2h16a2 2 0 0 1 2 2v6a2 2 0 0 0 0 4v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-6\
                   a2 2 0 0 0 0-4V4a2 2 0 0 1 2-2z"
            />
            <path class="tickmark" d="m7 12.5 3.4 3.4L17.2 8.6"/>
        </svg>
    }
}

#[component]
fn Ways(viewer: Option<Viewer>) -> impl IntoView {
    let (is_buyer, is_tipster) =
        viewer.as_ref().map_or((false, false), |viewer| (viewer.is_buyer, viewer.is_tipster));
    // This only shows the link. The desk itself asks the database who is staff.
    let is_staff = viewer.as_ref().is_some_and(|viewer| viewer.staff.is_some());
    view! {
        <nav aria-label=main_ways() class="own">
            <Way href=paths::TIPS text=tips()/>
            <Way href=paths::LEADERBOARD text=tipsters()/>
            {is_buyer.then(|| view! { <Way href=paths::PURCHASES text=my_purchases()/> })}
            {is_tipster.then(|| view! {
                <Way href=paths::MY_TIPS text=my_tips()/><Way href=paths::WALLET text=wallet()/>
            })}
            {is_staff.then(|| view! { <Way href=paths::DESK_TIPS text=desk()/> })}
        </nav>
        <div class="who">
            {match viewer {
                Some(viewer) => {
                    let unread = viewer.standing.unread_count;
                    view! {
                        <Bell unread/>
                        <a class="name" href=paths::ACCOUNT>{viewer.display_name}</a>
                        <form method="post" novalidate action=paths::POST_SIGN_OUT>
                            <button class="link">{sign_out()}</button>
                        </form>
                    }
                        .into_any()
                }
                None => view! {
                    <a href=paths::SIGN_IN>{sign_in()}</a>
                    <a class="button small" href=paths::REGISTER>{join()}</a>
                }.into_any(),
            }}
        </div>
    }
}

/// The link to the notices, with the number of unread ones.
#[component]
fn Bell(unread: i64) -> impl IntoView {
    let shown = (unread > 0).then(|| if unread > 99 { "99+".to_owned() } else { unread.to_string() });
    let label = shown.as_ref().map_or(notices(), unread_notices);
    view! {
        <a class="bell" href=paths::NOTICES aria-label=label>
            <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
                <path d="M12 3a6 6 0 0 0-6 6v4l-2 3.5h16L18 13V9a6 6 0 0 0-6-6zM9.5 19a2.5 2.5 0 0 0 5 0"/>
            </svg>
            {shown.map(|shown| view! { <span class="unread-count" aria-hidden="true">{shown}</span> })}
        </a>
    }
}

#[component]
fn Way(href: &'static str, text: Text) -> impl IntoView {
    let is_here = use_location().pathname.with_untracked(|path| path == href);
    view! { <a href=href aria-current=is_here.then_some("page")>{text}</a> }
}

#[component]
fn Foot() -> impl IntoView {
    view! {
        <footer>
            <div class="wide">
                <p><b class="age">"18+"</b>" "{play_safe()}</p>
                <nav aria-label=about_this_site()>
                    <a href=paths::LIMITS>{limits_and_breaks()}</a>
                    <a href=paths::HELP>{help()}</a>
                    <a href=paths::TERMS>{terms()}</a>
                    <a href=paths::PRIVACY>{privacy()}</a>
                    <a href=paths::ABOUT>{about()}</a>
                </nav>
                <p>{talk_to_someone()}</p>
                <p>{not_a_bookmaker()}</p>
                <Languages/>
            </div>
        </footer>
    }
}

/// The languages of the site, each by its own name. The choice is kept in a cookie.
#[component]
fn Languages() -> impl IntoView {
    let here = use_location();
    let query = here.search.get_untracked();
    let path = here.pathname.get_untracked();
    let next = if query.is_empty() { path } else { format!("{path}?{query}") };
    let choices = Language::ALL.into_iter().map(|choice| {
        let (code, is_here) = (choice.as_str(), choice == Language::here());
        view! {
            <button class="link" name="language" value=code lang=code disabled=is_here>
                {choice.own_name()}
            </button>
        }
    });
    view! {
        <form class="languages" method="post" novalidate action=paths::POST_LANGUAGE aria-label=language()>
            <input type="hidden" name="next" value=next/>
            {choices.collect_view()}
        </form>
    }
}
