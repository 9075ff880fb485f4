//! The home page: what the site is, and the tips whose sales close first.

use leptos::prelude::*;
use leptos_meta::Meta;

use crate::app::ui::{Countdown, SearchForm, TipCardLink, WholeTitle, see_tips};
use crate::platform::paths;
use crate::platform::viewer::viewer;
use crate::tips::api::market;
use crate::tips::filter::Filter;
use crate::types::words;

words! {
    window_title { "Ligisoo · Football tips, paid with M-Pesa" "Ligisoo · Tips za mpira, unalipa kwa M-Pesa" }
    description {
        "Football tips from Kenyan tipsters. Pay for one tip at a time with M-Pesa and open it at once."
        "Tips za mpira kutoka kwa watoa tips wa Kenya. Lipia tip moja moja kwa M-Pesa na uifungue papo hapo."
    }
    slogan { "Football tips, one at a time, paid with M-Pesa" "Tips za mpira, moja moja, unalipa kwa M-Pesa" }
    how_it_works {
        "Kenyan tipsters sell their betslips here. You see the odds, the price and some of the teams first; \
         the bet code and every pick open when M-Pesa confirms your payment. No tip is certain to win, so \
         pay only what you can afford to lose."
        "Watoa tips wa Kenya wanauza betslip zao hapa. Kwanza unaona odds, bei na baadhi ya timu; code ya \
         beti na chaguo zote zinafunguka M-Pesa ikithibitisha malipo yako. Hakuna tip yenye uhakika wa \
         kushinda, kwa hivyo lipa tu pesa unayoweza kupoteza."
    }
    join { "Join" "Jiunge" }
    closing_soonest { "Closing soonest" "Zinazofungwa kwanza" }
    all_tips { "All tips" "Tips zote" }
}

/// How many tips the home page shows: a first look, not the whole market.
const SHOWN: usize = 6;

/// The home page.
#[component]
pub fn HomePage() -> impl IntoView {
    let is_stranger = viewer().is_none();
    view! {
        <WholeTitle title=window_title().here().into_owned()/>
        <Meta name="description" content=description().here().into_owned()/>
        <section class="hero">
            <h1>{slogan()}</h1>
            <p class="lead">{how_it_works()}</p>
            <p class="actions">
                <a class="button pay" href=paths::TIPS>{see_tips()}</a>
                {is_stranger.then(|| view! { <a class="button quiet" href=paths::REGISTER>{join()}</a> })}
            </p>
        </section>
        {Suspend::new(async move {
            // The home page is shown even if the market cannot be read. The market's own page says what is
            // wrong.
            let market = market(&Filter::default()).await.ok().filter(|market| !market.cards.is_empty());
            market.map(|market| {
                let now = market.now;
                view! {
                    <section aria-labelledby="first">
                        <div class="row">
                            <h2 id="first">{closing_soonest()}</h2>
                            <a href=paths::TIPS>{all_tips()}</a>
                        </div>
                        <SearchForm/>
                        <ul class="slips">
                            {market.cards.into_iter().take(SHOWN).map(|card| view! {
                                <TipCardLink card now/>
                            }).collect_view()}
                        </ul>
                        <Countdown now/>
                    </section>
                }
            })
        })}
    }
}
