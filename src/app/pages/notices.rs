//! What happened: sales, results, refunds, new tips. Opening a notice marks it as read.

use leptos::prelude::*;

use super::{query, shown};
use crate::app::ui::{Badge, Empty, Head, More, Tone, see_tips, tip_number};
use crate::notices::api::notices;
use crate::notices::{NoticeKind, NoticePage, NoticeRow, leads_to};
use crate::platform::clock::day_and_time;
use crate::platform::paths;
use crate::types::{Text, TipResult, words};

words! {
    title { "Notices" "Taarifa" }
    lead {
        "What happened, newest first. Read ones are kept for 90 days."
        "Yaliyotokea, mapya yako juu. Ulizosoma zinakaa siku 90."
    }
    following { "Tipsters I follow" "Watoa tips ninaowafuata" }
    nothing_new { "Nothing new" "Hakuna jipya" }
    nothing_new_advice {
        "Sales, results, refunds and new tips of tipsters you follow appear here."
        "Mauzo, matokeo, pesa zinazorudishwa na tips mpya za watoa tips unaowafuata zinaonekana hapa."
    }
    mark_all_read { "Mark all as read" "Zote nimesoma" }
    mark_read { "Mark as read" "Nimesoma" }
    new_badge { "New" "Mpya" }
    open { "Open" "Fungua" }

    your_tip { "Your tip" "Tip yako" }
    a_tipster { "a tipster" "mtoa tips" }
    was_sold(tip) { "{tip} was sold" "{tip} imeuzwa" }
    share_is_held {
        "Your share is in the wallet, held until the matches are over."
        "Mgao wako uko kwenye pochi, umeshikiliwa hadi mechi ziishe."
    }
    is_on_sale(tip) { "{tip} is on sale" "{tip} inauzwa" }
    was_accepted {
        "It was checked and accepted. Buyers see it in the market now."
        "Imeangaliwa na kukubaliwa. Wanunuzi wanaiona sokoni sasa."
    }
    not_accepted(tip) { "{tip} was not accepted" "{tip} haikukubaliwa" }
    not_on_sale { "It was checked and is not on sale." "Imeangaliwa na haiuzwi." }
    reason(reason) { "The reason: {reason}" "Sababu: {reason}" }
    has_won(tip) { "{tip} won" "{tip} imeshinda" }
    has_lost(tip) { "{tip} lost" "{tip} imepoteza" }
    is_void(tip) { "{tip} is void" "{tip} ni batili" }
    has_a_result(tip) { "{tip} has a result" "{tip} ina matokeo" }
    see_each_match(tipster) {
        "By {tipster}. Open it to see each match."
        "Ya {tipster}. Ifungue uone kila mechi."
    }
    coming_back(tip) { "{tip}: your money is coming back" "{tip}: pesa yako inarudishwa" }
    could_not_buy {
        "Your payment could not buy it any more. Open it to see when we send it back."
        "Malipo yako hayangeweza tena kuinunua. Fungua uone tutayarudisha lini."
    }
    posted(tipster, number) { "{tipster} posted tip {number}" "{tipster} ameweka tip {number}" }
    posted_some(tipster) { "{tipster} posted a tip" "{tipster} ameweka tip" }
    has_new_password { "Your password was set anew" "Nenosiri lako limewekwa upya" }
    new_password_by_code {
        "It was set with a code from an SMS to your number, and every other device was signed out. If it was \
         not you, talk to your mobile network about your SIM card and set a new password."
        "Limewekwa kwa code ya SMS iliyotumwa kwenye namba yako, na vifaa vingine vyote vimetolewa. Kama si \
         wewe, wasiliana na mtandao wako kuhusu laini yako kisha weka nenosiri jipya."
    }
    badge_off { "Your verified badge is off for now" "Alama yako ya kuthibitishwa imeondolewa kwa sasa" }
    name_is_looked_at {
        "We look at your name first: the badge belongs to the name that we know. Until then each of your \
         tips is checked before it is sold."
        "Tunaangalia jina lako kwanza: alama ni ya jina tunalolijua. Hadi hapo kila tip yako inaangaliwa \
         kabla ya kuuzwa."
    }
    followed_has_new {
        "A tipster you follow has a new tip on sale."
        "Mtoa tips unayemfuata ana tip mpya inayouzwa."
    }
}

