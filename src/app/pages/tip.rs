//! One tip. The page differs for visitors who have not paid, for buyers, and for the tip's own tipster.

mod picks;

use leptos::prelude::*;

use self::picks::Picks;
use super::{param, shown};
use crate::app::islands::CopyCode;
use crate::app::ui::{
    Assets, Badge, Countdown, Fact, FollowForm, MaskedCode, Notice, PublicMatches, TipPanel, TipsterName,
    Tone, WindowTitle, bet_code, closing, copied, copy_code, match_count, result_text, result_tone,
    time_count, tip_number,
};
use crate::follows::api::is_following;
use crate::payments::PayPanel;
use crate::payments::api::pay_panel;
use crate::platform::clock::day_and_time;
use crate::platform::paths;
use crate::tips::api::tip_page;
use crate::tips::{Disclosure, PublicMatch, TipContent, TipDetail, TipState};
use crate::types::{AppResult, Text, words};

words! {
    title(number, tipster) { "Tip {number} by {tipster}" "Tip {number} ya {tipster}" }
    owned { "You own this tip. It stays here for you." "Tip hii ni yako. Itabaki hapa kwa ajili yako." }
    your_tip(times, earned) {
        "This is your tip: sold {times}, {earned} earned."
        "Hii ni tip yako: imeuzwa {times}, umepata {earned}."
    }
    open_wallet { "Open the wallet" "Fungua pochi" }
    waiting {
        "Not on sale yet: somebody at Ligisoo looks at it first."
        "Bado haijaanza kuuzwa: mtu wa Ligisoo anaiangalia kwanza."
    }
    missed {
        "Not approved in time: its sales would be closed by now."
        "Haikukubaliwa kwa wakati: mauzo yake yangekuwa yamefungwa sasa."
    }
    rejected(reason) { "Rejected: {reason}" "Imekataliwa: {reason}" }
    no_reason { "no reason was given." "hakuna sababu iliyotolewa." }
    seal_of_shown {
        "This is the SHA-256 of the text below. It was shown before anybody paid: if the two still agree, \
         nothing was changed."
        "Hii ni SHA-256 ya maandishi yaliyo hapa chini. Ilionyeshwa kabla ya mtu yeyote kulipa: zikiwa bado \
         zinalingana, hakuna kilichobadilishwa."
    }
    seal_of_hidden {
        "Calculated from the code, every pick, the odds and the picture. It is shown now, and whoever pays \
         can check that nothing was changed later."
        "Imehesabiwa kutokana na code, kila chaguo, odds na picha. Inaonyeshwa sasa, na atakayelipa anaweza \
         kuhakikisha hakuna kilichobadilishwa baadaye."
    }
    seal_title { "Fingerprint of this tip" "Muhuri wa tip hii" }
    download_sealed { "Download the text, to check it yourself" "Pakua maandishi uhakikishe mwenyewe" }
    closed { "It has closed" "Yamefungwa" }
    withdrawn { "Withdrawn" "Imeondolewa" }
    if_approved(time) { "{time}, if it is approved" "{time}, ikikubaliwa" }
    not_offered { "Not offered" "Haiuzwi" }
    odds_label { ", odds " ", odds " }
    betslip { "Betslip" "Betslip" }
    betslip_of(matches, bookmaker) { "{matches}, {bookmaker}" "{matches}, {bookmaker}" }
    first_kick_off { "First kick-off" "Mechi ya kwanza" }
    sale { "Sale" "Mauzo" }
    bought { "Bought" "Imenunuliwa" }
    what_you_get { "What you get" "Utakachopata" }
    locked { "A betslip with a lock: it is shown when paid" "Betslip yenye kufuli: utaiona ukishalipa" }
    paying_opens {
        "Paying opens the full bet code, every pick and the clear betslip. It does not place a bet."
        "Ukilipa unafungua code yote ya beti, kila chaguo na betslip kamili. Haiweki beti."
    }
    from_the_tipster { "From the tipster" "Kutoka kwa mtoa tips" }
    as_posted { "The betslip as the tipster posted it" "Betslip kama mtoa tips alivyoiweka" }
}

