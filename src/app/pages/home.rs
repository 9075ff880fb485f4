//! The front door: what this is, and what is on sale first.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use crate::accounts::api::viewer;
use crate::app::ui::{SearchForm, TipCardLink};
use crate::tips::api::market;
use crate::tips::find::Filter;

/// A first look, not the whole market.
const SHOWN: usize = 6;

#[component]
pub fn HomePage() -> impl IntoView {
    let is_stranger = viewer().is_none();
    view! {
        <Title text="Ligisoo · Football tips, paid with M-Pesa"/>
        <Meta name="description" content="Football tips from Kenyan tipsters. Pay for one tip at a time with M-Pesa and open it at once."/>
        <section class="hero">
            <h1>"Football tips, one at a time, paid with M-Pesa"</h1>
            <p class="lead">
                "Kenyan tipsters sell their betslips here. You see the odds, the price and some of the teams first; \
                 the bet code and every pick open when M-Pesa confirms your payment. No tip is certain to win, so pay only what you can \
                 afford to lose."
            </p>
            <p class="actions">
                <a class="button pay" href="/tips">"See tips on sale"</a>
                {is_stranger.then(|| view! { <a class="button quiet" href="/register">"Join"</a> })}
            </p>
        </section>
        {Suspend::new(async move {
            // The front door stays open when the market cannot be read: its own page says what is wrong.
            let market = market(&Filter::default()).await.ok().filter(|market| !market.cards.is_empty());
            market.map(|market| {
                let now = market.now;
                view! {
                    <section aria-labelledby="first">
                        <div class="row">
                            <h2 id="first">"Closing soonest"</h2>
                            <a href="/tips">"All tips"</a>
                        </div>
                        <SearchForm/>
                        <ul class="slips">
                            {market.cards.into_iter().take(SHOWN).map(|card| view! { <TipCardLink card now/> }).collect_view()}
                        </ul>
                    </section>
                }
            })
        })}
    }
}