/// The notices of the signed-in person.
#[component]
pub fn NoticesPage() -> impl IntoView {
    shown(notices(query("after")), |notices| view! { <List notices/> })
}

#[component]
fn List(notices: NoticePage) -> impl IntoView {
    let following = view! { <p><a href=paths::FOLLOWING>{following()}</a></p> };
    if notices.list.is_empty() {
        return view! {
            <Head title=title()/>
            <Empty title=nothing_new() text=nothing_new_advice() href=paths::TIPS action=see_tips()/>
            {following}
        }
        .into_any();
    }
    let has_unread = notices.list.iter().any(|notice| notice.read_at.is_none());
    view! {
        <Head title=title() lead=lead()/>
        <div class="row">
            {following}
            {has_unread
                .then(|| {
                    view! {
                        <form method="post" novalidate action=paths::POST_NOTICES_READ>
                            <input
                                type="hidden"
                                name="until"
                                value=notices.now.timestamp_micros().to_string()
                            />
                            <button class="link">{mark_all_read()}</button>
                        </form>
                    }
                })}
        </div>
        <ul class="lines">
            {notices.list.into_iter().map(|notice| view! { <Line notice/> }).collect_view()}
        </ul>
        <More path=paths::NOTICES next=notices.next/>
    }
    .into_any()
}

#[component]
fn Line(notice: NoticeRow) -> impl IntoView {
    let is_unread = notice.read_at.is_none();
    let (title, text) = told(&notice);
    let action = paths::post_notice_read(notice.id);
    let target = leads_to(notice.kind, notice.tip_id, notice.payment_id);
    view! {
        <li class="card line" class:unread=is_unread>
            <div class="row">
                <h2>{title}</h2>
                {is_unread.then(|| view! { <Badge text=new_badge() tone=Tone::Wait/> })}
            </div>
            <p>{text}</p>
            <div class="row">
                <span class="soft">{day_and_time(notice.noticed_at)}</span>
                {if is_unread {
                    view! {
                        <form class="inline" method="post" novalidate action=action>
                            <button class="link" name="stay" value="true">{mark_read()}</button>
                            <button class="link go">{open()}</button>
                        </form>
                    }
                        .into_any()
                } else {
                    view! { <a class="go" href=target>{open()}</a> }.into_any()
                }}
            </div>
        </li>
    }
}

/// The title and the sentence of a notice.
fn told(row: &NoticeRow) -> (Text, Text) {
    let tip = row.tip_id.map_or(your_tip(), tip_number);
    let tipster = row.tipster.clone().map_or(a_tipster(), Text::from);
    match row.kind {
        NoticeKind::Sale => (was_sold(tip), share_is_held()),
        NoticeKind::Approved => (is_on_sale(tip), was_accepted()),
        NoticeKind::Rejected => {
            let reason = row.detail.clone().filter(|reason| !reason.is_empty()).map_or(not_on_sale(), reason);
            (not_accepted(tip), reason)
        }
        NoticeKind::Result => {
            let title = match row.result {
                Some(TipResult::Won) => has_won(tip),
                Some(TipResult::Lost) => has_lost(tip),
                Some(TipResult::Void) => is_void(tip),
                None => has_a_result(tip),
            };
            (title, see_each_match(tipster))
        }
        NoticeKind::NewPassword => (has_new_password(), new_password_by_code()),
        NoticeKind::Refund => (coming_back(tip), could_not_buy()),
        NoticeKind::NewTip => {
            let title = row.tip_id.map_or_else(|| posted_some(&tipster), |number| posted(&tipster, number));
            (title, followed_has_new())
        }
        NoticeKind::BadgeTaken => (badge_off(), name_is_looked_at()),
    }
}