/// The tip whose number is in the address.
#[component]
pub fn TipPage() -> impl IntoView {
    let number = param("number");
    shown(async move { load(&number).await }, |(tip, panel, follows)| view! { <Tip tip panel follows/> })
}

/// The tip, the pay panel if the viewer may still buy it, and for a buyer whether they follow the tipster.
async fn load(number: &str) -> AppResult<(TipDetail, Option<PayPanel>, Option<bool>)> {
    let tip = tip_page(number).await?;
    let panel = match tip.disclosure {
        Disclosure::Preview { .. } => Some(pay_panel(&tip).await?),
        Disclosure::Owner(_) | Disclosure::Tipster { .. } => None,
    };
    let follows = match tip.disclosure {
        Disclosure::Owner(_) => Some(is_following(tip.tipster).await?),
        Disclosure::Preview { .. } | Disclosure::Tipster { .. } => None,
    };
    Ok((tip, panel, follows))
}

#[component]
fn Tip(tip: TipDetail, panel: Option<PayPanel>, follows: Option<bool>) -> impl IntoView {
    let number = tip.card.number.to_string();
    let has_panel = panel.is_some();
    let (tipster, name) = (tip.tipster, tip.card.tipster.clone());
    let here = paths::tip(&number);
    let sealed = match &tip.disclosure {
        Disclosure::Owner(content) | Disclosure::Tipster { content, .. } => content.sealed_text.clone(),
        Disclosure::Preview { .. } => None,
    };
    view! {
        <WindowTitle title=title(number.clone(), tip.card.tipster.clone())/>
        <article class="tip" class:sold=!has_panel>
            {summary(&tip)}
            {panel.map(|panel| view! { <div class="tip-pay"><TipPanel panel/></div> })}
            <div class="tip-more">
                {match tip.disclosure {
                    Disclosure::Preview { matches } => {
                        view! { <Preview number matches/> }.into_any()
                    }
                    Disclosure::Owner(content) => {
                        view! {
                            <Notice tone=Tone::Good>{owned()}</Notice>
                            <Content number content/>
                            {follows.map(|is_following| view! {
                                <FollowForm tipster name is_following next=here/>
                            })}
                        }
                            .into_any()
                    }
                    Disclosure::Tipster { content, earned } => {
                        view! {
                            {standing(tip.state, tip.rejection_reason)}
                            <Notice>
                                {your_tip(time_count(tip.card.sales), earned)}" "
                                <a href=paths::WALLET>{open_wallet()}</a>
                            </Notice>
                            <Content number content/>
                        }
                            .into_any()
                    }
                }}
                {tip.seal.map(|seal| view! { <Seal number=tip.card.number.to_string() seal text=sealed/> })}
            </div>
        </article>
    }
}

/// What its tipster is told of a tip that is not offered.
fn standing(state: TipState, reason: Option<String>) -> Option<impl IntoView> {
    let (tone, text) = match state {
        TipState::Waiting => (Tone::Wait, waiting()),
        TipState::Missed => (Tone::Bad, missed()),
        TipState::Rejected => (Tone::Bad, rejected(reason.map_or(no_reason(), Text::from))),
        _ => return None,
    };
    Some(view! { <Notice tone>{text}</Notice> })
}

/// The hash of everything that is sold, for everybody, and the text behind it, for viewers who may see the
/// tip.
#[component]
fn Seal(number: String, seal: String, text: Option<String>) -> AnyView {
    let explanation = if text.is_some() { seal_of_shown() } else { seal_of_hidden() };
    view! {
        <details class="card seal">
            <summary>{seal_title()}</summary>
            <p class="soft">{explanation}</p>
            <p class="fingerprint">{seal}</p>
            {text
                .map(|text| {
                    view! {
                        <pre>{text}</pre>
                        <p>
                            <a href=paths::tip_sealed(&number) download=format!("tip-{number}.txt")>
                                {download_sealed()}
                            </a>
                        </p>
                    }
                })}
        </details>
    }
    .into_any()
}

