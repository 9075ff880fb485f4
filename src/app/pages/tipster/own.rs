//! What tipsters can do with their own public page: change it, and send its address to others. Nothing here
//! needs a script, and no other site is contacted before somebody presses its link.

use leptos::prelude::*;

use crate::app::site::Site;
use crate::platform::paths;
use crate::types::words;

words! {
    edit { "Edit what others see" "Hariri wanachoona wengine" }
    share { "Share my page" "Sambaza ukurasa wangu" }
    address { "The address of your page" "Anwani ya ukurasa wako" }
    send_by_whatsapp { "Send it by WhatsApp" "Itume kwa WhatsApp" }
}

/// The links that only the tipster sees; `path` is the page's own path.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub fn OwnPage(path: String) -> impl IntoView {
    let origin = use_context::<Site>().map(|site| site.origin).unwrap_or_default();
    let page = format!("{origin}{path}");
    let whatsapp =
        format!("https://wa.me/?{}", serde_urlencoded::to_string([("text", &page)]).unwrap_or_default());
    view! {
        <p class="actions"><a class="button quiet" href=paths::ACCOUNT>{edit()}</a></p>
        <details class="share">
            <summary>{share()}</summary>
            <div class="field">
                <label for="page-address">{address()}</label>
                <input id="page-address" type="text" readonly value=page/>
            </div>
            <p><a href=whatsapp target="_blank" rel="noopener noreferrer">{send_by_whatsapp()}</a></p>
        </details>
    }
}
