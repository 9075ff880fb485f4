//! The devices on which a person is signed in, as a part of the account's page. Each sign-in can be ended
//! alone.

use leptos::prelude::*;

use super::shown;
use crate::app::ui::{Badge, Tone};
use crate::people::api::devices;
use crate::people::devices::Device;
use crate::platform::clock::day;
use crate::platform::paths;
use crate::platform::viewer::viewer;
use crate::types::words;

words! {
    title { "Where you are signed in" "Ulipoingia" }
    lead {
        "A sign-in ends after 14 days without use, and after 30 days at the latest. If one is not yours, end \
         it and change your password."
        "Kifaa kinatolewa baada ya siku 14 bila kutumika, na baada ya siku 30 kwa vyovyote. Kama si chako, \
         kitoe kisha ubadilishe nenosiri."
    }
    this_one { "This one" "Hiki hapa" }
    last_used(day) { "Last used {day}." "Kilitumika {day}." }
    end_it { "Sign out there" "Toa kifaa hiki" }
}

/// The list of devices; the one that asks is marked.
#[component]
pub fn Devices() -> impl IntoView {
    let this = viewer().map(|viewer| viewer.standing.session).unwrap_or_default();
    shown(devices(), move |devices| {
        view! {
            <section class="card" id="devices">
                <h2>{title()}</h2>
                <p>{lead()}</p>
                <ul class="lines">
                    {devices.into_iter().map(|device| view! {
                        <Line is_this=device.id == this device/>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Line(device: Device, is_this: bool) -> impl IntoView {
    let action = paths::post_session_end(&device.id);
    view! {
        <li class="line">
            <div class="row">
                <h3>{device.title()}</h3>
                {is_this.then(|| view! { <Badge text=this_one() tone=Tone::Good/> })}
            </div>
            <div class="row">
                <span class="soft">{last_used(day(device.seen_at))}</span>
                <form class="inline" method="post" novalidate action=action>
                    <button class="link">{end_it()}</button>
                </form>
            </div>
        </li>
    }
}