/// What anybody may know. The total odds are exact only for viewers who may see the tip.
fn summary(tip: &TipDetail) -> AnyView {
    let card = &tip.card;
    let odds = match &tip.disclosure {
        Disclosure::Preview { .. } => card.odds.to_string(),
        Disclosure::Owner(content) | Disclosure::Tipster { content, .. } => content.odds.to_string(),
    };
    let state = match tip.state {
        TipState::OnSale => {
            view! { {closing(tip.now, card.sales_close_at)}<Countdown now=tip.now/> }.into_any()
        }
        TipState::Closed => closed().here().into_any(),
        TipState::Withdrawn | TipState::Void => withdrawn().here().into_any(),
        TipState::Waiting => if_approved(day_and_time(card.sales_close_at)).here().into_any(),
        TipState::Missed | TipState::Rejected => not_offered().here().into_any(),
    };
    view! {
        <header class="tip-head">
            <p class="slip-who">
                <TipsterName
                    name=card.tipster.clone()
                    handle=card.tipster_handle.clone()
                    is_verified=card.tipster_is_verified
                />
            </p>
            <h1>
                {tip_number(card.number)}
                <span class="unseen">{odds_label()}</span>
                <span class="odds big">{odds}</span>
            </h1>
            <dl class="facts">
                <Fact label=betslip() value=betslip_of(match_count(card.match_count), card.bookmaker.name())/>
                <Fact label=first_kick_off() value=day_and_time(card.first_kick_off_at())/>
                <div class="fact">
                    <dt>{sale()}</dt>
                    <dd>{state}</dd>
                </div>
                <Fact label=bought() value=time_count(card.sales)/>
            </dl>
            {tip.outcome.map(|outcome| view! {
                <p><Badge text=result_text(outcome) tone=result_tone(outcome.result)/></p>
            })}
        </header>
    }
    .into_any()
}

#[component]
fn Preview(number: String, matches: Vec<PublicMatch>) -> impl IntoView {
    view! {
        <section class="card">
            <h2>{what_you_get()}</h2>
            <p class="hint">{bet_code()}</p>
            <MaskedCode/>
            <PublicMatches matches/>
            <img
                class="betslip"
                src=paths::tip_preview(&number)
                width="320"
                height="240"
                loading="lazy"
                alt=locked()
            />
            <p class="soft">{paying_opens()}</p>
        </section>
    }
}

/// What was paid for.
#[component]
fn Content(number: String, content: TipContent) -> impl IntoView {
    let source = paths::tip_betslip(&number);
    let picks: Vec<_> = content.matches.into_iter().zip(content.results).collect();
    view! {
        <section class="card">
            <h2>{bet_code()}</h2>
            <CopyCode>
                <div class="code-row">
                    <p class="code">{content.bet_code.clone()}</p>
                    <button
                        class="button quiet"
                        data-copy=content.bet_code
                        data-copied=copied()
                        aria-live="polite"
                        hidden
                    >
                        {copy_code()}
                    </button>
                </div>
            </CopyCode>
            <Assets/>
        </section>
        <Picks picks/>
        {content.note.map(|note| view! {
            <section class="card"><h2>{from_the_tipster()}</h2><p class="note">{note}</p></section>
        })}
        {content
            .has_picture
            .then(|| {
                view! {
                    <section class="card">
                        <h2>{betslip()}</h2>
                        <a href=source.clone()>
                            <img class="betslip" src=source.clone() width="320" height="240" alt=as_posted()/>
                        </a>
                    </section>
                }
            })}
    }
}
