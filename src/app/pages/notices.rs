//! What happened: sales, results, refunds, new tips. Opening a notice marks it as read.

use leptos::prelude::*;

use super::query;
use crate::accounts::api::{notices, viewer};
use crate::accounts::news::{Notice, Notices, leads_to};
use crate::accounts::notices::NoticeKind;
use crate::app::ui::{Badge, Empty, Head, More, Problem, Tone, to_sign_in};
use crate::platform::clock::day_and_time;

#[component]
pub fn NoticesPage() -> impl IntoView {
    if viewer().is_none() {
        to_sign_in();
        return ().into_any();
    }
    let after = query("after");
    Suspend::new(async move {
        match notices(after).await {
            Ok(notices) => view! { <List notices/> }.into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

#[component]
fn List(notices: Notices) -> impl IntoView {
    let following = view! { <p><a href="/following">"Tipsters I follow"</a></p> };
    if notices.list.is_empty() {
        return view! {
            <Head title="Notices"/>
            <Empty title="Nothing new" text="Sales, results, refunds and new tips of tipsters you follow appear here." href="/tips" action="See tips on sale"/>
            {following}
        }
        .into_any();
    }
    let has_unread = notices.list.iter().any(|notice| notice.row.read_at.is_none());
    view! {
        <Head title="Notices" lead="What happened, newest first. Read ones are kept for 90 days."/>
        <div class="row">
            {following}
            {has_unread
                .then(|| {
                    view! {
                        <form method="post" action="/notices/read">
                            <input type="hidden" name="until" value=notices.now.timestamp_micros().to_string()/>
                            <button class="link">"Mark all as read"</button>
                        </form>
                    }
                })}
        </div>
        <ul class="lines">{notices.list.into_iter().map(|notice| view! { <Line notice/> }).collect_view()}</ul>
        <More path="/notices" next=notices.next/>
    }
    .into_any()
}

#[component]
fn Line(notice: Notice) -> impl IntoView {
    let is_unread = notice.row.read_at.is_none();
    let (title, text) = words(&notice);
    let action = format!("/notices/{}/read", notice.row.id);
    let target = leads_to(notice.kind, notice.row.tip_id, notice.row.payment_id);
    view! {
        <li class="card line" class:unread=is_unread>
            <div class="row">
                <h2>{title}</h2>
                {is_unread.then(|| view! { <Badge text="New" tone=Tone::Wait/> })}
            </div>
            <p>{text}</p>
            <div class="row">
                <span class="soft">{day_and_time(notice.row.noticed_at)}</span>
                {if is_unread {
                    view! {
                        <form class="inline" method="post" action=action>
                            <button class="link" name="stay" value="true">"Mark as read"</button>
                            <button class="link go">"Open"</button>
                        </form>
                    }
                        .into_any()
                } else {
                    view! { <a class="go" href=target>"Open"</a> }.into_any()
                }}
            </div>
        </li>
    }
}

/// A title and a sentence.
fn words(notice: &Notice) -> (String, String) {
    let row = &notice.row;
    let tip = row.tip_id.map_or_else(|| "Your tip".to_owned(), |tip| format!("Tip {tip}"));
    let tipster = row.tipster.as_deref().unwrap_or("a tipster");
    let detail = row.detail.clone().unwrap_or_default();
    match notice.kind {
        NoticeKind::Sale => (format!("{tip} was sold"), "Your share is in the wallet, held until the matches are over.".to_owned()),
        NoticeKind::Approved => (format!("{tip} is on sale"), "It was checked and accepted. Buyers see it in the market now.".to_owned()),
        NoticeKind::Rejected if detail.is_empty() => (format!("{tip} was not accepted"), "It was checked and is not on sale.".to_owned()),
        NoticeKind::Rejected => (format!("{tip} was not accepted"), format!("The reason: {detail}")),
        NoticeKind::Result => {
            let title = match row.result.as_deref() {
                Some("won") => format!("{tip} won"),
                Some("lost") => format!("{tip} lost"),
                Some("void") => format!("{tip} is void"),
                _ => format!("{tip} has a result"),
            };
            (title, format!("By {tipster}. Open it to see each match."))
        }
        NoticeKind::Refund => (
            format!("Money for {} is coming back", tip.to_lowercase()),
            "Your payment could not buy it any more. Open it to see when we send it back.".to_owned(),
        ),
        NoticeKind::NewTip => {
            (format!("{tipster} posted {}", tip.to_lowercase()), "A tipster you follow has a new tip on sale.".to_owned())
        }
    }
}
